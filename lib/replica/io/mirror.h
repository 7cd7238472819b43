// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// mirror: another form of a node's copy, for programs that read it by themselves. It changes with
// the copy, in one step each, and before anybody is told that a transaction has happened.
//
// The copy counts: where the mirror differs when the copy is opened, it is made equal.
//
//   Ownership:  copies what it is given.
//   Threading:  not thread-safe; used by the thread that writes the copy.
//   Errors:     what kept it from being written; nothing of it is seen then. After PrepareCommit()
//               there is room for everything.
//   Blocking:   for programs that read it, and for the disk.
//   Limits:     those of the implementation.
//
// Example:
//   CTDB_RETURN_IF_ERROR(mirror.Begin());
//   CTDB_RETURN_IF_ERROR(mirror.Put("key", "value", position.sequence));
//   CTDB_RETURN_IF_ERROR(mirror.PrepareCommit());
//   CTDB_RETURN_IF_ERROR(mirror.Commit());

#ifndef LIB_REPLICA_IO_MIRROR_H_
#define LIB_REPLICA_IO_MIRROR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/base/ids.h"

namespace ctdb::replica {

class Mirror {
 public:
  virtual ~Mirror() = default;

  virtual absl::Status Begin() = 0;
  // `sequence`: of the position in which it was written.
  virtual absl::Status Put(absl::string_view key, absl::string_view value, uint64_t sequence) = 0;
  virtual absl::Status Remove(absl::string_view key) = 0;
  // Removes those that it is false for.
  virtual absl::Status Keep(
      const std::function<absl::StatusOr<bool>(absl::string_view)>& keeps) = 0;
  virtual absl::Status PrepareCommit() = 0;
  virtual absl::Status Commit() = 0;
  virtual void Cancel() = 0;

  // What others must open it with, and whether it counts its changes.
  virtual uint32_t open_flags() const = 0;
  virtual void EnableSequence() = 0;
};

struct MirrorPlace {
  std::string path;
  NodeNumber local;
  bool is_new = false;  // The copy has just been made: what lies there is not its mirror.
};
using OpenMirror = std::function<absl::StatusOr<std::shared_ptr<Mirror>>(const MirrorPlace&)>;

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_IO_MIRROR_H_
