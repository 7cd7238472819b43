// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/program.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/status_kj.h"
#include "lib/base/status_macros.h"
#include "lib/config/io/environment.h"
#include "lib/config/io/load.h"
#include "lib/daemon/io/daemon_thread.h"
#include "lib/daemon/io/daemonize.h"
#include "lib/daemon/io/pid_file.h"
#include "lib/daemon/io/program_logger.h"
#include "lib/daemon/io/ready_notice.h"
#include "lib/daemon/io/signals.h"
#include "lib/daemon/io/systemd_notify.h"
#include "lib/daemon/life_cycle.h"
#include "lib/daemon/notify_message.h"
#include "lib/daemon/watchdog.h"
#include "lib/logging/io/open_sink.h"
#include "lib/logging/location.h"
#include "lib/transport/io/socket.h"

namespace ctdb::daemon {
namespace {

// A loop that does not turn for this long is stuck.
constexpr absl::Duration kLoopLimit = absl::Seconds(10);
constexpr absl::Duration kTick = absl::Milliseconds(500);
constexpr kj::Duration kDrainLimit = 500 * kj::MILLISECONDS;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Instant SteadyNow() {
  return Instant(std::chrono::duration_cast<CoreClock::duration>(
      std::chrono::steady_clock::now().time_since_epoch()));
}

// So that whoever looks into the system's log learns where to go on reading.
void AnnounceLocation(const std::string& name, const std::string& location) {
  logging::SinkOptions options;
  const auto sink = logging::OpenSink({logging::Destination::kSyslogNonblocking, ""}, options);
  if (!sink.ok()) return;
  const logging::Event event =
      logging::MakeEvent({name, ::getpid()}, LogLevel::kNotice, absl::Now(), "log_location",
                         absl::StrCat("CTDB logging to location ", location));
  (*sink)->Write(event).IgnoreError();
}

}  // namespace

// What must exist before the event loop does.
struct Prepared {
  Program::Options options;
  config::Paths paths;
  config::Config config;
  Background background;
  ReadyNotice ready_notice;
  std::optional<PidFile> pid_file;
  std::string log_location;
  logging::Logger logger;
};

class Program::Impl : private kj::TaskSet::ErrorHandler {
 public:
  explicit Impl(Prepared prepared)
      : prepared_(std::move(prepared)),
        program_(*this),
        io_(kj::setupAsyncIo()),
        tasks_(*this),
        life_cycle_({.stop_budget = kStopBudget}, SteadyNow()),
        notify_socket_(Variable("NOTIFY_SOCKET")) {
    ::unsetenv("NOTIFY_SOCKET");
    auto exit = kj::newPromiseAndFulfiller<void>();
    exit_ = kj::mv(exit.promise);
    exit_fulfiller_ = kj::mv(exit.fulfiller);
  }

  int Run(const Setup& setup) {
    absl::Status status = Start(setup);
    if (!status.ok()) return Fail(status);
    exit_.wait(io_.waitScope);
    const ExitCode code = life_cycle_.Describe().exit_code;
    prepared_.logger.Notice("stopped", code == ExitCode::kNormal
                                           ? "Shutdown sequence complete, exiting."
                                           : absl::StrCat("Exiting with code ", ToInt(code)));
    hosts_.clear();
    return ToInt(code);
  }

  absl::Status Start(const Setup& setup) {
    CTDB_ASSIGN_OR_RETURN(signals_, SignalSource::Create(io_.unixEventPort, [this](auto request) {
                            OnSignal(request);
                          }));
    main_loop_ = watchdog_.Add("main", kLoopLimit, SteadyNow());
    CTDB_ASSIGN_OR_RETURN(watchdog_period_, ParseWatchdog(Variable("WATCHDOG_USEC"),
                                                          Variable("WATCHDOG_PID"), ::getpid()));
    CTDB_RETURN_IF_ERROR(setup(program_));
    kj::Vector<kj::Promise<void>> connected;
    for (auto& host : hosts_) connected.add(host->WhenReady());
    for (auto& condition : ready_conditions_) connected.add(kj::mv(condition));
    for (auto& host : hosts_) WatchEnd(*host);
    tasks_.add(kj::joinPromises(connected.releaseAsArray())
                   .then(
                       [this] {
                         for (const auto& action : ready_actions_) action();
                         life_cycle_.OnReady(SteadyNow());
                         Pump();
                       },
                       [this](kj::Exception&& exception) { FailStart(ToStatus(exception)); }));
    tasks_.add(Tick());
    return absl::OkStatus();
  }

  void AddHost(DaemonHost::Options options) {
    logging::Logger logger = prepared_.logger.WithTag(options.name);
    hosts_.push_back(kj::heap<DaemonHost>(
        std::move(options), io_, std::move(logger), prepared_.log_location,
        [this](absl::string_view cause) { RequestStop(cause, ExitCode::kNormal); },
        [this](absl::string_view cause) { RequestReload(cause); }));
  }

  void AddThread(DaemonHost::Options options, std::function<void()> at_start) {
    const std::string loop = options.name;
    DaemonThread::Parts parts{
        prepared_.logger.WithTag(options.name), prepared_.log_location,
        [this](absl::string_view cause) { RequestStop(cause, ExitCode::kNormal); },
        [this](absl::string_view cause) { RequestReload(cause); }};
    auto thread = kj::heap<DaemonThread>(std::move(options), std::move(parts), std::move(at_start));
    loops_.push_back({watchdog_.Add(loop, kLoopLimit, SteadyNow()),
                      [&thread = *thread] { return thread.turns(); }, 0});
    hosts_.push_back(kj::mv(thread));
  }

  void RequestStop(absl::string_view cause, ExitCode exit_code) {
    // Whoever asks is answered first.
    tasks_.add(kj::evalLater([this, cause = std::string(cause), exit_code] {
      life_cycle_.OnStopRequested(cause, exit_code, SteadyNow());
      Pump();
    }));
  }

  void RequestReload(absl::string_view cause) {
    prepared_.logger.Info("reload", absl::StrCat("Reloading because of ", cause));
    life_cycle_.OnReloadRequested(SteadyNow());
    Pump();
  }

  void FailStart(const absl::Status& status) {
    Fail(status);
    life_cycle_.OnStopRequested("a failed start", ExitCodeOf(status), SteadyNow());
    Pump();
  }

  Prepared prepared_;
  Program program_;
  kj::AsyncIoContext io_;
  std::vector<kj::Own<RunningDaemon>> hosts_;
  std::vector<kj::Promise<void>> ready_conditions_;
  std::vector<std::function<void()>> ready_actions_;
  std::vector<std::function<kj::Promise<void>()>> stop_steps_;
  std::vector<std::function<void()>> reload_steps_;
  struct WatchedLoop {
    Watchdog::LoopNumber number;
    std::function<uint64_t()> turns;
    uint64_t seen = 0;
  };
  std::vector<WatchedLoop> loops_;
  Watchdog watchdog_;

 private:
  void taskFailed(kj::Exception&& exception) override {
    prepared_.logger.Error("internal_error", ToStatus(exception).message());
    life_cycle_.OnStopRequested("an internal error", ExitCode::kInternal, SteadyNow());
    Pump();
  }

  int Fail(const absl::Status& status) {
    prepared_.logger.Error("start_failed", status.message());
    prepared_.logger.Flush(absl::Seconds(1)).IgnoreError();
    const std::string line = absl::StrCat(prepared_.options.name, ": ", status.message());
    return prepared_.background.ReportFailure(ExitCodeOf(status), line);
  }

  // A daemon that the transport refuses cannot work.
  void WatchEnd(RunningDaemon& host) {
    tasks_.add(host.WhenFinished().then(
        [] {},
        [this, name = host.name()](kj::Exception&& exception) {
          prepared_.logger.Error("daemon_finished",
                                 absl::StrCat(name, " ends: ", ToStatus(exception).message()));
          life_cycle_.OnStopRequested("a refused daemon", ExitCode::kStartFailed, SteadyNow());
          Pump();
        }));
  }

  void OnSignal(const SignalRequest& request) {
    if (request.kind == SignalRequest::Kind::kReload) return RequestReload(request.cause);
    life_cycle_.OnStopRequested(request.cause, ExitCode::kNormal, SteadyNow());
    Pump();
  }

  void Notify(const std::string& message) { SendNotify(notify_socket_, message).IgnoreError(); }

  void Pump() {
    for (LifeCycle::Action action : life_cycle_.TakeOutput()) Do(action);
  }

  void Do(LifeCycle::Action action) {
    switch (action) {
      case LifeCycle::Action::kTellReady:
        return TellReady();
      case LifeCycle::Action::kTellReloading: {
        const auto since_boot = std::chrono::steady_clock::now().time_since_epoch();
        return Notify(ReloadingMessage(absl::FromChrono(since_boot)));
      }
      case LifeCycle::Action::kBeginReload:
        prepared_.logger.Reopen();
        for (const auto& step : reload_steps_) step();
        life_cycle_.OnReloaded(SteadyNow());
        return Pump();
      case LifeCycle::Action::kTellStopping:
        return Notify(StoppingMessage());
      case LifeCycle::Action::kBeginStop:
        prepared_.logger.Notice("stopping", absl::StrCat("Shutdown sequence commencing. (",
                                                         life_cycle_.Describe().stop_cause, ")"));
        tasks_.add(Drain().then([this] { return StopFrom(stop_steps_.size()); }).then([this] {
          life_cycle_.OnStopped(SteadyNow());
          Pump();
        }));
        return;
      case LifeCycle::Action::kExit:
        if (exit_fulfiller_->isWaiting()) exit_fulfiller_->fulfill();
        return;
    }
  }

  void TellReady() {
    Notify(ReadyMessage());
    prepared_.ready_notice.Send().IgnoreError();
    if (absl::Status status = prepared_.background.ReportReady(); !status.ok()) {
      prepared_.logger.Warning("background", status.message());
    }
    prepared_.logger.Info("ready", absl::StrCat(prepared_.options.name, " is ready"));
  }

  // Answers that are under way, such as the one to "shutdown", leave before anything ends.
  kj::Promise<void> Drain() {
    kj::Vector<kj::Promise<void>> drained;
    for (auto& host : hosts_) drained.add(host->WhenDrained());
    return kj::joinPromises(drained.releaseAsArray())
        .exclusiveJoin(io_.provider->getTimer().afterDelay(kDrainLimit));
  }

  kj::Promise<void> StopFrom(size_t count) {
    if (count == 0) return kj::READY_NOW;
    return stop_steps_[count - 1]().then([this, count] { return StopFrom(count - 1); });
  }

  kj::Promise<void> Tick() {
    return io_.provider->getTimer()
        .afterDelay(absl::ToInt64Milliseconds(kTick) * kj::MILLISECONDS)
        .then([this] {
          const Instant now = SteadyNow();
          life_cycle_.OnTick(now);
          Pump();
          FeedWatchdog(now);
          return Tick();
        });
  }

  void FeedWatchdog(Instant now) {
    watchdog_.OnProgress(main_loop_, now);
    for (WatchedLoop& loop : loops_) {
      const uint64_t turns = loop.turns();
      if (turns != loop.seen) watchdog_.OnProgress(loop.number, now);
      loop.seen = turns;
    }
    const auto stuck = watchdog_.StuckLoops(now);
    for (const auto& loop : stuck) prepared_.logger.Error("loop_stuck", Describe(loop));
    const bool is_due =
        watchdog_period_.has_value() && now >= After(last_watchdog_, *watchdog_period_ / 2 - kTick);
    if (stuck.empty() && is_due) {
      last_watchdog_ = now;
      Notify(WatchdogMessage());
    }
  }

  kj::TaskSet tasks_;
  kj::Own<SignalSource> signals_;
  LifeCycle life_cycle_;
  std::string notify_socket_;
  std::optional<absl::Duration> watchdog_period_;
  Instant last_watchdog_{};
  Watchdog::LoopNumber main_loop_;
  kj::Promise<void> exit_ = nullptr;
  kj::Own<kj::PromiseFulfiller<void>> exit_fulfiller_;
};

namespace {

int FailEarly(Background& background, const Program::Options& options, ExitCode code,
              const absl::Status& status) {
  return background.ReportFailure(code, absl::StrCat(options.name, ": ", status.message()));
}

}  // namespace

int Program::Run(const Options& options, const Setup& setup) {
  Background background;
  absl::StatusOr<config::Paths> paths = config::PathsFromEnvironment();
  if (!paths.ok()) return FailEarly(background, options, ExitCode::kStartFailed, paths.status());
  absl::StatusOr<config::Config> config = config::LoadConfig(*paths, config::Strictness::kLenient);
  absl::Status status = config.ok() ? config->status() : config.status();
  if (!status.ok()) {
    std::cerr << status.message() << "\n";
    return FailEarly(background, options, ExitCode::kStartFailed,
                     absl::InvalidArgumentError(
                         absl::StrCat("Failed to load configuration file ", paths->ConfigFile())));
  }
  absl::StatusOr<ReadyNotice> ready_notice = ReadyNotice::Adopt(Variable(kReadyFdVariable));
  ::unsetenv(kReadyFdVariable);
  if (!ready_notice.ok()) {
    return FailEarly(background, options, ExitCode::kStartFailed, ready_notice.status());
  }
  if (!options.is_foreground) {
    absl::StatusOr<Background> entered = Background::Enter();
    if (!entered.ok())
      return FailEarly(background, options, ExitCode::kStartFailed, entered.status());
    background = *std::move(entered);
  }
  if (status = BlockSignals(); !status.ok()) {
    return FailEarly(background, options, ExitCode::kStartFailed, status);
  }
  std::optional<PidFile> pid_file;
  if (options.has_pid_file) {
    absl::StatusOr<PidFile> created = PidFile::Create(paths->PidFile(options.name));
    if (!created.ok()) return FailEarly(background, options, ExitCode::kPidFile, created.status());
    pid_file.emplace(*std::move(created));
  }
  // A daemon in the foreground tells its parts, so that their words appear beside its own.
  const bool logs_to_stderr = options.logs_to_stderr || IsInteractive();
  if (logs_to_stderr) SetInteractive();
  const std::string location = logs_to_stderr ? "file:" : config->GetString("logging", "location");
  absl::StatusOr<logging::Logger> logger =
      OpenProgramLogger(options.name, location, config->GetString("logging", "log level"), *paths);
  if (!logger.ok()) return FailEarly(background, options, ExitCode::kStartFailed, logger.status());
  if (options.has_pid_file && location != "syslog" && !config::ReadEnvironment().test_mode) {
    AnnounceLocation(options.name, location);
  }
  Impl impl(Prepared{options, *std::move(paths), *std::move(config), std::move(background),
                     *std::move(ready_notice), std::move(pid_file), location, *std::move(logger)});
  return impl.Run(setup);
}

const std::string& Program::name() const { return impl_.prepared_.options.name; }
const config::Paths& Program::paths() const { return impl_.prepared_.paths; }
const config::Config& Program::config() const { return impl_.prepared_.config; }
logging::Logger Program::logger() const { return impl_.prepared_.logger; }
const std::string& Program::log_location() const { return impl_.prepared_.log_location; }
kj::AsyncIoContext& Program::io() { return impl_.io_; }

absl::Status Program::AddDaemon(DaemonHost::Options options) {
  impl_.AddHost(WithConnection(std::move(options)));
  return absl::OkStatus();
}

absl::Status Program::AddDaemonThread(DaemonHost::Options options, std::function<void()> at_start) {
  impl_.AddThread(WithConnection(std::move(options)), std::move(at_start));
  return absl::OkStatus();
}

DaemonHost::Options Program::WithConnection(DaemonHost::Options options) const {
  if (!options.connect) {
    options.connect = [path = paths().TransportSocket()] { return ConnectUnix(path); };
  }
  return options;
}

void Program::AwaitBeforeReady(kj::Promise<void> condition) {
  impl_.ready_conditions_.push_back(kj::mv(condition));
}

void Program::OnReady(std::function<void()> action) {
  impl_.ready_actions_.push_back(std::move(action));
}

void Program::AddStopStep(std::function<kj::Promise<void>()> step) {
  impl_.stop_steps_.push_back(std::move(step));
}

void Program::AddReloadStep(std::function<void()> step) {
  impl_.reload_steps_.push_back(std::move(step));
}

void Program::WatchLoop(std::string loop, std::function<uint64_t()> turns) {
  impl_.loops_.push_back({impl_.watchdog_.Add(loop, kLoopLimit, SteadyNow()), std::move(turns), 0});
}

void Program::RequestStop(absl::string_view cause, ExitCode exit_code) {
  impl_.RequestStop(cause, exit_code);
}

void Program::FailStart(const absl::Status& status) { impl_.FailStart(status); }

void Program::RequestReload(absl::string_view cause) { impl_.RequestReload(cause); }

}  // namespace ctdb::daemon
