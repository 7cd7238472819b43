// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/io/datagram_sink.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/io/unique_fd.h"
#include "lib/base/status_macros.h"
#include "lib/logging/io/wait_writable.h"

namespace ctdb::logging {
namespace {

struct Address {
  std::string name;  // For errors.
  sockaddr_storage storage = {};
  socklen_t bytes = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

class DatagramSink : public Sink {
 public:
  DatagramSink(Address address, Format format)
      : address_(std::move(address)), format_(std::move(format)) {}

  absl::Status Write(const Event& event) override {
    if (!socket_.is_open()) CTDB_RETURN_IF_ERROR(Connect());
    const std::string record = format_(event);
    while (true) {
      const ssize_t sent = ::send(socket_.get(), record.data(), record.size(), MSG_NOSIGNAL);
      const int error_number = sent < 0 ? errno : PendingError();
      if (error_number == 0) return absl::OkStatus();
      if (error_number == EINTR) continue;
      if (error_number == EAGAIN) {
        CTDB_RETURN_IF_ERROR(WaitWritable(socket_.get(), address_.name));
        continue;
      }
      return Failure(error_number, record.size());
    }
  }

  absl::Status Reopen() override {
    socket_.Reset();
    return absl::OkStatus();
  }

 private:
  absl::Status Connect() {
    UniqueFd fd(::socket(address_.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd.is_open()) return ErrnoStatus(errno, "make a socket for", address_.name);
    if (::connect(fd.get(), address_.get(), address_.bytes) != 0) {
      return ErrnoStatus(errno, "connect to", address_.name);
    }
    socket_ = std::move(fd);
    return absl::OkStatus();
  }

  // On the same machine "port unreachable" is there as soon as send() returns. Asking for it keeps
  // the record that nobody got; without asking, the next one would get the error.
  int PendingError() {
    int error_number = 0;
    socklen_t bytes = sizeof(error_number);
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error_number, &bytes) != 0) return errno;
    return error_number;
  }

  absl::Status Failure(int error_number, size_t record_bytes) {
    const absl::Status status = ErrnoStatus(error_number, "send to", address_.name);
    if (error_number == EMSGSIZE) {
      return absl::InvalidArgumentError(
          absl::StrCat(status.message(), " (", record_bytes, " bytes)"));
    }
    socket_.Reset();
    return status;
  }

  const Address address_;
  const Format format_;
  UniqueFd socket_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Sink>> MakeUnixDatagramSink(const std::string& path,
                                                           Sink::Format format) {
  sockaddr_un unix_address = {};
  unix_address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(unix_address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat("cannot log to socket \"", path,
                                                   "\": its path must have 1 to ",
                                                   sizeof(unix_address.sun_path) - 1, " bytes"));
  }
  std::memcpy(unix_address.sun_path, path.data(), path.size());
  Address address;
  address.name = path;
  address.bytes = sizeof(unix_address);
  std::memcpy(&address.storage, &unix_address, sizeof(unix_address));
  return std::make_unique<DatagramSink>(std::move(address), std::move(format));
}

absl::StatusOr<std::unique_ptr<Sink>> MakeUdpSink(const std::string& host, uint16_t port,
                                                  Sink::Format format) {
  Address address;
  sockaddr_in v4 = {};
  sockaddr_in6 v6 = {};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    address.name = absl::StrCat(host, ":", port, " (UDP)");
    address.bytes = sizeof(v4);
    std::memcpy(&address.storage, &v4, sizeof(v4));
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    address.name = absl::StrCat("[", host, "]:", port, " (UDP)");
    address.bytes = sizeof(v6);
    std::memcpy(&address.storage, &v6, sizeof(v6));
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot log by UDP to \"", host, "\": not an IPv4 or IPv6 address"));
  }
  return std::make_unique<DatagramSink>(std::move(address), std::move(format));
}

}  // namespace ctdb::logging
