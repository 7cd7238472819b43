// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tdb_handle: an open TDB file, with libtdb's reasons as errors.
//
//   Ownership:  closes the file.
//   Threading:  belongs to one thread.
//   Errors:     NotFound, PermissionDenied: the system's reason. InvalidArgument: no TDB file, or
//               one of a kind that libtdb cannot open. DataLoss: damaged.
//   Blocking:   as disks do, and for the locks of other programs that use the file.
//   Limits:     4 GiB, as the format has.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(TdbHandle handle, TdbHandle::Open(path, O_RDONLY));

#ifndef LIB_TDB_FILE_IO_TDB_HANDLE_H_
#define LIB_TDB_FILE_IO_TDB_HANDLE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct tdb_context;

namespace ctdb::tdb_file {

class TdbHandle {
 public:
  // `open_flags`: of open(). A file that is made has rows for some ten thousand records.
  static absl::StatusOr<TdbHandle> Open(const std::string& path, int open_flags);

  // Whether the whole file is as libtdb writes it.
  absl::Status Check() const;
  absl::StatusOr<std::optional<std::string>> Fetch(absl::string_view key) const;
  absl::Status Store(absl::string_view key, absl::string_view value);
  using Visit = absl::FunctionRef<absl::Status(absl::string_view key, absl::string_view value)>;
  absl::Status ForEach(Visit visit) const;

 private:
  // What libtdb said last.
  struct Log {
    std::string text;
  };
  struct Closer {
    void operator()(tdb_context* tdb) const;
  };

  TdbHandle(std::string path, std::unique_ptr<Log> log)
      : path_(std::move(path)), log_(std::move(log)) {}
  absl::Status Failed(absl::string_view action) const;
  static void Remember(tdb_context* tdb, int level, const char* format, ...);

  std::string path_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<tdb_context, Closer> tdb_;
};

}  // namespace ctdb::tdb_file

#endif  // LIB_TDB_FILE_IO_TDB_HANDLE_H_
