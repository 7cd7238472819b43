// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// samba_client: a client of the socket that Samba connects to, as one of its programs is.
//
//   Ownership:  owns its connection.
//   Threading:  one thread.
//   Errors:     Unavailable: not connected (any more). DeadlineExceeded: no answer.
//   Blocking:   until the answer, at most kSambaPatience.
//   Limits:     none.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto client, SambaClient::Connect(socket_path));
//   CTDB_ASSIGN_OR_RETURN(const SambaClient::Reply reply, client->Control(Opcode::kGetPnn));

#ifndef TESTS_TESTING_SAMBA_CLIENT_H_
#define TESTS_TESTING_SAMBA_CLIENT_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lib/base/io/unique_fd.h"
#include "lib/samba/frame_reader.h"
#include "lib/samba/packet.h"

namespace ctdb::test {

inline constexpr absl::Duration kSambaPatience = absl::Seconds(20);

class SambaClient {
 public:
  struct Reply {
    int32_t status = 0;
    std::string data;
    std::string error;
  };
  struct Message {
    ChannelId srvid;
    std::string data;
  };

  static absl::StatusOr<std::unique_ptr<SambaClient>> Connect(const std::string& socket_path);

  absl::StatusOr<Reply> Control(samba::Opcode opcode, absl::string_view data = "",
                                uint64_t srvid = 0, NodeNumber node = samba::kCurrentNode);
  // Nobody answers.
  absl::Status SendControl(samba::Opcode opcode, absl::string_view data, uint64_t srvid,
                           NodeNumber node);
  // The value, of a function that asks for one. Messages that come meanwhile are kept.
  absl::StatusOr<std::string> Call(samba::DbId db_id, absl::string_view key,
                                   samba::CallFunction function = samba::CallFunction::kNull);
  absl::Status SendMessage(NodeNumber node, ChannelId srvid, absl::string_view data);
  absl::StatusOr<Message> NextMessage(absl::Duration patience = kSambaPatience);
  absl::Status SendBytes(absl::string_view bytes);
  // Ends when the server has closed the connection.
  absl::Status AwaitClose();

 private:
  explicit SambaClient(UniqueFd fd) : fd_(std::move(fd)) {}
  absl::Status Send(const samba::Packet& packet);
  absl::StatusOr<samba::Packet> Next(absl::Duration patience);

  UniqueFd fd_;
  samba::FrameReader frames_{{.short_frames = samba::ShortFrames::kRefuse}};
  uint32_t last_request_ = 0;
  std::deque<Message> messages_;
};

}  // namespace ctdb::test

#endif  // TESTS_TESTING_SAMBA_CLIENT_H_
