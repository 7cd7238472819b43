// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// new_file: a file that is there when it is whole, and not before.
//
// It is written beside its place under another name, put on the disk, and renamed. Whoever gives up
// leaves nothing behind; only a program that is killed leaves "<path>.partial.<process>".
//
//   Ownership:  removes what was written, unless Commit() was called.
//   Threading:  belongs to one thread.
//   Errors:     ResourceExhausted: the file system is full. InvalidArgument: the path is there and
//               no file. Otherwise the system's reason. What was at the path is as it was.
//   Blocking:   as disks do.
//   Limits:     none.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(std::unique_ptr<NewFile> file, NewFile::Create(path));
//   CTDB_RETURN_IF_ERROR(file->Append("text"));
//   CTDB_RETURN_IF_ERROR(file->Commit());

#ifndef LIB_BACKUP_IO_NEW_FILE_H_
#define LIB_BACKUP_IO_NEW_FILE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/base/io/unique_fd.h"

namespace ctdb::backup {

class NewFile {
 public:
  static absl::StatusOr<std::unique_ptr<NewFile>> Create(const std::string& path,
                                                         unsigned int mode = 0600);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  absl::Status Append(absl::string_view bytes);
  absl::Status Commit();

  // Where it is until then: for those who write it in another way.
  const std::string& temporary() const { return temporary_; }

 private:
  NewFile(std::string path, std::string temporary, UniqueFd fd)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(std::move(fd)) {}

  const std::string path_;
  const std::string temporary_;
  UniqueFd fd_;
  bool is_committed_ = false;
};

// Has the system keep what was renamed or made in the directory of this path.
absl::Status SyncDirectoryOf(const std::string& path);

}  // namespace ctdb::backup

#endif  // LIB_BACKUP_IO_NEW_FILE_H_
