// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/peer_client.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/peer_connection.h"
#include "tests/bench/ctdb_bench/peer_database.h"

namespace ctdb::bench {
namespace {

// Names end with a NUL byte on the wire.
std::string WithNul(absl::string_view name) {
  std::string text(name);
  text.push_back('\0');
  return text;
}

class PeerClient final : public BenchClient {
 public:
  PeerClient(std::string socket_path, std::unique_ptr<PeerConnection> connection, uint32_t node)
      : socket_path_(std::move(socket_path)), connection_(std::move(connection)), node_(node) {}

  absl::StatusOr<std::unique_ptr<BenchDatabase>> Attach(absl::string_view name,
                                                        const AttachOptions& options) override {
    CTDB_ASSIGN_OR_RETURN(
        const std::string id,
        connection_->Control({.opcode = samba::Opcode::kAttach, .payload = WithNul(name)}));
    CTDB_ASSIGN_OR_RETURN(
        std::string path,
        connection_->Control({.opcode = samba::Opcode::kGetDatabasePath, .payload = id}));
    CTDB_ASSIGN_OR_RETURN(
        const std::string flags,
        connection_->Control({.opcode = samba::Opcode::kGetOpenFlags, .payload = id}));
    if (id.size() != sizeof(uint32_t) || flags.size() != sizeof(int32_t) || path.empty()) {
      return absl::DataLossError(absl::StrCat("ctdb answers the attach of ", name, " wrongly"));
    }
    path.pop_back();
    if (options.read_only_copies) {
      CTDB_RETURN_IF_ERROR(
          connection_->Control({.opcode = samba::Opcode::kSetReadOnly, .payload = id}).status());
    }
    return OpenPeerDatabase({.connection = *connection_,
                             .socket_path = socket_path_,
                             .node = node_,
                             .id = samba::Load<uint32_t>(id, 0),
                             .tdb_path = path,
                             .tdb_flags = samba::Load<int32_t>(flags, 0)});
  }

  absl::Status Subscribe(ChannelId channel) override {
    return connection_
        ->Control({.opcode = samba::Opcode::kRegisterChannel, .channel = channel.value()})
        .status();
  }
  absl::Status SendMessage(NodeNumber node, ChannelId channel, absl::string_view bytes) override {
    return connection_->SendMessage(node.value(), channel.value(), bytes);
  }
  absl::StatusOr<std::optional<Message>> WaitMessage(absl::Duration limit) override {
    return connection_->WaitMessage(limit);
  }

 private:
  const std::string socket_path_;
  const std::unique_ptr<PeerConnection> connection_;
  const uint32_t node_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BenchClient>> ConnectToPeer(const std::string& socket_path) {
  CTDB_ASSIGN_OR_RETURN(auto connection, PeerConnection::Open(socket_path));
  CTDB_ASSIGN_OR_RETURN(const int32_t node,
                        connection->ControlStatus({.opcode = samba::Opcode::kGetNodeNumber}));
  if (node < 0) return absl::InternalError("ctdb does not say which node this is");
  return std::make_unique<PeerClient>(socket_path, std::move(connection),
                                      static_cast<uint32_t>(node));
}

}  // namespace ctdb::bench
