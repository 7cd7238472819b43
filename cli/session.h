// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// session: a command's connection to the daemons, opened when it is needed first.
//
//   Ownership:  owns the connection; clients of services must be gone before Close().
//   Threading:  belongs to one thread.
//   Errors:     those of opening, with the lines that administrators know; those of calls, with
//               what was tried in front.
//   Blocking:   calls wait for their answer, at most the time limit.
//   Limits:     one connection.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(Connection * connection, session.Open());
//   CTDB_ASSIGN_OR_RETURN(auto reply,
//                         session.Call(master.overviewRequest(), "get the state of node 2"));

#ifndef CLI_SESSION_H_
#define CLI_SESSION_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "capnp/cluster.capnp.h"
#include "capnp/database_service.capnp.h"
#include "capnp/master.capnp.h"
#include "capnp/transport.capnp.h"
#include "lib/client/connection.h"

namespace ctdb::cli {

using Connector =
    std::function<absl::StatusOr<std::unique_ptr<Connection>>(const Connection::Options&)>;

class Session {
 public:
  Session(Connector connector, Connection::Options options)
      : connector_(std::move(connector)), options_(std::move(options)) {}

  // A session of the same kind with the daemon behind another socket.
  Session Elsewhere(std::string socket_path) const {
    Connection::Options options = options_;
    options.socket_path = std::move(socket_path);
    return Session(connector_, std::move(options));
  }

  // The connection; opens it when there is none.
  absl::StatusOr<Connection*> Open();
  bool is_open() const { return connection_ != nullptr; }
  void Close() { connection_.reset(); }

  // Whether Open() found no daemon.
  bool daemon_absent() const { return daemon_absent_; }

  // Open() must have succeeded.
  wire::Master::Client master(NodeNumber node) {
    return connection_->Service<wire::Master>(node, ServiceId::kMaster);
  }
  wire::Transport::Client transport(NodeNumber node) {
    return connection_->Service<wire::Transport>(node, ServiceId::kTransport);
  }
  wire::Cluster::Client cluster(NodeNumber node) {
    return connection_->Service<wire::Cluster>(node, ServiceId::kCluster);
  }
  wire::DatabaseService::Client database(NodeNumber node) {
    return connection_->Service<wire::DatabaseService>(node, ServiceId::kDatabase);
  }

  // Sends a request and waits for the reply; an error reads "cannot <action>: <why>".
  template <typename Parameters, typename Results>
  absl::StatusOr<capnp::Response<Results>> Call(capnp::Request<Parameters, Results>&& request,
                                                absl::string_view action) {
    absl::StatusOr<capnp::Response<Results>> response = connection_->Wait(request.send());
    if (response.ok()) return response;
    return absl::Status(response.status().code(),
                        absl::StrCat("cannot ", action, ": ", response.status().message()));
  }

 private:
  const Connector connector_;
  const Connection::Options options_;
  std::unique_ptr<Connection> connection_;
  bool daemon_absent_ = false;
};

}  // namespace ctdb::cli

#endif  // CLI_SESSION_H_
