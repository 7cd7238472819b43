// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// peer_connection: one connection to a daemon of Debian's ctdb, used as Samba uses it: blocking,
// one system call per packet sent, messages that arrive before a reply are kept for later.
//
//   Ownership:  owns the socket.
//   Threading:  one thread.
//   Errors:     Unavailable when the daemon is not there or has gone; Internal with the control's
//               name and the daemon's text when it refuses; DeadlineExceeded after kPatience.
//   Blocking:   yes.
//   Limits:     memory for messages that nobody fetches.

#ifndef TESTS_BENCH_CTDB_BENCH_PEER_CONNECTION_H_
#define TESTS_BENCH_CTDB_BENCH_PEER_CONNECTION_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/io/unique_fd.h"
#include "lib/samba/frame_reader.h"
#include "lib/samba/packet.h"
#include "tests/bench/ctdb_bench/cluster_under_test.h"

namespace ctdb::bench {

class PeerConnection {
 public:
  static absl::StatusOr<std::unique_ptr<PeerConnection>> Open(const std::string& socket_path);

  // The reply's data, if the status is 0.
  absl::StatusOr<std::string> Control(const samba::ControlRequest& control);
  // The reply's status, for controls whose answer it is.
  absl::StatusOr<int32_t> ControlStatus(const samba::ControlRequest& control);

  // Sends a call without waiting; AwaitCall() waits for the reply to any of those under way.
  absl::Status SendCall(const samba::CallRequest& call);
  absl::StatusOr<std::string> AwaitCall();

  absl::Status SendMessage(NodeNumber node, ChannelId channel, absl::string_view bytes);
  // As BenchClient::WaitMessage().
  absl::StatusOr<std::optional<Message>> WaitMessage(absl::Duration limit);

 private:
  explicit PeerConnection(UniqueFd socket) : socket_(std::move(socket)) {}

  struct Reply {
    int32_t status;
    std::string data;
    std::string error;
  };
  absl::StatusOr<Reply> Ask(const samba::ControlRequest& control);
  absl::Status Send(NodeNumber node, samba::ReqId request, samba::PacketBody body);
  // Reads what is there, or waits until something is or the time has come; false: nothing came.
  absl::StatusOr<bool> Receive(int64_t deadline_nanos);
  // The next packet with this body; messages on the way to it are kept.
  template <typename Body>
  absl::StatusOr<samba::Packet> AwaitPacket();
  void Keep(const samba::Message& message);
  // Decoded, until the next Receive(); nothing when more bytes are needed.
  absl::StatusOr<std::optional<samba::Packet>> NextPacket();

  const UniqueFd socket_;
  uint32_t last_request_ = 0;
  std::string sending_;
  samba::FrameReader frames_{{.short_frames = samba::ShortFrames::kRefuse}};
  std::deque<Message> messages_;
};

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_PEER_CONNECTION_H_
