// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/tdb_file/io/tdb_handle.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
// Needs what is above.
#include <tdb.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"

namespace ctdb::tdb_file {
namespace {

constexpr int kHashSize = 10'007;

TDB_DATA DataOf(absl::string_view bytes) {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data())), bytes.size()};
}
absl::string_view ViewOf(const TDB_DATA& data) {
  return {reinterpret_cast<const char*>(data.dptr), data.dsize};
}

struct Traverse {
  TdbHandle::Visit visit;
  absl::Status status;
};

int VisitOne(tdb_context*, TDB_DATA key, TDB_DATA value, void* private_data) {
  auto* traverse = static_cast<Traverse*>(private_data);
  traverse->status = traverse->visit(ViewOf(key), ViewOf(value));
  return traverse->status.ok() ? 0 : 1;
}

}  // namespace

void TdbHandle::Closer::operator()(tdb_context* tdb) const { tdb_close(tdb); }

void TdbHandle::Remember(tdb_context* tdb, int, const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  static_cast<Log*>(tdb_get_logging_private(tdb))->text =
      std::string(absl::StripAsciiWhitespace(text));
}

absl::StatusOr<TdbHandle> TdbHandle::Open(const std::string& path, int open_flags) {
  struct stat info;
  if ((open_flags & O_CREAT) == 0 && ::stat(path.c_str(), &info) != 0) {
    return ErrnoStatus(errno, "open", path);
  }
  TdbHandle handle(path, std::make_unique<Log>());
  const tdb_logging_context log = {
      reinterpret_cast<tdb_log_func>(reinterpret_cast<void*>(&TdbHandle::Remember)),
      handle.log_.get()};
  const auto open = [&](int flags) {
    errno = 0;
    handle.tdb_.reset(tdb_open_ex(path.c_str(), kHashSize, flags, open_flags, 0600, &log, nullptr));
    return handle.tdb_ != nullptr;
  };
  // With locks of another kind than libtdb's plain ones only a reader can do without them.
  const bool may_ignore_locks = (open_flags & O_ACCMODE) == O_RDONLY;
  if (open(TDB_DEFAULT) || (errno == EINVAL && may_ignore_locks && open(TDB_NOLOCK))) return handle;
  if (errno == EINVAL || errno == EIO || errno == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot open ", path,
                     ": it is no TDB file, or a damaged one, or programs use "
                     "locks in it that this one does not know",
                     handle.log_->text.empty() ? "" : ": ", handle.log_->text));
  }
  return ErrnoStatus(errno, "open", path);
}

absl::Status TdbHandle::Failed(absl::string_view action) const {
  const std::string why = log_->text.empty() ? tdb_errorstr(tdb_.get()) : log_->text;
  const std::string text = absl::StrCat("cannot ", action, " ", path_, ": ", why);
  switch (tdb_error(tdb_.get())) {
    case TDB_ERR_CORRUPT:
      return absl::DataLossError(text);
    case TDB_ERR_OOM:
      return absl::ResourceExhaustedError(text);
    default:
      return absl::InternalError(text);
  }
}

absl::Status TdbHandle::Check() const {
  if (tdb_check(tdb_.get(), nullptr, nullptr) == 0) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path_, " is damaged", log_->text.empty() ? "" : ": ",
                                          log_->text,
                                          "; \"tdbbackup -v\" may bring an older one back"));
}

absl::StatusOr<std::optional<std::string>> TdbHandle::Fetch(absl::string_view key) const {
  const TDB_DATA data = tdb_fetch(tdb_.get(), DataOf(key));
  if (data.dptr == nullptr) {
    if (tdb_error(tdb_.get()) == TDB_ERR_NOEXIST) return std::optional<std::string>();
    return Failed("read");
  }
  std::string value(ViewOf(data));
  ::free(data.dptr);
  return std::optional(std::move(value));
}

absl::Status TdbHandle::Store(absl::string_view key, absl::string_view value) {
  if (tdb_store(tdb_.get(), DataOf(key), DataOf(value), TDB_REPLACE) == 0) return absl::OkStatus();
  return Failed("write");
}

absl::Status TdbHandle::ForEach(Visit visit) const {
  Traverse traverse{visit, absl::OkStatus()};
  const int count = tdb_traverse_read(tdb_.get(), VisitOne, &traverse);
  CTDB_RETURN_IF_ERROR(traverse.status);
  return count < 0 ? Failed("read") : absl::OkStatus();
}

}  // namespace ctdb::tdb_file
