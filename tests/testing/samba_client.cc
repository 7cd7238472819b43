// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/testing/samba_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "absl/time/clock.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/transport/io/socket.h"

namespace ctdb::test {

absl::StatusOr<std::unique_ptr<SambaClient>> SambaClient::Connect(const std::string& socket_path) {
  CTDB_ASSIGN_OR_RETURN(UniqueFd fd, ConnectUnix(socket_path));
  return std::unique_ptr<SambaClient>(new SambaClient(std::move(fd)));
}

absl::Status SambaClient::SendBytes(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      pollfd wait{fd_.get(), POLLOUT, 0};
      ::poll(&wait, 1, 100);
    } else if (errno != EINTR) {
      return absl::UnavailableError(ErrnoStatus(errno, "write to", "the proxy").message());
    }
  }
  return absl::OkStatus();
}

absl::Status SambaClient::Send(const samba::Packet& packet) {
  std::string bytes;
  CTDB_RETURN_IF_ERROR(samba::AppendPacket(packet, samba::kNoPadding, &bytes));
  return SendBytes(bytes);
}

absl::StatusOr<samba::Packet> SambaClient::Next(absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (true) {
    CTDB_ASSIGN_OR_RETURN(const auto frame, frames_.Next());
    if (frame.has_value()) return samba::DecodePacket(*frame);
    if (absl::Now() > deadline) return absl::DeadlineExceededError("nothing came");
    pollfd wait{fd_.get(), POLLIN, 0};
    ::poll(&wait, 1, 20);
    size_t size = 0;
    char* space = frames_.Space(&size);
    const ssize_t got = ::recv(fd_.get(), space, size, MSG_DONTWAIT);
    if (got > 0) frames_.Added(static_cast<size_t>(got));
    if (got == 0) return absl::UnavailableError("the proxy closed the connection");
  }
}

absl::StatusOr<SambaClient::Reply> SambaClient::Control(samba::Opcode opcode,
                                                        absl::string_view data, uint64_t srvid,
                                                        NodeNumber node) {
  const samba::ReqId request(++last_request_);
  CTDB_RETURN_IF_ERROR(
      Send({{.destnode = node, .reqid = request},
            samba::ControlRequest{.opcode = opcode, .srvid = ChannelId(srvid), .data = data}}));
  while (true) {
    CTDB_ASSIGN_OR_RETURN(const samba::Packet packet, Next(kSambaPatience));
    if (const auto* message = std::get_if<samba::Message>(&packet.body)) {
      messages_.push_back({message->srvid, std::string(message->data)});
    }
    const auto* reply = std::get_if<samba::ControlReply>(&packet.body);
    if (reply == nullptr || packet.header.reqid != request) continue;
    return Reply{reply->status, std::string(reply->data), std::string(reply->error)};
  }
}

absl::Status SambaClient::SendControl(samba::Opcode opcode, absl::string_view data, uint64_t srvid,
                                      NodeNumber node) {
  return Send({{.destnode = node, .reqid = samba::ReqId(++last_request_)},
               samba::ControlRequest{.opcode = opcode,
                                     .srvid = ChannelId(srvid),
                                     .flags = samba::kControlNoReply,
                                     .data = data}});
}

absl::StatusOr<std::string> SambaClient::Call(samba::DbId db_id, absl::string_view key,
                                              samba::CallFunction function) {
  const samba::ReqId request(++last_request_);
  CTDB_RETURN_IF_ERROR(Send({{.destnode = NodeNumber(0), .reqid = request},
                             samba::CallRequest{.flags = samba::kCallImmediateMigration,
                                                .db_id = db_id,
                                                .function = function,
                                                .key = key}}));
  while (true) {
    CTDB_ASSIGN_OR_RETURN(const samba::Packet packet, Next(kSambaPatience));
    if (const auto* message = std::get_if<samba::Message>(&packet.body)) {
      messages_.push_back({message->srvid, std::string(message->data)});
    }
    if (packet.header.reqid != request) continue;
    if (const auto* reply = std::get_if<samba::CallReply>(&packet.body)) {
      return std::string(reply->data);
    }
    return absl::InternalError("the answer to a call is none");
  }
}

absl::Status SambaClient::SendMessage(NodeNumber node, ChannelId srvid, absl::string_view data) {
  return Send({{.destnode = node}, samba::Message{srvid, data}});
}

absl::StatusOr<SambaClient::Message> SambaClient::NextMessage(absl::Duration patience) {
  while (messages_.empty()) {
    CTDB_ASSIGN_OR_RETURN(const samba::Packet packet, Next(patience));
    if (const auto* message = std::get_if<samba::Message>(&packet.body)) {
      messages_.push_back({message->srvid, std::string(message->data)});
    }
  }
  Message message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

absl::Status SambaClient::AwaitClose() {
  while (true) {
    const absl::Status status = Next(kSambaPatience).status();
    if (absl::IsUnavailable(status)) return absl::OkStatus();
    CTDB_RETURN_IF_ERROR(status);
  }
}

}  // namespace ctdb::test
