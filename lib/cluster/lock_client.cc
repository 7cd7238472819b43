// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/lock_client.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace ctdb::cluster {
namespace {

// What to do about a helper that did not work, when it has said so itself.
constexpr absl::string_view kSeeItsMessages = "; its own messages in the log say more";

std::string Name(const std::string& helper) {
  return absl::StrCat("the cluster lock helper ", helper);
}

std::string AdviceFor(int error_number) {
  switch (error_number) {
    case ENOENT:
      return "install it, or correct \"cluster lock\"; if it is there, the interpreter in its "
             "first line is not";
    case EACCES:
      return "make it executable, or correct \"cluster lock\"";
    case ENOEXEC:
      return "a script needs a first line such as #!/bin/sh, and a program must be made for this "
             "machine";
    default:
      return "see that it can be run by hand, or correct \"cluster lock\"";
  }
}

std::string NotExecutedText(const std::string& helper, int error_number) {
  return absl::StrCat(Name(helper),
                      " cannot be executed: ", std::generic_category().message(error_number), ": ",
                      AdviceFor(error_number));
}

}  // namespace

LockClient::LockClient(Options options) : options_(std::move(options)) {}

void LockClient::Take(Instant now) {
  if (want_ == Want::kTaking) return;
  if (want_ == Want::kHeld) {
    output_.push_back(Answer{LockAnswer::kTaken, ""});
    return;
  }
  want_ = Want::kTaking;
  attempt_deadline_ = After(now, options_.attempt_limit);
  ++status_.attempts;
  if (!helper_) Start(now);
  Note(now);
}

void LockClient::Release(Instant now) {
  if (want_ == Want::kNothing) return;
  want_ = Want::kNothing;
  attempt_deadline_ = kNever;
  if (IsWorking()) TerminateHelper(now);
  Note(now);
}

void LockClient::OnOutput(uint64_t generation, absl::string_view bytes, Instant now) {
  const bool is_awaited = IsPresent(generation) && IsWorking() && want_ == Want::kTaking;
  if (!is_awaited || bytes.empty()) return;
  switch (bytes[0]) {
    case '0':
      want_ = Want::kHeld;
      attempt_deadline_ = kNever;
      Say(LockAnswer::kTaken, "", now);
      Note(now);
      return;
    case '1':
      Fail(LockAnswer::kContended, "another node holds the cluster lock", now);
      break;
    case '2':
      Fail(LockAnswer::kTimedOut,
           absl::StrCat(Name(options_.helper),
                        " ran out of time: see that what it locks can be reached", kSeeItsMessages),
           now);
      break;
    case '3':
      Fail(LockAnswer::kFailed,
           absl::StrCat(Name(options_.helper), " reported an error", kSeeItsMessages), now);
      break;
    default:
      Fail(LockAnswer::kFailed,
           absl::StrCat(Name(options_.helper), " printed \"", absl::CHexEscape(bytes.substr(0, 1)),
                        "\", which is no answer: it must print 0 (taken), 1 (held by another), 2 "
                        "(timeout) or 3 (error) first"),
           now);
      break;
  }
  Leave(now);
  Note(now);
}

void LockClient::OnOutputClosed(uint64_t generation, Instant now) {
  if (!IsPresent(generation) || !IsWorking()) return;
  if (want_ == Want::kHeld) {
    // Mostly the first sign of its end; nobody waits for the second one.
    Fail(LockAnswer::kLost,
         absl::StrCat(Name(options_.helper), " ended, or closed its output, while it held the lock",
                      kSeeItsMessages),
         now);
    TerminateHelper(now);
    Note(now);
    return;
  }
  // Why it ends is known when it has ended; if it does not, that is an answer as well.
  if (helper_->deadline == kNever) helper_->deadline = After(now, options_.end_grace);
}

void LockClient::OnExited(uint64_t generation, const daemon::ChildExit& how, Instant now) {
  if (!IsPresent(generation)) return;
  if (how.kind == daemon::ChildExit::Kind::kNotStarted) {
    OnEnd(NotExecutedText(options_.helper, how.value), now);
  } else if (want_ == Want::kHeld) {
    OnEnd(absl::StrCat(Name(options_.helper), " ", daemon::Describe(how), " while it held the lock",
                       kSeeItsMessages),
          now);
  } else {
    OnEnd(absl::StrCat(Name(options_.helper), " ", daemon::Describe(how), " without an answer",
                       kSeeItsMessages),
          now);
  }
}

void LockClient::OnNotStarted(uint64_t generation, absl::string_view why, Instant now) {
  if (!IsPresent(generation)) return;
  OnEnd(absl::StrCat(Name(options_.helper), " could not be started: ", why), now);
}

void LockClient::OnEnd(std::string failure, Instant now) {
  if (IsWorking() && want_ == Want::kTaking) {
    Fail(LockAnswer::kFailed, std::move(failure), now);
  } else if (IsWorking() && want_ == Want::kHeld) {
    Fail(LockAnswer::kLost, std::move(failure), now);
  }
  helper_.reset();
  // Wanted again while the former helper was ending.
  if (want_ == Want::kTaking) Start(now);
  Note(now);
}

void LockClient::OnTick(Instant now) {
  if (want_ == Want::kTaking && now >= attempt_deadline_) {
    Fail(LockAnswer::kTimedOut, TimeoutText(), now);
    if (IsWorking()) TerminateHelper(now);
  }
  if (helper_ && now >= helper_->deadline) {
    switch (helper_->stage) {
      case Helper::Stage::kWorking:
        Fail(LockAnswer::kFailed,
             absl::StrCat(Name(options_.helper), " closed its output without an answer",
                          kSeeItsMessages),
             now);
        TerminateHelper(now);
        break;
      case Helper::Stage::kLeaving:
        TerminateHelper(now);
        break;
      case Helper::Stage::kTerminated:
        KillHelper();
        break;
      case Helper::Stage::kKilled:
        break;
    }
  }
  Note(now);
}

void LockClient::Start(Instant now) {
  helper_ = Helper{.generation = ++last_generation_, .started = now};
  output_.push_back(StartHelper{last_generation_});
}

void LockClient::Say(LockAnswer answer, std::string why, Instant now) {
  Answer said{answer, std::move(why)};
  const bool is_of_helper = IsWorking() && answer != LockAnswer::kLost;
  if (is_of_helper) said.latency = ToAbsl(now - helper_->started);
  status_.last_answer = said;
  output_.push_back(std::move(said));
}

void LockClient::Fail(LockAnswer answer, std::string why, Instant now) {
  want_ = Want::kNothing;
  attempt_deadline_ = kNever;
  Say(answer, std::move(why), now);
}

void LockClient::Leave(Instant now) {
  helper_->stage = Helper::Stage::kLeaving;
  helper_->deadline = After(now, options_.end_grace);
}

void LockClient::TerminateHelper(Instant now) {
  helper_->stage = Helper::Stage::kTerminated;
  helper_->deadline = After(now, options_.end_grace);
  output_.push_back(Terminate{helper_->generation});
}

void LockClient::KillHelper() {
  helper_->stage = Helper::Stage::kKilled;
  helper_->deadline = kNever;
  output_.push_back(Kill{helper_->generation});
}

std::string LockClient::TimeoutText() const {
  const std::string limit = absl::FormatDuration(options_.attempt_limit);
  if (IsWorking()) {
    return absl::StrCat(Name(options_.helper), " did not answer within ", limit,
                        ": see that what it locks can be reached, such as the cluster file system");
  }
  return absl::StrCat("a former process of ", Name(options_.helper), " has not ended within ",
                      limit, helper_->stage == Helper::Stage::kKilled ? " although killed" : "",
                      ": it is stuck, probably in a file system that does not answer; repair that");
}

std::vector<LockClient::Action> LockClient::TakeOutput() { return std::exchange(output_, {}); }

Instant LockClient::NextDeadline() const {
  return helper_ ? std::min(attempt_deadline_, helper_->deadline) : attempt_deadline_;
}

LockClient::Status LockClient::Describe() const { return status_; }

LockClient::State LockClient::state() const {
  switch (want_) {
    case Want::kHeld:
      return State::kHeld;
    case Want::kTaking:
      return IsWorking() ? State::kTaking : State::kWaiting;
    case Want::kNothing:
      break;
  }
  return helper_ ? State::kReleasing : State::kIdle;
}

void LockClient::Note(Instant now) {
  const State present = state();
  if (present == status_.state) return;
  status_.state = present;
  status_.since = now;
}

absl::string_view StateName(LockClient::State state) {
  switch (state) {
    case LockClient::State::kIdle:
      return "idle";
    case LockClient::State::kWaiting:
      return "waiting";
    case LockClient::State::kTaking:
      return "taking";
    case LockClient::State::kHeld:
      return "held";
    case LockClient::State::kReleasing:
      return "releasing";
  }
  return "unknown";
}

}  // namespace ctdb::cluster
