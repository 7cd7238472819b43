// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Messages between clients: some tokens that go round all nodes, and a stream from one node to
// another. Every message carries its sender's count, so that one that is lost, doubled or out of
// order is noticed; no token may be lost.

#include <cstring>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/workers.h"
#include "tests/bench/ctdb_bench/workload.h"

namespace ctdb::bench {
namespace {

constexpr uint64_t kTokens = 8;
constexpr absl::Duration kSlice = absl::Milliseconds(20);
// The stream: so many messages may be under way, and the receiver answers every so many.
constexpr uint64_t kWindow = 1000;
constexpr uint64_t kAnswerEvery = 250;

struct Numbered {
  uint64_t number;  // Of this sender's messages to this receiver, from 1.
  uint64_t is_last;
  char payload[48];
};

ChannelId ChannelOf(const Subject& subject, uint64_t worker) {
  return ChannelId(0xAE03'0000'0000'0000 | subject.run << 16 | worker);
}

// Where a worker sends, and how far it and its sender are.
class NumberedLink {
 public:
  NumberedLink(BenchClient& client, NodeNumber to, ChannelId channel)
      : client_(client), to_(to), channel_(channel) {}

  absl::Status Send(bool is_last) {
    const Numbered numbered = {.number = ++sent_, .is_last = is_last, .payload = {}};
    return client_.SendMessage(
        to_, channel_,
        absl::string_view(reinterpret_cast<const char*>(&numbered), sizeof(numbered)));
  }
  // The next message, if one comes in time. It must be the next one of its sender.
  absl::StatusOr<std::optional<Numbered>> Wait(absl::Duration limit) {
    CTDB_ASSIGN_OR_RETURN(const std::optional<Message> message, client_.WaitMessage(limit));
    if (!message.has_value()) return std::nullopt;
    Numbered numbered;
    if (message->bytes.size() != sizeof(numbered)) return absl::DataLossError("a message is torn");
    std::memcpy(&numbered, message->bytes.data(), sizeof(numbered));
    if (numbered.number != ++received_) {
      return absl::DataLossError(absl::StrCat("message ", numbered.number, " came instead of ",
                                              received_, ": lost, doubled or out of order"));
    }
    return numbered;
  }
  uint64_t sent() const { return sent_; }
  uint64_t received() const { return received_; }

 private:
  BenchClient& client_;
  const NodeNumber to_;
  const ChannelId channel_;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
};

// Passes tokens on until the time is up, then keeps what still comes until none is missing.
absl::Status PassTokens(Subject& subject, Worker& worker) {
  const auto node = static_cast<uint32_t>(worker.index());
  const uint32_t next = (node + 1) % subject.options.nodes;
  CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(NodeNumber(node)));
  CTDB_RETURN_IF_ERROR(client->Subscribe(ChannelOf(subject, node)));
  NumberedLink link(*client, NodeNumber(next), ChannelOf(subject, next));
  worker.AwaitStart();
  if (node == 0) {
    for (uint64_t i = 0; i < kTokens; ++i) CTDB_RETURN_IF_ERROR(link.Send(false));
  }
  int64_t deadline = 0;
  while (worker.common() < kTokens) {
    CTDB_ASSIGN_OR_RETURN(const auto token, link.Wait(kSlice));
    if (token.has_value() && worker.IsOver()) {
      ++worker.common();
    } else if (token.has_value()) {
      worker.Count();
      CTDB_RETURN_IF_ERROR(link.Send(false));
    } else if (worker.IsOver()) {
      if (deadline == 0) deadline = NowNanos() + absl::ToInt64Nanoseconds(kPatience);
      if (NowNanos() > deadline) {
        return absl::DataLossError(
            absl::StrCat("only ", worker.common().load(), " of ", kTokens, " tokens are left"));
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Figure>> RunRing(Subject& subject) {
  ++subject.run;
  CTDB_ASSIGN_OR_RETURN(const RunResult result,
                        RunWorkers(static_cast<int>(subject.options.nodes), subject.options.time,
                                   [&](Worker& worker) { return PassTokens(subject, worker); }));
  return std::vector<Figure>{{.what = absl::StrCat("ring, ", kTokens, " tokens"),
                              .unit = Unit::kPerSecond,
                              .value = result.rate()}};
}

absl::Status SendStream(NumberedLink& link, Worker& worker) {
  while (!worker.IsOver()) {
    CTDB_RETURN_IF_ERROR(link.Send(false));
    // An answer for each kAnswerEvery messages that the other has got.
    while (link.sent() - link.received() * kAnswerEvery >= kWindow) {
      CTDB_ASSIGN_OR_RETURN(const auto answer, link.Wait(kPatience));
      if (!answer.has_value()) return absl::DataLossError("the stream's answers stay away");
    }
  }
  CTDB_RETURN_IF_ERROR(link.Send(true));
  // Who leaves at once may take what it sent last with it.
  while (true) {
    CTDB_ASSIGN_OR_RETURN(const auto answer, link.Wait(kPatience));
    if (!answer.has_value()) return absl::DataLossError("the stream's last answer stays away");
    if (answer->is_last) return absl::OkStatus();
  }
}

absl::Status ReceiveStream(NumberedLink& link, Worker& worker) {
  while (true) {
    CTDB_ASSIGN_OR_RETURN(const auto message, link.Wait(kPatience));
    if (!message.has_value()) return absl::DataLossError("the stream's end stays away");
    worker.Count();
    if (message->is_last) return link.Send(true);
    if (link.received() % kAnswerEvery == 0) CTDB_RETURN_IF_ERROR(link.Send(false));
  }
}

absl::StatusOr<std::vector<Figure>> RunStream(Subject& subject) {
  const auto body = [&](Worker& worker) -> absl::Status {
    const auto self = static_cast<uint32_t>(worker.index());
    const uint32_t other = 1 - self;
    const uint32_t nodes = subject.options.nodes;
    CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(NodeNumber(self % nodes)));
    CTDB_RETURN_IF_ERROR(client->Subscribe(ChannelOf(subject, self)));
    NumberedLink link(*client, NodeNumber(other % nodes), ChannelOf(subject, other));
    worker.AwaitStart();
    return self == 0 ? SendStream(link, worker) : ReceiveStream(link, worker);
  };
  ++subject.run;
  CTDB_ASSIGN_OR_RETURN(const RunResult result, RunWorkers(2, subject.options.time, body));
  return std::vector<Figure>{{.what = "one way between two nodes, 64 bytes",
                              .unit = Unit::kPerSecond,
                              .value = result.rate()}};
}

absl::Status NothingToPrepare(Subject&) { return absl::OkStatus(); }

}  // namespace

std::vector<Workload> MessageWorkloads() {
  return {
      {.group = "message", .bar = 1, .prepare = NothingToPrepare, .run = RunRing},
      {.group = "message", .bar = 1, .prepare = NothingToPrepare, .run = RunStream},
  };
}

}  // namespace ctdb::bench
