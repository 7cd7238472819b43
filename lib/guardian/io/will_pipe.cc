// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/guardian/io/will_pipe.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <fcntl.h>
#include <kj/io.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"

namespace ctdb::guardian {

absl::StatusOr<std::pair<UniqueFd, UniqueFd>> MakeWillPipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "make", "a pipe to the guardian");
  std::pair<UniqueFd, UniqueFd> ends{UniqueFd(fds[0]), UniqueFd(fds[1])};
  // The one who writes must never wait: it serves a node.
  if (::fcntl(ends.second.get(), F_SETPIPE_SZ, kPipeBytes) < 0 ||
      ::fcntl(ends.second.get(), F_SETFL, O_NONBLOCK) != 0) {
    return ErrnoStatus(errno, "set up", "a pipe to the guardian");
  }
  return ends;
}

absl::Status SendWill(int fd, const Will& will) {
  capnp::MallocMessageBuilder message;
  WriteWill(will, message.initRoot<wire::Will>());
  const kj::Array<capnp::word> words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  const ssize_t written = ::write(fd, bytes.begin(), bytes.size());
  if (written == static_cast<ssize_t>(bytes.size())) return absl::OkStatus();
  if (written >= 0) return absl::UnavailableError("the guardian reads too slowly");
  return absl::UnavailableError(
      absl::StrCat("cannot write to the guardian: ", ErrnoStatus(errno, "", "").message()));
}

std::optional<Will> ReadLastWill(int fd) {
  std::optional<Will> last;
  try {
    kj::FdInputStream file(fd);
    kj::BufferedInputStreamWrapper input(file);
    while (input.tryGetReadBuffer().size() > 0) {
      capnp::InputStreamMessageReader message(input);
      absl::StatusOr<Will> will = ReadWill(message.getRoot<wire::Will>());
      if (will.ok()) last = *std::move(will);
    }
  } catch (const kj::Exception&) {
    // The daemon ended in the middle of one.
  }
  return last;
}

}  // namespace ctdb::guardian
