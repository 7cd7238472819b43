// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/session.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/transport/io/socket.h"

namespace ctdb {
namespace {

// How long one read of the socket may take; then the deadline is looked at again.
constexpr absl::Duration kReadStep = absl::Seconds(3600);

std::vector<uint64_t> CopyFrame(Bytes frame) {
  std::vector<uint64_t> copy((frame.size() + 7) / 8);
  std::memcpy(copy.data(), frame.data(), frame.size());
  return copy;
}

Bytes AsBytes(const std::vector<uint64_t>& frame, size_t bytes) {
  return {reinterpret_cast<const std::byte*>(frame.data()), bytes};
}

absl::Status ToFailure(wire::ClientAnswer::Failed::Reader failed) {
  const auto reason = failed.getReason();
  const auto code = static_cast<absl::StatusCode>(failed.getCode());
  return {code == absl::StatusCode::kOk ? absl::StatusCode::kUnknown : code,
          absl::string_view(reason.begin(), reason.size())};
}

}  // namespace

Session::Session(const Options& options)
    : options_(options),
      pid_(::getpid()),
      poll_fd_(::epoll_create1(EPOLL_CLOEXEC)),
      event_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  epoll_event event = {};
  event.events = EPOLLIN;
  ::epoll_ctl(poll_fd_.get(), EPOLL_CTL_ADD, event_fd_.get(), &event);
}

Session::~Session() = default;

absl::StatusOr<std::unique_ptr<Session>> Session::Open(const Options& options) {
  std::unique_ptr<Session> session(new Session(options));
  if (session->poll_fd_.get() < 0 || session->event_fd_.get() < 0) {
    return ErrnoStatus(errno, "make", "the file descriptors of a session");
  }
  Lock lock(session->mutex_);
  CTDB_RETURN_IF_ERROR(session->Connect(lock));
  return session;
}

absl::Status Session::Connect(Lock& lock) {
  absl::StatusOr<UniqueFd> fd = ConnectUnix(options_.socket_path);
  if (absl::IsNotFound(fd.status())) {
    return absl::UnavailableError(
        absl::StrCat(fd.status().message(), "; is the transport of this node running?"));
  }
  CTDB_ASSIGN_OR_RETURN(
      std::unique_ptr<PlainEndpoint> endpoint,
      PlainEndpoint::Connect(std::move(fd), {options_.software, ServiceId::kClient},
                             options_.timeout));
  for (const auto& [channel, on_message] : channels_) {
    CTDB_RETURN_IF_ERROR(endpoint->Subscribe(channel));
  }
  node_ = endpoint->address().node;
  epoll_event event = {};
  event.events = EPOLLIN;
  ::epoll_ctl(poll_fd_.get(), EPOLL_CTL_ADD, endpoint->fd(), &event);
  endpoint_ = std::move(endpoint);
  return absl::OkStatus();
}

absl::Status Session::CheckUse(Lock& lock) {
  if (::getpid() != pid_) {
    return absl::FailedPreconditionError(
        "this connection was opened before fork(): open a new one in the child process");
  }
  return endpoint_ != nullptr ? absl::OkStatus() : Connect(lock);
}

absl::Status Session::SendFrame(absl::FunctionRef<void(PacketWriter&, const Envelope&)> build,
                                const Address& to, PacketKind kind, uint64_t channel,
                                uint64_t request) {
  const std::lock_guard<std::mutex> sending(send_mutex_);
  Lock lock(mutex_);
  CTDB_RETURN_IF_ERROR(CheckUse(lock));
  const std::shared_ptr<PlainEndpoint> endpoint = endpoint_;
  lock.unlock();
  Envelope envelope = endpoint->To(to, kind);
  envelope.channel = channel;
  envelope.request_id = request;
  build(writer_, envelope);
  CTDB_ASSIGN_OR_RETURN(const Bytes frame, writer_.Finish());
  endpoint->Queue(frame);
  absl::Status status = endpoint->Flush(kSendLimit);
  if (status.ok()) return status;
  lock.lock();
  if (endpoint_ == endpoint) OnLost(status);
  return status;
}

absl::Status Session::SendRequest(NodeNumber node, uint64_t request, Fill fill) {
  return SendFrame(
      [&](PacketWriter& writer, const Envelope& envelope) {
        fill(writer.Begin(envelope).getPayload().initAs<wire::DatabasePacket>().initRequest());
      },
      {node, ServiceId::kDatabase, InstanceNumber(0)}, PacketKind::kData, 0, request);
}

absl::Status Session::Tell(Fill fill) { return SendRequest(node_, 0, fill); }

absl::Status Session::Call(NodeNumber node, absl::Time deadline, Fill fill, Read read) {
  Waiter waiter;
  Lock lock(mutex_);
  const uint64_t request = ++last_request_;
  waiters_.emplace(request, &waiter);
  lock.unlock();
  const absl::Status sent = SendRequest(node, request, fill);
  lock.lock();
  while (sent.ok() && !waiter.is_done && absl::Now() < deadline) {
    if (!is_reading_) {
      ReadOne(lock, deadline);
    } else if (deadline == absl::InfiniteFuture()) {
      waiter.wake.wait(lock);
    } else {
      waiter.wake.wait_until(lock, absl::ToChronoTime(deadline));
    }
  }
  waiters_.erase(request);
  PassReading();
  lock.unlock();
  CTDB_RETURN_IF_ERROR(sent);
  if (!waiter.is_done) {
    Tell([&](wire::ClientRequest::Builder out) { out.setCancel(request); }).IgnoreError();
    return absl::DeadlineExceededError("the database service has not answered in time");
  }
  CTDB_RETURN_IF_ERROR(waiter.failure);
  return ReadPayload([&] {
    PacketReader reader(AsBytes(waiter.frame, waiter.frame_bytes));
    const auto packet = reader.payload().getAs<wire::DatabasePacket>();
    if (!packet.isAnswer()) return absl::InternalError("the answer to a request is none");
    const auto answer = packet.getAnswer();
    return answer.isFailed() ? ToFailure(answer.getFailed()) : read(answer);
  });
}

absl::Status Session::SendMessage(NodeNumber node, ChannelId channel, absl::string_view payload) {
  if (payload.size() > kMessageBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "message of ", payload.size(), " bytes: at most ", kMessageBytesMax, " fit in one"));
  }
  return SendFrame(
      [&](PacketWriter& writer, const Envelope& envelope) {
        writer.Begin(envelope).getPayload().setAs<capnp::Data>(
            {reinterpret_cast<const kj::byte*>(payload.data()), payload.size()});
      },
      {node, ServiceId::kClient, InstanceNumber(0)}, PacketKind::kMessage, channel.value(), 0);
}

absl::Status Session::Subscription(ChannelId channel, bool is_wanted) {
  return SendFrame(
      [&](PacketWriter& writer, const Envelope& envelope) {
        auto control = writer.Begin(envelope).getPayload().initAs<wire::Control>();
        if (is_wanted) {
          control.setSubscribe(channel.value());
        } else {
          control.setUnsubscribe(channel.value());
        }
      },
      {node_, ServiceId::kRouter, InstanceNumber(0)}, PacketKind::kControl, 0, 0);
}

absl::Status Session::Subscribe(ChannelId channel, OnMessage on_message) {
  {
    const Lock lock(mutex_);
    channels_[channel] = std::make_shared<const OnMessage>(std::move(on_message));
  }
  return Subscription(channel, /*is_wanted=*/true);
}

absl::Status Session::Unsubscribe(ChannelId channel) {
  {
    const Lock lock(mutex_);
    channels_.erase(channel);
  }
  return Subscription(channel, /*is_wanted=*/false);
}

absl::Status Session::Dispatch(absl::Time deadline) {
  Lock lock(mutex_);
  CTDB_RETURN_IF_ERROR(CheckUse(lock));
  do {
    while (inbox_.empty() && is_reading_ && absl::Now() < deadline) {
      reading_ended_.wait_until(lock, absl::ToChronoTime(std::min(
                                          deadline, absl::Now() + absl::Seconds(3600))));
    }
    if (inbox_.empty() && !is_reading_) ReadOne(lock, deadline);
  } while (inbox_.empty() && endpoint_ != nullptr && absl::Now() < deadline);
  PassReading();
  // What arrives meanwhile is for the next call.
  std::deque<Arrived> arrived = std::exchange(inbox_, {});
  inbox_bytes_ = 0;
  ClearEvent();
  for (const Arrived& item : arrived) {
    const Bytes frame = AsBytes(item.frame, item.frame_bytes);
    const auto envelope = DecodeEnvelope(frame);
    if (!envelope.ok()) continue;
    const auto channel = channels_.find(ChannelId(envelope->channel));
    if (channel == channels_.end()) continue;
    const std::shared_ptr<const OnMessage> on_message = channel->second;
    lock.unlock();
    ReadPayload([&] {
      PacketReader reader(frame);
      const auto data = reader.payload().getAs<capnp::Data>();
      (*on_message)({envelope->source, ChannelId(envelope->channel),
                     {reinterpret_cast<const char*>(data.begin()), data.size()}});
      return absl::OkStatus();
    }).IgnoreError();
    lock.lock();
  }
  return absl::OkStatus();
}

uint64_t Session::dropped_messages() const {
  const Lock lock(mutex_);
  return dropped_messages_;
}

// Reads the socket for all who wait. The lock is free meanwhile.
void Session::ReadOne(Lock& lock, absl::Time deadline) {
  const std::shared_ptr<PlainEndpoint> endpoint = endpoint_;
  if (endpoint == nullptr) return;
  is_reading_ = true;
  lock.unlock();
  const absl::Duration time =
      std::clamp(deadline - absl::Now(), absl::ZeroDuration(), kReadStep);
  const absl::StatusOr<Bytes> frame = endpoint->Receive(time);
  lock.lock();
  is_reading_ = false;
  if (frame.ok()) {
    HandleFrame(*frame);
  } else if (!absl::IsDeadlineExceeded(frame.status()) && endpoint_ == endpoint) {
    OnLost(frame.status());
  }
  reading_ended_.notify_all();
}

void Session::HandleFrame(Bytes frame) {
  const auto envelope = DecodeEnvelope(frame);
  if (!envelope.ok()) return;
  if (envelope->kind == PacketKind::kNotice) return HandleNotice(*envelope, frame);
  if (envelope->kind == PacketKind::kMessage) {
    if (inbox_bytes_ + frame.size() > kInboxBytesMax) {
      ++dropped_messages_;
      return;
    }
    inbox_bytes_ += frame.size();
    inbox_.push_back({CopyFrame(frame), frame.size()});
    return RaiseEvent();
  }
  const auto waiter = waiters_.find(envelope->request_id);
  if (envelope->kind != PacketKind::kData || waiter == waiters_.end()) return;
  waiter->second->frame = CopyFrame(frame);
  waiter->second->frame_bytes = frame.size();
  waiter->second->is_done = true;
  waiter->second->wake.notify_one();
}

void Session::HandleNotice(const Envelope& envelope, Bytes frame) {
  const auto waiter = waiters_.find(envelope.request_id);
  if (waiter == waiters_.end()) return;
  ReadPayload([&] {
    PacketReader reader(frame);
    const auto notice = reader.payload().getAs<wire::Notice>();
    if (!notice.isUndeliverable()) return absl::OkStatus();
    waiter->second->failure = absl::UnavailableError(
        absl::StrCat("the database service of node ", notice.getUndeliverable().getNode(),
                     " cannot be reached"));
    waiter->second->is_done = true;
    waiter->second->wake.notify_one();
    return absl::OkStatus();
  }).IgnoreError();
}

void Session::OnLost(const absl::Status& why) {
  endpoint_ = nullptr;
  for (auto& [request, waiter] : waiters_) {
    waiter->failure = absl::UnavailableError(
        absl::StrCat("the connection to this node's transport was lost: ", why.message()));
    waiter->is_done = true;
    waiter->wake.notify_one();
  }
  reading_ended_.notify_all();
}

// Somebody who waits has to go on reading when this thread does not.
void Session::PassReading() {
  if (!is_reading_ && !waiters_.empty()) waiters_.begin()->second->wake.notify_one();
}

void Session::RaiseEvent() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event_fd_.get(), &one, sizeof(one));
}

void Session::ClearEvent() {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(event_fd_.get(), &count, sizeof(count));
}

}  // namespace ctdb
