// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The connection of a Session: made, written, read, lost.

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/client/session.h"
#include "lib/transport/io/socket.h"

namespace ctdb {
namespace {

// After so many frames a reader looks whether it has what it wants.
constexpr int kFramesAtOnce = 64;
// While others read, a writer looks now and then whether they still do.
constexpr absl::Duration kWriteStep = absl::Milliseconds(100);

void Poll(int fd, short events, int cancel_fd, TimeLimit limit) {
  std::array<pollfd, 2> fds = {pollfd{fd, events, 0}, pollfd{cancel_fd, POLLIN, 0}};
  const timespec time = absl::ToTimespec(std::min(Left(limit), absl::Hours(1)));
  ::ppoll(fds.data(), fds.size(), &time, nullptr);
}

}  // namespace

absl::StatusOr<Session::LinkPtr> Session::Connected(Lock& lock, TimeLimit limit) {
  for (;;) {
    if (link_ != nullptr) return link_;
    if (is_cancelled()) return CancelledError();
    if (!is_connecting_) break;
    CTDB_RETURN_IF_ERROR(WaitForChange(lock, limit));
  }
  is_connecting_ = true;
  lock.unlock();
  absl::StatusOr<LinkPtr> link = Dial(limit);
  lock.lock();
  is_connecting_ = false;
  connecting_fd_.Reset();
  changed_.notify_all();
  if (!link.ok()) return is_cancelled() ? CancelledError() : link.status();
  link_ = *link;
  epoll_event event = {};
  event.events = EPOLLIN;
  ::epoll_ctl(poll_fd_.get(), EPOLL_CTL_ADD, link_->endpoint->fd(), &event);
  CTDB_RETURN_IF_ERROR(SendSubscriptions(lock, *link, limit));
  return link;
}

absl::StatusOr<Session::LinkPtr> Session::Dial(TimeLimit limit) {
  absl::StatusOr<UniqueFd> fd = ConnectUnix(options_.socket_path);
  if (absl::IsNotFound(fd.status())) {
    return absl::UnavailableError(
        absl::StrCat(fd.status().message(), "; is the transport of this node running?"));
  }
  if (fd.ok()) {
    // So that Cancel() can end the wait for the greeting.
    const Lock lock(mutex_);
    connecting_fd_.Reset(::fcntl(fd->get(), F_DUPFD_CLOEXEC, 0));
    if (is_cancelled()) return CancelledError();
  }
  const absl::Duration time = Left(limit);
  auto endpoint = PlainEndpoint::Connect(std::move(fd), {options_.software, ServiceId::kClient},
                                         time + absl::Milliseconds(1));
  if (absl::IsDeadlineExceeded(endpoint.status())) {
    return absl::DeadlineExceededError(
        absl::StrCat("the transport at ", options_.socket_path, " has not answered within ",
                     absl::FormatDuration(absl::Ceil(time, absl::Milliseconds(1)))));
  }
  CTDB_RETURN_IF_ERROR(endpoint.status());
  const NodeNumber node = (*endpoint)->address().node;
  if (is_open_ && node != node_) {
    return absl::FailedPreconditionError(
        absl::StrCat("the node at ", options_.socket_path, " was number ", node_.value(),
                     " and is number ", node.value(), " now: open a new client"));
  }
  auto link = std::make_shared<Link>();
  link->endpoint = *std::move(endpoint);
  return link;
}

absl::Status Session::SendSubscriptions(Lock& lock, const LinkPtr& link, TimeLimit limit) {
  std::vector<ChannelId> channels;
  for (const auto& [channel, on_message] : channels_) channels.push_back(channel);
  Envelope envelope;
  envelope.kind = PacketKind::kControl;
  envelope.destination = {link->endpoint->address().node, ServiceId::kRouter, InstanceNumber(0)};
  for (const ChannelId channel : channels) {
    const absl::Status status = SendOn(
        lock, link, envelope,
        [&](wire::Packet::Builder packet) {
          packet.getPayload().initAs<wire::Control>().setSubscribe(channel.value());
        },
        limit);
    if (status.ok()) continue;
    // Half of the subscriptions are worse than none.
    OnLost(link, status);
    return status;
  }
  return absl::OkStatus();
}

void Session::OnLost(const LinkPtr& link, const absl::Status& why) {
  if (link_ != link) return;
  link_ = nullptr;
  const absl::Status lost = absl::UnavailableError(
      absl::StrCat("the connection to this node's transport was lost: ", why.message()));
  FailWaiters(lost, [&](const Waiter& waiter) { return waiter.link == link.get(); });
  if (!channels_.empty()) {
    loss_ = absl::UnavailableError(absl::StrCat(lost.message(), "; messages may be missing"));
  }
  CountGap();
  // Whoever only waits for messages has to connect again.
  RaiseEvent();
  changed_.notify_all();
  for (Waiter* sleeper : sleepers_) sleeper->wake.notify_one();
}

absl::StatusOr<Session::LinkPtr> Session::Send(Lock& lock, const Envelope& envelope, Build build,
                                               TimeLimit limit) {
  for (int attempt = 0;; ++attempt) {
    CTDB_ASSIGN_OR_RETURN(LinkPtr link, Connected(lock, limit));
    const absl::Status status = SendOn(lock, link, envelope, build, limit);
    if (status.ok()) return link;
    if (!absl::IsUnavailable(status)) return status;
    // Nothing of it has arrived, since a frame that is cut off is none.
    OnLost(link, status);
    if (attempt > 0) return status;
  }
}

absl::Status Session::SendOn(Lock& lock, const LinkPtr& link, const Envelope& envelope, Build build,
                             TimeLimit limit) {
  // Cancelled or not: whoever has the turn is cancelled too, and gives it up.
  while (link->is_sending) {
    if (IsOver(limit)) return absl::DeadlineExceededError("another thread still sends");
    WaitUntil(changed_, lock, limit);
  }
  if (link != link_) return absl::UnavailableError("it was lost before this was sent");
  link->is_sending = true;
  lock.unlock();
  Envelope complete = envelope;
  complete.source = link->endpoint->address();
  build(link->writer.Begin(complete));
  const absl::StatusOr<Bytes> frame = link->writer.Finish();
  const absl::Status status = frame.ok() ? WriteFrame(link, *frame, limit) : frame.status();
  lock.lock();
  link->is_sending = false;
  changed_.notify_all();
  return status;
}

// OK also when a part of it is left for later.
absl::Status Session::WriteFrame(const LinkPtr& link, Bytes frame, TimeLimit limit) {
  std::vector<std::byte>& unsent = link->unsent;
  size_t done = 0;
  const absl::Status before = Write(link, {unsent.data(), unsent.size()}, &done, limit);
  unsent.erase(unsent.begin(), unsent.begin() + static_cast<ptrdiff_t>(done));
  CTDB_RETURN_IF_ERROR(before);
  done = 0;
  const absl::Status status = Write(link, frame, &done, limit);
  if (status.ok() || absl::IsUnavailable(status) || done == 0) return status;
  const Bytes rest = frame.subspan(done);
  unsent.assign(rest.begin(), rest.end());
  return status;
}

absl::Status Session::Write(const LinkPtr& link, Bytes bytes, size_t* done, TimeLimit limit) {
  while (*done < bytes.size()) {
    const ssize_t written = ::send(link->endpoint->fd(), bytes.data() + *done, bytes.size() - *done,
                                   MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written >= 0) {
      *done += static_cast<size_t>(written);
    } else if (errno == EAGAIN) {
      CTDB_RETURN_IF_ERROR(WaitToWrite(link, limit));
    } else if (errno != EINTR) {
      return absl::UnavailableError(
          absl::StrCat("cannot write to the transport: ", std::generic_category().message(errno)));
    }
  }
  return absl::OkStatus();
}

// The transport reads no more from a client to which much is sent, until that client reads: so
// somebody has to.
absl::Status Session::WaitToWrite(const LinkPtr& link, TimeLimit limit) {
  if (is_cancelled()) return CancelledError();
  if (IsOver(limit)) return absl::DeadlineExceededError("this node's transport takes no more");
  const TimeLimit step = std::min(limit, LimitIn(kWriteStep));
  Lock lock(mutex_);
  if (link_ != link) return absl::UnavailableError("it was lost meanwhile");
  if (!is_reading_) {
    ReadSome(lock, link, step, /*is_writing=*/true);
    PassReading();
  } else {
    lock.unlock();
    Poll(link->endpoint->fd(), POLLOUT, cancel_fd_.get(), step);
  }
  return absl::OkStatus();
}

// Reads the socket for all who wait.
void Session::ReadSome(Lock& lock, const LinkPtr& shared_link, TimeLimit limit, bool is_writing) {
  const LinkPtr link = shared_link;  // The session's own may go away.
  bool may_have_more = link->may_have_more;
  is_reading_ = true;
  lock.unlock();
  const short events = is_writing ? POLLIN | POLLOUT : POLLIN;
  if (!may_have_more) Poll(link->endpoint->fd(), events, cancel_fd_.get(), limit);
  // All that has come is looked at: what lies in the endpoint's buffer makes no descriptor
  // readable.
  may_have_more = true;
  for (int i = 0; i < kFramesAtOnce && may_have_more; ++i) {
    const absl::StatusOr<Bytes> frame = link->endpoint->Receive(absl::ZeroDuration());
    lock.lock();
    if (frame.ok()) {
      HandleFrame(*frame);
    } else {
      may_have_more = false;
      if (!absl::IsDeadlineExceeded(frame.status())) OnLost(link, frame.status());
    }
    lock.unlock();
  }
  lock.lock();
  is_reading_ = false;
  link->may_have_more = may_have_more;
  if (may_have_more) RaiseEvent();
}

// Somebody who waits has to go on reading when this thread does not.
void Session::PassReading() {
  if (!is_reading_ && !sleepers_.empty()) sleepers_.front()->wake.notify_one();
}

void Session::SleepUntilWoken(Lock& lock, Waiter& waiter, TimeLimit limit) {
  sleepers_.push_back(&waiter);
  WaitUntil(waiter.wake, lock, limit);
  sleepers_.erase(std::find(sleepers_.begin(), sleepers_.end(), &waiter));
}

}  // namespace ctdb
