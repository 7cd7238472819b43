// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// database_driver: one database of one node at work: gives the cores (Owner, Spares, Directory, and
// those of recovery) messages, clients' requests and record locks, and does what they want with the
// store and the outlet.
//
//   Ownership:  shares the store; helpers and outlet must outlive it.
//   Threading:  one thread at a time, which need not have an event loop; StartWork() and what it
//               began belong to the event loop's thread, and enter through Outlet::Enter().
//   Errors:     a record that cannot be stored is as if its message had not come: it comes again.
//               The outlet is told.
//   Blocking:   as long as the store's Store() does.
//   Limits:     those of the cores.
//
// Example:
//   DatabaseDriver driver({.local = node, .id = id}, store, helpers, outlet);
//   driver.OnView(view, placement, now);
//   driver.OnMessage(from, message, now);

#ifndef LIB_DATABASE_IO_DATABASE_DRIVER_H_
#define LIB_DATABASE_IO_DATABASE_DRIVER_H_

#include <kj/async.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/io/worker.h"
#include "lib/cluster/node_state.h"
#include "lib/database/directory.h"
#include "lib/database/io/helper_threads.h"
#include "lib/database/io/lock_counts.h"
#include "lib/database/io/lock_pool.h"
#include "lib/database/owner.h"
#include "lib/database/spares.h"
#include "lib/database/vacuum_pace.h"
#include "lib/recovery/inquiry.h"
#include "lib/recovery/rebuild.h"
#include "lib/recovery/reporter.h"
#include "lib/store/record_store.h"

namespace ctdb::database {

// Larger values the store does not keep in memory alone, so they are not for the transport's
// thread.
inline constexpr size_t kQuickBytesMax = 8 * 1024;
// So many of recovery's lookups are, 10 us of them.
inline constexpr size_t kQuickLookupsMax = 16;

class DatabaseDriver : private kj::TaskSet::ErrorHandler {
 public:
  struct Options {
    NodeNumber local;
    DatabaseId id;
    std::string name;
    Directory::Lending lending = Directory::Lending::kAutomatic;
    bool do_clients_tell_use = true;  // See Owner::Options.
    VacuumPace::Options vacuum = {.interval = absl::ZeroDuration()};
    std::shared_ptr<SweepPace> sweep_pace = std::make_shared<SweepPace>();
  };

  class Outlet {
   public:
    virtual ~Outlet() = default;
    virtual Instant Now() = 0;
    // Held while something that StartWork() began uses the driver.
    virtual std::unique_lock<std::mutex> Enter() = 0;
    virtual void Send(NodeNumber to, const Message& message) = 0;
    virtual void Send(NodeNumber to, const recovery::Message& message) = 0;
    virtual void Answer(const Owner::Output::Answered& answer) = 0;
    virtual void Answer(const Spares::Output::Answered& answer) = 0;
    // Of a database whose clients tell their use when they are asked.
    virtual void AskForUse(DatabaseId id, const Owner::Output::Awaited& awaited) = 0;
    // What StartWork() began has led to something; Enter()'s lock is held.
    virtual void OnProgress() = 0;
    // Whether this node may serve now.
    virtual bool HasLease() const = 0;
    virtual void OnTrouble(const absl::Status& status) = 0;
  };

  struct LoanCounts {
    uint64_t lent = 0;     // Copies of this node's records, to others.
    uint64_t revoked = 0;  // Asked back by this node as their home.
  };

  // A record lock that was not free when it was wanted.
  struct LockWait {
    std::string key;
    Instant since{};
    std::string obstacle = {};  // What the last attempt said.
    uint64_t told = 0;          // Seconds after which somebody was told.
    int tries = 0;
  };

  DatabaseDriver(const Options& options, std::shared_ptr<store::RecordStore> store,
                 HelperThreads& helpers, Outlet& outlet);

  void OnView(const cluster::View& view, const std::shared_ptr<const Placement>& placement,
              Instant now);
  void OnMessage(NodeNumber from, const Message& message, Instant now);
  void OnMessage(NodeNumber from, const recovery::Message& message, Instant now);
  void OnClientRequest(InstanceNumber client, RequestId request, const std::string& key,
                       Owner::Mode mode, Instant now);
  // All other nodes are to have a copy of what the record is now (spares.h).
  void OnSparesWanted(InstanceNumber client, RequestId request, const std::string& key,
                      Instant now);
  void OnClientCancel(InstanceNumber client, RequestId request, Instant now);
  void OnClientGone(InstanceNumber client, Instant now);
  void OnTurnsTaken(const std::string& key, size_t turns, Instant now);
  void OnTick(Instant now);

  // Whether StartWork() has something to do.
  bool HasWork() const {
    return !locks_to_wait_for_.empty() || !scans_to_do_.empty() || !lookups_to_do_.empty() ||
           is_vacuum_due_;
  }
  // Gives helper threads what they are wanted for.
  void StartWork();

  Instant NextDeadline() const;
  // Everything that this node is home of is known in this epoch.
  bool IsSettled() const {
    return directory_.IsSettled() && rebuild_.IsIdle() && inquiry_.IsIdle();
  }
  // Until it is: how far this node has come as a home.
  recovery::Rebuild::Progress GetProgress() const;

  // From the next read on; what is lent already stays so until the next write.
  void SetLending(Directory::Lending lending) { directory_.SetLending(lending); }

  const Options& options() const { return options_; }
  store::RecordStore& store() { return *store_; }
  const std::shared_ptr<store::RecordStore>& shared_store() const { return store_; }
  const Owner& owner() const { return owner_; }
  const Directory& directory() const { return directory_; }
  std::vector<LockWait> LockWaits() const;
  const LockCounts& lock_counts() const { return lock_counts_; }
  const LoanCounts& loan_counts() const { return loan_counts_; }
  // How many records were looked at, whether they rest.
  uint64_t vacuum_scanned() const { return vacuum_scanned_; }
  void ResetCounts() {
    lock_counts_ = {};
    loan_counts_ = {};
  }

 private:
  void taskFailed(kj::Exception&& exception) override;
  void Give(NodeNumber from, const Message& message, Instant now);
  void Give(NodeNumber from, const recovery::Message& message, Instant now);
  void Pump(Instant now);
  bool TakeOne(Instant now);
  void TakeHome(Instant now);
  void TakeRecovery(Instant now);
  void StartVacuumStep();
  void StartScan(const recovery::Reporter::Output::Scan& scan);
  void LookUp(const recovery::Reporter::Output::Lookup& lookup);
  void StartLookup(const recovery::Reporter::Output::Lookup& lookup);
  template <typename Result, typename Tell>
  void StartSurvey(recovery::ScanTicket ticket, kj::Promise<absl::StatusOr<Result>> done,
                   Tell tell);
  template <typename Send>
  void Deliver(const Send& send);
  void ApplyOwner(store::LockedRecord* record, Instant now);
  void ApplySpares(store::LockedRecord* record);
  Owner::Answer Checked(Owner::Answer answer) const;
  void TellTooLarge(const std::string& key, Instant now);
  absl::Status StoreAll(const std::vector<Owner::Output::Store>& stores,
                        const std::vector<std::string>& removes, store::LockedRecord* record);
  void TryLock(const Owner::Output::Lock& lock, Instant now);
  void TryAgain(const Owner::Output::Lock& lock, const absl::Status& obstacle, Instant now);
  void WaitForLock(const Owner::Output::Lock& lock);
  void OnLockAnswer(const Owner::Output::Lock& lock, absl::StatusOr<LockPool::HeldLock> held);
  void Postpone(const Owner::Output::Lock& lock, const absl::Status& why, Instant now);
  void OnLocked(LockTicket ticket, store::LockedRecord& record, Instant now);

  const Options options_;
  const std::shared_ptr<store::RecordStore> store_;
  HelperThreads& helpers_;
  Outlet& outlet_;
  Owner owner_;
  Spares spares_;
  Directory directory_;
  recovery::Rebuild rebuild_;
  recovery::Inquiry inquiry_;
  recovery::Reporter reporter_;
  std::deque<std::variant<Message, recovery::Message>> to_self_;
  std::deque<Owner::Output::Lock> wanted_locks_;
  std::vector<Owner::Output::Lock> locks_to_wait_for_;
  std::vector<recovery::Reporter::Output::Scan> scans_to_do_;
  std::vector<recovery::Reporter::Output::Lookup> lookups_to_do_;
  std::map<LockTicket, LockWait> waits_;
  LockCounts lock_counts_;
  LoanCounts loan_counts_;
  VacuumPace vacuum_pace_;
  std::string vacuum_cursor_;
  bool is_vacuum_due_ = false;
  uint64_t vacuum_scanned_ = 0;
  Instant told_too_large_{};
  std::multimap<Instant, Owner::Output::Lock> retries_;
  kj::TaskSet tasks_;
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_IO_DATABASE_DRIVER_H_
