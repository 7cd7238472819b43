// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// transport_bench: what the transport costs beside bare sockets, measured in the same run.
//
//   bazel run --config=opt //tests/bench:transport_bench
//
// Every comparison alternates between the two sides and prints medians: on a shared machine the
// ratios are what can be compared between runs.

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "lib/transport/io/plain_endpoint.h"
#include "lib/transport/io/socket.h"
#include "lib/transport/io/transport_loop.h"
#include "lib/transport/stream.h"
#include "tests/bench/raw_relay.h"
#include "tests/testing/captured_log.h"
#include "tests/testing/free_port.h"

namespace ctdb::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr int kRounds = 7;
constexpr int kTripsPerRound = 4000;
constexpr size_t kPayloadBytes = 100;
constexpr uint64_t kStreamBytes = uint64_t{1} << 30;

double MicrosSince(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

double Percentile(std::vector<double> values, double fraction) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(fraction * static_cast<double>(values.size() - 1))];
}

template <typename T>
T Require(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "benchmark failed: %s\n", value.status().ToString().c_str());
  std::exit(1);
}
void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "benchmark failed: %s\n", status.ToString().c_str());
  std::exit(1);
}

std::string Machine() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::string line, model = "unknown processor";
  while (std::getline(cpuinfo, line)) {
    if (line.rfind("model name", 0) == 0) model = line.substr(line.find(':') + 2);
  }
  utsname system;
  ::uname(&system);
  return absl::StrCat(std::thread::hardware_concurrency(), " x ", model, ", ", system.sysname, " ",
                      system.release);
}

// A cluster in this process.
class Cluster {
 public:
  explicit Cluster(uint32_t count) {
    std::vector<TransportNode> nodes;
    for (uint32_t i = 0; i < count; ++i) {
      nodes.push_back({NodeNumber(i), absl::StrCat("127.0.0.", i + 1), false});
    }
    const uint16_t port = test::FreePort();
    for (uint32_t i = 0; i < count; ++i) {
      TransportLoop::Options options;
      options.local = NodeNumber(i);
      options.nodes = nodes;
      options.port = port;
      options.seed = static_cast<uint64_t>(absl::ToUnixNanos(absl::Now())) + i;
      loops_.push_back(Require(TransportLoop::Start(options, log_.logger())));
    }
    const absl::Time deadline = absl::Now() + kPatience;
    for (auto& loop : loops_) {
      for (uint32_t i = 0; i < count; ++i) {
        while (!loop->Nodes()[i].is_connected && absl::Now() < deadline) ::usleep(1000);
      }
    }
  }

  std::unique_ptr<PlainEndpoint> Connect(uint32_t node) {
    auto endpoint =
        Require(PlainEndpoint::Connect(loops_[node]->ConnectInProcess(), {"benchmark"}));
    // The bare sockets that it is compared with block in read(), so this one does.
    ::fcntl(endpoint->fd(), F_SETFL, ::fcntl(endpoint->fd(), F_GETFL) & ~O_NONBLOCK);
    return endpoint;
  }

 private:
  test::CapturedLog log_;
  std::vector<std::unique_ptr<TransportLoop>> loops_;
};

// The next packet that is not a notice.
Bytes ReceivePacket(PlainEndpoint& endpoint) {
  while (true) {
    const Bytes frame = Require(endpoint.Receive(kPatience));
    if (Require(DecodeEnvelope(frame)).kind != PacketKind::kNotice) return frame;
  }
}

void SendBytes(PlainEndpoint& from, PacketWriter& writer, const Envelope& envelope,
               const std::string& payload) {
  writer.Begin(envelope).getPayload().setAs<capnp::Data>(
      capnp::Data::Reader(reinterpret_cast<const kj::byte*>(payload.data()), payload.size()));
  from.Queue(Require(writer.Finish()));
}

// One ping-pong between two clients, `trips` times; the far one answers on a thread of its own.
class Trips {
 public:
  virtual ~Trips() = default;
  virtual void Run(int trips, std::vector<double>* micros) = 0;
};

class RawTrips : public Trips {
 public:
  explicit RawTrips(const std::vector<RawRelay::Hop>& hops) : relay_(hops) {}
  void Run(int trips, std::vector<double>* micros) override {
    std::thread far([&] {
      char buffer[kPayloadBytes];
      for (int i = 0; i < trips; ++i) {
        ReadAll(relay_.far_end(), buffer, sizeof(buffer));
        WriteAll(relay_.far_end(), buffer, sizeof(buffer));
      }
    });
    char buffer[kPayloadBytes] = {};
    for (int i = 0; i < trips; ++i) {
      const auto start = Clock::now();
      WriteAll(relay_.near_end(), buffer, sizeof(buffer));
      ReadAll(relay_.near_end(), buffer, sizeof(buffer));
      micros->push_back(MicrosSince(start));
    }
    far.join();
  }

 private:
  RawRelay relay_;
};

class TransportTrips : public Trips {
 public:
  TransportTrips(Cluster& cluster, uint32_t near, uint32_t far)
      : near_(cluster.Connect(near)), far_(cluster.Connect(far)) {}
  void Run(int trips, std::vector<double>* micros) override {
    const std::string payload(kPayloadBytes, 'x');
    std::thread far([&] {
      PacketWriter writer;
      for (int i = 0; i < trips; ++i) {
        const Envelope question = Require(DecodeEnvelope(ReceivePacket(*far_)));
        SendBytes(*far_, writer, far_->To(question.source, PacketKind::kData), payload);
        Require(far_->Flush(kPatience));
      }
    });
    PacketWriter writer;
    for (int i = 0; i < trips; ++i) {
      const auto start = Clock::now();
      SendBytes(*near_, writer, near_->To(far_->address(), PacketKind::kData), payload);
      Require(near_->Flush(kPatience));
      ReceivePacket(*near_);
      micros->push_back(MicrosSince(start));
    }
    far.join();
  }

 private:
  std::unique_ptr<PlainEndpoint> near_;
  std::unique_ptr<PlainEndpoint> far_;
};

void CompareTrips(const char* name, Trips& transport, Trips& raw, double bar) {
  std::vector<double> transport_all, raw_all, ratios;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> transport_micros, raw_micros;
    raw.Run(kTripsPerRound, &raw_micros);
    transport.Run(kTripsPerRound, &transport_micros);
    ratios.push_back(Percentile(transport_micros, 0.5) / Percentile(raw_micros, 0.5));
    transport_all.insert(transport_all.end(), transport_micros.begin(), transport_micros.end());
    raw_all.insert(raw_all.end(), raw_micros.begin(), raw_micros.end());
  }
  std::printf(
      "%-34s p50 %7.1f us  p99 %7.1f us   bare sockets p50 %7.1f us   ratio %.2f (bar %.1f)\n",
      name, Percentile(transport_all, 0.5), Percentile(transport_all, 0.99),
      Percentile(raw_all, 0.5), Percentile(ratios, 0.5), bar);
}

void MeasureRate(Cluster& cluster, uint32_t near, uint32_t far, const char* name) {
  constexpr int kPackets = 400000;
  constexpr int kBatch = 64;
  auto sender = cluster.Connect(near);
  auto receiver = cluster.Connect(far);
  std::vector<double> rates;
  for (int round = 0; round < 5; ++round) {
    const auto start = Clock::now();
    std::thread receive([&] {
      for (int i = 0; i < kPackets; ++i) ReceivePacket(*receiver);
    });
    PacketWriter writer;
    const std::string payload(kPayloadBytes, 'x');
    const Envelope envelope = sender->To(receiver->address(), PacketKind::kData);
    for (int i = 0; i < kPackets; ++i) {
      SendBytes(*sender, writer, envelope, payload);
      if (i % kBatch == kBatch - 1) Require(sender->Flush(kPatience));
    }
    Require(sender->Flush(kPatience));
    receive.join();
    rates.push_back(kPackets / MicrosSince(start) * 1e6);
  }
  std::printf("%-34s %.0f packets/s of %zu bytes (bar 300000)\n", name, Percentile(rates, 0.5),
              kPayloadBytes);
}

// A gibibyte from node 0 to node 1 in chunks with credit, as lib/transport/stream.h has it.
class StreamLoad {
 public:
  explicit StreamLoad(Cluster& cluster)
      : sender_(cluster.Connect(0)), receiver_(cluster.Connect(1)) {}

  void Start() {
    receive_ = std::thread([this] { Receive(); });
    send_ = std::thread([this] { Send(); });
  }
  bool is_done() const { return is_done_; }
  double Finish() {
    send_.join();
    receive_.join();
    return seconds_;
  }

 private:
  Envelope To(PlainEndpoint& from, PlainEndpoint& to, bool is_bulk) {
    Envelope envelope = from.To(to.address(), PacketKind::kStream);
    envelope.is_bulk = is_bulk;
    return envelope;
  }

  void Send() {
    const auto start = Clock::now();
    StreamSender stream;
    PacketWriter writer(kStreamChunkBytesMax / 8 + 64);
    const std::string bytes(kStreamChunkBytesMax, 's');
    while (stream.offset() < kStreamBytes) {
      while (stream.SendableBytes() == 0) {
        PacketReader reader(ReceivePacket(*sender_));
        stream.OnCredit(reader.payload().getAs<wire::StreamFrame>().getCredit());
      }
      const size_t size = static_cast<size_t>(
          std::min<uint64_t>(stream.SendableBytes(), kStreamBytes - stream.offset()));
      auto chunk = writer.Begin(To(*sender_, *receiver_, true))
                       .getPayload()
                       .initAs<wire::StreamFrame>()
                       .initChunk();
      chunk.setOffset(stream.offset());
      chunk.setBytes(capnp::Data::Reader(reinterpret_cast<const kj::byte*>(bytes.data()), size));
      sender_->Queue(Require(writer.Finish()));
      Require(sender_->Flush(kPatience));
      stream.OnSent(size);
    }
    seconds_ = MicrosSince(start) / 1e6;
  }

  void Receive() {
    StreamReceiver stream;
    PacketWriter writer;
    const auto grant = [&](uint64_t credit) {
      writer.Begin(To(*receiver_, *sender_, false))
          .getPayload()
          .initAs<wire::StreamFrame>()
          .setCredit(credit);
      receiver_->Queue(Require(writer.Finish()));
      Require(receiver_->Flush(kPatience));
    };
    grant(stream.credit());
    while (stream.received() < kStreamBytes) {
      PacketReader reader(ReceivePacket(*receiver_));
      const auto chunk = reader.payload().getAs<wire::StreamFrame>().getChunk();
      Require(stream.OnChunk(chunk.getOffset(), chunk.getBytes().size()));
      if (const auto credit = stream.OnConsumed(chunk.getBytes().size())) grant(*credit);
    }
    is_done_ = true;
  }

  std::unique_ptr<PlainEndpoint> sender_;
  std::unique_ptr<PlainEndpoint> receiver_;
  std::atomic<bool> is_done_{false};
  double seconds_ = 0;
  std::thread send_;
  std::thread receive_;
};

void MeasureStream(Cluster& cluster) {
  TransportTrips trips(cluster, 0, 1);
  std::vector<double> quiet;
  trips.Run(kTripsPerRound * 2, &quiet);
  StreamLoad stream(cluster);
  std::vector<double> loaded;
  stream.Start();
  while (!stream.is_done()) trips.Run(200, &loaded);
  const double seconds = stream.Finish();
  const double added_ms = (Percentile(loaded, 0.99) - Percentile(quiet, 0.99)) / 1000;
  std::printf(
      "%-34s %.0f MiB/s; small packets beside it p50 %.0f us, p99 %.0f us, alone %.0f us, "
      "%.0f us; added at p99 %.2f ms (bar 2)\n",
      "stream of 1 GiB between two nodes", kStreamBytes / seconds / (1 << 20),
      Percentile(loaded, 0.5), Percentile(loaded, 0.99), Percentile(quiet, 0.5),
      Percentile(quiet, 0.99), added_ms);
}

int Main() {
  std::printf("%s\n", Machine().c_str());
  {
    Cluster one(1);
    RawTrips raw({RawRelay::Hop::kUnix, RawRelay::Hop::kUnix});
    TransportTrips transport(one, 0, 0);
    CompareTrips("round trip on one node", transport, raw, 2.5);
    MeasureRate(one, 0, 0, "one way on one node");
  }
  Cluster two(2);
  {
    RawTrips raw({RawRelay::Hop::kUnix, RawRelay::Hop::kTcp, RawRelay::Hop::kUnix});
    TransportTrips transport(two, 0, 1);
    CompareTrips("round trip between two nodes", transport, raw, 2.0);
    MeasureRate(two, 0, 1, "one way between two nodes");
  }
  MeasureStream(two);
  return 0;
}

}  // namespace
}  // namespace ctdb::bench

int main() { return ctdb::bench::Main(); }
