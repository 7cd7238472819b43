// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/io/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "lib/base/io/file.h"
#include "lib/base/io/system_random.h"
#include "lib/base/status_macros.h"
#include "lib/replica/digests.h"

namespace ctdb::replica {
namespace {

constexpr absl::string_view kMagic = "ctdbjrnl";

void AppendNumber(std::string& bytes, uint64_t number) {
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(number >> (8 * i)));
}

uint64_t NumberAt(absl::string_view bytes, size_t at) {
  uint64_t number = 0;
  for (size_t i = 8; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

// Generation, number, length; then the checksum of these and of the block; then the block.
std::string BytesOf(uint64_t generation, uint64_t number, absl::string_view block) {
  std::string head(kMagic);
  AppendNumber(head, generation);
  AppendNumber(head, number);
  AppendNumber(head, block.size());
  const Digest digest = FingerprintOf(head, {}, block);
  AppendNumber(head, digest.high);
  AppendNumber(head, digest.low);
  return head.append(block.data(), block.size());
}

struct Found {
  uint64_t generation = 0;
  absl::string_view block;
};

// What begins there, if it is the one with this number.
std::optional<Found> BlockAt(absl::string_view file, size_t offset, uint64_t number) {
  if (file.size() - offset < Journal::kHeadBytes) return std::nullopt;
  const absl::string_view rest = file.substr(offset);
  const uint64_t size = NumberAt(rest, 24);
  const bool may_be_one = rest.substr(0, kMagic.size()) == kMagic && NumberAt(rest, 16) == number &&
                          size <= rest.size() - Journal::kHeadBytes;
  if (!may_be_one) return std::nullopt;
  const absl::string_view block = rest.substr(Journal::kHeadBytes, size);
  const Digest digest = FingerprintOf(rest.substr(0, 32), {}, block);
  if (digest != Digest{NumberAt(rest, 32), NumberAt(rest, 40)}) return std::nullopt;
  return Found{NumberAt(rest, 8), block};
}

absl::StatusOr<std::string> ReadAll(int fd, const std::string& path) {
  std::string bytes(Journal::kBytes, '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got =
        ::pread(fd, bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "read", path);
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace

Journal::Journal(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {
  Restart();
}

absl::StatusOr<Journal::Opened> Journal::Open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.is_open()) return ErrnoStatus(errno, "open", path);
  CTDB_ASSIGN_OR_RETURN(const std::string bytes, ReadAll(fd.get(), path));
  Opened opened;
  opened.journal.reset(new Journal(path, std::move(fd)));
  Journal& journal = *opened.journal;
  if (bytes.size() < kBytes) {
    // What is there stays, and all of the rest is written, so that it has its place on the disk.
    const std::string zeros(kBytes - bytes.size(), '\0');
    CTDB_RETURN_IF_ERROR(journal.Write(zeros, bytes.size()));
    if (::fsync(journal.fd_.get()) != 0) return ErrnoStatus(errno, "sync", path);
  }
  std::optional<uint64_t> generation;
  for (size_t offset = 0; offset < bytes.size();) {
    const std::optional<Found> found = BlockAt(bytes, offset, opened.blocks.size());
    if (!found || found->generation != generation.value_or(found->generation)) break;
    generation = found->generation;
    opened.blocks.emplace_back(found->block);
    offset += SizeOf(found->block.size());
    // More may follow them.
    journal.generation_ = *generation;
    journal.number_ = opened.blocks.size();
    journal.offset_ = offset;
  }
  journal.has_blocks_ = !opened.blocks.empty();
  return opened;
}

absl::Status Journal::Write(absl::string_view bytes, size_t offset) {
  while (!bytes.empty()) {
    const ssize_t done =
        ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return ErrnoStatus(errno, "write", path_);
    bytes.remove_prefix(static_cast<size_t>(done));
    offset += static_cast<size_t>(done);
  }
  return absl::OkStatus();
}

absl::Status Journal::Append(absl::string_view block) {
  std::string bytes = BytesOf(generation_, number_, block);
  bytes.resize(SizeOf(block.size()), '\0');
  has_blocks_ = true;
  CTDB_RETURN_IF_ERROR(Write(bytes, offset_));
  if (::fdatasync(fd_.get()) != 0) return ErrnoStatus(errno, "sync", path_);
  ++number_;
  offset_ += bytes.size();
  return absl::OkStatus();
}

void Journal::Restart() {
  generation_ = SystemRandom();
  number_ = 0;
  offset_ = 0;
}

absl::Status Journal::Erase() {
  Restart();
  if (!has_blocks_) return absl::OkStatus();
  CTDB_RETURN_IF_ERROR(Write(std::string(kPageBytes, '\0'), 0));
  if (::fdatasync(fd_.get()) != 0) return ErrnoStatus(errno, "sync", path_);
  has_blocks_ = false;
  return absl::OkStatus();
}

}  // namespace ctdb::replica
