// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// helper_threads: who waits so that the database service has not to, for all databases of a node.
//
//   Ownership:  owns its threads; must outlive the databases that use it.
//   Threading:  as LockPool and Worker.
//   Errors:     those of LockPool and Worker.
//   Blocking:   the destructor waits for what is under way.
//   Limits:     those of LockPool and Worker.
//
// Example:
//   HelperThreads helpers({}, worker);
//   helpers.scans.Run([store, scan] { return ScanStore(*store, scan); }).then(...);

#ifndef LIB_DATABASE_IO_HELPER_THREADS_H_
#define LIB_DATABASE_IO_HELPER_THREADS_H_

#include <cstddef>

#include "lib/base/io/worker.h"
#include "lib/database/io/lock_pool.h"

namespace ctdb::database {

struct HelperThreads {
  struct Options {
    size_t locks = 4;
    size_t scans = 2;
    size_t lookups = 2;
  };
  // Clients go on while recovery reads.
  static constexpr int kScanNice = 10;

  HelperThreads(const Options& options, Worker& one_by_one)
      : steps(one_by_one),
        locks(options.locks),
        scans({.threads = options.scans, .nice = kScanNice}),
        lookups({.threads = options.lookups, .nice = 0}) {}

  Worker& steps;  // Of vacuuming.
  LockPool locks;
  Worker scans;    // Of recovery, for slots: nobody waits for them.
  Worker lookups;  // Of recovery, for records that somebody may wait for.
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_IO_HELPER_THREADS_H_
