// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// lmdb_pages: whether LMDB may be trusted with a file.
//
// LMDB believes what is in its pages, and a damaged one makes it read or write anywhere. This
// follows all pages without it: that each is where and what it should be, that nothing on them goes
// beyond their ends, that keys have their order, and that no page is used twice or used and free.
// Contents have no checksums in LMDB; who stores them adds one.
//
//   Ownership:  none.
//   Threading:  thread-safe. Nobody may write to the file meanwhile.
//   Errors:     DataLoss: damaged, in which way. Otherwise the system's reason.
//   Blocking:   for all of the file.
//   Limits:     files of LMDB 0.9 without MDB_DUPSORT. One bit of memory for each page.
//
// Example:
//   CTDB_RETURN_IF_ERROR(CheckLmdbPages(path));

#ifndef LIB_STORE_IO_LMDB_PAGES_H_
#define LIB_STORE_IO_LMDB_PAGES_H_

#include <string>

#include "absl/status/status.h"

namespace ctdb::store {

absl::Status CheckLmdbPages(const std::string& path);

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_LMDB_PAGES_H_
