// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// journal: a file of blocks, one behind the other, each on the disk with one sync. What they say is
// brought into a larger file later, many at once; then the journal begins anew.
//
// The file has its full size from the beginning, so that a write changes nothing but contents. Each
// block begins at a page of its own: a write that is cut off by a crash harms no earlier one. It
// has a checksum, its number, and the generation, a random number that all blocks since the last
// beginning share. What a reader finds ends where one of these does not fit.
//
//   Ownership:  the file.
//   Threading:  not thread-safe.
//   Errors:     the system's reason. ResourceExhausted: no room on the disk for a new one.
//   Blocking:   for the disk.
//   Limits:     kBytes, which is what is read when it is opened.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(Journal::Opened opened, Journal::Open(path));
//   for (const std::string& block : opened.blocks) ...
//   if (opened.journal->HasRoomFor(block.size())) opened.journal->Append(block);

#ifndef LIB_REPLICA_IO_JOURNAL_H_
#define LIB_REPLICA_IO_JOURNAL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/base/io/unique_fd.h"

namespace ctdb::replica {

class Journal {
 public:
  static constexpr size_t kBytes = size_t{1} << 20;
  static constexpr size_t kPageBytes = 4096;
  static constexpr size_t kHeadBytes = 48;

  struct Opened;
  static absl::StatusOr<Opened> Open(const std::string& path);

  bool HasRoomFor(size_t bytes) const { return offset_ + SizeOf(bytes) <= kBytes; }
  // On the disk when it returns. After an error nobody knows what of it is.
  absl::Status Append(absl::string_view block);
  // The next block is the first one. Until there is one, the old ones are still found.
  void Restart();
  // The old ones are found no more.
  absl::Status Erase();

 private:
  Journal(std::string path, UniqueFd fd);
  static size_t SizeOf(size_t bytes) {
    return (bytes + kHeadBytes + kPageBytes - 1) / kPageBytes * kPageBytes;
  }
  absl::Status Write(absl::string_view bytes, size_t offset);

  const std::string path_;
  const UniqueFd fd_;
  uint64_t generation_ = 0;
  uint64_t number_ = 0;
  size_t offset_ = 0;
  bool has_blocks_ = false;  // In the file, old or new.
};

struct Journal::Opened {
  std::unique_ptr<Journal> journal;
  std::vector<std::string> blocks;
};

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_IO_JOURNAL_H_
