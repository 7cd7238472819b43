// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/peer_connection.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/workers.h"

namespace ctdb::bench {
namespace {

// How often a wait looks at the clock.
constexpr timeval kReceiveSlice = {.tv_sec = 0, .tv_usec = 20000};

int64_t DeadlineAfter(absl::Duration limit) { return NowNanos() + absl::ToInt64Nanoseconds(limit); }

}  // namespace

absl::StatusOr<std::unique_ptr<PeerConnection>> PeerConnection::Open(
    const std::string& socket_path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat("path of a socket is too long: ", socket_path));
  }
  std::memcpy(address.sun_path, socket_path.c_str(), socket_path.size() + 1);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return ErrnoStatus(errno, "make a socket for", socket_path);
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot connect to ", socket_path, ": ", std::strerror(errno)));
  }
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kReceiveSlice, sizeof(kReceiveSlice));
  return std::unique_ptr<PeerConnection>(new PeerConnection(std::move(socket)));
}

absl::StatusOr<std::optional<samba::Packet>> PeerConnection::NextPacket() {
  CTDB_ASSIGN_OR_RETURN(const std::optional<absl::string_view> frame, frames_.Next());
  if (!frame.has_value()) return std::nullopt;
  CTDB_ASSIGN_OR_RETURN(samba::Packet packet, samba::DecodePacket(*frame));
  return packet;
}

template <typename Body>
absl::StatusOr<samba::Packet> PeerConnection::AwaitPacket() {
  int64_t deadline = 0;  // Looked up only when there is something to wait for.
  while (true) {
    CTDB_ASSIGN_OR_RETURN(std::optional<samba::Packet> packet, NextPacket());
    if (packet.has_value()) {
      if (std::holds_alternative<Body>(packet->body)) return *std::move(packet);
      if (const auto* message = std::get_if<samba::Message>(&packet->body)) Keep(*message);
      continue;
    }
    if (deadline == 0) deadline = DeadlineAfter(kPatience);
    CTDB_ASSIGN_OR_RETURN(const bool has_more, Receive(deadline));
    if (!has_more) {
      return absl::DeadlineExceededError(
          absl::StrCat("ctdbd has not answered for ", absl::FormatDuration(kPatience)));
    }
  }
}

absl::StatusOr<std::string> PeerConnection::Control(const samba::ControlRequest& control) {
  CTDB_ASSIGN_OR_RETURN(Reply reply, Ask(control));
  if (reply.status != 0) {
    return absl::InternalError(absl::StrCat("ctdb answers control ",
                                            static_cast<uint32_t>(control.opcode), " with status ",
                                            reply.status, " ", reply.error));
  }
  return std::move(reply.data);
}

absl::StatusOr<int32_t> PeerConnection::ControlStatus(const samba::ControlRequest& control) {
  CTDB_ASSIGN_OR_RETURN(const Reply reply, Ask(control));
  return reply.status;
}

absl::StatusOr<PeerConnection::Reply> PeerConnection::Ask(const samba::ControlRequest& control) {
  const samba::ReqId request(++last_request_);
  CTDB_RETURN_IF_ERROR(Send(samba::kCurrentNode, request, control));
  while (true) {
    CTDB_ASSIGN_OR_RETURN(const samba::Packet packet, AwaitPacket<samba::ControlReply>());
    if (packet.header.reqid != request) continue;
    const auto& reply = std::get<samba::ControlReply>(packet.body);
    return Reply{reply.status, std::string(reply.data), std::string(reply.error)};
  }
}

absl::Status PeerConnection::SendCall(const samba::CallRequest& call) {
  return Send(NodeNumber(0), samba::ReqId(++last_request_), call);
}

absl::StatusOr<std::string> PeerConnection::AwaitCall() {
  CTDB_ASSIGN_OR_RETURN(const samba::Packet packet, AwaitPacket<samba::CallReply>());
  return std::string(std::get<samba::CallReply>(packet.body).data);
}

absl::Status PeerConnection::SendMessage(NodeNumber node, ChannelId channel,
                                         absl::string_view bytes) {
  return Send(node, samba::ReqId(0), samba::Message{channel, bytes});
}

absl::StatusOr<std::optional<Message>> PeerConnection::WaitMessage(absl::Duration limit) {
  const int64_t deadline = limit > absl::ZeroDuration() ? DeadlineAfter(limit) : 0;
  while (messages_.empty()) {
    CTDB_ASSIGN_OR_RETURN(const std::optional<samba::Packet> packet, NextPacket());
    if (!packet.has_value()) {
      CTDB_ASSIGN_OR_RETURN(const bool has_more, Receive(deadline));
      if (!has_more) return std::nullopt;
    } else if (const auto* message = std::get_if<samba::Message>(&packet->body)) {
      Keep(*message);
    }
  }
  Message message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

absl::Status PeerConnection::Send(NodeNumber node, samba::ReqId request, samba::PacketBody body) {
  sending_.clear();
  CTDB_RETURN_IF_ERROR(samba::AppendPacket({{.destnode = node, .reqid = request}, std::move(body)},
                                           samba::kNoPadding, &sending_));
  absl::string_view left(sending_);
  while (!left.empty()) {
    const ssize_t sent = ::send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) {
      return absl::UnavailableError(absl::StrCat("cannot send to ctdbd: ", std::strerror(errno)));
    }
    left.remove_prefix(static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> PeerConnection::Receive(int64_t deadline_nanos) {
  size_t size = 0;
  char* const space = frames_.Space(&size);
  while (true) {
    const ssize_t got = ::recv(socket_.get(), space, size, deadline_nanos == 0 ? MSG_DONTWAIT : 0);
    if (got > 0) {
      frames_.Added(static_cast<size_t>(got));
      return true;
    }
    if (got == 0) return absl::UnavailableError("ctdbd has closed the connection");
    if (errno != EAGAIN && errno != EINTR) {
      return absl::UnavailableError(
          absl::StrCat("cannot receive from ctdbd: ", std::strerror(errno)));
    }
    if (deadline_nanos == 0 || NowNanos() >= deadline_nanos) return false;
  }
}

void PeerConnection::Keep(const samba::Message& message) {
  messages_.push_back({message.srvid, std::string(message.data)});
}

}  // namespace ctdb::bench
