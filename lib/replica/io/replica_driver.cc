// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/io/replica_driver.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/io/system_random.h"
#include "lib/base/status_macros.h"
#include "lib/protocol/bytes_text.h"
#include "lib/replica/codec.h"

namespace ctdb::replica {
namespace {

// Of records that a client lists: small enough to hold up nobody.
constexpr size_t kListBytes = 64 * 1024;

// Of all databases of this process: each has its own, so that neither can keep the other one out.
std::shared_ptr<BodyMemory> MemoryOfClients() {
  static const auto memory = std::make_shared<BodyMemory>(kBodyMemoryBytesMax);
  return memory;
}
std::shared_ptr<BodyMemory> MemoryOfMembers() {
  static const auto memory = std::make_shared<BodyMemory>(kBodyMemoryBytesMax);
  return memory;
}

absl::string_view StateName(Coordinator::State state) {
  switch (state) {
    case Coordinator::State::kIdle:
      return "following";
    case Coordinator::State::kAsking:
      return "asking the members";
    case Coordinator::State::kClosed:
      return "closed";
    case Coordinator::State::kSyncing:
      return "synchronising";
    case Coordinator::State::kOpening:
      return "opening";
    case Coordinator::State::kOpen:
      return "open";
  }
  return "unknown";
}

// Between a member that is behind and the one that it becomes as.
bool IsToCatchUp(const Message& message) {
  return std::holds_alternative<Pull>(message) || std::holds_alternative<Entries>(message) ||
         std::holds_alternative<DigestsWanted>(message) ||
         std::holds_alternative<DigestList>(message) || std::holds_alternative<Fetch>(message) ||
         std::holds_alternative<Page>(message);
}

class ReplicaSnapshot final : public database::ReplicatedDatabase::Snapshot {
 public:
  ReplicaSnapshot(std::shared_ptr<const ReplicaFile> file,
                  std::unique_ptr<ReplicaFile::Snapshot> snapshot)
      : file_(std::move(file)), snapshot_(std::move(snapshot)) {}

  database::ReplicatedDatabase::LogPosition position() const override {
    return {snapshot_->position().epoch.value(), snapshot_->position().sequence};
  }
  absl::StatusOr<bool> Next(std::vector<Record>& records) override {
    CTDB_ASSIGN_OR_RETURN(ReplicaReader::Page page, snapshot_->Next({.items_max = kPageRecordsMax,
                                                                     .bytes_max = kListBytes,
                                                                     .needs_values = true}));
    records.clear();
    for (ReplicaReader::Item& item : page.items) {
      records.emplace_back(std::move(item.key), std::move(item.value));
    }
    return !page.is_end;
  }

 private:
  const std::shared_ptr<const ReplicaFile> file_;
  const std::unique_ptr<ReplicaFile::Snapshot> snapshot_;
};

}  // namespace

absl::StatusOr<database::MakeReplicated> OpenReplica(const database::ReplicatedPlace& place,
                                                     const OpenMirror& open_mirror) {
  std::shared_ptr<Mirror> mirror;
  const std::string mark = absl::StrCat(place.path, database::kMirrorMark);
  if (!place.mirror_path.empty()) {
    if (open_mirror == nullptr) {
      return absl::UnimplementedError(absl::StrCat("database ", place.name, ": no mirrors here"));
    }
    const bool is_new =
        ::access(place.path.c_str(), F_OK) != 0 || ::access(mark.c_str(), F_OK) != 0;
    CTDB_ASSIGN_OR_RETURN(mirror, open_mirror({place.mirror_path, place.local, is_new}));
  }
  CTDB_ASSIGN_OR_RETURN(ReplicaFile::Opened opened,
                        ReplicaFile::Open({.path = place.path,
                                           .database = database::DatabaseId(place.id),
                                           .name = place.name,
                                           .is_durable = place.is_durable,
                                           .mirror = mirror}));
  if (mirror != nullptr) CTDB_RETURN_IF_ERROR(WriteFileAtomically(mark, ""));
  // What std::function copies.
  auto file = std::shared_ptr<ReplicaFile>(std::move(opened.file));
  return [place, file, mirror,
          copy = std::move(opened.copy)](database::ReplicatedDatabase::Outlet& outlet)
             -> std::unique_ptr<database::ReplicatedDatabase> {
    return std::make_unique<ReplicaDriver>(place, SystemRandom(), file, copy, outlet, mirror);
  };
}

ReplicaDriver::ReplicaDriver(const database::ReplicatedPlace& place, uint64_t run,
                             std::shared_ptr<ReplicaFile> file, Replica::Copy copy, Outlet& outlet,
                             std::shared_ptr<Mirror> mirror)
    : place_(place),
      outlet_(outlet),
      file_(std::move(file)),
      mirror_(std::move(mirror)),
      random_(run),
      replica_({.local = place.local,
                .database = database::DatabaseId(place.id),
                .bodies = MemoryOfMembers()},
               *file_, std::move(copy)),
      coordinator_({.local = place.local,
                    .database = database::DatabaseId(place.id),
                    .run = static_cast<uint32_t>(run)},
                   replica_, *file_),
      submitter_({.local = place.local,
                  .database = database::DatabaseId(place.id),
                  .run = InstanceNumber(run)}),
      uploads_(MemoryOfClients()),
      is_in_memory_(file_->bytes() <= kInMemoryBytesMax) {
  if (!replica_.is_healthy()) {
    outlet_.OnTrouble(
        absl::DataLossError(absl::StrCat("database ", place_.name,
                                         " is damaged on this node and will be filled from "
                                         "another node's copy: ",
                                         replica_.problem())));
  }
}

void ReplicaDriver::OnView(const cluster::View& view, Instant now) {
  const bool is_member = std::binary_search(view.members.begin(), view.members.end(), place_.local);
  std::optional<NodeNumber> coordinator;
  if (is_member) {
    coordinator = CoordinatorOf(database::Placement(view.members), database::DatabaseId(place_.id));
  }
  replica_.OnView(view, coordinator, now);
  coordinator_.OnView(view, coordinator, now);
  submitter_.OnView(view, coordinator, now);
  Pump(now);
}

absl::Status ReplicaDriver::OnMessage(NodeNumber from, wire::ReplicaMessage::Reader in,
                                      Instant now) {
  CTDB_ASSIGN_OR_RETURN(const Message message, DecodeMessage(in));
  Give(from, message, now);
  Pump(now);
  return absl::OkStatus();
}

void ReplicaDriver::Give(NodeNumber from, const Message& message, Instant now) {
  switch (PartFor(message)) {
    case Part::kReplica:
      return replica_.OnMessage(from, message, now);
    case Part::kCoordinator:
      return coordinator_.OnMessage(from, message, now);
    case Part::kSubmitter:
      return submitter_.OnMessage(from, message, now);
  }
}

void ReplicaDriver::OnTick(Instant now) {
  TakeFinished(now);
  replica_.OnTick(now);
  coordinator_.OnTick(now);
  submitter_.OnTick(now);
  uploads_.OnTick(now);
  if (now >= flush_at_) Flush();
  if (now >= look_for_room_at_) LookForRoom();
  Pump(now);
}

Instant ReplicaDriver::NextDeadline() const {
  {
    const std::lock_guard<std::mutex> lock(finished_mutex_);
    if (!finished_.empty()) return Instant::min();
  }
  return std::min({replica_.NextDeadline(), coordinator_.NextDeadline(), submitter_.NextDeadline(),
                   uploads_.NextDeadline(), flush_at_, look_for_room_at_});
}

bool ReplicaDriver::IsSettled() const {
  const Coordinator::State state = coordinator_.state();
  return state == Coordinator::State::kIdle || state == Coordinator::State::kOpen ||
         state == Coordinator::State::kClosed;
}

void ReplicaDriver::Do(std::function<Finish()> work) {
  if (storage_.Do([this, work = std::move(work)] { Finished(work()); })) return;
  Trouble(absl::ResourceExhaustedError("too much waits for the disk"));
}

void ReplicaDriver::Finished(Finish finish) {
  {
    const std::lock_guard<std::mutex> lock(finished_mutex_);
    finished_.push_back(std::move(finish));
  }
  outlet_.Wake();
}

void ReplicaDriver::TakeFinished(Instant now) {
  std::vector<Finish> finished;
  {
    const std::lock_guard<std::mutex> lock(finished_mutex_);
    finished.swap(finished_);
  }
  for (const Finish& finish : finished) finish(now);
}

void ReplicaDriver::Trouble(const absl::Status& status) {
  outlet_.OnTrouble(absl::Status(
      status.code(), absl::StrCat("database ", place_.name, " on this node: ", status.message())));
}

// What the copy is to be now, as far as its file has it.
void ReplicaDriver::Remember() {
  const Position at = replica_.position();
  const Digest& digest = replica_.digests().whole();
  const Mark mark = {{at.epoch.value(), at.sequence}, digest.high, digest.low};
  const auto is_last = [&](const Mark& last) {
    return last.position.epoch == mark.position.epoch &&
           last.position.sequence == mark.position.sequence;
  };
  if (!marks_.empty() && is_last(marks_.back())) marks_.pop_back();
  marks_.push_back(mark);
  if (marks_.size() > kMarksMax) marks_.pop_front();
}

// Until the cores want nothing more.
void ReplicaDriver::Pump(Instant now) {
  Remember();
  for (;;) {
    const Submitter::Output submitted = submitter_.TakeOutput();
    for (const Send& send : submitted.sends) Deliver(send);
    for (const Send& send : coordinator_.TakeSends()) Deliver(send);
    Replica::Output output = replica_.TakeOutput();
    for (const Send& send : output.sends) Deliver(send);
    for (Replica::Output::Store& store : output.stores) {
      Store(std::make_shared<const Replica::Output::Store>(std::move(store)));
    }
    if (output.again && stuck_ != nullptr) Store(std::exchange(stuck_, nullptr));
    for (const Submitter::Answer& answer : submitted.answers) OnAnswer(answer, now);
    if (to_self_.empty() && submitted.answers.empty()) return;
    if (to_self_.empty()) continue;
    const Message message = std::move(to_self_.front());
    to_self_.pop_front();
    Give(place_.local, message, now);
  }
}

void ReplicaDriver::Deliver(const Send& send) {
  // A node that has been shut out does not know that others go on: it says nothing to clients.
  if (std::holds_alternative<Outcome>(send.message) && !outlet_.HasLease()) return;
  if (send.to == place_.local) {
    to_self_.push_back(send.message);
  } else {
    outlet_.SendReplica(send.to, [&](wire::ReplicaMessage::Builder out) {
      EncodeMessage(send.message, out);
      if (IsToCatchUp(send.message)) {
        catch_up_bytes_sent_ += out.asReader().totalSize().wordCount * sizeof(capnp::word);
      }
    });
  }
}

void ReplicaDriver::Store(std::shared_ptr<const Replica::Output::Store> work) {
  Do([this, work]() -> Finish {
    const absl::Status status = file_->Apply(*work);
    const uint64_t room = file_->TakeRoom();
    return [this, work, status, room, bytes = file_->bytes()](Instant now) {
      OnStored(work, status, room, bytes, now);
    };
  });
}

void ReplicaDriver::OnStored(std::shared_ptr<const Replica::Output::Store> work,
                             const absl::Status& status, uint64_t room, uint64_t bytes,
                             Instant now) {
  if (!status.ok()) Trouble(status);
  is_in_memory_ = bytes <= kInMemoryBytesMax;
  flush_at_ = After(now, kQuiet);
  OnRoom(room, now);
  stuck_ = absl::IsResourceExhausted(status) ? work : nullptr;
  replica_.OnStored(work->ticket, status, now);
}

void ReplicaDriver::OnRoom(uint64_t bytes, Instant now) {
  replica_.OnRoom(bytes, place_.path, now);
  look_for_room_at_ = kNever;
  if (bytes >= kReserveBytes) return;
  look_for_room_at_ = After(now, kLookForRoom);
  outlet_.OnTrouble(absl::ResourceExhaustedError(
      absl::StrCat("database ", place_.name, " has less than ", kReserveBytes >> 20,
                   " MiB left for this node's copy in ", place_.path,
                   ": what makes it larger is refused on all nodes")));
}

void ReplicaDriver::LookForRoom() {
  look_for_room_at_ = kNever;
  Do([this]() -> Finish {
    return [this, bytes = file_->TakeRoom()](Instant now) { OnRoom(bytes, now); };
  });
}

void ReplicaDriver::Flush() {
  flush_at_ = kNever;
  Do([this]() -> Finish {
    return [this, status = file_->Flush()](Instant) {
      if (!status.ok()) Trouble(status);
    };
  });
}

ClientTicket ReplicaDriver::Expect(Asker asker) {
  const ClientTicket ticket(++last_ticket_);
  askers_.emplace(ticket, std::move(asker));
  return ticket;
}

void ReplicaDriver::OnAnswer(const Submitter::Answer& answer, Instant now) {
  const auto it = askers_.find(answer.ticket);
  if (it == askers_.end()) return;
  const Asker asker = std::move(it->second);
  askers_.erase(it);
  // All members have it, and all before it.
  if (answer.verdict == Verdict::kCommitted) {
    acknowledged_ = std::max(acknowledged_, answer.position);
  }
  if (asker.read.has_value()) {
    // What was read is what there is, or has changed in the meantime: look again.
    const bool is_so = answer.verdict == Verdict::kCommitted;
    if (!is_so && answer.verdict != Verdict::kAborted) {
      return outlet_.FailClient(asker.client, asker.request, NotServing());
    }
    const absl::Status status = OnRead(asker.client, asker.request, asker.read->key,
                                       is_so ? asker.read : std::nullopt, now);
    if (!status.ok()) outlet_.FailClient(asker.client, asker.request, status);
    return;
  }
  outlet_.AnswerClient(asker.client, asker.request, [&](wire::ClientAnswer::Builder out) {
    auto outcome = out.initOutcome();
    outcome.setVerdict(static_cast<wire::TransactionVerdict>(answer.verdict));
    EncodePosition(answer.position, outcome.initAt());
    outcome.setChangedKey(ToData(answer.key));
    outcome.setWhy(answer.reason.c_str());
    EncodePosition(answer.since, outcome.initSince());
  });
}

bool ReplicaDriver::IsServing() const { return replica_.IsCurrent() && outlet_.HasLease(); }

absl::Status ReplicaDriver::NotServing() const {
  absl::string_view why = "the nodes are making their copies equal";
  if (!outlet_.HasLease()) why = "this node is out of the cluster";
  if (!coordinator_.reason().empty()) why = coordinator_.reason();
  if (!replica_.is_healthy()) why = replica_.problem();
  return absl::UnavailableError(
      absl::StrCat("database ", place_.name, " may not be used on this node now: ", why));
}

// What no change of view can take back.
Position ReplicaDriver::Acknowledged() const {
  const Position told = std::max(replica_.committed(), acknowledged_);
  if (coordinator_.state() != Coordinator::State::kOpen) return told;
  return std::max(told, coordinator_.committed());
}

absl::Status ReplicaDriver::OnRequest(const Address& client, RequestId request,
                                      wire::ClientRequest::Reader in, Instant now) {
  if (in.isRead())
    return OnRead(client, request, FromData(in.getRead().getReadKey()), std::nullopt, now);
  if (in.isList()) return OnList(client, request, in.getList());
  if (in.isPosition()) {
    if (!IsServing()) return NotServing();
    outlet_.AnswerClient(client, request, [&](wire::ClientAnswer::Builder out) {
      EncodePosition(replica_.position(), out.initPosition());
    });
    return absl::OkStatus();
  }
  if (in.isQuestion()) {
    const auto question = in.getQuestion();
    submitter_.OnQuestion(Expect({client, request, std::nullopt}), DecodeToken(question.getToken()),
                          DecodePosition(question.getSince()), now);
  } else if (in.isBodyPart()) {
    return OnBodyPart(client, request, in.getBodyPart(), now);
  } else {
    CTDB_RETURN_IF_ERROR(OnCommit(client, request, in.getCommit().getTransaction(), now));
  }
  Pump(now);
  return absl::OkStatus();
}

absl::Status ReplicaDriver::OnBodyPart(const Address& client, RequestId request,
                                       wire::ClientRequest::BodyPart::Reader part, Instant now) {
  const auto bytes = part.getPartBytes();
  CTDB_ASSIGN_OR_RETURN(const uint64_t taken,
                        uploads_.Add({client, DecodeToken(part.getPartToken())},
                                     {part.getPartTotal(),
                                      part.getPartOffset(),
                                      {reinterpret_cast<const char*>(bytes.begin()), bytes.size()}},
                                     now));
  outlet_.AnswerClient(client, request,
                       [&](wire::ClientAnswer::Builder out) { out.setBodyTaken(taken); });
  return absl::OkStatus();
}

absl::Status ReplicaDriver::OnCommit(const Address& client, RequestId request,
                                     wire::ClientTransaction::Reader in, Instant now) {
  CTDB_ASSIGN_OR_RETURN(const Transaction transaction, DecodeTransaction(in));
  std::shared_ptr<const Body> body;
  if (transaction.body) {
    body = uploads_.Take({client, transaction.token});
    if (body == nullptr) {
      return absl::ResourceExhaustedError("the parts of the transaction are not all here");
    }
    CTDB_RETURN_IF_ERROR(body->Check(*transaction.body));
  }
  submitter_.OnTransaction(Expect({client, request, std::nullopt}), transaction,
                           replica_.position(), now, std::move(body));
  return absl::OkStatus();
}

absl::Status ReplicaDriver::OnRead(const Address& client, RequestId request, const std::string& key,
                                   const std::optional<Read>& certain, Instant now) {
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  if (!IsServing()) return NotServing();
  CTDB_ASSIGN_OR_RETURN(const std::optional<ReplicaFile::Found> found, file_->Get(key));
  const Read seen = {key, found.has_value() ? std::optional(found->version) : std::nullopt};
  const bool is_certain =
      certain == seen || seen.version.value_or(replica_.position()) <= Acknowledged();
  if (!is_certain) {
    // Nobody may see what may yet be undone, and the coordinator knows.
    Transaction transaction;
    transaction.token = {random_.Next(), random_.Next()};
    transaction.reads.push_back(seen);
    submitter_.OnTransaction(Expect({client, request, transaction.reads.front()}), transaction,
                             replica_.position(), now);
    Pump(now);
    return absl::OkStatus();
  }
  outlet_.AnswerClient(client, request, [&](wire::ClientAnswer::Builder out) {
    auto copy = out.initCopy();
    copy.setIsThere(found.has_value());
    if (!found.has_value()) return;
    copy.setValue(ToData(found->value));
    EncodePosition(found->version, copy.initVersion());
  });
  return absl::OkStatus();
}

absl::Status ReplicaDriver::OnList(const Address& client, RequestId request,
                                   wire::ClientRequest::List::Reader list) {
  if (!IsServing()) return NotServing();
  ReplicaFile::Cursor cursor = {
      static_cast<uint32_t>(std::min<uint64_t>(list.getCursorBucket(), kSlots)),
      FromData(list.getCursorAfter())};
  CTDB_ASSIGN_OR_RETURN(
      const ReplicaReader::Page records,
      file_->Next(cursor,
                  {.items_max = kPageRecordsMax, .bytes_max = kListBytes, .needs_values = true}));
  outlet_.AnswerClient(client, request, [&](wire::ClientAnswer::Builder out) {
    auto page = out.initPage();
    page.setNextBucket(cursor.slot);
    page.setNextAfter(ToData(cursor.after));
    page.setLast(records.is_end);
    auto list = page.initRecords(static_cast<uint32_t>(records.items.size()));
    for (uint32_t i = 0; i < list.size(); ++i) {
      list[i].setKey(ToData(records.items[i].key));
      list[i].setValue(ToData(records.items[i].value));
    }
  });
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ReplicaDriver::Snapshot>> ReplicaDriver::TakeSnapshot() const {
  if (!IsServing()) return NotServing();
  CTDB_ASSIGN_OR_RETURN(std::unique_ptr<ReplicaFile::Snapshot> snapshot, file_->TakeSnapshot());
  return std::make_unique<ReplicaSnapshot>(file_, std::move(snapshot));
}

std::function<absl::Status()> ReplicaDriver::FileCheck() const {
  return [file = file_]() -> absl::Status {
    CTDB_RETURN_IF_ERROR(file->Flush());
    return file->Check();
  };
}

// On the thread that uses it. Whoever is told of it opens the file then or later.
void ReplicaDriver::EnableMirrorSequence() {
  Do([this]() -> Finish {
    mirror_->EnableSequence();
    return [](Instant) {};
  });
}

ReplicaDriver::Statistics ReplicaDriver::GetStatistics() const {
  Statistics statistics;
  const absl::StatusOr<ReplicaFile::Statistics> file = file_->GetStatistics();
  if (file.ok()) {
    statistics.records = file->records;
    statistics.bytes = file->file_bytes;
  }
  statistics.sequence = replica_.position().sequence;
  statistics.batches = coordinator_.batches();
  statistics.catch_up_bytes_sent = catch_up_bytes_sent_;
  statistics.fills = replica_.fills();
  statistics.state = std::string(StateName(coordinator_.state()));
  if (coordinator_.state() == Coordinator::State::kIdle && !IsServing()) {
    statistics.state = "waiting";
  }
  statistics.reason = replica_.is_healthy() ? coordinator_.reason() : replica_.problem();
  return statistics;
}

}  // namespace ctdb::replica
