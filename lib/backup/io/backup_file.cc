// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/backup/io/backup_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/io/unique_fd.h"
#include "lib/base/status_macros.h"

namespace ctdb::backup {
namespace {

// Memory is taken as the file turns out to have so many bytes, and not because it says so.
constexpr size_t kReadBytes = 1024 * 1024;

absl::StatusOr<std::string> ReadUpTo(int fd, size_t bytes, const std::string& path) {
  std::string result;
  while (result.size() < bytes) {
    const size_t before = result.size();
    result.resize(std::min(bytes, before + kReadBytes));
    const ssize_t got = ::read(fd, result.data() + before, result.size() - before);
    if (got < 0 && errno != EINTR) return ErrnoStatus(errno, "read", path);
    result.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) break;
  }
  return result;
}

absl::Status InFile(const absl::Status& status, const std::string& path) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<BackupWriter>> BackupWriter::Create(const std::string& path,
                                                                   const Header& header) {
  CTDB_ASSIGN_OR_RETURN(std::unique_ptr<NewFile> file, NewFile::Create(path));
  return std::unique_ptr<BackupWriter>(new BackupWriter(std::move(file), header));
}

absl::Status BackupWriter::Add(absl::string_view key, absl::string_view value) {
  encoder_.Add(key, value);
  return file_->Append(encoder_.Take());
}

absl::Status BackupWriter::Finish() {
  CTDB_RETURN_IF_ERROR(file_->Append(encoder_.Finish()));
  return file_->Commit();
}

absl::StatusOr<BackupFile> BackupFile::Open(const std::string& path) {
  BackupFile file(path);
  CTDB_ASSIGN_OR_RETURN(const Reader reader, file.Read());
  file.header_ = reader.header();
  file.is_legacy_ = reader.is_legacy();
  return file;
}

absl::StatusOr<Reader> BackupFile::Read() const {
  // O_NONBLOCK: opening a FIFO by mistake must not hang.
  auto fd = std::make_shared<UniqueFd>(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd->is_open()) return ErrnoStatus(errno, "open", path_);
  absl::StatusOr<Reader> reader =
      Reader::Open([fd, path = path_](size_t bytes) { return ReadUpTo(fd->get(), bytes, path); });
  if (reader.ok() || absl::IsInternal(reader.status())) return reader;
  return InFile(reader.status(), path_);
}

absl::Status BackupFile::ForEach(VisitRecord visit) {
  CTDB_ASSIGN_OR_RETURN(Reader reader, Read());
  while (true) {
    absl::string_view key;
    absl::string_view value;
    const absl::StatusOr<bool> is_there = reader.Next(key, value);
    if (!is_there.ok()) return InFile(is_there.status(), path_);
    if (!*is_there) return absl::OkStatus();
    CTDB_RETURN_IF_ERROR(visit(key, value));
  }
}

}  // namespace ctdb::backup
