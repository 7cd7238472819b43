// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// transport_fixture: a cluster of transports in this process for tests: each node has its own
// loopback address, and all have one port.
//
//   Ownership:  owns the transports.
//   Threading:  one thread.
//   Errors:     fail the test.
//   Blocking:   until what is awaited happens, kSoon at most.
//   Limits:     9 nodes.

#ifndef TESTS_TRANSPORT_TRANSPORT_FIXTURE_H_
#define TESTS_TRANSPORT_TRANSPORT_FIXTURE_H_

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/transport/io/plain_endpoint.h"
#include "lib/transport/io/socket.h"
#include "lib/transport/io/transport_loop.h"
#include "tests/testing/captured_log.h"
#include "tests/testing/free_port.h"

namespace ctdb::test {

inline constexpr absl::Duration kSoon = absl::Seconds(10);

class TransportFixture : public testing::Test {
 protected:
  void MakeNodes(uint32_t count) {
    port_ = FreePort();
    for (uint32_t i = 0; i < count; ++i) {
      nodes_.push_back({NodeNumber(i), absl::StrCat("127.0.0.", i + 1), false});
    }
    loops_.resize(count);
  }

  static std::string SocketPath(uint32_t node) {
    return absl::StrCat(std::getenv("TEST_TMPDIR"), "/", node, ".socket");
  }

  TransportLoop::Options OptionsFor(uint32_t node) {
    TransportLoop::Options options;
    options.local = NodeNumber(node);
    options.nodes = nodes_;
    options.port = port_;
    options.seed = ++starts_ * 1000 + node;
    options.software = "test";
    options.socket_path = SocketPath(node);
    return options;
  }

  void Start(uint32_t node) { StartWith(node, OptionsFor(node)); }
  void StartWith(uint32_t node, const TransportLoop::Options& options) {
    auto loop = TransportLoop::Start(options, log_.logger());
    ASSERT_TRUE(loop.ok()) << loop.status();
    loops_[node] = *std::move(loop);
  }

  // Polls until `condition` holds.
  template <typename Condition>
  void Await(Condition condition) {
    const absl::Time deadline = absl::Now() + kSoon;
    while (!condition()) {
      ASSERT_LT(absl::Now(), deadline) << "did not happen in time\n" << log_.text();
      ::usleep(1000);
    }
  }
  void AwaitConnected(uint32_t a, uint32_t b) {
    Await([&] { return loops_[a]->Nodes()[b].is_connected; });
    Await([&] { return loops_[b]->Nodes()[a].is_connected; });
  }

  std::unique_ptr<PlainEndpoint> Connect(uint32_t node, ServiceId service = ServiceId::kClient) {
    auto endpoint =
        PlainEndpoint::Connect(ConnectUnix(SocketPath(node)), {"test client", service}, kSoon);
    EXPECT_TRUE(endpoint.ok()) << endpoint.status();
    return *std::move(endpoint);
  }

  void Send(PlainEndpoint& from, const Envelope& envelope, const std::string& payload) {
    writer_.Begin(envelope).getPayload().setAs<capnp::Data>(
        capnp::Data::Reader(reinterpret_cast<const kj::byte*>(payload.data()), payload.size()));
    from.Queue(*writer_.Finish());
    ASSERT_TRUE(from.Flush(kSoon).ok());
  }

  // The next packet of this kind; others are passed over.
  struct Packet {
    Envelope envelope;
    std::string payload;
    wire::UndeliverableReason reason = wire::UndeliverableReason::UNKNOWN;
  };
  Packet Receive(PlainEndpoint& endpoint, PacketKind kind) {
    while (true) {
      const auto frame = endpoint.Receive(kSoon);
      if (!frame.ok()) {
        ADD_FAILURE() << frame.status() << "\n" << log_.text();
        return {};
      }
      Packet packet;
      packet.envelope = *DecodeEnvelope(*frame);
      if (packet.envelope.kind != kind) continue;
      PacketReader reader(*frame);
      if (kind == PacketKind::kNotice) {
        const auto notice = reader.payload().getAs<wire::Notice>();
        if (notice.which() != wire::Notice::UNDELIVERABLE) continue;
        packet.reason = notice.getUndeliverable().getReason();
      } else {
        const auto data = reader.payload().getAs<capnp::Data>();
        packet.payload.assign(reinterpret_cast<const char*>(data.begin()), data.size());
      }
      return packet;
    }
  }

  // Starts nodes 0 to count - 1 and links all of them.
  void StartNodes(uint32_t count) {
    MakeNodes(count);
    for (uint32_t node = 0; node < count; ++node) Start(node);
    for (uint32_t a = 0; a < count; ++a) {
      for (uint32_t b = 0; b < a; ++b) AwaitConnected(a, b);
    }
  }

  // Sends raw bytes to a socket and waits until the other side hangs up.
  void SendGarbage(absl::StatusOr<UniqueFd> fd, const std::string& bytes) {
    ASSERT_TRUE(fd.ok()) << fd.status();
    Await([&] { return ::send(fd->get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0; });
    Await([&] {
      char buffer[4096];
      const ssize_t got = ::recv(fd->get(), buffer, sizeof(buffer), 0);
      return got == 0 || (got < 0 && errno != EAGAIN);
    });
  }

  uint16_t port_ = 0;
  uint32_t starts_ = 0;
  std::vector<TransportNode> nodes_;
  CapturedLog log_;
  std::vector<std::unique_ptr<TransportLoop>> loops_;
  PacketWriter writer_;
};

}  // namespace ctdb::test

#endif  // TESTS_TRANSPORT_TRANSPORT_FIXTURE_H_
