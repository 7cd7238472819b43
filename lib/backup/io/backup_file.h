// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// backup_file: a backup (format.h) in a file.
//
//   Ownership:  owns the file while it has it open.
//   Threading:  belongs to one thread.
//   Errors:     those of format.h and new_file.h, with the path in front.
//   Blocking:   as disks do.
//   Limits:     those of format.h.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto writer, BackupWriter::Create(path, header));
//   CTDB_RETURN_IF_ERROR(writer->Add(key, value));
//   CTDB_RETURN_IF_ERROR(writer->Finish());
//   CTDB_ASSIGN_OR_RETURN(BackupFile file, BackupFile::Open(path));
//   CTDB_RETURN_IF_ERROR(file.ForEach(print));

#ifndef LIB_BACKUP_IO_BACKUP_FILE_H_
#define LIB_BACKUP_IO_BACKUP_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/backup/format.h"
#include "lib/backup/io/new_file.h"
#include "lib/backup/records.h"

namespace ctdb::backup {

class BackupWriter {
 public:
  static absl::StatusOr<std::unique_ptr<BackupWriter>> Create(const std::string& path,
                                                              const Header& header);

  absl::Status Add(absl::string_view key, absl::string_view value);
  // Without it there is no file.
  absl::Status Finish();
  uint64_t records() const { return encoder_.records(); }

 private:
  BackupWriter(std::unique_ptr<NewFile> file, const Header& header)
      : file_(std::move(file)), encoder_(header) {}

  const std::unique_ptr<NewFile> file_;
  Encoder encoder_;
};

class BackupFile final : public RecordSource {
 public:
  static absl::StatusOr<BackupFile> Open(const std::string& path);

  const Header& header() const { return header_; }
  bool is_legacy() const { return is_legacy_; }
  // Reads and checks the file from its beginning to its end.
  absl::Status ForEach(VisitRecord visit) override;

 private:
  explicit BackupFile(std::string path) : path_(std::move(path)) {}
  absl::StatusOr<Reader> Read() const;

  std::string path_;
  Header header_;
  bool is_legacy_ = false;
};

}  // namespace ctdb::backup

#endif  // LIB_BACKUP_IO_BACKUP_FILE_H_
