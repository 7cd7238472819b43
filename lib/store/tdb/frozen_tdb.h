// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// frozen_tdb: keeps Samba from the records of a file whose database service has ended. Its fence
// (tdb_fence.h) has gone with it, and smbd looks at no lease: all of the file is locked instead,
// until no record of it is this node's any more. What smbd then finds, it has to ask for.
//
//   Ownership:  the handle; the lock ends with it.
//   Threading:  one thread.
//   Errors:     DeadlineExceeded: a client holds a record, and who it is. Those of tdb_file.h.
//   Blocking:   Freeze() until `deadline`. Disown() for as long as it takes to read the file.
//   Limits:     those of tdb_file.h.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto frozen, FrozenTdb::Freeze(path, deadline));
//   if (frozen != nullptr) CTDB_RETURN_IF_ERROR(frozen->Disown(node));

#ifndef LIB_STORE_TDB_FROZEN_TDB_H_
#define LIB_STORE_TDB_FROZEN_TDB_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/store/tdb/tdb_file.h"

namespace ctdb::store {

class FrozenTdb {
 public:
  // Null: no process has the file open.
  static absl::StatusOr<std::unique_ptr<FrozenTdb>> Freeze(const std::string& path,
                                                           absl::Time deadline);
  ~FrozenTdb();
  FrozenTdb(const FrozenTdb&) = delete;
  FrozenTdb& operator=(const FrozenTdb&) = delete;

  // Makes what is `local`'s nobody's.
  absl::Status Disown(NodeNumber local);

 private:
  explicit FrozenTdb(std::unique_ptr<TdbFile> file) : file_(std::move(file)) {}

  const std::unique_ptr<TdbFile> file_;
};

}  // namespace ctdb::store

#endif  // LIB_STORE_TDB_FROZEN_TDB_H_
