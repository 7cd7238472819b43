// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tdb_mirror: a node's copy of a persistent database as a file that unmodified Samba reads at any
// time (sections 9.4 and 15 of the description of its protocol).
//
// Each value has a header in front, whose rsn is the place in the log where it was written: it
// grows with each change, and is the same on all nodes (TXN-3). The file is not synchronised to the
// disk: what a crash of the machine leaves of it is compared with the copy when that is opened.
//
//   Ownership:  the file, which must be opened once in a process (DB-17).
//   Threading:  as mirror.h.
//   Errors:     those of store::TdbFile.
//   Blocking:   for programs that read it: a commit waits until each has let go of its lock.
//   Limits:     4 GiB.
//
// Example:
//   options.open_replicated = OpenerOfReplicas(TdbMirrorOpener(100001));

#ifndef LIB_REPLICA_TDB_TDB_MIRROR_H_
#define LIB_REPLICA_TDB_TDB_MIRROR_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "lib/replica/io/mirror.h"
#include "lib/store/tdb/tdb_file.h"

namespace ctdb::replica {

class TdbMirror final : public Mirror {
 public:
  // What lies there and cannot be this mirror, or is damaged, is moved aside, to <path>.aside.<UTC
  // time>: a new copy has no mirror yet, so it is another cluster manager's file.
  static absl::StatusOr<std::shared_ptr<TdbMirror>> Open(const MirrorPlace& place, int hash_size);

  absl::Status Begin() override;
  absl::Status Put(absl::string_view key, absl::string_view value, uint64_t sequence) override;
  absl::Status Remove(absl::string_view key) override;
  absl::Status Keep(const std::function<absl::StatusOr<bool>(absl::string_view)>& keeps) override;
  absl::Status PrepareCommit() override;
  absl::Status Commit() override;
  void Cancel() override;
  uint32_t open_flags() const override { return open_flags_; }
  void EnableSequence() override;

 private:
  TdbMirror(NodeNumber local, std::unique_ptr<store::TdbFile> file)
      : local_(local), file_(std::move(file)) {}

  const NodeNumber local_;
  const std::unique_ptr<store::TdbFile> file_;
  std::atomic<uint32_t> open_flags_ = store::kTdbPersistentFlags;
};

OpenMirror TdbMirrorOpener(int hash_size);

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_TDB_TDB_MIRROR_H_
