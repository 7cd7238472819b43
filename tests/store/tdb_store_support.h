// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What tests of TDB files share: a store that may serve, and a process beside it that does what
// smbd does, step by step as it is told.

#ifndef TESTS_STORE_TDB_STORE_SUPPORT_H_
#define TESTS_STORE_TDB_STORE_SUPPORT_H_

#include <signal.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/store/io/lease_ticks.h"
#include "lib/store/tdb/tdb_header.h"
#include "lib/store/tdb/tdb_store.h"
#include "tests/store/smbd_part.h"
#include "tests/store/store_test_support.h"

namespace ctdb::store {

inline constexpr NodeNumber kTestNode = NodeNumber(3);
// Few, so that keys share them and tests are quick.
inline constexpr int kTestChains = 131;

inline int64_t LeaseFor(absl::Duration duration) {
  return BootTimeNanoseconds() + absl::ToInt64Nanoseconds(duration);
}

// What a store has to say, on a thread of its own. It outlives the store.
class Reports {
 public:
  std::function<void(const absl::Status&)> Collector() {
    return [this](const absl::Status& status) {
      const std::lock_guard lock(mutex_);
      absl::StrAppend(&text_, status.message(), "\n");
    };
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  bool Name(pid_t process) const { return absl::StrContains(text(), absl::StrCat(process)); }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

inline TdbStore::Options TdbOptions(const TestDirectory& directory) {
  TdbStore::Options options;
  options.path = directory.path() + "/locking.tdb.3";
  options.local = kTestNode;
  options.hash_size = kTestChains;
  options.report = [](const absl::Status& status) {
    fprintf(stderr, "reported: %s\n", status.ToString().c_str());
  };
  return options;
}

inline std::shared_ptr<TdbStore> MustOpenTdb(const TdbStore::Options& options) {
  absl::StatusOr<std::shared_ptr<TdbStore>> store = TdbStore::Open(options);
  if (!store.ok()) ADD_FAILURE() << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

inline void Serve(TdbStore& store) {
  store.SetServeUntil(LeaseFor(absl::Hours(1)));
  EXPECT_TRUE(WaitUntil([&] { return !store.IsFrozen(); }));
}

inline RecordHeader HeaderOf(NodeNumber owner, uint64_t epoch, uint64_t counter = 1) {
  return {owner, 0, Epoch(epoch), counter};
}

inline absl::Status PutTdb(TdbStore& store, const std::string& key, const RecordHeader& header,
                           const std::string& value) {
  absl::StatusOr<LockedRecord> record = store.Lock(key, {.wait = absl::Seconds(10)});
  return record.ok() ? record->Store(header, value) : record.status();
}

// To be made before the store: a process that has the file open must not have been its.
class SmbdProcess {
 public:
  using Step = std::function<bool(SmbdPart&)>;

  // `steps`: what Do() makes it do, in this order. It opens the file before the first one.
  SmbdProcess(const std::string& path, std::vector<Step> steps,
              uint32_t flags = UsableVolatileFlags())
      : shared_(SharedWithChildren<Shared>()), steps_(steps.size()) {
    pid_ = Fork([&, this] {
      std::unique_ptr<SmbdPart> file;
      for (size_t i = 0; i < steps.size(); ++i) {
        while (shared_.wanted <= i) ::usleep(100);
        if (file == nullptr) {
          file = std::make_unique<SmbdPart>(path, static_cast<int>(flags), kTestNode.value());
        }
        shared_.results[i] = file->is_open() && steps[i](*file);
        ++shared_.done;
      }
      while (!shared_.is_over) ::usleep(100);
    });
  }
  ~SmbdProcess() {
    shared_.is_over = true;
    if (pid_ != 0) WaitForEnd(pid_);
  }

  // Begins the next step.
  void Begin() { ++shared_.wanted; }
  bool IsDone() const { return shared_.done >= shared_.wanted; }
  // Waits for it; what it returned.
  bool End() {
    EXPECT_TRUE(WaitUntil([&] { return IsDone(); }));
    return shared_.results[shared_.wanted - 1];
  }
  bool Do() {
    Begin();
    return End();
  }
  pid_t pid() const { return pid_; }
  void Kill() {
    ::kill(pid_, SIGKILL);
    WaitForEnd(std::exchange(pid_, 0));
  }

 private:
  struct Shared {
    std::atomic<size_t> wanted = 0;
    std::atomic<size_t> done = 0;
    std::atomic<bool> is_over = false;
    std::atomic<bool> results[16] = {};
  };
  Shared& shared_;
  const size_t steps_;
  pid_t pid_ = 0;
};

}  // namespace ctdb::store

#endif  // TESTS_STORE_TDB_STORE_SUPPORT_H_
