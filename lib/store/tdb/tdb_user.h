// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tdb_user: whether other processes have a TDB file open.
//
//   Ownership:  none.
//   Threading:  any thread, but not while this process itself has the file open: closing any
//               descriptor of a file ends all locks that the process has in it.
//   Errors:     what the file system says.
//   Blocking:   as files do.
//   Limits:     files that the first opener empties (DB-16, DB-23): volatile ones.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const pid_t user, UserOfTdb(path));

#ifndef LIB_STORE_TDB_TDB_USER_H_
#define LIB_STORE_TDB_TDB_USER_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"

namespace ctdb::store {

// A process that has the file open; 0: none, or there is no file.
absl::StatusOr<pid_t> UserOfTdb(const std::string& path);

}  // namespace ctdb::store

#endif  // LIB_STORE_TDB_TDB_USER_H_
