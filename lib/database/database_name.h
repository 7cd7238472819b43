// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// database_name: how databases are called, and their numbers.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument for a name that is no name.
//   Blocking:   never.
//   Limits:     1 to kNameBytesMax bytes.
//
// Example:
//   CTDB_RETURN_IF_ERROR(CheckName(name));
//   const DatabaseId id = DatabaseIdOf(name);

#ifndef LIB_DATABASE_DATABASE_NAME_H_
#define LIB_DATABASE_DATABASE_NAME_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/database/messages.h"

namespace ctdb::database {

// A file name with a node's number behind it has to fit.
inline constexpr size_t kNameBytesMax = 200;

// A name is the name of a file: letters, digits and ".-_+@", and no dot in front.
absl::Status CheckName(absl::string_view name);

// The number that existing clients know a database by: a hash of its name with the final zero byte
// (DM-13), "hashlittle" of lookup3 (B. Jenkins, May 2006, public domain).
DatabaseId DatabaseIdOf(absl::string_view name);

}  // namespace ctdb::database

#endif  // LIB_DATABASE_DATABASE_NAME_H_
