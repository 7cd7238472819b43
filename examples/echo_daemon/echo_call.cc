// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// echo_call SOCKET NODE TEXT: calls the example daemon on any node and prints what comes back.

#include <cstdio>
#include <string>

#include "examples/echo_daemon/echo.capnp.h"
#include "lib/client/connection.h"

namespace {

constexpr auto kEchoService = static_cast<ctdb::ServiceId>(1000);

absl::Status Call(const std::string& socket, const std::string& node_text, const char* text) {
  const absl::StatusOr<ctdb::NodeNumber> node = ctdb::ParseNode(node_text);
  if (!node.ok()) return node.status();
  auto connection = ctdb::Connection::Open({.socket_path = socket, .software = "echo_call"});
  if (!connection.ok()) return connection.status();
  auto request = (*connection)->Service<example::Echo>(*node, kEchoService).echoRequest();
  request.setText(text);
  const auto reply = (*connection)->Wait(request.send());
  if (!reply.ok()) return reply.status();
  std::printf("%s\n", reply->getText().cStr());
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: echo_call SOCKET NODE TEXT\n");
    return 1;
  }
  const absl::Status status = Call(argv[1], argv[2], argv[3]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "echo_call: %s\n", std::string(status.message()).c_str());
  return 1;
}
