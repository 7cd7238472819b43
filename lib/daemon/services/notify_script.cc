// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/notify_script.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_kj.h"

namespace ctdb::daemon {

NotifyScript::NotifyScript(kj::AsyncIoContext& io, std::string path, logging::Logger logger)
    : io_(io), path_(std::move(path)), logger_(std::move(logger)), tasks_(*this) {}

void NotifyScript::Run(absl::string_view event) {
  if (!IsRunnable()) return;
  if (waiting_.size() >= kWaitingMax) {
    logger_.Warning("notify_dropped",
                    absl::StrCat("Dropped the notification \"", event, "\": ", kWaitingMax,
                                 " others wait for ", path_, " to end"));
    return;
  }
  waiting_.emplace_back(event);
  if (script_.get() == nullptr) RunNext();
}

void NotifyScript::taskFailed(kj::Exception&& exception) {
  logger_.Error("notify_failed", ToStatus(exception).message());
}

void NotifyScript::RunNext() {
  script_ = nullptr;
  if (waiting_.empty()) return;
  const std::string event = std::move(waiting_.front());
  waiting_.pop_front();
  auto script =
      ChildProcess::Start(io_.unixEventPort, {.arguments = {path_, event}},
                          [this](ChildProcess::Stream, absl::string_view line) {
                            logger_.Info("notify_output", absl::StrCat("notify.sh: ", line));
                          });
  if (!script.ok()) {
    logger_.Warning("notify_failed", script.status().message());
    return;
  }
  script_ = *std::move(script);
  auto& process = *script_;
  tasks_.add(process.WhenExited()
                 .then([this, event](ChildExit how) {
                   if (how.kind == ChildExit::Kind::kExited && how.value == 0) return;
                   logger_.Warning("notify_failed", absl::StrCat("Notification script \"", path_,
                                                                 " ", event, "\" ", Describe(how)));
                 })
                 .exclusiveJoin(io_.provider->getTimer().afterDelay(kTimeLimit).then([this, event] {
                   logger_.Warning("notify_failed",
                                   absl::StrCat("Notification script \"", path_, " ", event,
                                                "\" was killed: it took longer than 30 seconds"));
                 }))
                 .then([this] { RunNext(); }));
}

bool NotifyScript::IsRunnable() {
  if (::access(path_.c_str(), X_OK) == 0) return true;
  if (!missing_was_logged_) {
    missing_was_logged_ = true;
    logger_.Info("notify_missing",
                 ::access(path_.c_str(), F_OK) == 0
                     ? absl::StrCat("Notification script ", path_, " is not executable.")
                     : absl::StrCat("Could not stat notification script ", path_,
                                    ". Can not send notifications."));
  }
  return false;
}

}  // namespace ctdb::daemon
