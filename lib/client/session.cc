// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/session.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/event_fd.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/transport/router.h"

namespace ctdb {
namespace {

std::vector<uint64_t> CopyFrame(Bytes frame) {
  std::vector<uint64_t> copy((frame.size() + 7) / 8);
  std::memcpy(copy.data(), frame.data(), frame.size());
  return copy;
}

absl::Status ToFailure(wire::ClientAnswer::Failed::Reader failed) {
  const auto reason = failed.getReason();
  const auto code = static_cast<absl::StatusCode>(failed.getCode());
  return {code == absl::StatusCode::kOk ? absl::StatusCode::kUnknown : code,
          absl::string_view(reason.begin(), reason.size())};
}

void AddToPoll(int poll_fd, int fd) {
  epoll_event event = {};
  event.events = EPOLLIN;
  ::epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
}

}  // namespace

std::atomic<uint32_t> Session::forks_ = 0;

Session::Session(const Options& options)
    : options_(options),
      forks_at_open_(forks_.load()),
      poll_fd_(::epoll_create1(EPOLL_CLOEXEC)),
      event_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      timer_fd_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
      cancel_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  AddToPoll(poll_fd_.get(), event_fd_.get());
  AddToPoll(poll_fd_.get(), timer_fd_.get());
}

Session::~Session() = default;

absl::StatusOr<std::unique_ptr<Session>> Session::Open(const Options& options) {
  static std::once_flag once;
  std::call_once(once, [] {
    ::pthread_atfork(nullptr, nullptr, [] { forks_.fetch_add(1, std::memory_order_relaxed); });
  });
  std::unique_ptr<Session> session(new Session(options));
  for (const UniqueFd* fd :
       {&session->poll_fd_, &session->event_fd_, &session->timer_fd_, &session->cancel_fd_}) {
    if (!fd->is_open()) return ErrnoStatus(errno, "make", "the file descriptors of a session");
  }
  Lock lock(session->mutex_);
  CTDB_ASSIGN_OR_RETURN(const LinkPtr link, session->Connected(lock, LimitIn(options.timeout)));
  session->node_ = link->endpoint->address().node;
  session->is_open_ = true;
  return session;
}

absl::Status Session::ForkedError() {
  return absl::FailedPreconditionError(
      "this client was opened before fork(): open a new one in the child process");
}

absl::Status Session::CancelledError() { return absl::CancelledError("cancelled while waiting"); }

void Session::CloseAfterFork() {
  // The transport is to see it when the parent ends.
  if (link_ != nullptr) ::close(link_->endpoint->fd());
  for (UniqueFd* fd : {&poll_fd_, &event_fd_, &timer_fd_, &cancel_fd_, &connecting_fd_}) {
    fd->Reset();
  }
}

Address Session::address() const {
  const Lock lock(mutex_);
  return link_ != nullptr ? link_->endpoint->address()
                          : Address{node_, ServiceId::kClient, InstanceNumber(0)};
}

void Session::Cancel() {
  if (IsForked()) return;
  const Lock lock(mutex_);
  if (is_cancelled_.exchange(true)) return;
  RaiseEventFd(cancel_fd_.get());
  if (connecting_fd_.is_open()) ::shutdown(connecting_fd_.get(), SHUT_RDWR);
  changed_.notify_all();
  for (Waiter* sleeper : sleepers_) sleeper->wake.notify_one();
}

void Session::Resume() {
  if (IsForked()) return;
  const Lock lock(mutex_);
  if (is_cancelled_.exchange(false)) ClearEventFd(cancel_fd_.get());
}

absl::Status Session::WaitForChange(Lock& lock, TimeLimit limit) {
  if (is_cancelled()) return CancelledError();
  if (IsOver(limit)) return absl::DeadlineExceededError("the time is over");
  WaitUntil(changed_, lock, limit);
  return absl::OkStatus();
}

absl::Status Session::Pause(absl::Duration time) {
  const TimeLimit limit = LimitIn(time);
  Lock lock(mutex_);
  for (;;) {
    const absl::Status status = WaitForChange(lock, limit);
    if (!status.ok()) return absl::IsCancelled(status) ? status : absl::OkStatus();
  }
}

uint64_t Session::Register(Waiter& waiter, NodeNumber node, ServiceId asked) {
  waiter.node = node;
  waiter.asked = asked;
  const auto known = services_.find(node);
  if (known != services_.end()) waiter.service = known->second;
  waiters_.emplace(++last_request_, &waiter);
  return last_request_;
}

void Session::Finish(Waiter& waiter, const absl::Status& failure) {
  if (waiter.is_done) return;
  waiter.failure = failure;
  waiter.is_done = true;
  waiter.wake.notify_one();
}

void Session::FailWaiters(const absl::Status& why,
                          absl::FunctionRef<bool(const Waiter&)> is_meant) {
  for (const auto& [request, waiter] : waiters_) {
    // Each thread gets one of its own: ThreadSanitizer does not see the reference counting within
    // Abseil's library.
    if (is_meant(*waiter)) Finish(*waiter, absl::Status(why.code(), why.message()));
  }
}

absl::Status Session::Await(Lock& lock, Waiter& waiter, TimeLimit limit) {
  while (!waiter.is_done) {
    if (is_cancelled()) return CancelledError();
    if (IsOver(limit)) return absl::DeadlineExceededError("no answer in time");
    if (!is_reading_ && link_ != nullptr) {
      ReadSome(lock, link_, limit, /*is_writing=*/false);
    } else {
      SleepUntilWoken(lock, waiter, limit);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Session::LinkPtr> Session::SendRequest(Lock& lock, NodeNumber node, uint64_t request,
                                                      Fill fill, TimeLimit limit) {
  Envelope envelope;
  envelope.kind = PacketKind::kData;
  envelope.destination = {node, ServiceId::kDatabase, InstanceNumber(0)};
  envelope.request_id = request;
  return Send(
      lock, envelope,
      [&](wire::Packet::Builder packet) {
        fill(packet.getPayload().initAs<wire::DatabasePacket>().initRequest());
      },
      limit);
}

absl::StatusOr<Session::LinkPtr> Session::SendControl(
    Lock& lock, NodeNumber node, uint64_t request,
    absl::FunctionRef<void(wire::Control::Builder)> fill, TimeLimit limit) {
  Envelope envelope;
  envelope.kind = PacketKind::kControl;
  envelope.destination = {node, ServiceId::kRouter, InstanceNumber(0)};
  envelope.request_id = request;
  return Send(
      lock, envelope,
      [&](wire::Packet::Builder packet) { fill(packet.getPayload().initAs<wire::Control>()); },
      limit);
}

absl::Status Session::Tell(Fill fill) {
  CTDB_RETURN_IF_ERROR(CheckProcess());
  Lock lock(mutex_);
  if (link_ == nullptr) return absl::UnavailableError("not connected to this node's transport");
  return SendRequest(lock, node_, 0, fill, LimitIn(kTellLimit)).status();
}

// As long as it takes, asking now and then whether the service is still the one that was asked.
absl::Status Session::AwaitAnswer(Lock& lock, Waiter& waiter, TimeLimit limit) {
  for (;;) {
    const TimeLimit step = std::min(limit, LimitIn(kProbeInterval));
    const absl::Status status = Await(lock, waiter, step);
    if (!absl::IsDeadlineExceeded(status) || IsOver(limit)) return status;
    PassReading();
    // Its answer comes from the service that there is now, or it is reported as undeliverable.
    SendRequest(
        lock, waiter.node, ++last_request_,
        [](wire::ClientRequest::Builder out) { out.setMembers(); }, step)
        .status()
        .IgnoreError();
  }
}

absl::Status Session::Call(NodeNumber node, TimeLimit limit, Fill fill, Read read) {
  CTDB_RETURN_IF_ERROR(CheckProcess());
  Waiter waiter;
  Lock lock(mutex_);
  const uint64_t request = Register(waiter, node, ServiceId::kDatabase);
  const absl::StatusOr<LinkPtr> sent = SendRequest(lock, node, request, fill, limit);
  absl::Status status = sent.status();
  if (sent.ok()) {
    waiter.link = sent->get();
    if (link_ != *sent) {
      Finish(waiter, absl::UnavailableError("the connection to this node's transport was lost"));
    }
    status = AwaitAnswer(lock, waiter, limit);
  }
  waiters_.erase(request);
  PassReading();
  lock.unlock();
  if (sent.ok() && !waiter.is_done) {
    Tell([&](wire::ClientRequest::Builder out) { out.setCancel(request); }).IgnoreError();
  }
  if (sent.ok() && absl::IsDeadlineExceeded(status)) {
    return absl::DeadlineExceededError(
        absl::StrCat("the database service of node ", node.value(), " has not answered in time"));
  }
  CTDB_RETURN_IF_ERROR(status);
  CTDB_RETURN_IF_ERROR(waiter.failure);
  return ReadPayload([&] {
    PacketReader reader(AsBytes(waiter.frame, waiter.frame_bytes));
    const auto packet = reader.payload().getAs<wire::DatabasePacket>();
    if (!packet.isAnswer()) return absl::InternalError("the answer to a request is none");
    const auto answer = packet.getAnswer();
    return answer.isFailed() ? ToFailure(answer.getFailed()) : read(answer);
  });
}

// The answer to a ping comes after all that its node had to say about what was sent before.
absl::Status Session::AwaitPong(Lock& lock, NodeNumber node, TimeLimit limit) {
  Waiter waiter;
  const uint64_t request = Register(waiter, node, ServiceId::kRouter);
  const absl::StatusOr<LinkPtr> sent = SendControl(
      lock, node, request, [](wire::Control::Builder out) { out.setPing(); }, limit);
  absl::Status status = sent.status();
  if (sent.ok()) {
    waiter.link = sent->get();
    if (link_ != *sent) {
      Finish(waiter, absl::UnavailableError("the connection to this node's transport was lost"));
    }
    status = Await(lock, waiter, limit);
  }
  waiters_.erase(request);
  PassReading();
  if (absl::IsDeadlineExceeded(status)) {
    return absl::DeadlineExceededError(
        absl::StrCat("the transport of node ", node.value(), " has not answered in time"));
  }
  CTDB_RETURN_IF_ERROR(status);
  return waiter.failure;
}

absl::StatusOr<bool> Session::ClientExists(const Address& client, absl::Duration patience) {
  CTDB_RETURN_IF_ERROR(CheckProcess());
  if (IsGroup(client.node) || client.instance == InstanceNumber(0)) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToString(client), " is not the address of one client"));
  }
  const TimeLimit limit = LimitIn(patience);
  Waiter waiter;
  Lock lock(mutex_);
  const uint64_t request = Register(waiter, client.node, ServiceId::kClient);
  Envelope envelope;
  envelope.kind = PacketKind::kData;  // Clients take such packets from services only.
  envelope.destination = {client.node, ServiceId::kClient, client.instance};
  envelope.request_id = request;
  absl::Status status = Send(
                            lock, envelope, [](wire::Packet::Builder) {}, limit)
                            .status();
  if (status.ok()) status = AwaitPong(lock, client.node, limit);
  waiters_.erase(request);
  CTDB_RETURN_IF_ERROR(status);
  return !absl::IsNotFound(waiter.failure);
}

absl::StatusOr<bool> Session::ProcessExists(NodeNumber node, uint32_t pid,
                                            std::optional<ChannelId> channel,
                                            absl::Duration patience) {
  CTDB_RETURN_IF_ERROR(CheckProcess());
  if (node == kThisNode) node = node_;
  if (IsGroup(node) || pid == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("process ", pid, " of ", NodeName(node), " is not one process of one node"));
  }
  const TimeLimit limit = LimitIn(patience);
  Waiter waiter;
  Lock lock(mutex_);
  const uint64_t request = Register(waiter, node, ServiceId::kRouter);
  const absl::StatusOr<LinkPtr> sent = SendControl(
      lock, node, request,
      [&](wire::Control::Builder out) {
        auto wanted = out.initFindProcess();
        wanted.setPid(pid);
        wanted.setListensOn(channel.has_value());
        wanted.setChannel(channel.value_or(ChannelId()).value());
      },
      limit);
  absl::Status status = sent.status();
  if (sent.ok()) {
    waiter.link = sent->get();
    if (link_ != *sent) {
      Finish(waiter, absl::UnavailableError("the connection to this node's transport was lost"));
    }
    // An old transport says nothing, or that there is no such service.
    status = AwaitPong(lock, node, limit);
  }
  waiters_.erase(request);
  CTDB_RETURN_IF_ERROR(status);
  if (!waiter.is_done || absl::IsNotFound(waiter.failure)) {
    return absl::UnimplementedError(absl::StrCat("the transport of node ", node.value(),
                                                 " is too old to be asked for processes"));
  }
  CTDB_RETURN_IF_ERROR(waiter.failure);
  return waiter.is_found;
}

void Session::HandleFrame(Bytes frame) {
  const auto envelope = DecodeEnvelope(frame);
  if (!envelope.ok()) return;
  if (envelope->kind == PacketKind::kNotice) return HandleNotice(*envelope, frame);
  if (envelope->kind == PacketKind::kMessage) {
    if (inbox_bytes_ + frame.size() > kInboxBytesMax) {
      ++dropped_messages_;
      CountGap();
      return;
    }
    inbox_bytes_ += frame.size();
    inbox_.push_back({CopyFrame(frame), frame.size()});
    if (message_waiter_ != nullptr) message_waiter_->wake.notify_one();
    if (inbox_.size() == 1) RaiseEvent();
    return;
  }
  // Other clients could send anything.
  if (envelope->kind != PacketKind::kData || envelope->source.service != ServiceId::kDatabase) {
    return;
  }
  OnServiceSeen(envelope->source);
  const auto found = waiters_.find(envelope->request_id);
  if (found == waiters_.end()) return;
  Waiter& waiter = *found->second;
  if (waiter.is_done || waiter.node != envelope->source.node ||
      waiter.asked != ServiceId::kDatabase) {
    return;
  }
  waiter.frame = CopyFrame(frame);
  waiter.frame_bytes = frame.size();
  Finish(waiter, absl::OkStatus());
}

// Another one than before knows nothing of what its predecessor was asked.
void Session::OnServiceSeen(const Address& service) {
  InstanceNumber& known = services_[service.node];
  if (known == service.instance) return;
  known = service.instance;
  for (const auto& [request, waiter] : waiters_) {
    if (waiter->node != service.node || waiter->asked != ServiceId::kDatabase) continue;
    if (waiter->service == InstanceNumber(0) || waiter->service == service.instance) {
      waiter->service = service.instance;
    } else {
      Finish(*waiter, absl::UnavailableError(absl::StrCat("the database service of node ",
                                                          service.node.value(),
                                                          " was started again meanwhile")));
    }
  }
}

void Session::HandleNotice(const Envelope& envelope, Bytes frame) {
  ReadPayload([&] {
    PacketReader reader(frame);
    const auto notice = reader.payload().getAs<wire::Notice>();
    if (notice.isUndeliverable()) OnUndeliverable(envelope, notice.getUndeliverable());
    if (notice.isNodeDown()) {
      const NodeNumber node(notice.getNodeDown());
      FailWaiters(
          absl::UnavailableError(absl::StrCat("the link to node ", node.value(), " was lost")),
          [&](const Waiter& waiter) { return waiter.node == node; });
    }
    if (notice.isNodeDown() || notice.isNodeUp()) CountGap();
    const auto waiter = waiters_.find(envelope.request_id);
    if (waiter == waiters_.end()) return absl::OkStatus();
    if (notice.isProcessFound()) waiter->second->is_found = notice.getProcessFound();
    if (notice.isPong() || notice.isProcessFound()) Finish(*waiter->second, absl::OkStatus());
    return absl::OkStatus();
  }).IgnoreError();
}

void Session::OnUndeliverable(const Envelope& envelope,
                              wire::Notice::Undeliverable::Reader notice) {
  const NodeNumber node(notice.getNode());
  const auto reason = static_cast<UndeliverableReason>(notice.getReason());
  const bool is_gone = reason != UndeliverableReason::kOverloaded;
  if (is_gone && notice.getService() == static_cast<uint16_t>(ServiceId::kDatabase)) {
    FailWaiters(absl::UnavailableError(absl::StrCat("the database service of node ", node.value(),
                                                    " cannot be reached: ", Describe(reason))),
                [&](const Waiter& waiter) {
                  return waiter.node == node && waiter.asked == ServiceId::kDatabase;
                });
    return;
  }
  const auto found = waiters_.find(envelope.request_id);
  if (found == waiters_.end() || found->second->node != node) return;
  const std::string text =
      absl::StrCat("node ", node.value(), " cannot be reached: ", Describe(reason));
  const bool is_absent = reason == UndeliverableReason::kNoSuchInstance ||
                         reason == UndeliverableReason::kNoSuchService;
  Finish(*found->second, is_absent ? absl::NotFoundError(text) : absl::UnavailableError(text));
}

}  // namespace ctdb
