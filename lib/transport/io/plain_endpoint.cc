// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/plain_endpoint.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"

namespace ctdb {
namespace {

constexpr size_t kReadBytes = size_t{256} << 10;

}  // namespace

PlainEndpoint::PlainEndpoint(UniqueFd fd)
    : fd_(std::move(fd)), in_((kFrameBytesMax + kReadBytes) / sizeof(uint64_t)) {}

absl::StatusOr<std::unique_ptr<PlainEndpoint>> PlainEndpoint::Connect(absl::StatusOr<UniqueFd> fd,
                                                                      const EndpointHello& hello,
                                                                      absl::Duration timeout) {
  if (!fd.ok()) return fd.status();
  std::unique_ptr<PlainEndpoint> endpoint(new PlainEndpoint(*std::move(fd)));
  CTDB_ASSIGN_OR_RETURN(Bytes frame, WriteGreeting(&endpoint->writer_, hello));
  endpoint->Queue(frame);
  CTDB_RETURN_IF_ERROR(endpoint->Flush(timeout));
  CTDB_ASSIGN_OR_RETURN(frame, endpoint->Receive(timeout));
  CTDB_ASSIGN_OR_RETURN(const Greeting greeting, ReadGreeting(frame));
  if (const auto* refusal = std::get_if<absl::Status>(&greeting)) return *refusal;
  const auto* welcome = std::get_if<Welcome>(&greeting);
  if (welcome == nullptr) return absl::InternalError("the transport answered with a greeting");
  endpoint->address_ = {welcome->node, hello.service, welcome->instance};
  return endpoint;
}

Envelope PlainEndpoint::To(const Address& destination, PacketKind kind) const {
  Envelope envelope;
  envelope.kind = kind;
  envelope.source = address_;
  envelope.destination = destination;
  return envelope;
}

absl::Status PlainEndpoint::Wait(short events, absl::Duration timeout) {
  pollfd poll_fd = {fd_.get(), events, 0};
  const int milliseconds =
      static_cast<int>(std::min<int64_t>(absl::ToInt64Milliseconds(timeout), 1 << 30));
  const int ready = ::poll(&poll_fd, 1, milliseconds);
  if (ready > 0) return absl::OkStatus();
  if (ready == 0) return absl::DeadlineExceededError("the transport did nothing in time");
  return errno == EINTR ? absl::OkStatus() : ErrnoStatus(errno, "wait for", "the transport");
}

absl::Status PlainEndpoint::Flush(absl::Duration timeout) {
  size_t done = 0;
  while (done < out_.size()) {
    const ssize_t written = ::send(fd_.get(), out_.data() + done, out_.size() - done, MSG_NOSIGNAL);
    if (written >= 0) {
      done += static_cast<size_t>(written);
    } else if (errno == EAGAIN) {
      CTDB_RETURN_IF_ERROR(Wait(POLLOUT, timeout));
    } else if (errno != EINTR) {
      return ErrnoStatus(errno, "write to", "the transport");
    }
  }
  out_.clear();
  return absl::OkStatus();
}

absl::StatusOr<Bytes> PlainEndpoint::Receive(absl::Duration timeout) {
  auto* buffer = reinterpret_cast<std::byte*>(in_.data());
  while (true) {
    const Bytes received(buffer + in_begin_, in_end_ - in_begin_);
    CTDB_ASSIGN_OR_RETURN(const size_t size, FrameBytes(received));
    if (size > 0 && size <= received.size()) {
      in_begin_ += size;
      return received.subspan(0, size);
    }
    std::memmove(buffer, buffer + in_begin_, received.size());
    in_begin_ = 0;
    in_end_ = received.size();
    ssize_t got = ::read(fd_.get(), buffer + in_end_, kReadBytes);
    if (got < 0 && errno == EAGAIN) {
      CTDB_RETURN_IF_ERROR(Wait(POLLIN, timeout));
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "read from", "the transport");
    if (got == 0) return absl::UnavailableError("the transport closed the connection");
    in_end_ += static_cast<size_t>(got);
  }
}

absl::Status PlainEndpoint::Subscribe(ChannelId channel) {
  writer_.Begin(To({address_.node, ServiceId::kRouter, InstanceNumber(0)}, PacketKind::kControl))
      .getPayload()
      .initAs<wire::Control>()
      .setSubscribe(channel.value());
  CTDB_ASSIGN_OR_RETURN(const Bytes frame, writer_.Finish());
  Queue(frame);
  return Flush(absl::Seconds(5));
}

}  // namespace ctdb
