// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tdb_file: records in files as Samba and CTDB have them.
//
//   Ownership:  owns the open file.
//   Threading:  belongs to one thread.
//   Errors:     those of tdb_handle.h and new_file.h. InvalidArgument: a record is too short to
//               have a header of CTDB.
//   Blocking:   as tdb_handle.h.
//   Limits:     as tdb_handle.h.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto file, TdbFile::Open("secrets.tdb", HeadersIn("secrets.tdb")));
//   CTDB_RETURN_IF_ERROR(file->ForEach(print));

#ifndef LIB_TDB_FILE_IO_TDB_FILE_H_
#define LIB_TDB_FILE_IO_TDB_FILE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/backup/io/new_file.h"
#include "lib/backup/records.h"
#include "lib/tdb_file/io/tdb_handle.h"

namespace ctdb::tdb_file {

// Whether there is a header of CTDB in front of each value.
enum class Headers { kNone, kCtdb };

// As the file's name tells.
Headers HeadersIn(absl::string_view path);

class TdbFile final : public backup::RecordSource {
 public:
  // To be read only, and checked.
  static absl::StatusOr<std::unique_ptr<TdbFile>> Open(const std::string& path, Headers headers);

  // Values without headers; one that CTDB has deleted is empty.
  absl::Status ForEach(backup::VisitRecord visit) override;

 private:
  TdbFile(std::string path, Headers headers, TdbHandle handle)
      : path_(std::move(path)), headers_(headers), handle_(std::move(handle)) {}

  const std::string path_;
  const Headers headers_;
  const TdbHandle handle_;
};

// A new file, which has its name when it is whole.
class TdbWriter {
 public:
  static absl::StatusOr<std::unique_ptr<TdbWriter>> Create(const std::string& path,
                                                           Headers headers);
  absl::Status Add(absl::string_view key, absl::string_view value);
  absl::Status Finish();

 private:
  TdbWriter(std::unique_ptr<backup::NewFile> file, Headers headers, TdbHandle handle)
      : file_(std::move(file)), headers_(headers), handle_(std::move(handle)) {}

  const std::unique_ptr<backup::NewFile> file_;
  const Headers headers_;
  TdbHandle handle_;
};

}  // namespace ctdb::tdb_file

#endif  // LIB_TDB_FILE_IO_TDB_FILE_H_
