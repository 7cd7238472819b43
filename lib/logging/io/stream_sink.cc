// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/io/stream_sink.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/io/unique_fd.h"
#include "lib/base/status_macros.h"
#include "lib/logging/io/wait_writable.h"

namespace ctdb::logging {
namespace {

class StreamSink : public Sink {
 public:
  // `write_bytes_max`: what one write() may carry without blocking once poll() says "writable".
  StreamSink(UniqueFd fd, std::string name, size_t write_bytes_max, Format format)
      : fd_(std::move(fd)),
        name_(std::move(name)),
        write_bytes_max_(write_bytes_max),
        format_(std::move(format)) {}

  absl::Status Write(const Event& event) override {
    // Else this is the event that was refused before, and some of it may be written.
    if (unwritten_.empty()) unwritten_ = format_(event);
    while (!unwritten_.empty()) {
      CTDB_RETURN_IF_ERROR(WaitWritable(fd_.get(), name_));
      const ssize_t written =
          ::write(fd_.get(), unwritten_.data(), std::min(unwritten_.size(), write_bytes_max_));
      if (written < 0) {
        if (errno == EINTR || errno == EAGAIN) continue;
        return ErrnoStatus(errno, "write to", name_);
      }
      unwritten_.erase(0, static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }

  absl::Status Reopen() override { return absl::OkStatus(); }

 protected:
  void Replace(UniqueFd fd) {
    fd_ = std::move(fd);
    unwritten_.clear();
  }
  const std::string& name() const { return name_; }

 private:
  UniqueFd fd_;
  const std::string name_;
  const size_t write_bytes_max_;
  const Format format_;
  std::string unwritten_;
};

absl::StatusOr<UniqueFd> OpenForAppending(const std::string& path) {
  // O_NONBLOCK matters for a FIFO alone: neither opening nor writing waits for its reader.
  UniqueFd fd(::open(path.c_str(),
                     O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644));
  if (fd.is_open()) return fd;
  const int error_number = errno;
  const absl::Status status = ErrnoStatus(error_number, "open log file", path);
  if (error_number == ENOENT) {
    return absl::Status(status.code(), absl::StrCat(status.message(), "; create its directory"));
  }
  if (error_number == ENXIO) {
    return absl::Status(status.code(), absl::StrCat(status.message(), "; nobody reads this FIFO"));
  }
  return status;
}

class FileSink : public StreamSink {
 public:
  FileSink(UniqueFd fd, std::string path, Format format)
      : StreamSink(std::move(fd), std::move(path), std::numeric_limits<ssize_t>::max(),
                   std::move(format)) {}

  absl::Status Reopen() override {
    CTDB_ASSIGN_OR_RETURN(UniqueFd fd, OpenForAppending(name()));
    Replace(std::move(fd));
    return absl::OkStatus();
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<Sink>> OpenFileSink(const std::string& path, Sink::Format format) {
  CTDB_ASSIGN_OR_RETURN(UniqueFd fd, OpenForAppending(path));
  return std::make_unique<FileSink>(std::move(fd), path, std::move(format));
}

absl::StatusOr<std::unique_ptr<Sink>> OpenStderrSink(Sink::Format format) {
  UniqueFd fd(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
  if (!fd.is_open()) return ErrnoStatus(errno, "use", "standard error");
  // Other programs share the file behind it, so it is not made non-blocking.
  return std::make_unique<StreamSink>(std::move(fd), "standard error", PIPE_BUF, std::move(format));
}

}  // namespace ctdb::logging
