// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/hot_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/store/io/file_space.h"
#include "lib/store/io/shared_lock.h"

namespace ctdb::store {
namespace {

constexpr uint32_t kLocksReadAtOnce = 1024;  // As much as stays in the processor's cache.

// Pages are backed so many at a time: 1 MiB.
constexpr uint32_t kPagesBackedAtOnce = 64;
constexpr absl::Duration kMakerWait = absl::Seconds(5);

absl::Status CheckOptions(const StoreOptions& options) {
  if (options.name.empty() || options.name.size() > 200 || options.name[0] == '.' ||
      absl::StrContains(options.name, "/")) {
    return absl::InvalidArgumentError(
        absl::StrCat("bad database name \"", options.name,
                     "\": 1 to 200 characters without \"/\" and no \".\" at the beginning"));
  }
  if (options.memory_bytes < kMemoryMin || options.memory_bytes > kMemoryMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("memory limit of ", options.memory_bytes, " bytes for database ", options.name,
                     ": it must be ", kMemoryMin, " to ", kMemoryMax));
  }
  return absl::OkStatus();
}

absl::Status CheckFile(const struct stat& info, const std::string& path) {
  if (!S_ISREG(info.st_mode)) {
    return absl::DataLossError(absl::StrCat(path, " is not a regular file; remove it"));
  }
  if (info.st_uid != ::geteuid() && ::geteuid() != 0) {
    return absl::PermissionDeniedError(absl::StrCat(path, " belongs to user ", info.st_uid,
                                                    ", this process runs as ", ::geteuid(),
                                                    "; run it as the user of the daemon"));
  }
  if ((info.st_mode & 022) != 0) {
    return absl::PermissionDeniedError(
        absl::StrFormat("%s can be written by others (mode %04o); chmod 0600 it after asking why",
                        path, info.st_mode & 07777));
  }
  return absl::OkStatus();
}

absl::Status CheckHeader(const FileHeader& header, const struct stat& info,
                         const std::string& path) {
  const absl::string_view advice = "; stop its users and let the daemon make it anew";
  if (header.magic != kMagic) {
    return absl::DataLossError(absl::StrCat(path, " is no database, or damaged", advice));
  }
  if (header.version != kVersion) {
    return absl::FailedPreconditionError(absl::StrCat(path, " has format ", header.version,
                                                      ", this program knows ", kVersion,
                                                      "; use one of the daemon's version"));
  }
  if (header.byte_order != kByteOrder || header.mutex_bytes != sizeof(pthread_mutex_t)) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " was made by a program of another architecture; use one of the daemon's"));
  }
  const uint64_t buckets = header.bucket_count;
  const bool sane = buckets >= kBucketsInGroup && (buckets & (buckets - 1)) == 0 &&
                    header.page_count != 0 && header.page_count <= kMemoryMax / kPageBytes &&
                    header.pool_count == kPools &&
                    header.file_bytes == FileBytes(buckets, header.page_count) &&
                    header.pages_backed.load() <= header.page_count &&
                    header.pages_used.load() <= header.pages_backed.load();
  if (!sane) return absl::DataLossError(absl::StrCat(path, " is damaged", advice));
  if (static_cast<uint64_t>(info.st_size) != header.file_bytes) {
    return absl::DataLossError(absl::StrCat(path, " has ", info.st_size, " bytes instead of ",
                                            header.file_bytes, ": truncated", advice));
  }
  const uint64_t backed = PagesOffset(buckets) + uint64_t{header.pages_backed.load()} * kPageBytes;
  if (static_cast<uint64_t>(info.st_blocks) * 512 < backed) {
    return absl::DataLossError(
        absl::StrCat(path, " has holes: it was copied or truncated", advice));
  }
  return absl::OkStatus();
}

// As long as it is open, so that others can tell that it is. Nobody keeps others from it for more
// than a moment.
bool ShareFile(int fd) {
  while (::flock(fd, LOCK_SH) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

absl::StatusOr<char*> Map(int fd, uint64_t bytes, const std::string& path) {
  void* base = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) return ErrnoStatus(errno, "map", path);
  return static_cast<char*>(base);
}

// Locks the directory against other makers; released by closing it.
absl::StatusOr<UniqueFd> LockDirectory(const std::string& directory) {
  UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) return ErrnoStatus(errno, "open", directory);
  const absl::Time deadline = absl::Now() + kMakerWait;
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return ErrnoStatus(errno, "lock", directory);
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("cannot lock ", directory, " within ", absl::FormatDuration(kMakerWait),
                       ": another process makes a database there; see \"lslocks\""));
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  return fd;
}

absl::Status Initialize(FileHeader& header, const StoreOptions& options) {
  const Geometry geometry = GeometryFor(options.memory_bytes);
  char* base = reinterpret_cast<char*>(&header);
  header.version = kVersion;
  header.byte_order = kByteOrder;
  header.file_bytes = FileBytes(geometry.buckets, geometry.pages);
  header.bucket_count = geometry.buckets;
  header.page_count = geometry.pages;
  header.mutex_bytes = sizeof(pthread_mutex_t);
  header.pool_count = kPools;
  header.cold_bytes = options.cold_bytes;
  uint64_t numbers[3];
  if (::getrandom(numbers, sizeof(numbers), 0) != sizeof(numbers)) {
    return ErrnoStatus(errno, "get random numbers for", options.name);
  }
  header.hash_secret[0] = numbers[0];
  header.hash_secret[1] = numbers[1];
  header.generation = numbers[2];
  CTDB_RETURN_IF_ERROR(InitializeLock(header.pages_lock));
  CTDB_RETURN_IF_ERROR(InitializeLock(header.cold_lock));
  CTDB_RETURN_IF_ERROR(InitializeLock(header.making_lock));
  Pool* pools = reinterpret_cast<Pool*>(base + PoolsOffset(geometry.buckets));
  for (uint32_t i = 0; i < kPools; ++i) {
    CTDB_RETURN_IF_ERROR(InitializeLock(pools[i].lock));
    // No page: the number beyond every index.
    pools[i].fresh.store(uint64_t{UINT32_MAX} << 32, std::memory_order_relaxed);
  }
  header.magic = kMagic;
  return absl::OkStatus();
}

// A complete file under the temporary name.
absl::Status Make(const std::string& path, const StoreOptions& options) {
  ::unlink(path.c_str());
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.is_open()) return ErrnoStatus(errno, "create", path);
  const Geometry geometry = GeometryFor(options.memory_bytes);
  const uint64_t bytes = FileBytes(geometry.buckets, geometry.pages);
  CTDB_RETURN_IF_ERROR(SetFileSize(fd.get(), bytes, path));
  CTDB_RETURN_IF_ERROR(AllocateFile(fd.get(), 0, PagesOffset(geometry.buckets), path));
  CTDB_ASSIGN_OR_RETURN(char* base, Map(fd.get(), bytes, path));
  const absl::Status status = Initialize(*reinterpret_cast<FileHeader*>(base), options);
  ::munmap(base, bytes);
  return status;
}

// Cold tiers of databases of this name that are no more.
void RemoveColdFiles(const StoreOptions& options) {
  std::error_code error;
  const std::string prefix = absl::StrCat(options.name, ".cold.");
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(options.directory, error)) {
    const std::string name = entry.path().filename().string();
    // A database may be called like another one's file: what follows must be a generation alone.
    const bool is_own =
        absl::StartsWith(name, prefix) &&
        name.find_first_not_of("0123456789abcdef", prefix.size()) == name.find('-', prefix.size());
    if (is_own) found.push_back(entry.path());
  }
  for (const auto& path : found) std::filesystem::remove(path, error);
}

void EndLease(FileHeader& header) {
  header.lease_ticks.store(0, std::memory_order_release);
  header.serve_until.store(0, std::memory_order_release);
}

void Retire(FileHeader& header) {
  header.retired.store(1, std::memory_order_release);
  EndLease(header);
}

}  // namespace

HotFile::HotFile(std::string path, UniqueFd fd, char* base, uint64_t bytes)
    : path_(std::move(path)), fd_(std::move(fd)), base_(base), bytes_(bytes) {
  const uint32_t buckets = header().bucket_count;
  groups_ = base_ + GroupsOffset(buckets);
  pools_ = base_ + PoolsOffset(buckets);
  pages_ = base_ + PagesOffset(buckets);
  group_mask_ = buckets / kBucketsInGroup - 1;
}

HotFile::HotFile(HotFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::move(other.fd_)),
      base_(std::exchange(other.base_, nullptr)),
      bytes_(other.bytes_),
      groups_(other.groups_),
      pools_(other.pools_),
      pages_(other.pages_),
      group_mask_(other.group_mask_) {}

HotFile::~HotFile() {
  if (base_ != nullptr) ::munmap(base_, bytes_);
}

absl::StatusOr<HotFile> HotFile::Attach(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.is_open() && errno == ENOENT) {
    return absl::NotFoundError(
        absl::StrCat("no database ", path, "; is the database daemon running?"));
  }
  if (!fd.is_open()) return ErrnoStatus(errno, "open", path);
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return ErrnoStatus(errno, "examine", path);
  CTDB_RETURN_IF_ERROR(CheckFile(info, path));
  if (!ShareFile(fd.get())) return ErrnoStatus(errno, "lock", path);
  // Read and not mapped: a file of any size is safe to read.
  alignas(FileHeader) char bytes[sizeof(FileHeader)];
  const ssize_t got = ::pread(fd.get(), bytes, sizeof(bytes), 0);
  if (got < 0) return ErrnoStatus(errno, "read", path);
  if (static_cast<size_t>(got) < sizeof(bytes)) {
    return absl::DataLossError(
        absl::StrCat(path, " has only ", got,
                     " bytes: truncated; stop its users and let the daemon make it "
                     "anew"));
  }
  const FileHeader& header = *reinterpret_cast<const FileHeader*>(bytes);
  CTDB_RETURN_IF_ERROR(CheckHeader(header, info, path));
  CTDB_ASSIGN_OR_RETURN(char* base, Map(fd.get(), header.file_bytes, path));
  return HotFile(path, std::move(fd), base, header.file_bytes);
}

absl::StatusOr<HotFile> HotFile::Open(const StoreOptions& options) {
  CTDB_RETURN_IF_ERROR(CheckOptions(options));
  const std::string path = absl::StrCat(options.directory, "/", options.name, ".hot");
  if (options.mode == OpenMode::kExisting) return Attach(path);
  CTDB_ASSIGN_OR_RETURN(const UniqueFd directory_lock, LockDirectory(options.directory));
  absl::StatusOr<HotFile> existing = Attach(path);
  if (options.mode == OpenMode::kCreate && !absl::IsNotFound(existing.status())) return existing;
  if (absl::IsPermissionDenied(existing.status())) return existing;
  const std::string temporary = path + ".new";
  const absl::Status made = Make(temporary, options);
  if (!made.ok()) {
    ::unlink(temporary.c_str());
    return made;
  }
  if (existing.ok()) Retire(existing->header());
  RemoveColdFiles(options);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return ErrnoStatus(errno, "replace", path);
  return Attach(path);
}

std::vector<HotFile> HotFile::OpenAll(const std::string& directory, absl::string_view name_end,
                                      absl::Status* status) {
  const std::string end = absl::StrCat(name_end, ".hot");
  std::vector<HotFile> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string path = entry.path().string();
    if (!absl::EndsWith(path, end)) continue;
    absl::StatusOr<HotFile> file = Attach(path);
    status->Update(file.status());
    if (file.ok()) files.push_back(*std::move(file));
  }
  return files;
}

absl::Status HotFile::RetireAll(const std::string& directory, absl::string_view name_end) {
  absl::Status status;
  for (const HotFile& file : OpenAll(directory, name_end, &status)) Retire(file.header());
  return status;
}

void HotFile::EndLease() { ctdb::store::EndLease(header()); }

bool HotFile::HasOtherUsers() const {
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) return true;
  ShareFile(fd_.get());
  return false;
}

// Read and not through the mapping, whose pages would have to be set up one by one.
absl::StatusOr<std::vector<uint32_t>> HotFile::HeldBuckets() const {
  std::vector<uint32_t> held;
  std::vector<char> piece(kLocksReadAtOnce * sizeof(BucketLock));
  const uint32_t buckets = header().bucket_count;
  for (uint32_t first = 0; first < buckets; first += kLocksReadAtOnce) {
    const uint32_t count = std::min(kLocksReadAtOnce, buckets - first);
    const auto offset = static_cast<off_t>(kLocksOffset + uint64_t{first} * sizeof(BucketLock));
    const size_t wanted = count * sizeof(BucketLock);
    const ssize_t got = ::pread(fd_.get(), piece.data(), wanted, offset);
    if (got != static_cast<ssize_t>(wanted)) return ErrnoStatus(errno, "read the locks of", path_);
    for (uint32_t i = 0; i < count; ++i) {
      uint32_t holder;
      std::memcpy(&holder, piece.data() + i * sizeof(BucketLock) + offsetof(SharedLock, holder),
                  sizeof(holder));
      if (holder != 0) held.push_back(first + i);
    }
  }
  return held;
}

absl::Status HotFile::BackPage(uint32_t index) const {
  const uint32_t backed = header().pages_backed.load(std::memory_order_relaxed);
  if (index < backed) return absl::OkStatus();
  uint32_t count = std::min(kPagesBackedAtOnce, header().page_count - backed);
  const uint64_t begin = static_cast<uint64_t>(pages_ - base_) + uint64_t{backed} * kPageBytes;
  absl::Status status = AllocateFile(fd_.get(), begin, uint64_t{count} * kPageBytes, path_);
  if (absl::IsResourceExhausted(status) && count > 1) {
    // What is left of a file system that is nearly full.
    count = 1;
    status = AllocateFile(fd_.get(), begin, kPageBytes, path_);
  }
  CTDB_RETURN_IF_ERROR(status);
  header().pages_backed.store(backed + count, std::memory_order_release);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> HotFile::BytesInUse() const {
  struct stat info;
  if (::fstat(fd_.get(), &info) != 0) return ErrnoStatus(errno, "examine", path_);
  return static_cast<uint64_t>(info.st_blocks) * 512;
}

std::string HotFile::ColdPath() const {
  return absl::StrFormat("%s.cold.%016x", path_.substr(0, path_.size() - 4), header().generation);
}

}  // namespace ctdb::store
