// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/backup/io/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"

namespace ctdb::backup {

absl::Status SyncDirectoryOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) return ErrnoStatus(errno, "open", directory);
  // Some file systems cannot, and then do not have to.
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return ErrnoStatus(errno, "sync", directory);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<NewFile>> NewFile::Create(const std::string& path,
                                                         unsigned int mode) {
  struct stat info;
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot write ", path, ": it is there and no regular file; name another one"));
  }
  std::string temporary = absl::StrCat(path, ".partial.", ::getpid());
  const auto open = [&] {
    return ::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  };
  UniqueFd fd(open());
  if (!fd.is_open() && errno == EEXIST) {
    // Of another program with this number, which was killed.
    ::unlink(temporary.c_str());
    fd.Reset(open());
  }
  if (!fd.is_open()) return ErrnoStatus(errno, "create", temporary);
  return std::unique_ptr<NewFile>(new NewFile(path, std::move(temporary), std::move(fd)));
}

NewFile::~NewFile() {
  if (!is_committed_) ::unlink(temporary_.c_str());
}

absl::Status NewFile::Append(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoStatus(errno, "write", temporary_);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status NewFile::Commit() {
  if (::fsync(fd_.get()) != 0) return ErrnoStatus(errno, "sync", temporary_);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return ErrnoStatus(errno, "replace", path_);
  }
  is_committed_ = true;
  return SyncDirectoryOf(path_);
}

}  // namespace ctdb::backup
