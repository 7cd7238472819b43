// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/replica.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/replica/source.h"

namespace ctdb::replica {
namespace {

template <typename T>
const T* As(const Message& message) {
  return std::get_if<T>(&message);
}

// Between two tries to store something, and until little room is told of again.
constexpr absl::Duration kRoomRepeat = absl::Seconds(1);

// Repetitions of a wish to stage a body that may be missed.
constexpr int kStagesKept = 25;

std::string SlotKey(database::DatabaseId database) {
  return absl::StrCat("database ", database.value());
}

}  // namespace

std::optional<NodeNumber> CoordinatorOf(const database::Placement& placement,
                                        database::DatabaseId database) {
  return placement.HomeOf(database::SlotOf(SlotKey(database)));
}

Replica::Replica(const Options& options, const ReplicaReader& reader, Copy copy)
    : options_(options),
      bodies_(options.bodies ? options.bodies
                             : std::make_shared<BodyMemory>(store::kTransactionBytesMax)),
      reader_(reader),
      problem_(copy.problem.substr(0, kProblemBytesMax)),
      log_(std::move(copy.log)),
      digests_(std::move(copy.digests)) {}

void Replica::OnView(const cluster::View& view, std::optional<NodeNumber> coordinator,
                     Instant now) {
  if (view.epoch <= epoch_) {
    ignored_.Add(Ignored::kOldEpoch);
    return;
  }
  epoch_ = view.epoch;
  members_ = view.members;
  coordinator_ = coordinator;
  phase_ = Phase::kWaiting;
  round_ = 0;
  sync_.reset();
  filler_.reset();
  stager_.reset();
  deadline_ = kNever;
  output_.sends.clear();
  if (std::optional<std::pair<NodeNumber, Ask>> early = std::exchange(early_ask_, {})) {
    OnMessage(early->first, early->second, now);
  }
}

std::optional<Ignored> Replica::WhyIgnored(NodeNumber from, const Message& message) const {
  const Head& head = HeadOf(message);
  if (head.database != options_.database) return Ignored::kOtherDatabase;
  if (PartFor(message) != Part::kReplica) return Ignored::kNotForThisSide;
  if (head.epoch < epoch_) return Ignored::kOldEpoch;
  if (head.epoch > epoch_) return Ignored::kNewerEpoch;
  const bool is_member = std::binary_search(members_.begin(), members_.end(), from) &&
                         std::binary_search(members_.begin(), members_.end(), options_.local);
  if (!is_member) return Ignored::kNotMember;
  const bool is_order = As<Ask>(message) || As<Sync>(message) || As<Batch>(message) ||
                        As<replica::Stage>(message) || As<Unstage>(message);
  if (is_order && from != coordinator_) return Ignored::kNotFromHome;
  if (!is_order && head.round != round_) return Ignored::kLate;
  return std::nullopt;
}

void Replica::OnMessage(NodeNumber from, const Message& message, Instant now) {
  if (std::optional<Ignored> why = WhyIgnored(from, message)) {
    ignored_.Add(*why);
    const Ask* ask = As<Ask>(message);
    if (*why == Ignored::kNewerEpoch && ask) early_ask_ = {from, *ask};
    return;
  }
  if (const Ask* ask = As<Ask>(message)) return OnAsk(*ask);
  const bool is_order = As<Sync>(message) || As<Batch>(message) || As<replica::Stage>(message);
  if (is_order && HeadOf(message).round != round_) {
    return ToCoordinator(Lost{HeadOf(message), "this round never began here"});
  }
  if (const Sync* sync = As<Sync>(message)) return OnSync(*sync, now);
  if (const Batch* batch = As<Batch>(message)) return OnBatch(*batch, now);
  if (const auto* stage = As<replica::Stage>(message)) return OnStage(from, *stage, now);
  if (const Unstage* unstage = As<Unstage>(message)) {
    if (stager_ && stager_->token() == unstage->token) stager_.reset();
    return;
  }
  if (const BodyPart* part = As<BodyPart>(message)) {
    if (stager_) stager_->OnPart(from, *part, now);
    return StageOn(now);
  }
  if (As<Entries>(message) || As<DigestList>(message) || As<Page>(message)) {
    return OnFromSource(from, message, now);
  }
  OnFromMember(from, message, now);
}

void Replica::OnAsk(const Ask& ask) {
  if (ask.head.round == round_ && phase_ != Phase::kStanding) {
    ignored_.Add(Ignored::kDuplicate);
    return;
  }
  round_ = ask.head.round;
  phase_ = Phase::kStanding;
  sync_.reset();
  filler_.reset();
  stager_.reset();
  deadline_ = kNever;
  was_repaired_ = false;
  if (again_at_ != kNever) {
    // Nobody waits for it in this round; nothing of it was done.
    pending_.reset();
    again_at_ = kNever;
  }
  Stand();
  if (room_ < kReserveBytes) say_room_at_ = Instant{};
}

// Only what nothing on its way will change.
void Replica::Stand() {
  if (pending_) return;
  ToCoordinator(Standing{OwnHead(), is_healthy(), log_.end(), digests_.whole(), problem_});
}

void Replica::OnSync(const Sync& sync, Instant now) {
  if (phase_ == Phase::kFollowing && log_.end() == sync.position) {
    return ToCoordinator(Synced{OwnHead(), log_.end(), digests_.whole(), was_repaired_});
  }
  if (phase_ == Phase::kLost) return SayLost("not as the others", now);
  if (phase_ != Phase::kStanding || pending_) {
    ignored_.Add(Ignored::kDuplicate);
    return;
  }
  sync_ = sync;
  if (is_healthy() && log_.end() == sync.position) return Arrive(now);
  if (sync.source == options_.local) return SayLost("this copy is not as it was said to be", now);
  if (!is_healthy()) return Fill(/*is_from_scratch=*/true, now);
  if (log_.end() > sync.position) return Fill(/*is_from_scratch=*/false, now);
  phase_ = Phase::kPulling;
  PullOn(now);
}

// At the source's position. Other records there are wrong ones.
void Replica::Arrive(Instant now) {
  if (digests_.whole() == sync_->digest) {
    phase_ = Phase::kFollowing;
    deadline_ = kNever;
    return ToCoordinator(Synced{OwnHead(), log_.end(), digests_.whole(), was_repaired_});
  }
  was_repaired_ = true;
  Fill(/*is_from_scratch=*/false, now);
}

void Replica::PullOn(Instant now) {
  if (log_.end() == sync_->position) return Arrive(now);
  output_.sends.push_back({sync_->source, Pull{OwnHead(), log_.end()}});
  deadline_ = After(now, options_.resend);
}

void Replica::OnFromSource(NodeNumber from, const Message& message, Instant now) {
  if (!sync_ || from != sync_->source) {
    ignored_.Add(Ignored::kNotFromHome);
    return;
  }
  if (const Entries* entries = As<Entries>(message)) return OnEntries(*entries, now);
  if (!filler_) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  if (const DigestList* list = As<DigestList>(message)) {
    if (list->position == sync_->position) filler_->OnDigestList(*list, now);
  } else if (const Page* page = As<Page>(message)) {
    filler_->OnPage(*page, now);
  }
  FillOn(now);
}

void Replica::OnEntries(const Entries& entries, Instant now) {
  if (phase_ != Phase::kPulling || pending_ || entries.after != log_.end()) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  if (!entries.is_known) return Fill(/*is_from_scratch=*/false, now);
  Position last = entries.after;
  for (const Entry& entry : entries.entries) {
    if (entry.position <= last || entry.body) {
      return SayLost("the source's log has no order", now);
    }
    last = entry.position;
  }
  if (last == entries.after || last > sync_->position) {
    return SayLost("the source does not have what it said", now);
  }
  Append(entries.entries, now);
}

void Replica::OnBatch(const Batch& batch, Instant now) {
  if (phase_ != Phase::kFollowing) return SayLost("not as the others", now);
  committed_ = std::max(committed_, batch.committed);
  if (batch.entries.empty()) return;
  const Position last = batch.entries.back().position;
  if (pending_ && !pending_->items.empty() && pending_->items.back().position == last) {
    ignored_.Add(Ignored::kDuplicate);
    return;
  }
  if (log_.end() == last) return ToCoordinator(Stored{OwnHead(), last});
  if (pending_ || log_.end() != batch.previous) return SayLost("a batch is missing", now);
  const auto has_body = [](const Entry& entry) { return entry.body.has_value(); };
  if (std::none_of(batch.entries.begin(), batch.entries.end(), has_body)) {
    return Append(batch.entries, now);
  }
  if (batch.entries.size() != 1) return SayLost("a large transaction came with others", now);
  AppendBody(batch.entries.front(), now);
}

// Large transactions -------------------------------------------------------------------------

void Replica::OnStage(NodeNumber from, const replica::Stage& stage, Instant now) {
  const bool is_storing =
      pending_ && !pending_->items.empty() && pending_->items.back().token == stage.token;
  if (phase_ != Phase::kFollowing || is_storing || log_.Find(stage.token)) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  if (stager_ && stager_->token() == stage.token) {
    stager_->OnStage(now);
    return StageOn(now);
  }
  stager_.reset();
  const bool is_too_large = stage.seal.bytes > store::kTransactionBytesMax;
  // Each of its records may take a page of its own, beside what it writes itself.
  if (!is_too_large && room_ / 3 < stage.seal.bytes + kReserveBytes) {
    return ToCoordinator(
        Staged{OwnHead(), stage.token,
               absl::StrCat(room_ / 1024, " KiB are left in ", room_place_,
                            ", too little for a transaction of ", stage.seal.bytes / 1024,
                            " KiB; free some space there, or make several of it"),
               /*is_full=*/true});
  }
  std::shared_ptr<Body> body = is_too_large ? nullptr : Body::Make(bodies_, stage.seal.bytes);
  if (body == nullptr) return;  // It is said again.
  stager_.emplace(stage, from, std::move(body),
                  Stager::Options{.part_bytes = options_.part_bytes,
                                  .resend = options_.resend,
                                  .keep = kStagesKept * options_.resend},
                  now);
  StageOn(now);
}

void Replica::StageOn(Instant now) {
  if (!stager_) return;
  for (Send& send : stager_->TakeSends()) output_.sends.push_back(std::move(send));
  if (stager_->IsOver(now)) stager_.reset();
}

// Storage does what Apply() does.
void Replica::AppendBody(const Entry& entry, Instant now) {
  std::shared_ptr<const Body> body = stager_ ? stager_->Take(entry.token, *entry.body) : nullptr;
  if (body == nullptr) return SayLost("the body of a transaction is missing", now);
  stager_.reset();
  auto digests = std::make_shared<Digests>(digests_);
  Store(Output::AppendBody{entry, std::move(body), digests},
        {{}, {{entry.position, entry.token, LogBytesOf(entry)}}, {}, {}, digests});
}

void Replica::Append(const std::vector<Entry>& entries, Instant now) {
  Change change;
  change.digests = digests_;
  for (const Entry& entry : entries) {
    absl::Status status = Apply(entry, change);
    if (!status.ok()) return OnDamage(std::string(status.message()), now);
  }
  for (const auto& [key, fingerprint] : change.records) {
    const uint32_t slot = SlotNumberOf(key);
    change.append.digests[slot] = change.digests.of(slot);
  }
  change.append.log_base = log_.entries_base();
  change.append.entries = entries;
  Store(std::move(change.append), {{}, std::move(change.items), {}, std::move(change.digests)});
}

absl::Status Replica::Apply(const Entry& entry, Change& change) const {
  if (entry.is_wipe) {
    for (auto& [key, fingerprint] : change.records) fingerprint.reset();
    change.digests.Clear();
    change.append.has_wipe = true;
  }
  for (const Write& write : entry.writes) {
    auto it = change.records.find(write.key);
    if (it == change.records.end()) {
      std::optional<Digest> before;
      if (!change.append.has_wipe) {
        CTDB_ASSIGN_OR_RETURN(std::optional<RecordInfo> info, reader_.Find(write.key));
        if (info) before = info->fingerprint;
      }
      it = change.records.emplace(write.key, before).first;
    }
    if (it->second) change.digests.Remove(write.key, *it->second);
    it->second.reset();
    if (!write.value) continue;
    it->second = FingerprintOf(write.key, entry.position, *write.value);
    change.digests.Add(write.key, *it->second);
  }
  change.items.push_back({entry.position, entry.token, BytesOf(entry)});
  return absl::OkStatus();
}

void Replica::Fill(bool is_from_scratch, Instant now) {
  phase_ = Phase::kFilling;
  ++fills_;
  filler_.emplace(OwnHead(), sync_->source, digests_, is_from_scratch, reader_, options_.resend,
                  now);
  FillOn(now);
}

void Replica::FillOn(Instant now) {
  for (Send& send : filler_->TakeSends()) output_.sends.push_back(std::move(send));
  if (!filler_->problem().empty()) {
    const std::string problem = filler_->problem();
    return filler_->is_source_to_blame() ? SayLost(problem, now) : OnDamage(problem, now);
  }
  if (pending_) return;
  if (std::optional<Filler::Staging> staging = filler_->TakeStaging(now)) {
    Store(std::move(*staging), {});
    for (Send& send : filler_->TakeSends()) output_.sends.push_back(std::move(send));
  } else if (filler_->IsComplete()) {
    Store(Output::Adopt{filler_->log(), filler_->digests()},
          {{}, {}, filler_->log(), filler_->digests()});
  }
}

void Replica::Store(decltype(Output::Store::what) what, Pending pending) {
  pending.ticket = StoreTicket(++last_ticket_);
  const bool needs_sync = !std::holds_alternative<Output::Stage>(what);
  output_.stores.push_back({pending.ticket, std::move(what), needs_sync});
  pending_ = std::move(pending);
}

void Replica::OnStored(StoreTicket ticket, const absl::Status& status, Instant now) {
  if (!pending_ || pending_->ticket != ticket) {
    ignored_.Add(Ignored::kUnknownTicket);
    return;
  }
  if (absl::IsResourceExhausted(status) && phase_ != Phase::kStanding) {
    again_at_ = After(now, kRoomRepeat);
    return;
  }
  again_at_ = kNever;
  Pending done = std::move(*pending_);
  pending_.reset();
  if (status.ok()) {
    OnDone(std::move(done), now);
    return;
  }
  if (!absl::IsResourceExhausted(status)) OnDamage(std::string(status.message()), now);
  if (phase_ == Phase::kStanding) Stand();
}

void Replica::OnRoom(uint64_t bytes, const std::string& place, Instant now) {
  const bool was_little = room_ < kReserveBytes;
  room_ = bytes;
  room_place_ = place.substr(0, kProblemBytesMax);
  if (was_little || room_ < kReserveBytes) SayRoom(now);
}

void Replica::SayRoom(Instant now) {
  say_room_at_ = room_ < kReserveBytes ? After(now, kRoomRepeat) : kNever;
  if (phase_ != Phase::kWaiting) ToCoordinator(Room{OwnHead(), room_, room_place_});
}

void Replica::OnDone(Pending done, Instant now) {
  if (done.log) {
    log_.Become(*done.log);
    digests_ = std::move(done.digests);
    problem_.clear();
  } else if (!done.items.empty()) {
    for (const LogIndex::Item& item : done.items) log_.Add(item);
    digests_ = done.counted ? std::move(*done.counted) : std::move(done.digests);
  }
  if (phase_ == Phase::kStanding) return Stand();
  if (phase_ == Phase::kPulling) return PullOn(now);
  if (phase_ == Phase::kFollowing) return ToCoordinator(Stored{OwnHead(), log_.end()});
  if (phase_ != Phase::kFilling) return;
  if (!done.log) return FillOn(now);
  filler_.reset();
  if (log_.end() != sync_->position || digests_.whole() != sync_->digest) {
    return SayLost("the source is not as it was said to be", now);
  }
  Arrive(now);
}

void Replica::OnDamage(const std::string& problem, Instant now) {
  problem_ = problem.empty() ? "damaged" : problem.substr(0, kProblemBytesMax);
  if (phase_ != Phase::kWaiting && phase_ != Phase::kStanding) SayLost(problem_, now);
}

// Again and again, until there is a new round.
void Replica::SayLost(const std::string& reason, Instant now) {
  ToCoordinator(Lost{OwnHead(), reason});
  filler_.reset();
  stager_.reset();
  if (phase_ == Phase::kWaiting) return;
  phase_ = Phase::kLost;
  deadline_ = After(now, options_.resend);
}

void Replica::OnFromMember(NodeNumber from, const Message& message, Instant now) {
  if (!is_healthy()) return SayLost(problem_, now);
  if (pending_) {
    ignored_.Add(Ignored::kStoring);
    return;
  }
  const auto answer = [&](auto result) {
    if (!result.ok()) return OnDamage(std::string(result.status().message()), now);
    output_.sends.push_back({from, std::move(*result)});
  };
  if (const Pull* pull = As<Pull>(message)) answer(AnswerPull(*pull, log_, reader_));
  if (const Fetch* fetch = As<Fetch>(message)) answer(AnswerFetch(*fetch, reader_));
  if (const DigestsWanted* wanted = As<DigestsWanted>(message)) {
    output_.sends.push_back({from, AnswerDigestsWanted(*wanted, digests_, log_)});
  }
}

void Replica::OnTick(Instant now) {
  if (now >= say_room_at_) SayRoom(now);
  if (now >= again_at_) {
    again_at_ = kNever;
    output_.again = pending_->ticket;
  }
  if (stager_) stager_->OnTick(now);
  StageOn(now);
  if (filler_) {
    filler_->OnTick(now);
    FillOn(now);
  } else if (phase_ == Phase::kPulling && now >= deadline_) {
    deadline_ = After(now, options_.resend);
    if (!pending_) PullOn(now);
  } else if (phase_ == Phase::kLost && now >= deadline_) {
    SayLost(is_healthy() ? "not as the others" : problem_, now);
  }
}

Instant Replica::NextDeadline() const {
  const Instant deadline =
      std::min({filler_ ? filler_->NextDeadline() : deadline_, again_at_, say_room_at_});
  return stager_ ? std::min(deadline, stager_->NextDeadline()) : deadline;
}

void Replica::ToCoordinator(Message message) {
  if (coordinator_) output_.sends.push_back({*coordinator_, std::move(message)});
}

Replica::Output Replica::TakeOutput() { return std::exchange(output_, {}); }

std::string Replica::CheckInvariants() const {
  if (filler_.has_value() != (phase_ == Phase::kFilling)) return "a filler without a reason";
  if (stager_ && phase_ != Phase::kFollowing) return "a body that nobody can want";
  if (phase_ == Phase::kFollowing && !is_healthy()) return "a damaged copy follows";
  if (phase_ != Phase::kWaiting && round_ == 0) return "a round without a number";
  if (again_at_ != kNever && !pending_) return "nothing waits for room";
  if (log_.entries_base() > log_.end()) return "a log that ends before it begins";
  return "";
}

}  // namespace ctdb::replica
