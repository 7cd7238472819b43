// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// unique_fd: owns one file descriptor and closes it.
//
//   Ownership:  the descriptor, until Release().
//   Threading:  as an int.
//   Errors:     none; an error of close() has no remedy and is ignored.
//   Blocking:   close() of a regular file may.
//   Limits:     none.

#ifndef LIB_BASE_IO_UNIQUE_FD_H_
#define LIB_BASE_IO_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace ctdb {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) Reset(other.Release());
    return *this;
  }
  ~UniqueFd() { Reset(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }
  void Reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace ctdb

#endif  // LIB_BASE_IO_UNIQUE_FD_H_
