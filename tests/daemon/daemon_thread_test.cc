// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/daemon_thread.h"

#include <gtest/gtest.h>
#include <kj/debug.h>
#include <pthread.h>

#include <chrono>
#include <memory>
#include <optional>

#include "tests/transport/rpc_fixture.h"

namespace ctdb::daemon {
namespace {

constexpr auto kService = static_cast<ServiceId>(1000);

// Where and when things happened on the daemon's thread; read when it is known to be over.
struct Seen {
  std::thread::id at_start;
  std::thread::id made_on;
  std::thread::id ended_on;
  std::string thread_name;
};

class TestServer final : public ControlServer {
 public:
  TestServer(DaemonContext& context, Seen& seen) : ControlServer(context), seen_(seen) {
    seen_.made_on = std::this_thread::get_id();
  }
  ~TestServer() noexcept { seen_.ended_on = std::this_thread::get_id(); }

 private:
  Seen& seen_;
};

class DaemonThreadTest : public test::RpcFixture {
 protected:
  DaemonThreadTest() { StartNodes(1); }
  ~DaemonThreadTest() noexcept override = default;

  std::unique_ptr<DaemonThread> MakeThread(Seen& seen) {
    DaemonHost::Options options;
    options.name = "a-daemon-with-a-long-name";
    options.service = kService;
    options.connect = [] { return ConnectUnix(SocketPath(0)); };
    options.make = [&seen](DaemonContext& context) -> capnp::Capability::Client {
      return kj::heap<TestServer>(context, seen);
    };
    DaemonThread::Parts parts{log_.logger(), "file:test",
                              [this](absl::string_view cause) { Request("stop", cause); },
                              [this](absl::string_view cause) { Request("reload", cause); }};
    return std::make_unique<DaemonThread>(std::move(options), std::move(parts), [&seen] {
      seen.at_start = std::this_thread::get_id();
      EXPECT_EQ(seen.made_on, std::thread::id()) << "first thing";
      char name[16] = "";
      ::pthread_getname_np(::pthread_self(), name, sizeof(name));
      seen.thread_name = name;
    });
  }
  void Request(const std::string& what, absl::string_view cause) {
    requests_.push_back(absl::StrCat(what, ": ", cause));
    requested_on_ = std::this_thread::get_id();
  }
  // Calls the daemon as a client of this node's transport.
  wire::DaemonControl::Client Control() {
    if (client_ == nullptr) {
      client_ = ReadyEndpoint(0);
      rpc_ = std::make_unique<RpcEndpoint>(*client_, KJ_EXCEPTION(UNIMPLEMENTED, "a client"));
    }
    return rpc_->Bootstrap({kThisNode, kService, InstanceNumber(0)}).castAs<wire::DaemonControl>();
  }

  const std::thread::id here_ = std::this_thread::get_id();
  std::vector<std::string> requests_;
  std::thread::id requested_on_;
  std::unique_ptr<Endpoint> client_;
  std::unique_ptr<RpcEndpoint> rpc_;
};

TEST_F(DaemonThreadTest, TheDaemonIsMadeAndEndsOnAThreadOfItsOwn) {
  Seen seen;
  auto thread = MakeThread(seen);
  EXPECT_EQ(thread->name(), "a-daemon-with-a-long-name");
  EXPECT_EQ(Wait(thread->WhenReady()), absl::OkStatus());
  thread.reset();
  EXPECT_NE(seen.made_on, here_);
  EXPECT_EQ(seen.at_start, seen.made_on);
  EXPECT_EQ(seen.ended_on, seen.made_on);
  EXPECT_EQ(seen.thread_name, "a-daemon-with-a") << "what the system has room for";
}

TEST_F(DaemonThreadTest, ItAnswersOverTheTransport) {
  Seen seen;
  auto thread = MakeThread(seen);
  EXPECT_EQ(Wait(thread->WhenReady()), absl::OkStatus());
  EXPECT_EQ(Wait(Control().pingRequest().send().ignoreResult()), absl::OkStatus());
  EXPECT_EQ(Wait(thread->WhenDrained()), absl::OkStatus());
}

TEST_F(DaemonThreadTest, RequestsToTheProgramArriveOnTheProgramsLoopInTheirOrder) {
  Seen seen;
  auto thread = MakeThread(seen);
  EXPECT_EQ(Wait(thread->WhenReady()), absl::OkStatus());
  auto control = Control();
  EXPECT_EQ(Wait(control.reloadRequest().send().ignoreResult()), absl::OkStatus());
  EXPECT_EQ(Wait(control.shutdownRequest().send().ignoreResult()), absl::OkStatus());
  AwaitLoop([&] { return requests_.size() == 2; });
  EXPECT_EQ(requests_, (std::vector<std::string>{"reload: a request", "stop: a request"}));
  EXPECT_EQ(requested_on_, here_);
}

TEST_F(DaemonThreadTest, ItTurnsWhileTheProgramsLoopStandsStill) {
  Seen seen;
  auto thread = MakeThread(seen);
  const uint64_t before = thread->turns();
  Await([&] { return thread->turns() >= before + 2; });
}

TEST_F(DaemonThreadTest, ARefusalByTheTransportIsReported) {
  auto other = ReadyEndpoint(0, kService);
  Seen seen;
  auto thread = MakeThread(seen);
  EXPECT_TRUE(absl::IsAlreadyExists(Wait(thread->WhenReady())));
  EXPECT_TRUE(absl::IsAlreadyExists(Wait(thread->WhenFinished())));
}

TEST_F(DaemonThreadTest, WithoutATransportItEndsAllTheSame) {
  loops_[0].reset();
  Seen seen;
  auto thread = MakeThread(seen);
  auto ready = thread->WhenReady();
  EXPECT_FALSE(ready.poll(io_.waitScope));
  thread.reset();
  EXPECT_EQ(seen.ended_on, seen.made_on);
  EXPECT_FALSE(Wait(kj::mv(ready)).ok()) << "nobody waits for ever";
}

TEST_F(DaemonThreadTest, ItStartsAndEndsManyTimes) {
  for (int i = 0; i < 50; ++i) {
    Seen seen;
    MakeThread(seen);
    EXPECT_EQ(seen.ended_on, seen.made_on);
  }
}

}  // namespace
}  // namespace ctdb::daemon
