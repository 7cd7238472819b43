// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tdb_fence: keeps programs that check no lease from a file while its node may not serve: then all
// of the file is locked (RCV-6, DB-24), and they wait in their next lock.
//
// It begins some time before the lease has passed, because it takes time, and because a client that
// holds a record has to let go first. Before it ends, what names this node as the owner from before
// `owned_since` is made nobody's: nobody else tells these programs that it is not theirs any more.
//
// A client that holds a record until the lease has passed goes on with that record alone: who it
// is, and for how long, is reported. Nothing can be done about it but ending it.
//
//   Ownership:  the file belongs to the caller and outlives it.
//   Threading:  thread-safe. Has a thread, which calls the file's methods.
//   Errors:     reported.
//   Blocking:   the constructor for the first lock, up to 2 s. The destructor waits for a lock that
//               the thread waits for.
//   Limits:     a process that is itself stopped fences nobody: see
//               docs/decisions/0022-samba-databases.md.
//
// Example:
//   TdbFence fence({.path = path}, file);
//   fence.SetOwnedSince(epoch);
//   fence.SetServeUntil(boottime_ns);

#ifndef LIB_STORE_TDB_TDB_FENCE_H_
#define LIB_STORE_TDB_TDB_FENCE_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"

namespace ctdb::store {

class TdbFence {
 public:
  // What it does with the file; called on its thread.
  class File {
   public:
    virtual ~File() = default;
    // Returns with all of the file locked. `on_wait`: called with a holder when it has to wait.
    virtual absl::Status Freeze(const std::function<void(int64_t holder)>& on_wait) = 0;
    // `may`: asked last thing before clients may go on, since all before it may take long. Whether
    // they do.
    virtual bool Thaw(const std::function<bool()>& may) = 0;
    // Makes what is this node's from before `owned_since` nobody's. The file is frozen.
    virtual absl::Status Disown(Epoch owned_since) = 0;
  };

  struct Options {
    std::string path;  // For what is reported.
    // How long before the end of the lease it begins. Shorter: less time for the machine to be
    // slow in. Longer: clients wait when beats are late, without need.
    absl::Duration margin = absl::Milliseconds(150);
    std::function<int64_t()> boottime_ns;
    std::function<void(const absl::Status&)> report;
    std::function<void()> at_start = {};  // First thing on the thread: to make it an urgent one.
  };

  // The file is frozen when this returns, or will be when whoever holds a record lets go of it,
  // which is reported.
  TdbFence(Options options, File& file);
  ~TdbFence();

  void SetServeUntil(int64_t boottime_ns);
  int64_t serve_until() const;
  void SetOwnedSince(Epoch epoch);
  Epoch owned_since() const;
  // Whether clients of the file may go on. For tests.
  bool IsFrozen() const;

 private:
  bool MayServe() const;
  void Loop();
  void Freeze(std::unique_lock<std::mutex>& lock);
  void Thaw(std::unique_lock<std::mutex>& lock);
  void Disown(std::unique_lock<std::mutex>& lock);
  void WaitForChange(std::unique_lock<std::mutex>& lock);
  absl::Duration UntilFreeze() const;

  const Options options_;
  File& file_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_ending_ = false;
  bool is_frozen_ = false;
  bool has_begun_ = false;
  int64_t serve_until_ = 0;
  Epoch owned_since_;
  Epoch disowned_;  // What is older is nobody's.
  std::thread thread_;
};

}  // namespace ctdb::store

#endif  // LIB_STORE_TDB_TDB_FENCE_H_
