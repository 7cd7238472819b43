// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/io/database_driver.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_kj.h"
#include "lib/base/status_macros.h"
#include "lib/database/io/scan_store.h"
#include "lib/store/loan.h"

namespace ctdb::database {
namespace {

// A lock of Samba's that is not free is tried again, after a pause that doubles each time, before a
// helper thread waits for it. Our own clients let go and lock again without a pause: only who waits
// has his turn.
constexpr int kLockTries = 5;
constexpr absl::Duration kFirstPause = absl::Microseconds(30);
// One wait of a helper thread: then others have their turn.
constexpr absl::Duration kLockWait = absl::Seconds(1);
constexpr absl::Duration kLockPause = absl::Milliseconds(100);
// The same where locks are tried anyway, and held for seconds now and then (REC-11).
constexpr absl::Duration kShortLockWait = absl::Milliseconds(100);
constexpr absl::Duration kShortLockPause = absl::Milliseconds(5);

constexpr uint32_t kOwnFlags = store::kTombstone | store::kReadOnly | store::kLentOut |
                               store::kWasReadOnly | store::kWatched | store::kAwaited |
                               store::kTellUse;

std::optional<StoredRecord> ToStored(const store::LockedRecord& record) {
  if (!record.exists()) return std::nullopt;
  const store::RecordHeader& header = record.header();
  StoredRecord stored{{header.epoch, header.counter}, header.owner, std::string(record.value())};
  if (store::HasLoan(header)) {
    const store::StoredLoan loan = store::LoanOf(record.value());
    stored.loan = {Epoch(loan.epoch), loan.number};
    stored.value = std::string(store::ValueBehindLoan(record.value()));
  }
  stored.is_read_only = (header.flags & store::kReadOnly) != 0;
  stored.is_lent_out = (header.flags & store::kLentOut) != 0;
  stored.is_watched = (header.flags & store::kWatched) != 0;
  stored.other_flags = header.flags & ~kOwnFlags;
  if ((header.flags & store::kAwaited) != 0) stored.turn = StoredRecord::Turn::kAwaited;
  if ((header.flags & store::kTellUse) != 0) stored.turn = StoredRecord::Turn::kTold;
  return stored;
}

absl::Status Put(const StoredRecord& record, store::LockedRecord& out) {
  store::RecordHeader header{.owner = record.owner,
                             .flags = record.other_flags & ~kOwnFlags,
                             .epoch = record.version.epoch,
                             .counter = record.version.counter};
  if (record.is_lent_out) header.flags |= store::kLentOut;
  if (record.is_watched) header.flags |= store::kWatched;
  if (record.turn == StoredRecord::Turn::kAwaited) header.flags |= store::kAwaited;
  if (record.turn == StoredRecord::Turn::kTold) header.flags |= store::kTellUse;
  if (record.loan == Loan{}) return out.Store(header, record.value);
  header.flags |= record.is_read_only ? store::kReadOnly : store::kWasReadOnly;
  return out.Store(header,
                   store::WithLoan({record.loan.epoch.value(), record.loan.number}, record.value));
}

}  // namespace

DatabaseDriver::DatabaseDriver(const Options& options, std::shared_ptr<store::RecordStore> store,
                               HelperThreads& helpers, Outlet& outlet)
    : options_(options),
      store_(std::move(store)),
      helpers_(helpers),
      outlet_(outlet),
      owner_({.local = options.local,
              .database = options.id,
              .do_clients_tell_use = options.do_clients_tell_use,
              .reads_once = !options.do_clients_tell_use}),
      spares_({.local = options.local, .database = options.id}),
      directory_({.local = options.local,
                  .database = options.id,
                  .lending = options.lending,
                  .sweep_pace = options.sweep_pace}),
      rebuild_({.local = options.local, .database = options.id}),
      inquiry_({.local = options.local, .database = options.id}),
      reporter_({.local = options.local, .database = options.id}),
      vacuum_pace_(options.vacuum),
      tasks_(*this) {}

void DatabaseDriver::OnView(const cluster::View& view,
                            const std::shared_ptr<const Placement>& placement, Instant now) {
  owner_.OnView(view, placement, now);
  spares_.OnView(view, now);
  // From here on no client takes a record for this node's that others may have got.
  store_->SetReadEpoch(owner_.epoch());
  store_->SetOwnedSince(owner_.owned_since());
  reporter_.OnView(view);
  directory_.OnView(view, placement, now);
  inquiry_.OnView(view);
  rebuild_.OnView(view, directory_.SlotsToRebuild(), now);
  vacuum_pace_.Start(options_.id.value(), now);
  Pump(now);
}

void DatabaseDriver::OnMessage(NodeNumber from, const Message& message, Instant now) {
  Give(from, message, now);
  Pump(now);
}

void DatabaseDriver::OnMessage(NodeNumber from, const recovery::Message& message, Instant now) {
  Give(from, message, now);
  Pump(now);
}

void DatabaseDriver::Give(NodeNumber from, const Message& message, Instant now) {
  if (IsForHome(message)) return directory_.OnMessage(from, message, now);
  if (IsForSpares(message)) spares_.OnMessage(from, message, now);
  if (IsForOwner(message)) owner_.OnMessage(from, message, now);
}

void DatabaseDriver::Give(NodeNumber from, const recovery::Message& message, Instant now) {
  if (const auto* survey = std::get_if<recovery::Survey>(&message)) {
    reporter_.OnSurvey(from, *survey);
    return;
  }
  const auto& report = std::get<recovery::Report>(message);
  if (report.round == recovery::kSlotsRound) {
    rebuild_.OnReport(from, report, now);
  } else {
    inquiry_.OnReport(from, report, now);
  }
}

void DatabaseDriver::OnClientRequest(InstanceNumber client, RequestId request,
                                     const std::string& key, Owner::Mode mode, Instant now) {
  owner_.OnClientRequest(client, request, key, mode, now);
  Pump(now);
}

void DatabaseDriver::OnSparesWanted(InstanceNumber client, RequestId request,
                                    const std::string& key, Instant now) {
  spares_.OnClientRequest(client, request, key, now);
  Pump(now);
}

void DatabaseDriver::OnClientCancel(InstanceNumber client, RequestId request, Instant now) {
  owner_.OnClientCancel(client, request, now);
  spares_.OnClientCancel(client, request);
  Pump(now);
}

void DatabaseDriver::OnClientGone(InstanceNumber client, Instant now) {
  owner_.OnClientGone(client, now);
  spares_.OnClientGone(client);
  Pump(now);
}

void DatabaseDriver::OnTurnsTaken(const std::string& key, size_t turns, Instant now) {
  owner_.OnTurnsTaken(key, turns, now);
  Pump(now);
}

void DatabaseDriver::OnTick(Instant now) {
  owner_.OnTick(now);
  spares_.OnTick(now);
  directory_.OnTick(now);
  rebuild_.OnTick(now);
  inquiry_.OnTick(now);
  if (vacuum_pace_.next() <= now) {
    vacuum_pace_.OnBegun();
    is_vacuum_due_ = true;
  }
  while (!retries_.empty() && retries_.begin()->first <= now) {
    wanted_locks_.push_back(retries_.begin()->second);
    retries_.erase(retries_.begin());
  }
  Pump(now);
}

Instant DatabaseDriver::NextDeadline() const {
  const Instant retry = retries_.empty() ? kNever : retries_.begin()->first;
  return std::min({owner_.NextDeadline(), spares_.NextDeadline(), directory_.NextDeadline(),
                   rebuild_.NextDeadline(), inquiry_.NextDeadline(), retry, vacuum_pace_.next()});
}

recovery::Rebuild::Progress DatabaseDriver::GetProgress() const {
  recovery::Rebuild::Progress progress = rebuild_.GetProgress();
  if (progress.waits_for.empty()) progress.waits_for = inquiry_.WaitsFor();
  return progress;
}

std::vector<DatabaseDriver::LockWait> DatabaseDriver::LockWaits() const {
  std::vector<LockWait> waits;
  for (const auto& [ticket, wait] : waits_) waits.push_back(wait);
  return waits;
}

void DatabaseDriver::taskFailed(kj::Exception&& exception) {
  outlet_.OnTrouble(ToStatus(exception));
}

// Until the cores want nothing more. What one of them says to this node's other half does not
// leave the node.
void DatabaseDriver::Pump(Instant now) {
  do {
    TakeRecovery(now);
    TakeHome(now);
    ApplyOwner(nullptr, now);
    ApplySpares(nullptr);
  } while (TakeOne(now) || inquiry_.IsDue());
}

// The next thing that is due at once; false when nothing is.
bool DatabaseDriver::TakeOne(Instant now) {
  if (!wanted_locks_.empty()) {
    const Owner::Output::Lock lock = std::move(wanted_locks_.front());
    wanted_locks_.pop_front();
    TryLock(lock, now);
    return true;
  }
  if (to_self_.empty()) return false;
  const auto message = std::move(to_self_.front());
  to_self_.pop_front();
  std::visit([&](const auto& said) { Give(options_.local, said, now); }, message);
  return true;
}

void DatabaseDriver::TakeHome(Instant now) {
  const Directory::Output output = directory_.TakeOutput();
  for (const Send& send : output.sends) Deliver(send);
  for (const Directory::Undecided& undecided : output.undecided) {
    inquiry_.OnUndecided(undecided, now);
  }
}

void DatabaseDriver::TakeRecovery(Instant now) {
  const recovery::Rebuild::Output rebuilt = rebuild_.TakeOutput();
  for (const recovery::Send& send : rebuilt.sends) Deliver(send);
  for (const auto& reported : rebuilt.reported) {
    directory_.OnReported(reported.key, reported.copy);
  }
  for (Slot slot : rebuilt.ready) directory_.OnSlotReady(slot, now);
  recovery::Inquiry::Output output = inquiry_.TakeOutput(now);
  for (const recovery::Send& send : output.sends) Deliver(send);
  for (recovery::Inquiry::Decided& decided : output.decided) {
    if (!decided.decision.rivals.empty()) {
      outlet_.OnTrouble(absl::InternalError(
          absl::StrCat("several nodes claimed record \"", absl::CHexEscape(decided.key),
                       "\" of database ", options_.name, "; the newest claim counts")));
    }
    directory_.OnDecided(decided.key, std::move(decided.decision), now);
  }
  const recovery::Reporter::Output reports = reporter_.TakeOutput();
  for (const recovery::Send& send : reports.sends) Deliver(send);
  scans_to_do_.insert(scans_to_do_.end(), reports.scans.begin(), reports.scans.end());
  for (const auto& lookup : reports.lookups) LookUp(lookup);
}

// Somebody may wait for a few; many are not for the transport's thread.
void DatabaseDriver::LookUp(const recovery::Reporter::Output::Lookup& lookup) {
  if (lookup.keys.size() <= kQuickLookupsMax) {
    if (const auto found = TryLookUpInStore(*store_, lookup.keys)) {
      reporter_.OnLookedUp(lookup.ticket, *found);
      for (const recovery::Send& send : reporter_.TakeOutput().sends) Deliver(send);
      return;
    }
  }
  lookups_to_do_.push_back(lookup);
}

void DatabaseDriver::StartWork() {
  for (const auto& lock : std::exchange(locks_to_wait_for_, {})) WaitForLock(lock);
  for (const auto& lookup : std::exchange(lookups_to_do_, {})) StartLookup(lookup);
  for (const auto& scan : std::exchange(scans_to_do_, {})) StartScan(scan);
  if (std::exchange(is_vacuum_due_, false)) StartVacuumStep();
}

void DatabaseDriver::StartVacuumStep() {
  const RestingScan scan{vacuum_cursor_, owner_.void_before()};
  tasks_.add(helpers_.steps.Run([store = store_, scan] { return ScanResting(*store, scan); })
                 .then([this](absl::StatusOr<RestingResult> result) {
                   const auto entered = outlet_.Enter();
                   const Instant now = outlet_.Now();
                   if (!result.ok()) {
                     outlet_.OnTrouble(result.status());
                     result.emplace().is_end = true;
                   }
                   for (const RestingRecord& record : result->records) {
                     owner_.OnRestingRecord(record, now);
                   }
                   vacuum_scanned_ += result->scanned;
                   vacuum_cursor_ = result->next_cursor;
                   vacuum_pace_.OnStep(result->records.size(), result->is_end, now);
                   Pump(now);
                   outlet_.OnProgress();
                 }));
}

void DatabaseDriver::StartScan(const recovery::Reporter::Output::Scan& scan) {
  StartSurvey(scan.ticket,
              helpers_.scans.Run([store = store_, scan] { return ScanStore(*store, scan); }),
              [this](recovery::ScanTicket ticket, const ScanResult& result) {
                reporter_.OnScanned(ticket, result.records, result.next_cursor, result.is_end,
                                    result.scanned, result.stored);
              });
}

void DatabaseDriver::StartLookup(const recovery::Reporter::Output::Lookup& lookup) {
  StartSurvey(lookup.ticket, helpers_.lookups.Run([store = store_, keys = lookup.keys] {
    return LookUpInStore(*store, keys);
  }),
              [this](recovery::ScanTicket ticket,
                     const std::vector<recovery::Reporter::ScannedRecord>& found) {
                reporter_.OnLookedUp(ticket, found);
              });
}

// What fails, or is too much for the helpers, the home asks for again.
template <typename Result, typename Tell>
void DatabaseDriver::StartSurvey(recovery::ScanTicket ticket,
                                 kj::Promise<absl::StatusOr<Result>> done, Tell tell) {
  tasks_.add(done.catch_([](kj::Exception&& exception) -> absl::StatusOr<Result> {
                   return ToStatus(exception);
                 })
                 .then([this, ticket, tell](absl::StatusOr<Result> result) {
                   const auto entered = outlet_.Enter();
                   if (result.ok()) {
                     tell(ticket, *result);
                   } else {
                     reporter_.OnScanFailed(ticket);
                     outlet_.OnTrouble(result.status());
                   }
                   Pump(outlet_.Now());
                   outlet_.OnProgress();
                 }));
}

template <typename Send>
void DatabaseDriver::Deliver(const Send& send) {
  if constexpr (std::is_same_v<Send, database::Send>) {
    if (std::holds_alternative<Copy>(send.message)) ++loan_counts_.lent;
    if (std::holds_alternative<Revoke>(send.message)) ++loan_counts_.revoked;
  }
  if (send.to == options_.local) {
    to_self_.push_back(send.message);
  } else {
    outlet_.Send(send.to, send.message);
  }
}

// `record`: the one whose lock is held, if any.
void DatabaseDriver::ApplyOwner(store::LockedRecord* record, Instant now) {
  Owner::Output output = owner_.TakeOutput();
  const absl::Status stored = StoreAll(output.stores, output.removes, record);
  if (stored.ok()) {
    for (const Send& send : output.sends) Deliver(send);
    for (Owner::Output::Answered& answer : output.answers) {
      answer.answer = Checked(answer.answer);
      outlet_.Answer(answer);
    }
    for (const auto& awaited : output.awaited) outlet_.AskForUse(options_.id, awaited);
  } else {
    // Nobody is told what is not true. Who waits for it says so again.
    outlet_.OnTrouble(stored);
  }
  for (Owner::Output::Lock& lock : output.locks) wanted_locks_.push_back(std::move(lock));
  if (!output.too_large.empty()) TellTooLarge(output.too_large.front(), now);
}

// As above. What could not be stored is offered again.
void DatabaseDriver::ApplySpares(store::LockedRecord* record) {
  Spares::Output output = spares_.TakeOutput();
  const absl::Status stored = StoreAll(output.stores, {}, record);
  if (stored.ok()) {
    for (const Send& send : output.sends) Deliver(send);
  } else {
    outlet_.OnTrouble(stored);
  }
  for (const std::string& key : output.copied) owner_.OnCopied(key);
  for (const auto& answer : output.answers) outlet_.Answer(answer);
  for (Owner::Output::Lock& lock : output.locks) wanted_locks_.push_back(std::move(lock));
}

// Who has a lease looks at it itself. Others are told what is true without one, too.
Owner::Answer DatabaseDriver::Checked(Owner::Answer answer) const {
  const bool is_told = answer == Owner::Answer::kAbsent || answer == Owner::Answer::kValue;
  const bool needs_lease = is_told && !options_.do_clients_tell_use;
  return needs_lease && !outlet_.HasLease() ? Owner::Answer::kReady : answer;
}

// Only what programs store that are not ours.
void DatabaseDriver::TellTooLarge(const std::string& key, Instant now) {
  if (now < After(told_too_large_, kLockWait)) return;
  told_too_large_ = now;
  outlet_.OnTrouble(absl::ResourceExhaustedError(absl::StrCat(
      "record \"", absl::CHexEscape(key), "\" of database ", options_.name,
      " is too large to be given to another node, whose programs wait until it is smaller")));
}

absl::Status DatabaseDriver::StoreAll(const std::vector<Owner::Output::Store>& stores,
                                      const std::vector<std::string>& removes,
                                      store::LockedRecord* record) {
  if (stores.empty() && removes.empty()) return absl::OkStatus();
  if (record == nullptr) {
    const std::string& key = stores.empty() ? removes.front() : stores.front().key;
    return absl::InternalError(
        absl::StrCat("record \"", absl::CHexEscape(key), "\" is to be changed without its lock"));
  }
  for (const auto& store : stores) CTDB_RETURN_IF_ERROR(Put(store.record, *record));
  // What is removed is not stored again.
  return removes.empty() ? absl::OkStatus() : record->Delete();
}

void DatabaseDriver::TryLock(const Owner::Output::Lock& lock, Instant now) {
  absl::StatusOr<store::LockedRecord> record = store_->Lock(lock.key, {});
  // What does not lie in memory is on disk, which only helper threads wait for.
  const bool is_quick = record.ok() && record->value().size() <= kQuickBytesMax;
  if (is_quick) {
    const auto wait = waits_.find(lock.ticket);
    lock_counts_.Taken(wait == waits_.end() ? absl::ZeroDuration()
                                            : ToAbsl(now - wait->second.since));
    if (wait != waits_.end()) waits_.erase(wait);
    return OnLocked(lock.ticket, *record, now);
  }
  TryAgain(lock, record.status(), now);
}

// Most hold a lock of Samba's for less time than it takes to wake a helper thread.
void DatabaseDriver::TryAgain(const Owner::Output::Lock& lock, const absl::Status& obstacle,
                              Instant now) {
  LockWait& wait =
      waits_.try_emplace(lock.ticket, LockWait{.key = lock.key, .since = now}).first->second;
  wait.obstacle = std::string(obstacle.message());
  const bool is_to_wait = options_.do_clients_tell_use || wait.tries >= kLockTries;
  if (obstacle.ok() || is_to_wait) return locks_to_wait_for_.push_back(lock);
  retries_.emplace(After(now, kFirstPause * (1 << wait.tries++)), lock);
}

void DatabaseDriver::WaitForLock(const Owner::Output::Lock& lock) {
  const absl::Duration wait = options_.do_clients_tell_use ? kLockWait : kShortLockWait;
  tasks_.add(helpers_.locks.Lock(store_, lock.key, wait)
                 .then([this, lock](absl::StatusOr<LockPool::HeldLock> held) {
                   OnLockAnswer(lock, std::move(held));
                 }));
}

void DatabaseDriver::OnLockAnswer(const Owner::Output::Lock& lock,
                                  absl::StatusOr<LockPool::HeldLock> held) {
  const auto entered = outlet_.Enter();
  const Instant now = outlet_.Now();
  if (held.ok()) {
    lock_counts_.Taken(ToAbsl(now - waits_[lock.ticket].since));
    waits_.erase(lock.ticket);
    const LockPool::HeldLock free_soon = *std::move(held);
    OnLocked(lock.ticket, free_soon.record(), now);
  } else {
    Postpone(lock, held.status(), now);
  }
  Pump(now);
  outlet_.OnProgress();
}

// Told about once for each kLockWait that it has waited.
void DatabaseDriver::Postpone(const Owner::Output::Lock& lock, const absl::Status& why,
                              Instant now) {
  lock_counts_.Postponed();
  LockWait& wait = waits_[lock.ticket];
  wait.obstacle = std::string(why.message());
  retries_.emplace(After(now, options_.do_clients_tell_use ? kLockPause : kShortLockPause), lock);
  const auto told = static_cast<uint64_t>(absl::FDivDuration(ToAbsl(now - wait.since), kLockWait));
  if (std::exchange(wait.told, told) != told) outlet_.OnTrouble(why);
}

void DatabaseDriver::OnLocked(LockTicket ticket, store::LockedRecord& record, Instant now) {
  // What a core put out before belongs to other records.
  if (Spares::IsItsTicket(ticket)) {
    ApplySpares(nullptr);
    spares_.OnLocked(ticket, ToStored(record), now);
    ApplySpares(&record);
  } else {
    ApplyOwner(nullptr, now);
    owner_.OnLocked(ticket, ToStored(record), now);
    ApplyOwner(&record, now);
  }
}

}  // namespace ctdb::database
