// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// text_file: records as lines of a file (text.h).
//
//   Ownership:  none.
//   Threading:  belongs to one thread.
//   Errors:     InvalidArgument: "<path>:<line>: column <column>: what is wrong"; otherwise the
//               system's reason, or that of the visitor.
//   Blocking:   as disks do.
//   Limits:     a line of kLineBytesMax in memory.
//
// Example:
//   TextFile file(path);
//   CTDB_RETURN_IF_ERROR(file.ForEach(check));

#ifndef LIB_BACKUP_IO_TEXT_FILE_H_
#define LIB_BACKUP_IO_TEXT_FILE_H_

#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "lib/backup/records.h"

namespace ctdb::backup {

class TextFile final : public RecordSource {
 public:
  // The largest record, each of its bytes as three characters.
  static constexpr size_t kLineBytesMax = 200 * 1024 * 1024;

  explicit TextFile(std::string path) : path_(std::move(path)) {}
  absl::Status ForEach(VisitRecord visit) override;

 private:
  const std::string path_;
};

}  // namespace ctdb::backup

#endif  // LIB_BACKUP_IO_TEXT_FILE_H_
