// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/peer_client.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/samba/plain_payloads.h"
#include "tests/bench/ctdb_bench/peer_committer.h"
#include "tests/bench/ctdb_bench/peer_connection.h"
#include "tests/bench/ctdb_bench/peer_database.h"

namespace ctdb::bench {
namespace {

class PeerClient final : public BenchClient {
 public:
  PeerClient(std::string socket_path, std::unique_ptr<PeerConnection> connection, NodeNumber node)
      : socket_path_(std::move(socket_path)), connection_(std::move(connection)), node_(node) {}

  absl::StatusOr<std::unique_ptr<BenchDatabase>> Attach(absl::string_view name,
                                                        const AttachOptions& options) override {
    CTDB_ASSIGN_OR_RETURN(const PeerDatabasePlace place,
                          Place(name, samba::Opcode::kDbAttach, options.read_only_copies));
    return OpenPeerDatabase(place);
  }

  absl::StatusOr<std::unique_ptr<BenchCommitter>> AttachPersistent(
      absl::string_view name) override {
    CTDB_ASSIGN_OR_RETURN(auto locks, Attach("commit_lock.tdb", {}));
    CTDB_ASSIGN_OR_RETURN(const PeerDatabasePlace place,
                          Place(name, samba::Opcode::kDbAttachPersistent, false));
    return OpenPeerCommitter(place, std::move(locks));
  }

  absl::Status Subscribe(ChannelId channel) override {
    return connection_->Control({.opcode = samba::Opcode::kRegisterSrvid, .srvid = channel})
        .status();
  }
  absl::Status SendMessage(NodeNumber node, ChannelId channel, absl::string_view bytes) override {
    return connection_->SendMessage(node, channel, bytes);
  }
  absl::StatusOr<std::optional<Message>> WaitMessage(absl::Duration limit) override {
    return connection_->WaitMessage(limit);
  }

 private:
  absl::StatusOr<PeerDatabasePlace> Place(absl::string_view name, samba::Opcode attach,
                                          bool read_only_copies) {
    const std::string text = samba::Encode(samba::TextPayload{name});
    CTDB_ASSIGN_OR_RETURN(const std::string id,
                          connection_->Control({.opcode = attach, .data = text}));
    CTDB_ASSIGN_OR_RETURN(const std::string path,
                          connection_->Control({.opcode = samba::Opcode::kGetDbPath, .data = id}));
    CTDB_ASSIGN_OR_RETURN(
        const std::string flags,
        connection_->Control({.opcode = samba::Opcode::kDbOpenFlags, .data = id}));
    CTDB_ASSIGN_OR_RETURN(const auto db_id, samba::Decode<samba::DbIdPayload>(id));
    CTDB_ASSIGN_OR_RETURN(const auto tdb_path, samba::Decode<samba::TextPayload>(path));
    CTDB_ASSIGN_OR_RETURN(const auto tdb_flags,
                          samba::Decode<samba::NumberPayload<int32_t>>(flags));
    if (read_only_copies) {
      CTDB_RETURN_IF_ERROR(
          connection_->Control({.opcode = samba::Opcode::kSetDbReadOnly, .data = id}).status());
    }
    return PeerDatabasePlace{.connection = *connection_,
                             .socket_path = socket_path_,
                             .node = node_,
                             .id = db_id.db_id,
                             .tdb_path = std::string(tdb_path.text),
                             .tdb_flags = tdb_flags.value};
  }

  const std::string socket_path_;
  const std::unique_ptr<PeerConnection> connection_;
  const NodeNumber node_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BenchClient>> ConnectToPeer(const std::string& socket_path) {
  CTDB_ASSIGN_OR_RETURN(auto connection, PeerConnection::Open(socket_path));
  CTDB_ASSIGN_OR_RETURN(const int32_t node,
                        connection->ControlStatus({.opcode = samba::Opcode::kGetPnn}));
  if (node < 0) return absl::InternalError("ctdb does not say which node this is");
  return std::make_unique<PeerClient>(socket_path, std::move(connection),
                                      NodeNumber(static_cast<uint32_t>(node)));
}

}  // namespace ctdb::bench
