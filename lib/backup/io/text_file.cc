// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/backup/io/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "lib/backup/text.h"
#include "lib/base/io/file.h"
#include "lib/base/io/unique_fd.h"
#include "lib/base/status_macros.h"

namespace ctdb::backup {

absl::Status TextFile::ForEach(VisitRecord visit) {
  const UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.is_open()) return ErrnoStatus(errno, "open", path_);
  uint64_t number = 0;
  const auto take = [&](absl::string_view line) -> absl::Status {
    ++number;
    const absl::StatusOr<std::optional<Change>> record = ParseTextLine(line);
    if (!record.ok()) {
      return absl::Status(record.status().code(),
                          absl::StrCat(path_, ":", number, ": ", record.status().message()));
    }
    return record->has_value() ? visit((*record)->key, (*record)->value) : absl::OkStatus();
  };
  std::string rest;
  char buffer[64 * 1024];
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "read", path_);
    if (got == 0) return rest.empty() ? absl::OkStatus() : take(rest);
    absl::string_view piece(buffer, static_cast<size_t>(got));
    for (size_t end = piece.find('\n'); end != absl::string_view::npos; end = piece.find('\n')) {
      rest.append(piece.data(), end);
      CTDB_RETURN_IF_ERROR(take(rest));
      rest.clear();
      piece.remove_prefix(end + 1);
    }
    rest.append(piece.data(), piece.size());
    if (rest.size() > kLineBytesMax) {
      return absl::InvalidArgumentError(
          absl::StrCat(path_, ":", number + 1, ": a line of more than ", kLineBytesMax, " bytes"));
    }
  }
}

}  // namespace ctdb::backup
