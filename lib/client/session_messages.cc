// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The messages of a Session: sent, subscribed to, handed over within Dispatch(), and what else is
// done there.

#include <sys/timerfd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/event_fd.h"
#include "lib/base/status_macros.h"
#include "lib/client/session.h"

namespace ctdb {
namespace {

// How long a Dispatch() that is not to wait may take to connect again, and when to try next.
constexpr absl::Duration kDialLimit = absl::Milliseconds(100);
constexpr absl::Duration kDialAgain = absl::Milliseconds(100);

}  // namespace

absl::Status Session::SendMessage(NodeNumber node, ChannelId channel, absl::string_view payload,
                                  absl::Duration patience) {
  CTDB_RETURN_IF_ERROR(CheckProcess());
  if (payload.size() > kMessageBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "message of ", payload.size(), " bytes: at most ", kMessageBytesMax, " fit in one"));
  }
  Envelope envelope;
  envelope.kind = PacketKind::kMessage;
  envelope.destination = {node, ServiceId::kClient, InstanceNumber(0)};
  envelope.channel = channel.value();
  Lock lock(mutex_);
  return Send(
             lock, envelope,
             [&](wire::Packet::Builder packet) {
               packet.getPayload().setAs<capnp::Data>(
                   {reinterpret_cast<const kj::byte*>(payload.data()), payload.size()});
             },
             LimitIn(patience))
      .status();
}

absl::Status Session::Subscribe(ChannelId channel, OnMessage on_message, absl::Duration patience) {
  CTDB_RETURN_IF_ERROR(CheckProcess());
  const TimeLimit limit = LimitIn(patience);
  Lock lock(mutex_);
  channels_[channel] = std::make_shared<const OnMessage>(std::move(on_message));
  absl::Status status = WaitForReceiver(lock, channel, limit);
  if (status.ok()) {
    status = SendControl(
                 lock, node_, 0,
                 [&](wire::Control::Builder out) { out.setSubscribe(channel.value()); }, limit)
                 .status();
  }
  if (status.ok()) status = AwaitPong(lock, node_, limit);
  if (status.ok()) return status;
  // Never half of it.
  channels_.erase(channel);
  if (link_ != nullptr) {
    SendControl(
        lock, node_, 0, [&](wire::Control::Builder out) { out.setUnsubscribe(channel.value()); },
        LimitIn(kTellLimit))
        .status()
        .IgnoreError();
  }
  return status;
}

absl::Status Session::Unsubscribe(ChannelId channel, absl::Duration patience) {
  CTDB_RETURN_IF_ERROR(CheckProcess());
  Lock lock(mutex_);
  channels_.erase(channel);
  const TimeLimit limit = LimitIn(patience);
  CTDB_RETURN_IF_ERROR(WaitForReceiver(lock, channel, limit));
  // Without a connection there are no subscriptions.
  if (link_ == nullptr) return absl::OkStatus();
  return SendControl(
             lock, node_, 0,
             [&](wire::Control::Builder out) { out.setUnsubscribe(channel.value()); }, limit)
      .status();
}

absl::Status Session::WaitForReceiver(Lock& lock, ChannelId channel, TimeLimit limit) {
  if (dispatcher_ == std::this_thread::get_id()) return absl::OkStatus();
  while (running_channel_ == channel) CTDB_RETURN_IF_ERROR(WaitForChange(lock, limit));
  return absl::OkStatus();
}

absl::StatusOr<int> Session::Dispatch(absl::Duration patience) {
  CTDB_RETURN_IF_ERROR(CheckProcess());
  const TimeLimit limit = LimitIn(patience);
  Lock lock(mutex_);
  if (dispatcher_ == std::this_thread::get_id()) {
    return absl::FailedPreconditionError("cannot take messages within a receiver of messages");
  }
  while (dispatcher_.has_value()) {
    const absl::Status status = WaitForChange(lock, limit);
    if (absl::IsDeadlineExceeded(status)) return 0;
    CTDB_RETURN_IF_ERROR(status);
  }
  dispatcher_ = std::this_thread::get_id();
  int count = 0;
  absl::Status status;
  do {
    const TimeLimit turn = attendant_ != nullptr ? attendant_->NextTurn() : limit;
    status = AwaitMessages(lock, std::min(limit, turn));
    count += Deliver(lock);
    count += Attend(lock);
  } while (attendant_ != nullptr && status.ok() && count == 0 && !IsOver(limit));
  // What was lost has been told; the program's loop has to come back to connect again.
  if (link_ == nullptr) SetRetryTimer(kDialAgain);
  dispatcher_.reset();
  changed_.notify_all();
  if (!status.ok()) return status;
  return count;
}

// OK: there are some, or the time is over.
absl::Status Session::AwaitMessages(Lock& lock, TimeLimit limit) {
  Waiter waiter;
  message_waiter_ = &waiter;
  absl::Status status;
  for (bool has_looked = false; inbox_.empty();) {
    if (!loss_.ok()) {
      status = std::exchange(loss_, absl::OkStatus());
      break;
    }
    const bool is_over = IsOver(limit);
    if (link_ == nullptr) {
      status = Connected(lock, std::max(limit, LimitIn(kDialLimit))).status();
      if (status.ok()) continue;
      SetRetryTimer(kDialAgain);
      if (is_cancelled()) status = CancelledError();
      if (is_over || is_cancelled()) break;
      WaitForChange(lock, std::min(limit, LimitIn(kDialAgain))).IgnoreError();
      continue;
    }
    if (wants_attendant_ && attendant_ != nullptr) break;
    if (has_looked && (is_over || is_cancelled())) {
      if (!is_over) status = CancelledError();
      break;
    }
    if (!is_reading_) {
      ReadSome(lock, link_, is_over ? TimeLimit() : limit, /*is_writing=*/false);
      has_looked = true;
    } else if (is_over) {
      break;
    } else {
      SleepUntilWoken(lock, waiter, limit);
      has_looked = true;
    }
  }
  message_waiter_ = nullptr;
  PassReading();
  return status;
}

int Session::Deliver(Lock& lock) {
  // What arrives meanwhile is for the next call.
  const std::deque<Arrived> arrived = std::exchange(inbox_, {});
  inbox_bytes_ = 0;
  // A thread that reads raises it again when it has to.
  const bool has_all = link_ == nullptr || is_reading_ || !link_->may_have_more;
  if (loss_.ok() && has_all) ClearEvent();
  int count = 0;
  for (const Arrived& item : arrived) {
    const Bytes frame = AsBytes(item.frame, item.frame_bytes);
    const auto envelope = DecodeEnvelope(frame);
    if (!envelope.ok()) continue;
    const ChannelId channel(envelope->channel);
    const auto found = channels_.find(channel);
    if (found == channels_.end()) continue;
    const std::shared_ptr<const OnMessage> on_message = found->second;
    running_channel_ = channel;
    lock.unlock();
    std::optional<PacketReader> reader;
    absl::string_view payload;
    const absl::Status status = ReadPayload([&] {
      const auto data = reader.emplace(frame).payload().getAs<capnp::Data>();
      payload = {reinterpret_cast<const char*>(data.begin()), data.size()};
      return absl::OkStatus();
    });
    // What another program sent wrongly is not this one's trouble.
    if (status.ok()) {
      (*on_message)({envelope->source, channel, payload});
      ++count;
    }
    lock.lock();
    running_channel_.reset();
    changed_.notify_all();
  }
  return count;
}

std::shared_ptr<Session::Attendant> Session::SharedAttendant(
    absl::FunctionRef<std::shared_ptr<Attendant>()> make) {
  const Lock lock(mutex_);
  if (attendant_ == nullptr) attendant_ = make();
  return attendant_;
}

void Session::CallAttendant() {
  const Lock lock(mutex_);
  WakeAttendant();
}

void Session::WakeAttendant() {
  wants_attendant_ = true;
  if (attendant_ == nullptr) return;
  if (message_waiter_ != nullptr) message_waiter_->wake.notify_one();
  RaiseEvent();
}

void Session::CountGap() {
  gaps_.fetch_add(1, std::memory_order_release);
  WakeAttendant();
}

int Session::Attend(Lock& lock) {
  if (attendant_ == nullptr || link_ == nullptr) return 0;
  const std::shared_ptr<Attendant> attendant = attendant_;
  wants_attendant_ = false;
  lock.unlock();
  const int count = attendant->Attend();
  const absl::Duration next = Left(attendant->NextTurn());
  lock.lock();
  SetRetryTimer(std::max(next, absl::Nanoseconds(1)));  // 0 would be never.
  return count;
}

uint64_t Session::dropped_messages() const {
  const Lock lock(mutex_);
  return dropped_messages_;
}

void Session::RaiseEvent() { RaiseEventFd(event_fd_.get()); }

void Session::ClearEvent() {
  ClearEventFd(event_fd_.get());
  ClearEventFd(timer_fd_.get());
}

void Session::SetRetryTimer(absl::Duration delay) {
  itimerspec time = {};
  time.it_value = absl::ToTimespec(delay);
  ::timerfd_settime(timer_fd_.get(), 0, &time, nullptr);
}

}  // namespace ctdb
