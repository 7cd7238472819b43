// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/bulk_streams.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/transport/io/transport_loop.h"
#include "tests/testing/captured_log.h"
#include "tests/testing/free_port.h"

namespace ctdb {
namespace {

constexpr uint64_t kBytes = 20 << 20;

// Gives `size` bytes of a known pattern.
class PatternSource final : public kj::AsyncInputStream {
 public:
  explicit PatternSource(uint64_t size) : size_(size) {}
  kj::Promise<size_t> tryRead(void* buffer, size_t, size_t max) override {
    const size_t count = static_cast<size_t>(std::min<uint64_t>(max, size_ - position_));
    for (size_t i = 0; i < count; ++i) {
      static_cast<kj::byte*>(buffer)[i] = static_cast<kj::byte>((position_ + i) * 31);
    }
    position_ += count;
    return count;
  }
  uint64_t position() const { return position_; }

 private:
  const uint64_t size_;
  uint64_t position_ = 0;
};

// Checks the pattern; can be held up.
class PatternSink final : public kj::AsyncOutputStream {
 public:
  struct State {
    uint64_t received = 0;
    bool is_right = true;
    bool is_held_up = false;
    kj::Own<kj::PromiseFulfiller<void>> release;
    kj::Maybe<kj::Exception> failure;
  };
  explicit PatternSink(State& state) : state_(state) {}
  kj::Promise<void> write(const void* buffer, size_t size) override {
    KJ_IF_MAYBE (failure, state_.failure) return kj::cp(*failure);
    for (size_t i = 0; i < size; ++i) {
      const auto expected = static_cast<kj::byte>((state_.received + i) * 31);
      if (static_cast<const kj::byte*>(buffer)[i] != expected) state_.is_right = false;
    }
    state_.received += size;
    if (!state_.is_held_up) return kj::READY_NOW;
    auto paf = kj::newPromiseAndFulfiller<void>();
    state_.release = kj::mv(paf.fulfiller);
    return kj::mv(paf.promise);
  }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    return KJ_EXCEPTION(UNIMPLEMENTED, "not used");
  }
  kj::Promise<void> whenWriteDisconnected() override { return kj::NEVER_DONE; }

 private:
  State& state_;
};

// Two nodes in this process, a sender on the first and a receiver on the second.
class BulkStreamsTest : public testing::Test {
 protected:
  BulkStreamsTest() : io_(kj::setupAsyncIo()) {
    const uint16_t port = test::FreePort();
    for (uint32_t i = 0; i < 2; ++i) {
      TransportLoop::Options options;
      options.local = NodeNumber(i);
      options.nodes = {{NodeNumber(0), "127.0.0.1"}, {NodeNumber(1), "127.0.0.2"}};
      options.port = port;
      options.seed = i;
      loops_.push_back(*TransportLoop::Start(options, log_.logger()));
    }
    while (!loops_[0]->Nodes()[1].is_connected || !loops_[1]->Nodes()[0].is_connected) Turn();
    sender_ = MakeEndpoint(0, ServiceId::kClient);
    receiver_ = MakeEndpoint(1, ServiceId::kDatabase);
    outgoing_ = std::make_unique<BulkStreams>(*sender_);
    incoming_ = std::make_unique<BulkStreams>(*receiver_);
    incoming_->OnOffer([this](const BulkStreams::Offer& offer) {
      offer_ = offer;
      return absl::StatusOr<BulkStreams::Sink>(
          BulkStreams::Sink{kj::heap<PatternSink>(sink_), [this](const absl::Status& status) {
                              end_ = status;
                              has_ended_ = true;
                            }});
    });
  }

  ~BulkStreamsTest() noexcept override = default;

  std::unique_ptr<Endpoint> MakeEndpoint(size_t node, ServiceId service) {
    Endpoint::Options options;
    options.connect = [this, node] { return loops_[node]->ConnectInProcess(); };
    options.hello = {"test", service};
    options.reconnects = false;
    auto endpoint =
        std::make_unique<Endpoint>(io_.unixEventPort, io_.provider->getTimer(), options);
    endpoint->WhenReady().wait(io_.waitScope);
    return endpoint;
  }

  void Turn() { io_.provider->getTimer().afterDelay(kj::MILLISECONDS).wait(io_.waitScope); }
  template <typename Condition>
  void Await(Condition condition) {
    const absl::Time deadline = absl::Now() + absl::Seconds(20);
    while (!condition()) {
      ASSERT_LT(absl::Now(), deadline) << "did not happen in time";
      Turn();
    }
  }

  kj::Promise<void> Send(PatternSource& source) {
    return outgoing_->Send({NodeNumber(1), ServiceId::kDatabase, {}}, "backup", kBytes, source);
  }
  absl::Status Result(kj::Promise<void> promise) {
    absl::Status status;
    promise.then([] {}, [&](kj::Exception&& exception) { status = ToStatus(exception); })
        .wait(io_.waitScope);
    return status;
  }

  kj::AsyncIoContext io_;
  test::CapturedLog log_;
  std::vector<std::unique_ptr<TransportLoop>> loops_;
  std::unique_ptr<Endpoint> sender_;
  std::unique_ptr<Endpoint> receiver_;
  PatternSink::State sink_;
  BulkStreams::Offer offer_;
  absl::Status end_;
  bool has_ended_ = false;
  std::unique_ptr<BulkStreams> outgoing_;
  std::unique_ptr<BulkStreams> incoming_;
};

TEST_F(BulkStreamsTest, EverythingArrivesInOrderAndBothSidesLearnIt) {
  PatternSource source(kBytes);
  EXPECT_EQ(Result(Send(source)), absl::OkStatus());
  EXPECT_EQ(offer_.name, "backup");
  EXPECT_EQ(offer_.bytes_total, kBytes);
  EXPECT_EQ(offer_.from, sender_->address());
  EXPECT_EQ(sink_.received, kBytes);
  EXPECT_TRUE(sink_.is_right);
  Await([&] { return has_ended_; });
  EXPECT_EQ(end_, absl::OkStatus());
}

TEST_F(BulkStreamsTest, AnEmptyStreamIsAStream) {
  PatternSource source(0);
  EXPECT_EQ(Result(Send(source)), absl::OkStatus());
  EXPECT_EQ(sink_.received, 0u);
}

TEST_F(BulkStreamsTest, AReceiverThatStandsStillHoldsTheSenderAtTheWindow) {
  sink_.is_held_up = true;
  PatternSource source(kBytes);
  auto sending = Send(source).eagerlyEvaluate(nullptr);
  Await([&] { return source.position() == kStreamWindowBytes; });
  // Nothing more comes while the first write is not done, whatever else happens meanwhile.
  for (int i = 0; i < 50; ++i) Turn();
  EXPECT_EQ(source.position(), kStreamWindowBytes);
  sink_.is_held_up = false;
  sink_.release->fulfill();
  EXPECT_EQ(Result(kj::mv(sending)), absl::OkStatus());
  EXPECT_TRUE(sink_.is_right);
}

TEST_F(BulkStreamsTest, ARefusalReachesTheSenderWithItsReason) {
  incoming_->OnOffer([](const BulkStreams::Offer&) -> absl::StatusOr<BulkStreams::Sink> {
    return absl::ResourceExhaustedError("the disk is full");
  });
  PatternSource source(kBytes);
  EXPECT_EQ(Result(Send(source)), absl::ResourceExhaustedError("the disk is full"));
}

TEST_F(BulkStreamsTest, AWriteErrorReachesTheSender) {
  sink_.failure = ToException(absl::ResourceExhaustedError("no space left"));
  PatternSource source(kBytes);
  const absl::Status status = Result(Send(source));
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "no space left"));
  EXPECT_FALSE(end_.ok());
}

TEST_F(BulkStreamsTest, ASenderThatGivesUpEndsTheReceiversHalf) {
  sink_.is_held_up = true;
  {
    PatternSource source(kBytes);
    auto sending = Send(source).eagerlyEvaluate(nullptr);
    Await([&] { return sink_.received > 0; });
  }
  Await([&] { return has_ended_; });
  EXPECT_TRUE(absl::IsCancelled(end_)) << end_;
}

TEST_F(BulkStreamsTest, ALostReceiverAndALostNodeEndTheSendersHalfAtOnce) {
  sink_.is_held_up = true;
  PatternSource first(kBytes);
  auto sending = Send(first).eagerlyEvaluate(nullptr);
  Await([&] { return sink_.received > 0; });
  incoming_.reset();
  receiver_.reset();
  EXPECT_TRUE(absl::IsUnavailable(Result(kj::mv(sending))));

  PatternSource second(kBytes);
  loops_[1].reset();
  EXPECT_TRUE(absl::IsUnavailable(Result(Send(second))));
}

TEST_F(BulkStreamsTest, WhereNobodyTakesStreamsTheSenderIsTold) {
  PatternSource source(kBytes);
  auto nobody = outgoing_->Send({NodeNumber(1), ServiceId::kEvent, {}}, "x", 0, source);
  const absl::Status status = Result(kj::mv(nobody));
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "the service does not run there"));
}

}  // namespace
}  // namespace ctdb
