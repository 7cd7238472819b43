// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/transport_loop.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/cord.h"
#include "lib/base/io/event_fd.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/transport/busy_period.h"
#include "lib/transport/io/node_links.h"
#include "lib/transport/io/switch.h"

namespace ctdb {
namespace {

// Keys of what is watched beside ports, which count up from 1.
constexpr uint64_t kWakeKey = ~uint64_t{0};
constexpr uint64_t kNodeListenerKey = kWakeKey - 1;
constexpr uint64_t kEndpointListenerKey = kWakeKey - 2;

constexpr int kEventsMax = 64;
constexpr absl::Duration kTick = absl::Milliseconds(250);

Instant SteadyNow() {
  return Instant(std::chrono::duration_cast<CoreClock::duration>(
      std::chrono::steady_clock::now().time_since_epoch()));
}

absl::Status Watch(int epoll_fd, int fd, uint64_t key) {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u64 = key;
  if (::epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, "watch", "a socket");
}

}  // namespace

class TransportLoop::Loop {
 public:
  Loop(const Options& options, logging::Logger logger)
      : options_(options),
        logger_(std::move(logger)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
        switch_(options_, epoll_.get(), logger_),
        links_(options_, switch_, logger_) {
    switch_.SetLinkOwner(&links_);
  }

  ~Loop() {
    if (thread_.joinable()) {
      Post([this] { is_stopping_ = true; });
      thread_.join();
    }
    if (endpoint_listener_.is_open()) ::unlink(options_.socket_path.c_str());
  }

  absl::Status Start() {
    if (!epoll_.is_open() || !wake_.is_open()) return ErrnoStatus(errno, "make", "an event loop");
    CTDB_RETURN_IF_ERROR(links_.SetNodes(options_.nodes, SteadyNow()));
    const auto local =
        std::find_if(options_.nodes.begin(), options_.nodes.end(),
                     [&](const TransportNode& node) { return node.number == options_.local; });
    CTDB_ASSIGN_OR_RETURN(node_listener_, ListenTcp(local->address, options_.port));
    if (!options_.socket_path.empty()) {
      auto listener = ListenUnix(options_.socket_path, options_.socket_mode);
      if (!listener.ok()) {
        absl::Status status = listener.status();
        status.SetPayload(kEndpointSocketPayload, absl::Cord());
        return status;
      }
      endpoint_listener_ = *std::move(listener);
      CTDB_RETURN_IF_ERROR(Watch(epoll_.get(), endpoint_listener_.get(), kEndpointListenerKey));
    }
    CTDB_RETURN_IF_ERROR(Watch(epoll_.get(), node_listener_.get(), kNodeListenerKey));
    CTDB_RETURN_IF_ERROR(Watch(epoll_.get(), wake_.get(), kWakeKey));
    if (options_.has_thread) thread_ = std::thread([this] { Run(); });
    return absl::OkStatus();
  }

  // Runs `function` while nobody else is at work here, and returns its result.
  template <typename Function>
  auto Call(Function function) -> decltype(function()) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (worker_ == std::thread::id()) return function();
    if (worker_ == std::this_thread::get_id()) {
      lock.unlock();
      return function();
    }
    std::packaged_task<decltype(function())()> task(std::move(function));
    auto result = task.get_future();
    commands_.push_back([&task] { task(); });
    lock.unlock();
    Wake();
    return result.get();
  }

  void Post(std::function<void()> command) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      commands_.push_back(std::move(command));
    }
    Wake();
  }

  void Wake() { RaiseEventFd(wake_.get()); }

  void BeginTurns(std::function<void()> on_direct) {
    const std::lock_guard<std::mutex> lock(mutex_);
    worker_ = std::this_thread::get_id();
    next_tick_ = SteadyNow();
    on_direct_ = std::move(on_direct);
  }

  PortNumber BeginDirect(const Address& address, std::function<void(Bytes)> deliver) {
    if (!IsWorker()) return PortNumber();
    return switch_.SetDirect(address, std::move(deliver));
  }

  bool SendDirect(PortNumber number, Bytes frames) {
    if (!IsWorker()) return false;
    const bool is_sent = switch_.OnDirect(number, frames, SteadyNow());
    on_direct_();
    return is_sent;
  }

  // Nobody is to wait for a turn that does not come.
  void EndTurns() {
    while (true) {
      RunCommands();
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!commands_.empty()) continue;
      worker_ = std::thread::id();
      return;
    }
  }

  int ready_fd() const { return epoll_.get(); }
  Instant NextTurn() const {
    return std::min({next_tick_, links_.NextDial(), switch_.NextDeadline(), busy_.NextDeadline()});
  }

  // Waits for something to do until `until`. Whether there was anything.
  bool Turn(Instant until) {
    Instant now = SteadyNow();
    RunTimers(now);
    const timespec wait =
        absl::ToTimespec(absl::FromChrono(std::max(std::min(until, NextTurn()), now) - now));
    epoll_event events[kEventsMax];
    const int count = ::epoll_pwait2(epoll_.get(), events, kEventsMax, &wait, nullptr);
    now = SteadyNow();
    links_.SetNow(now);
    if (count > 0 && busy_.OnWakeup(now)) ReportBusy();
    for (int i = 0; i < count; ++i) Handle(events[i], now);
    turns_.fetch_add(1, std::memory_order_relaxed);
    return count > 0;
  }

  Switch& packet_switch() { return switch_; }
  NodeLinks& links() { return links_; }
  uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }

 private:
  bool IsWorker() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return worker_ == std::this_thread::get_id();
  }

  void RunCommands() {
    ClearEventFd(wake_.get());
    std::vector<std::function<void()>> commands;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      commands.swap(commands_);
    }
    for (const auto& command : commands) command();
  }

  void Run() {
    ::pthread_setname_np(::pthread_self(), "ctdb-transport");  // For "top -H" and debuggers.
    if (options_.at_start) options_.at_start();
    BeginTurns({});
    while (!is_stopping_) Turn(kNever);
    EndTurns();
  }

  void RunTimers(Instant now) {
    if (now >= links_.NextDial()) links_.OnTick(now);
    if (now >= switch_.NextDeadline()) switch_.OnDeadline(now);
    if (busy_.OnDeadline(now)) ReportBusy();
    if (now < next_tick_) return;
    switch_.OnTick(now);
    WakeListeners();
    next_tick_ = After(now, kTick);
  }

  void ReportBusy() {
    if (options_.on_busy) options_.on_busy(busy_.is_busy());
  }

  // Those that could not accept try again.
  void WakeListeners() {
    for (const auto& [listener, key] : resting_listeners_) {
      Watch(epoll_.get(), listener, key).IgnoreError();
    }
    resting_listeners_.clear();
  }

  void Handle(const epoll_event& event, Instant now) {
    switch (event.data.u64) {
      case kWakeKey:
        return RunCommands();
      case kNodeListenerKey:
        return AcceptAll(node_listener_.get(), kNodeListenerKey,
                         [&](UniqueFd fd) { links_.Accept(std::move(fd), now); });
      case kEndpointListenerKey:
        return AcceptAll(endpoint_listener_.get(), kEndpointListenerKey,
                         [&](UniqueFd fd) { switch_.OpenEndpoint(std::move(fd), now); });
      default:
        return switch_.OnReady(PortNumber(event.data.u64), event.events, now);
    }
  }

  template <typename Function>
  void AcceptAll(int listener, uint64_t key, Function take) {
    while (true) {
      absl::StatusOr<UniqueFd> fd = Accept(listener);
      if (!fd.ok()) {
        // Out of descriptors, most likely: the connection waits, other work goes on.
        if (!is_accept_failing_) logger_.Error("accept_failed", fd.status().message());
        is_accept_failing_ = true;
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener, nullptr);
        resting_listeners_.emplace_back(listener, key);
        return;
      }
      if (!fd->is_open()) return;
      is_accept_failing_ = false;
      take(*std::move(fd));
    }
  }

  const Options options_;
  logging::Logger logger_;
  UniqueFd epoll_;
  UniqueFd wake_;
  UniqueFd node_listener_;
  UniqueFd endpoint_listener_;
  Switch switch_;
  NodeLinks links_;
  Instant next_tick_{};
  BusyPeriod busy_;
  std::mutex mutex_;
  std::vector<std::function<void()>> commands_;
  std::thread::id worker_;  // Whose turns these are; none: nobody's, for now.
  std::function<void()> on_direct_;
  bool is_stopping_ = false;
  bool is_accept_failing_ = false;                           // And that was logged.
  std::vector<std::pair<int, uint64_t>> resting_listeners_;  // Not watched until the next tick.
  std::atomic<uint64_t> turns_{0};
  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<TransportLoop>> TransportLoop::Start(const Options& options,
                                                                    logging::Logger logger) {
  auto loop = std::make_unique<Loop>(options, std::move(logger));
  CTDB_RETURN_IF_ERROR(loop->Start());
  return std::unique_ptr<TransportLoop>(new TransportLoop(std::move(loop)));
}

TransportLoop::TransportLoop(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
TransportLoop::~TransportLoop() = default;

absl::StatusOr<UniqueFd> TransportLoop::ConnectInProcess() {
  auto pair = MakeSocketPair();
  if (!pair.ok()) return pair.status();
  loop_->Call([&] {
    loop_->packet_switch().OpenEndpoint(std::move(pair->first), SteadyNow());
    return true;
  });
  return std::move(pair->second);
}

absl::Status TransportLoop::SetNodes(std::vector<TransportNode> nodes) {
  return loop_->Call([&] { return loop_->links().SetNodes(std::move(nodes), SteadyNow()); });
}

void TransportLoop::SetDataHandler(ServiceId service, DataHandler* handler) {
  loop_->Call([&] {
    loop_->packet_switch().SetDataHandler(service, handler);
    return true;
  });
}

void TransportLoop::RunDataHandler() {
  loop_->Post([loop = loop_.get()] { loop->packet_switch().RunDataHandler(SteadyNow()); });
}

std::vector<NodeStatus> TransportLoop::Nodes() {
  return loop_->Call([&] { return loop_->links().Status(SteadyNow()); });
}

std::vector<EndpointStatus> TransportLoop::Endpoints() {
  return loop_->Call([&] { return loop_->packet_switch().Endpoints(); });
}

TransportCounters TransportLoop::Counters() {
  return loop_->Call([&] { return loop_->packet_switch().counters(); });
}

void TransportLoop::ResetCounters() {
  loop_->Call([&] { return loop_->packet_switch().counters() = TransportCounters(); });
}

uint64_t TransportLoop::turns() const { return loop_->turns(); }

void TransportLoop::BeginTurns(std::function<void()> on_direct) {
  loop_->BeginTurns(std::move(on_direct));
}
void TransportLoop::EndTurns() { loop_->EndTurns(); }
int TransportLoop::ready_fd() const { return loop_->ready_fd(); }
bool TransportLoop::Turn() { return loop_->Turn(Instant::min()); }
Instant TransportLoop::NextTurn() const { return loop_->NextTurn(); }
void TransportLoop::Wake() { loop_->Wake(); }

PortNumber TransportLoop::BeginDirect(const Address& address, std::function<void(Bytes)> deliver) {
  return loop_->BeginDirect(address, std::move(deliver));
}

void TransportLoop::EndDirect(PortNumber number) {
  loop_->Call([&] {
    loop_->packet_switch().EndDirect(number);
    return true;
  });
}

bool TransportLoop::SendDirect(PortNumber number, Bytes frames) {
  return loop_->SendDirect(number, frames);
}

}  // namespace ctdb
