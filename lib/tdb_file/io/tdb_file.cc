// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/tdb_file/io/tdb_file.h"

#include <fcntl.h>

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/tdb_file/io/record_header.h"

namespace ctdb::tdb_file {
namespace {

constexpr size_t kShownKeyBytes = 64;

}  // namespace

Headers HeadersIn(absl::string_view path) {
  return IsNameOfCtdb(path) ? Headers::kCtdb : Headers::kNone;
}

absl::StatusOr<std::unique_ptr<TdbFile>> TdbFile::Open(const std::string& path, Headers headers) {
  CTDB_ASSIGN_OR_RETURN(TdbHandle handle, TdbHandle::Open(path, O_RDONLY));
  CTDB_RETURN_IF_ERROR(handle.Check());
  return std::unique_ptr<TdbFile>(new TdbFile(path, headers, std::move(handle)));
}

absl::Status TdbFile::ForEach(backup::VisitRecord visit) {
  return handle_.ForEach([&](absl::string_view key, absl::string_view value) -> absl::Status {
    if (headers_ == Headers::kNone) return visit(key, value);
    if (value.size() < kRecordHeaderBytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          path_, ": the record with key \"", absl::CHexEscape(key.substr(0, kShownKeyBytes)),
          "\" has ", value.size(), " bytes, less than a header of CTDB: the file has none"));
    }
    return visit(key, value.substr(kRecordHeaderBytes));
  });
}

absl::StatusOr<std::unique_ptr<TdbWriter>> TdbWriter::Create(const std::string& path,
                                                             Headers headers) {
  CTDB_ASSIGN_OR_RETURN(std::unique_ptr<backup::NewFile> file, backup::NewFile::Create(path));
  CTDB_ASSIGN_OR_RETURN(TdbHandle handle, TdbHandle::Open(file->temporary(), O_RDWR | O_CREAT));
  return std::unique_ptr<TdbWriter>(new TdbWriter(std::move(file), headers, std::move(handle)));
}

absl::Status TdbWriter::Add(absl::string_view key, absl::string_view value) {
  if (headers_ == Headers::kNone) return handle_.Store(key, value);
  return handle_.Store(key, absl::StrCat(RecordHeaderBytes({.rsn = 1}), value));
}

absl::Status TdbWriter::Finish() { return file_->Commit(); }

}  // namespace ctdb::tdb_file
