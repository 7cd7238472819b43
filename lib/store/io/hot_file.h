// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// hot_file: the file of the hot tier (layout.h), mapped. A new one gets its name only when it is
// complete, so nobody ever sees half of one; making and replacing are serialised by a lock on the
// directory.
//
// The file has its final size from the beginning and memory only for what is used: memory is asked
// for before it is touched, so a full file system is an error and not a signal. What no check can
// prevent is somebody truncating the file later: only its owner can, and nothing of ours does.
//
//   Ownership:  the mapping, until destruction.
//   Threading:  as layout.h says.
//   Errors:     NotFound; PermissionDenied for a file of another owner or one that others may
//               write; DataLoss for one that is truncated or damaged; FailedPrecondition for
//               another version; ResourceExhausted when the file system is full. Each says what
//               to do.
//   Blocking:   Open() does, on the file system and up to 5 s on whoever makes the same database.
//   Limits:     kMemoryMin to kMemoryMax.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(HotFile file, HotFile::Open({.directory = dir, .name = "locking"}));

#ifndef LIB_STORE_IO_HOT_FILE_H_
#define LIB_STORE_IO_HOT_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/base/io/unique_fd.h"
#include "lib/store/io/layout.h"

namespace ctdb::store {

enum class OpenMode {
  kExisting,  // Clients: the daemon makes databases.
  kCreate,    // Make it if there is none.
  kReplace,   // Begin anew; who has the old one open is told at the next lock.
};

struct StoreOptions {
  std::string directory;  // Should be on a tmpfs.
  std::string name;
  OpenMode mode = OpenMode::kExisting;
  // Of a database that is made; one that exists keeps its own.
  uint64_t memory_bytes = 32 * 1024 * 1024;
  uint64_t cold_bytes = uint64_t{1024} * 1024 * 1024;
};

class HotFile {
 public:
  static absl::StatusOr<HotFile> Open(const StoreOptions& options);
  HotFile(HotFile&& other) noexcept;
  HotFile& operator=(HotFile&&) = delete;
  ~HotFile();

  FileHeader& header() const { return *reinterpret_cast<FileHeader*>(base_); }
  BucketGroup& group_of(uint32_t bucket) const {
    return reinterpret_cast<BucketGroup*>(groups_)[GroupOf(bucket)];
  }
  BucketLock& bucket_lock(uint32_t index) const {
    return reinterpret_cast<BucketLock*>(base_ + kLocksOffset)[index];
  }
  Pool& pool(uint32_t index) const { return reinterpret_cast<Pool*>(pools_)[index]; }
  PageHeader& page(uint32_t index) const {
    return *reinterpret_cast<PageHeader*>(pages_ + uint64_t{index} * kPageBytes);
  }
  Slot& slot(uint32_t position) const {
    return *reinterpret_cast<Slot*>(pages_ + uint64_t{position} * kUnitBytes);
  }
  uint32_t bucket_of(uint32_t hash) const { return BucketOf(hash, group_mask_); }
  uint32_t hash_of(uint32_t bucket) const { return HashOf(bucket, group_mask_); }
  const std::string& path() const { return path_; }

  // Those in `directory` whose names end so. `status`: the first file's that is none, or damaged;
  // it is not among them.
  static std::vector<HotFile> OpenAll(const std::string& directory, absl::string_view name_end,
                                      absl::Status* status);
  // Whoever has one of them open finds that it is no database any more, and that its lease has
  // passed. They stay until they are replaced.
  static absl::Status RetireAll(const std::string& directory, absl::string_view name_end);
  // Nobody keeps it up to date any more, so nobody may believe it.
  void EndLease();

  // Whether somebody else has the file open, in this process or another one.
  bool HasOtherUsers() const;

  // Buckets whose locks are held, as they say. Some milliseconds for each of a million.
  absl::StatusOr<std::vector<uint32_t>> HeldBuckets() const;

  // Asks the file system for the memory of page `index`, and of some after it. Under pages_lock.
  absl::Status BackPage(uint32_t index) const;

  // Bytes that the file occupies.
  absl::StatusOr<uint64_t> BytesInUse() const;

  // Where the cold tier of this database lies.
  std::string ColdPath() const;

 private:
  static absl::StatusOr<HotFile> Attach(const std::string& path);
  HotFile(std::string path, UniqueFd fd, char* base, uint64_t bytes);

  std::string path_;
  UniqueFd fd_;
  char* base_;
  uint64_t bytes_;
  char* groups_;
  char* pools_;
  char* pages_;
  uint32_t group_mask_;
};

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_HOT_FILE_H_
