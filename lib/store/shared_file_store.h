// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// shared_file_store: a store in a file that programs of others open themselves: what they have to
// know of it, and the number by which they see that something has changed.
//
//   Ownership:  as record_store.h.
//   Threading:  thread-safe.
//   Errors:     those of record_store.h. Of the number: DeadlineExceeded, somebody else uses it.
//   Blocking:   never for long.
//   Limits:     the number has 32 bits and begins anew behind the last one.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto store, options.open_tdb({.path = path, .local = node}));
//   store->EnableSequence();

#ifndef LIB_STORE_SHARED_FILE_STORE_H_
#define LIB_STORE_SHARED_FILE_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/ids.h"
#include "lib/store/record_store.h"

namespace ctdb::store {

class SharedFileStore : public RecordStore {
 public:
  // What others must open the file with.
  virtual uint32_t open_flags() const = 0;

  // From now on each change of the file, whoever makes it, changes the number.
  virtual void EnableSequence() = 0;
  virtual absl::StatusOr<uint32_t> Sequence() = 0;
  // Something has changed that is not in this file.
  virtual absl::Status IncrementSequence() = 0;
};

struct SharedFilePlace {
  std::string path;
  NodeNumber local;
  // What nobody asked for and somebody should know. Any thread, not from within a call.
  std::function<void(const absl::Status&)> report;
};
// Makes the file or takes over what clients of an earlier run have open; may wait for the disk.
using OpenSharedFile =
    std::function<absl::StatusOr<std::shared_ptr<SharedFileStore>>(const SharedFilePlace&)>;

}  // namespace ctdb::store

#endif  // LIB_STORE_SHARED_FILE_STORE_H_
