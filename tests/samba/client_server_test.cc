// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/io/client_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "lib/transport/io/socket.h"
#include "tests/samba/spec_packets.h"

namespace ctdb::samba {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class ClientServerTest : public testing::Test, public ClientServer::Listener {
 protected:
  ClientServerTest() {
    std::string pattern = std::string(std::getenv("TEST_TMPDIR")) + "/server.XXXXXX";
    path_ = std::string(::mkdtemp(pattern.data())) + "/socket";
    EXPECT_EQ(server_.Listen(path_), absl::OkStatus());
  }
  ~ClientServerTest() noexcept override = default;

  void RunUntil(const std::function<bool()>& condition) {
    for (int i = 0; i < 20000 && !condition(); ++i) {
      io_.provider->getTimer().afterDelay(1 * kj::MILLISECONDS).wait(io_.waitScope);
    }
    ASSERT_TRUE(condition());
  }
  UniqueFd Connect() {
    const size_t before = connected_.size();
    auto fd = ConnectUnix(path_);
    EXPECT_TRUE(fd.ok()) << fd.status();
    RunUntil([&] { return connected_.size() == before + 1; });
    return *std::move(fd);
  }
  void Write(const UniqueFd& fd, absl::string_view bytes) {
    ASSERT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  std::string Read(const UniqueFd& fd, size_t bytes) {
    std::string all;
    char buffer[65536];
    RunUntil([&] {
      const ssize_t got = ::recv(fd.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
      if (got > 0) all.append(buffer, static_cast<size_t>(got));
      return all.size() >= bytes;
    });
    return all;
  }

  absl::Status OnConnected(ClientId client, int32_t pid) override {
    connected_.push_back(client);
    pid_ = pid;
    return admits_ ? absl::OkStatus() : absl::ResourceExhaustedError("enough");
  }
  void OnPacket(ClientId, absl::string_view frame) override { frames_.emplace_back(frame); }
  void OnDrained(ClientId) override { ++drained_; }
  void OnDisconnected(ClientId client, const absl::Status&) override { gone_.push_back(client); }
  void OnTrouble(const absl::Status&) override {}

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  ClientServer server_{io_.unixEventPort, *this};
  std::string path_;
  bool admits_ = true;
  int32_t pid_ = 0;
  int drained_ = 0;
  std::vector<ClientId> connected_;
  std::vector<ClientId> gone_;
  std::vector<std::string> frames_;
};

TEST_F(ClientServerTest, TheSocketIsForItsOwnerAndKnowsWhoConnects_CN2_CN3) {
  struct stat about = {};
  ASSERT_EQ(::stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0700u);
  const UniqueFd client = Connect();
  EXPECT_EQ(pid_, ::getpid());
}

TEST_F(ClientServerTest, PacketsMayArriveInAnyPieces_CN10_CN14) {
  const UniqueFd client = Connect();
  const std::string call = FromHex(kHexCallRequest);
  const std::string bytes = FromHex(kHexGetPnnRequest) + call + FromHex(kHexGetPnnRequest);
  Write(client, bytes.substr(0, 70));
  RunUntil([&] { return frames_.size() == 1; });
  Write(client, bytes.substr(70));
  RunUntil([&] { return frames_.size() == 3; });
  EXPECT_EQ(frames_[1], call);
}

TEST_F(ClientServerTest, ALengthOfZeroEndsTheConnection_CN16) {
  const UniqueFd client = Connect();
  Write(client, std::string(4, '\0'));
  RunUntil([&] { return gone_.size() == 1; });
  char byte;
  EXPECT_EQ(::recv(client.get(), &byte, 1, 0), 0);
}

TEST_F(ClientServerTest, WhatIsShorterThanAHeaderIsSkipped_CN17) {
  const UniqueFd client = Connect();
  std::string bytes(20, '\0');
  bytes[0] = 20;
  Write(client, bytes + FromHex(kHexGetPnnRequest));
  RunUntil([&] { return frames_.size() == 1; });
  EXPECT_THAT(gone_, IsEmpty());
}

TEST_F(ClientServerTest, AProbeMayComeAndGo_CN5) {
  { const UniqueFd client = Connect(); }
  RunUntil([&] { return gone_.size() == 1; });
}

TEST_F(ClientServerTest, WhoIsNotAdmittedIsDisconnected) {
  admits_ = false;
  const UniqueFd client = Connect();
  char byte;
  RunUntil([&] { return ::recv(client.get(), &byte, 1, MSG_DONTWAIT) == 0; });
  EXPECT_THAT(gone_, IsEmpty()) << "it has never been there";
}

TEST_F(ClientServerTest, QueuesForWhoDoesNotRead_CN14) {
  const UniqueFd client = Connect();
  const UniqueFd other = Connect();
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 20; ++i) {
    server_.Send(connected_[0], {{}, Message{ChannelId(1), large}});
  }
  server_.Send(connected_[1], {{}, ControlReply{}});
  EXPECT_EQ(Read(other, 48).size(), 48u) << "others do not wait for it";
  EXPECT_GT(server_.QueuedBytes(connected_[0]), size_t{15} << 20);
  EXPECT_GE(server_.QueuedPackets(connected_[0]), 15u);
  EXPECT_EQ(drained_, 0);
  Read(client, 20 * large.size());
  RunUntil([&] { return drained_ == 1; });
  EXPECT_EQ(server_.QueuedPackets(connected_[0]), 0u);
}

TEST_F(ClientServerTest, ManyClientsConnectAtOnce) {
  std::vector<UniqueFd> clients;
  for (int i = 0; i < 100; ++i) {
    auto fd = ConnectUnix(path_);
    ASSERT_TRUE(fd.ok()) << "the backlog holds as many";
    clients.push_back(*std::move(fd));
  }
  RunUntil([&] { return connected_.size() == 100; });
  server_.Disconnect(connected_[3], absl::UnknownError("a reason"));
  EXPECT_THAT(gone_, IsEmpty()) << "in a later turn";
  RunUntil([&] { return gone_.size() == 1; });
  server_.Send(connected_[3], {{}, ControlReply{}});
}

TEST_F(ClientServerTest, KnowsWhetherAClientHasReadWhatItWasSent_REC8) {
  const UniqueFd client = Connect();
  EXPECT_TRUE(server_.HasReadAll(connected_[0]));
  server_.Send(connected_[0], {{}, Message{ChannelId(1), "message"}});
  EXPECT_FALSE(server_.HasReadAll(connected_[0]));
  char buffer[1024];
  ssize_t got = 0;
  RunUntil([&] { return ::recv(client.get(), buffer, 4, MSG_DONTWAIT | MSG_PEEK) == 4; });
  EXPECT_FALSE(server_.HasReadAll(connected_[0]));
  got = ::recv(client.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
  EXPECT_GT(got, 4);
  EXPECT_TRUE(server_.HasReadAll(connected_[0]));
  EXPECT_TRUE(server_.HasReadAll(ClientId(4711))) << "who has gone reads nothing any more";
}

}  // namespace
}  // namespace ctdb::samba
