// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/coordinator.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace ctdb::replica {
namespace {

// How long a member that said it has little room is believed: it says so each second.
constexpr absl::Duration kScarcityKept = absl::Seconds(3);

}  // namespace

Coordinator::Coordinator(const Options& options, Replica& local, const ReplicaReader& reader)
    : options_(options), local_(local), reader_(reader), round_(uint64_t{options.run} << 32) {}

void Coordinator::OnView(const cluster::View& view, std::optional<NodeNumber> coordinator,
                         Instant now) {
  if (view.epoch <= epoch_) {
    ignored_.Add(Ignored::kOldEpoch);
    return;
  }
  epoch_ = view.epoch;
  members_ = view.members;
  state_ = Idle{};
  reason_.clear();
  wants_round_ = false;
  committed_ = {};
  large_.clear();
  staging_.reset();
  stage_deadline_ = kNever;
  queue_.clear();
  in_flight_.clear();
  tokens_.clear();
  queue_bytes_ = 0;
  clients_.clear();
  scarce_.clear();
  sends_.clear();
  deadline_ = kNever;
  const bool is_member = std::binary_search(members_.begin(), members_.end(), options_.local);
  if (is_member && coordinator == options_.local) NewRound(now);
}

Coordinator::State Coordinator::state() const {
  if (const Open* open = std::get_if<Open>(&state_)) {
    return open->is_opened ? State::kOpen : State::kOpening;
  }
  if (std::holds_alternative<Syncing>(state_)) return State::kSyncing;
  if (std::holds_alternative<Idle>(state_)) return State::kIdle;
  return reason_.empty() ? State::kAsking : State::kClosed;
}

std::optional<Ignored> Coordinator::WhyIgnored(NodeNumber from, const Message& message) const {
  const Head& head = HeadOf(message);
  if (head.database != options_.database) return Ignored::kOtherDatabase;
  if (PartFor(message) != Part::kCoordinator) return Ignored::kNotForThisSide;
  if (head.epoch < epoch_) return Ignored::kOldEpoch;
  if (head.epoch > epoch_) return Ignored::kNewerEpoch;
  if (!std::binary_search(members_.begin(), members_.end(), from)) return Ignored::kNotMember;
  if (std::holds_alternative<Idle>(state_)) return Ignored::kNotForThisSide;
  if (!std::holds_alternative<Commit>(message) && head.round != round_) return Ignored::kLate;
  return std::nullopt;
}

void Coordinator::OnMessage(NodeNumber from, const Message& message, Instant now) {
  if (std::optional<Ignored> why = WhyIgnored(from, message)) {
    ignored_.Add(*why);
    return;
  }
  if (const Commit* commit = std::get_if<Commit>(&message)) OnCommit(from, *commit, now);
  if (const Standing* standing = std::get_if<Standing>(&message)) OnStanding(from, *standing, now);
  if (const Synced* synced = std::get_if<Synced>(&message)) OnSynced(from, *synced, now);
  if (const Stored* stored = std::get_if<Stored>(&message)) OnMemberStored(from, *stored, now);
  if (const Lost* lost = std::get_if<Lost>(&message)) OnLost(*lost, now);
  if (const Staged* staged = std::get_if<Staged>(&message)) OnStaged(from, *staged, now);
  if (const Room* room = std::get_if<Room>(&message)) OnRoom(from, *room, now);
}

// Rounds -------------------------------------------------------------------------------------

void Coordinator::NewRound(Instant now) {
  ++round_;
  ++rounds_;
  state_ = Asking{};
  reason_.clear();
  wants_round_ = false;
  round_began_ = now;
  // Some of it may have been stored: looked up in the log once the round is open.
  queue_.insert(queue_.begin(), in_flight_.begin(), in_flight_.end());
  in_flight_.clear();
  // With the round the members have forgotten what they staged: at most one body.
  const auto is_large = [](const Waiting& waiting) {
    return waiting.commit.transaction.body.has_value();
  };
  const auto staged = std::find_if(queue_.begin(), queue_.end(), is_large);
  if (staged != queue_.end()) {
    large_.push_front(std::move(*staged));
    queue_.erase(staged);
  }
  staging_.reset();
  stage_deadline_ = kNever;
  ToMembers(Ask{OwnHead()});
  deadline_ = After(now, options_.resend);
}

void Coordinator::OnLost(const Lost& lost, Instant now) {
  if (std::holds_alternative<Asking>(state_) || wants_round_) return;
  wants_round_ = true;
  deadline_ = std::max(now, After(round_began_, options_.resend));
}

void Coordinator::OnStanding(NodeNumber from, const Standing& standing, Instant now) {
  Asking* asking = std::get_if<Asking>(&state_);
  if (asking == nullptr) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  asking->standings[from] = standing;
  if (asking->standings.size() == members_.size()) Choose(now);
}

void Coordinator::Choose(Instant now) {
  const std::map<NodeNumber, Standing>& standings = std::get<Asking>(state_).standings;
  std::optional<NodeNumber> best;
  for (const auto& [node, standing] : standings) {
    if (!standing.is_healthy) continue;
    const bool is_better = !best || standing.position > standings.at(*best).position;
    const bool is_here =
        best && standing.position == standings.at(*best).position && node == options_.local;
    if (is_better || is_here) best = node;
  }
  if (!best) {
    return Close(absl::StrCat("no member has a healthy copy; node ",
                              standings.begin()->first.value(),
                              " says: ", standings.begin()->second.problem));
  }
  const Standing& winner = standings.at(*best);
  // What all members of this epoch had is known to be enough.
  const bool is_enough = committed_ != Position{} && winner.position >= committed_;
  for (const auto& [node, standing] : standings) {
    if (!standing.is_healthy && standing.position > winner.position && !is_enough) {
      return Close(absl::StrCat("the newest copy, at ", Text(standing.position), " on node ",
                                node.value(), ", is damaged: ", standing.problem,
                                "; a healthy copy as new as that must join"));
    }
    const bool differs = standing.is_healthy && standing.position == winner.position &&
                         standing.digest != winner.digest;
    if (differs) {
      return Close(absl::StrCat("nodes ", best->value(), " and ", node.value(), " are both at ",
                                Text(winner.position), " and have different records; choose one"));
    }
  }
  BeginSync(*best, now);
}

void Coordinator::Close(const std::string& reason) {
  reason_ = reason;
  std::deque<Waiting> all = std::exchange(queue_, {});
  for (Waiting& waiting : std::exchange(large_, {})) all.push_back(std::move(waiting));
  for (const Waiting& waiting : all) {
    // What may be in a log is not over.
    const bool may_be_done = waiting.position != Position{} || waiting.commit.is_question;
    Answer(waiting, may_be_done ? Verdict::kUnknown : Verdict::kClosed, {}, reason);
  }
}

void Coordinator::OnChosen(NodeNumber source, Instant now) {
  const Asking* asking = std::get_if<Asking>(&state_);
  if (asking == nullptr || reason_.empty()) return;
  auto it = asking->standings.find(source);
  if (it != asking->standings.end() && it->second.is_healthy) BeginSync(source, now);
}

void Coordinator::BeginSync(NodeNumber source, Instant now) {
  const Asking asking = std::get<Asking>(std::move(state_));
  for (const auto& [node, standing] : asking.standings) {
    last_sequence_ = std::max(last_sequence_, standing.position.sequence);
  }
  // A predecessor in this epoch may have made one batch that nobody tells of any more. Its
  // positions are not used again.
  last_sequence_ += kBatchTransactionsMax;
  reason_.clear();
  const Standing& best = asking.standings.at(source);
  const Sync sync{OwnHead(), source, best.position, best.digest};
  state_ = Syncing{sync, {}};
  ToMembers(sync);
  deadline_ = After(now, options_.resend);
}

void Coordinator::OnSynced(NodeNumber from, const Synced& synced, Instant now) {
  Syncing* syncing = std::get_if<Syncing>(&state_);
  const bool fits = syncing != nullptr && synced.position == syncing->sync.position &&
                    synced.digest == syncing->sync.digest;
  if (!fits || !syncing->done.insert(from).second) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  if (synced.was_repaired) ++repairs_;
  if (syncing->done.size() == members_.size()) OpenRound(now);
}

void Coordinator::OpenRound(Instant now) {
  const Position previous = std::get<Syncing>(state_).sync.position;
  state_ = Open{};
  SendBatch(previous, {Entry{{epoch_, ++last_sequence_}, {}, false, {}}}, now);
}

// Batches ------------------------------------------------------------------------------------

void Coordinator::SendBatch(const Position& previous, std::vector<Entry> entries, Instant now) {
  Open& open = std::get<Open>(state_);
  open.stored.clear();
  open.batch = Batch{OwnHead(), previous, committed_, std::move(entries)};
  ++batches_;
  ToMembers(*open.batch);
  deadline_ = After(now, options_.resend);
}

void Coordinator::OnMemberStored(NodeNumber from, const Stored& stored, Instant now) {
  Open* open = std::get_if<Open>(&state_);
  const bool fits =
      open != nullptr && open->batch && stored.position == open->batch->entries.back().position;
  if (!fits || !open->stored.insert(from).second) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  if (open->stored.size() == members_.size()) OnBatchDone(now);
}

void Coordinator::OnBatchDone(Instant now) {
  Open& open = std::get<Open>(state_);
  committed_ = open.batch->entries.back().position;
  open.batch.reset();
  open.is_opened = true;
  if (!wants_round_) deadline_ = kNever;
  for (const Waiting& waiting : std::exchange(in_flight_, {})) {
    Answer(waiting, Verdict::kCommitted, waiting.position);
  }
  BuildBatch(now);
}

void Coordinator::BuildBatch(Instant now) {
  StageNext(now);
  const Open* open = std::get_if<Open>(&state_);
  if (open == nullptr || !open->is_opened || open->batch || wants_round_) return;
  Draft draft;
  draft.now = now;
  while (!queue_.empty() && draft.entries.size() < kBatchTransactionsMax) {
    const size_t bytes = queue_.front().bytes;
    if (!draft.entries.empty() && draft.bytes + bytes > kBatchBytesMax) break;
    const bool is_large = queue_.front().commit.transaction.body.has_value();
    if (is_large && !draft.entries.empty()) break;
    Waiting waiting = std::move(queue_.front());
    queue_.pop_front();
    absl::Status status = Take(waiting, draft);
    // Nothing is compared with what a body writes: it goes alone.
    if (status.ok() && is_large && !draft.entries.empty()) break;
    if (status.ok()) continue;
    queue_.push_front(std::move(waiting));
    local_.OnDamage(std::string(status.message()), now);
    break;
  }
  if (!draft.entries.empty()) SendBatch(committed_, std::move(draft.entries), now);
  StageNext(now);
}

// What the log says of it.
bool Coordinator::AnswerIfKnown(const Waiting& waiting) {
  const Commit& commit = waiting.commit;
  const bool only_reads = !commit.is_question && commit.transaction.IsReadOnly();
  if (std::optional<Position> position = local_.log().Find(commit.transaction.token)) {
    Answer(waiting, Verdict::kCommitted, *position);
    return true;
  }
  if (only_reads || local_.log().tokens_base() <= commit.since) return false;
  Answer(waiting, Verdict::kUnknown, {}, "it was asked too late: the log does not reach back");
  return true;
}

// Answers it, or makes it a part of the batch. After an error it is as it was.
absl::Status Coordinator::Take(Waiting& waiting, Draft& draft) {
  const Commit& commit = waiting.commit;
  const Transaction& transaction = commit.transaction;
  const bool only_reads = !commit.is_question && transaction.IsReadOnly();
  if (AnswerIfKnown(waiting)) return absl::OkStatus();
  if (commit.is_question) {
    // What was sent in this epoch may still be on its way.
    const bool is_over = commit.since.epoch < epoch_;
    Answer(waiting, is_over ? Verdict::kNotCommitted : Verdict::kUnknown);
    return absl::OkStatus();
  }
  CTDB_ASSIGN_OR_RETURN(std::optional<std::string> conflict, FindConflict(transaction, draft));
  if (conflict) {
    Answer(waiting, Verdict::kAborted, {}, *conflict);
    return absl::OkStatus();
  }
  CTDB_ASSIGN_OR_RETURN(const std::string full, WhyFull(transaction, draft.now));
  if (!full.empty()) {
    Answer(waiting, Verdict::kFull, {}, full);
    return absl::OkStatus();
  }
  if (only_reads) {
    waiting.position = draft.entries.empty() ? committed_ : draft.entries.back().position;
    if (draft.entries.empty()) {
      Answer(waiting, Verdict::kCommitted, waiting.position);
    } else {
      in_flight_.push_back(std::move(waiting));
    }
    return absl::OkStatus();
  }
  waiting.position = {epoch_, ++last_sequence_};
  draft.bytes += waiting.bytes;
  if (transaction.is_wipe) {
    draft.is_wiped = true;
    draft.versions.clear();
  }
  for (const Write& write : transaction.writes) {
    draft.versions[write.key] =
        write.value ? std::optional<Position>(waiting.position) : std::nullopt;
  }
  draft.entries.push_back({waiting.position, transaction.token, transaction.is_wipe,
                           transaction.writes, transaction.body});
  in_flight_.push_back(std::move(waiting));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> Coordinator::FindConflict(const Transaction& transaction,
                                                                     const Draft& draft) const {
  for (const Read& read : transaction.reads) {
    std::optional<Position> version;
    auto it = draft.versions.find(read.key);
    if (it != draft.versions.end()) {
      version = it->second;
    } else if (!draft.is_wiped) {
      CTDB_ASSIGN_OR_RETURN(std::optional<RecordInfo> info, reader_.Find(read.key));
      if (info) version = info->version;
    }
    if (version != read.version) return read.key;
  }
  return std::nullopt;
}

// Bodies of large transactions ---------------------------------------------------------------

void Coordinator::StageNext(Instant now) {
  const Open* open = std::get_if<Open>(&state_);
  if (open == nullptr || !open->is_opened || wants_round_) return;
  while (!staging_ && !large_.empty()) {
    const Waiting& next = large_.front();
    if (AnswerIfKnown(next)) {
      large_.pop_front();
      continue;
    }
    const Transaction& transaction = next.commit.transaction;
    staging_ = Staging{{OwnHead(), transaction.token, *transaction.body, next.node},
                       {},
                       After(now, options_.staging)};
    StageAgain(now);
  }
}

// To those who have it as well: they keep it for as long as they hear of it.
void Coordinator::StageAgain(Instant now) {
  ToMembers(staging_->stage);
  stage_deadline_ = After(now, options_.resend);
}

void Coordinator::OnStaged(NodeNumber from, const Staged& staged, Instant now) {
  const bool is_waiting = staging_ && staging_->stage.token == staged.token && !large_.empty() &&
                          large_.front().commit.transaction.token == staged.token;
  if (!is_waiting) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  const bool is_bad = !staged.problem.empty();
  if (!is_bad) staging_->done.insert(from);
  if (!is_bad && staging_->done.size() < members_.size()) return;
  const Waiting waiting = std::move(large_.front());
  large_.pop_front();
  if (is_bad) {
    Answer(waiting, staged.is_full ? Verdict::kFull : Verdict::kBusy, {},
           absl::StrCat("node ", from.value(), " cannot take it: ", staged.problem));
  } else {
    queue_.push_back(waiting);
  }
  BuildBatch(now);
}

// Room on disks -------------------------------------------------------------------------------

void Coordinator::OnRoom(NodeNumber from, const Room& room, Instant now) {
  if (room.bytes >= kReserveBytes) {
    scarce_.erase(from);
  } else {
    scarce_[from] = {room, After(now, kScarcityKept)};
  }
}

absl::StatusOr<std::string> Coordinator::WhyFull(const Transaction& transaction,
                                                 Instant now) const {
  const Room* least = nullptr;
  NodeNumber node{};
  for (const auto& [member, scarcity] : scarce_) {
    if (now >= scarcity.until || (least && scarcity.room.bytes >= least->bytes)) continue;
    least = &scarcity.room;
    node = member;
  }
  if (least == nullptr || transaction.IsReadOnly()) return "";
  const auto is_delete = [](const Write& write) { return !write.value.has_value(); };
  const bool only_deletes = !transaction.body && std::all_of(transaction.writes.begin(),
                                                             transaction.writes.end(), is_delete);
  if (only_deletes) return "";
  CTDB_ASSIGN_OR_RETURN(const int64_t growth, GrowthOf(transaction));
  if (growth <= 0 && least->bytes >= kLastReserveBytes) return "";
  return absl::StrCat("node ", node.value(), " has ", least->bytes / 1024,
                      " KiB left for its copy in ", least->place,
                      "; free some space there, or delete records; nothing was changed");
}

// In bytes of values and new keys. What is in a body counts as new.
absl::StatusOr<int64_t> Coordinator::GrowthOf(const Transaction& transaction) const {
  int64_t growth = transaction.body ? static_cast<int64_t>(transaction.body->bytes) : 0;
  for (const Write& write : transaction.writes) {
    CTDB_ASSIGN_OR_RETURN(const std::optional<uint64_t> before, reader_.ValueBytes(write.key));
    const auto record = [&write](uint64_t bytes) {
      return static_cast<int64_t>(write.key.size() + bytes);
    };
    if (write.value) growth += record(write.value->size());
    if (before) growth -= record(*before);
  }
  return growth;
}

// Clients ------------------------------------------------------------------------------------

void Coordinator::OnCommit(NodeNumber from, const Commit& commit, Instant now) {
  Client& client = clients_[from];
  if (client.run != commit.run) client = {commit.run, 0, {}};
  client.oldest = std::max(client.oldest, commit.oldest);
  client.done.erase(client.done.begin(), client.done.lower_bound(client.oldest));
  if (commit.request < client.oldest || commit.request - client.oldest >= kWindow) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  if (auto it = client.done.find(commit.request); it != client.done.end()) {
    sends_.push_back({from, it->second});
    return;
  }
  const Transaction& transaction = commit.transaction;
  if (tokens_.contains(transaction.token)) {
    ignored_.Add(Ignored::kDuplicate);
    return;
  }
  Waiting waiting{from, commit, BytesOf(transaction), {}};
  tokens_.insert(transaction.token);
  queue_bytes_ += waiting.bytes;
  absl::Status status = CheckTransaction(transaction);
  if (!status.ok()) return Answer(waiting, Verdict::kInvalid, {}, std::string(status.message()));
  if (!reason_.empty()) return Answer(waiting, Verdict::kClosed, {}, reason_);
  if (queue_.size() + large_.size() >= kQueueTransactionsMax || queue_bytes_ > kQueueBytesMax) {
    return Answer(waiting, Verdict::kBusy, {}, "too many transactions wait");
  }
  RefuseOrQueue(std::move(waiting), now);
  BuildBatch(now);
}

// While a member waits for room there is no next batch, and what would be refused then need not
// wait for that.
void Coordinator::RefuseOrQueue(Waiting waiting, Instant now) {
  const Commit& commit = waiting.commit;
  const Open* open = std::get_if<Open>(&state_);
  if (open != nullptr && open->is_opened && !commit.is_question) {
    const absl::StatusOr<std::string> full = WhyFull(commit.transaction, now);
    const bool is_full = full.ok() && !full->empty();
    if (is_full && AnswerIfKnown(waiting)) return;
    if (is_full) return Answer(waiting, Verdict::kFull, {}, *full);
  }
  const bool is_large = commit.transaction.body && !commit.is_question;
  (is_large ? large_ : queue_).push_back(std::move(waiting));
}

void Coordinator::Answer(const Waiting& waiting, Verdict verdict, Position position,
                         const std::string& text) {
  const Commit& commit = waiting.commit;
  Outcome outcome{
      {options_.database, epoch_, 0}, commit.run, commit.request, verdict, position, "", ""};
  (verdict == Verdict::kAborted ? outcome.key : outcome.reason) = text;
  tokens_.erase(commit.transaction.token);
  if (staging_ && staging_->stage.token == commit.transaction.token) {
    ToMembers(Unstage{OwnHead(), commit.transaction.token});
    staging_.reset();
    stage_deadline_ = kNever;
  }
  queue_bytes_ -= waiting.bytes;
  Client& client = clients_[waiting.node];
  if (client.run == commit.run && commit.request >= client.oldest) {
    client.done[commit.request] = outcome;
  }
  sends_.push_back({waiting.node, std::move(outcome)});
}

// Time ---------------------------------------------------------------------------------------

void Coordinator::ToMembers(const Message& message) {
  for (NodeNumber member : members_) sends_.push_back({member, message});
}

void Coordinator::OnTick(Instant now) {
  if (staging_ && now >= stage_deadline_) {
    const bool is_waiting = staging_->done.size() < members_.size();
    if (is_waiting && now >= staging_->give_up) {
      const Waiting waiting = std::move(large_.front());
      large_.pop_front();
      Answer(waiting, Verdict::kBusy, {}, "not all members could take it in time");
      StageNext(now);
    } else {
      StageAgain(now);
    }
  }
  if (now < deadline_) return;
  if (wants_round_) return NewRound(now);
  Resend(now);
}

void Coordinator::Resend(Instant now) {
  for (NodeNumber member : members_) {
    if (const Asking* asking = std::get_if<Asking>(&state_)) {
      const bool is_silent = !asking->standings.contains(member) || !reason_.empty();
      if (is_silent) sends_.push_back({member, Ask{OwnHead()}});
    } else if (const Syncing* syncing = std::get_if<Syncing>(&state_)) {
      if (!syncing->done.contains(member)) sends_.push_back({member, syncing->sync});
    } else if (const Open* open = std::get_if<Open>(&state_)) {
      if (open->batch && !open->stored.contains(member)) sends_.push_back({member, *open->batch});
    }
  }
  const Open* open = std::get_if<Open>(&state_);
  const bool waits = !std::holds_alternative<Idle>(state_) && (open == nullptr || open->batch);
  deadline_ = waits ? After(now, options_.resend) : kNever;
}

std::vector<Send> Coordinator::TakeSends() { return std::exchange(sends_, {}); }

std::string Coordinator::CheckInvariants() const {
  size_t bytes = 0;
  for (const Waiting& waiting : queue_) bytes += waiting.bytes;
  for (const Waiting& waiting : in_flight_) bytes += waiting.bytes;
  for (const Waiting& waiting : large_) bytes += waiting.bytes;
  if (bytes != queue_bytes_) return "the bytes of what waits are miscounted";
  if (staging_ && !tokens_.contains(staging_->stage.token)) return "a body of nobody is staged";
  if (tokens_.size() != waiting()) return "tokens without transactions";
  const Open* open = std::get_if<Open>(&state_);
  if (!in_flight_.empty() && (open == nullptr || !open->batch)) return "in flight without a batch";
  if (open != nullptr && !open->is_opened && !open->batch) return "nothing opens the round";
  for (const auto& [node, client] : clients_) {
    if (client.done.size() > kWindow) return "too many answers are kept";
  }
  return "";
}

}  // namespace ctdb::replica
