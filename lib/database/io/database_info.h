// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// database_info: what a node and its clients know of a database.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     those of names, database_name.h.
//
// Example:
//   WriteInfo(info, answer.initAttached());

#ifndef LIB_DATABASE_IO_DATABASE_INFO_H_
#define LIB_DATABASE_IO_DATABASE_INFO_H_

#include <cstdint>
#include <string>

#include "capnp/database.capnp.h"
#include "lib/base/ids.h"

namespace ctdb::database {

enum class DatabaseKind : uint16_t { kVolatile = 0, kPersistent = 1, kReplicated = 2 };

// Whose files they are: ours, or such as unmodified Samba opens, too.
enum class DatabaseEngine : uint16_t { kNative = 0, kTdb = 1 };

struct DatabaseInfo {
  DatabaseId id;
  std::string name;
  DatabaseKind kind = DatabaseKind::kVolatile;
  std::string path;
  uint64_t memory_bytes = 0;
  DatabaseEngine engine = DatabaseEngine::kNative;
  uint32_t tdb_flags = 0;  // Of engine tdb: what others must open the file with.
};

// What a client or another node wants to have.
struct DatabaseWish {
  std::string name;
  DatabaseKind kind = DatabaseKind::kVolatile;
  DatabaseEngine engine = DatabaseEngine::kNative;
  bool tdb_sequence = false;  // Of engine tdb: the file counts its changes.
};
void WriteInfo(const DatabaseInfo& info, wire::DatabaseInfo::Builder out);

}  // namespace ctdb::database

#endif  // LIB_DATABASE_IO_DATABASE_INFO_H_
