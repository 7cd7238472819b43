// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/daemon_host.h"

#include <unistd.h>

#include <utility>

#include "absl/time/clock.h"
#include "lib/base/log_level.h"
#include "lib/base/status_kj.h"
#include "lib/base/version.h"

namespace ctdb::daemon {
namespace {

double Seconds(absl::Time time) { return absl::ToDoubleSeconds(time - absl::UnixEpoch()); }

kj::StringPtr KjText(const std::string& text) { return {text.c_str(), text.size()}; }
std::string Text(absl::string_view text) { return std::string(text); }

}  // namespace

ControlServer::ControlServer(DaemonContext& context)
    : context_(context), counting_since_(absl::Now()) {}

kj::Promise<void> ControlServer::ping(PingContext context) {
  context.getResults().setTime(Seconds(absl::Now()));
  return kj::READY_NOW;
}

kj::Promise<void> ControlServer::version(VersionContext context) {
  auto version = context.getResults().initVersion();
  version.setSoftware(KjText(Text(kSoftwareVersion)));
  version.setProtocolMajor(kProtocolMajor);
  version.setProtocolMinor(kProtocolMinor);
  return kj::READY_NOW;
}

kj::Promise<void> ControlServer::status(StatusContext context) {
  auto status = context.getResults().initStatus();
  const Address& address = context_.endpoint.address();
  status.setName(KjText(context_.name));
  status.setNode(address.node.value());
  status.setService(static_cast<uint16_t>(address.service));
  status.setInstance(address.instance.value());
  status.setPid(static_cast<uint32_t>(::getpid()));
  status.setStartTime(Seconds(context_.start_time));
  status.setLogLevel(KjText(Text(LogLevelName(context_.logger.level()))));
  const logging::LogStatistics log = context_.logger.statistics();
  auto sink = status.initLogSink();
  sink.setLocation(KjText(context_.log_location));
  sink.setWritten(log.written);
  sink.setDropped(log.dropped);
  sink.setFailing(log.is_failing);
  sink.setLastError(KjText(Text(log.last_error.message())));
  return kj::READY_NOW;
}

kj::Promise<void> ControlServer::statistics(StatisticsContext context) {
  auto results = context.getResults();
  results.setSince(Seconds(counting_since_));
  results.setNow(Seconds(absl::Now()));
  const std::vector<CounterLine> lines = Counters();
  auto counters = results.initCounters(static_cast<uint32_t>(lines.size()));
  for (uint32_t i = 0; i < lines.size(); ++i) {
    counters[i].setName(KjText(lines[i].name));
    counters[i].setValue(lines[i].value);
    counters[i].setMeaning(KjText(lines[i].meaning));
  }
  return kj::READY_NOW;
}

kj::Promise<void> ControlServer::resetStatistics(ResetStatisticsContext context) {
  ResetCounters();
  counting_since_ = absl::Now();
  return kj::READY_NOW;
}

kj::Promise<void> ControlServer::getLogLevel(GetLogLevelContext context) {
  context.getResults().setLevel(KjText(Text(LogLevelName(context_.logger.level()))));
  return kj::READY_NOW;
}

kj::Promise<void> ControlServer::setLogLevel(SetLogLevelContext context) {
  const auto text = context.getParams().getLevel();
  const absl::StatusOr<LogLevel> level = ParseLogLevel({text.begin(), text.size()});
  if (!level.ok()) return ToException(level.status());
  context_.logger.SetLevel(*level);
  return kj::READY_NOW;
}

kj::Promise<void> ControlServer::reload(ReloadContext context) {
  context_.request_reload("a request");
  return kj::READY_NOW;
}

kj::Promise<void> ControlServer::shutdown(ShutdownContext context) {
  context_.request_stop("a request");
  return kj::READY_NOW;
}

DaemonHost::DaemonHost(Options options, kj::AsyncIoContext& io, logging::Logger logger,
                       std::string log_location,
                       std::function<void(absl::string_view)> request_stop,
                       std::function<void(absl::string_view)> request_reload)
    : endpoint_(io.unixEventPort, io.provider->getTimer(),
                {.connect = std::move(options.connect),
                 .hello = {options.name + " " + std::string(kSoftwareVersion), options.service},
                 .direct = std::move(options.direct)}),
      context_{options.name,
               io,
               endpoint_,
               std::move(logger),
               std::move(log_location),
               absl::Now(),
               [this](const Address& address) { return rpc_.Bootstrap(address); },
               std::move(request_stop),
               std::move(request_reload)},
      rpc_(endpoint_, options.make(context_)) {}

// Waits for the answer to a ping, which follows everything sent before it.
class DaemonHost::Drain : public Endpoint::Observer {
 public:
  explicit Drain(Endpoint& endpoint) : endpoint_(endpoint) {
    endpoint_.AddObserver(this);
    auto done = kj::newPromiseAndFulfiller<void>();
    done_ = kj::mv(done.promise);
    fulfiller_ = kj::mv(done.fulfiller);
    if (!endpoint_.Ping(kDrainPing).ok()) fulfiller_->fulfill();
  }
  ~Drain() noexcept override { endpoint_.RemoveObserver(this); }

  kj::Promise<void> Wait() { return kj::mv(done_); }

  void OnPong(uint64_t request_id) override {
    if (request_id == kDrainPing) fulfiller_->fulfill();
  }
  void OnDisconnected(const absl::Status&) override { fulfiller_->fulfill(); }

 private:
  static constexpr uint64_t kDrainPing = ~uint64_t{0};

  Endpoint& endpoint_;
  kj::Promise<void> done_ = nullptr;
  kj::Own<kj::PromiseFulfiller<void>> fulfiller_;
};

kj::Promise<void> DaemonHost::WhenDrained() {
  auto drain = kj::heap<Drain>(endpoint_);
  auto done = drain->Wait();
  return done.attach(kj::mv(drain));
}

}  // namespace ctdb::daemon
