// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/endpoint.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/io/readiness.h"
#include "lib/base/status_macros.h"

namespace ctdb {
namespace {

constexpr size_t kReadBytes = size_t{64} << 10;
// Reads in one turn of the event loop, so that a flood does not keep timers waiting.
constexpr int kReadsPerTurn = 8;

}  // namespace

Endpoint::Endpoint(kj::UnixEventPort& event_port, kj::Timer& timer, Options options)
    : event_port_(event_port),
      timer_(timer),
      options_(std::move(options)),
      pause_(options_.pause_min),
      in_((kFrameBytesMax + kReadBytes) / sizeof(uint64_t)),
      ready_(nullptr),
      finished_(nullptr),
      tasks_(*this) {
  auto ready = kj::newPromiseAndFulfiller<void>();
  ready_fulfiller_ = kj::mv(ready.fulfiller);
  ready_ = ready.promise.fork();
  auto finished = kj::newPromiseAndFulfiller<void>();
  finished_fulfiller_ = kj::mv(finished.fulfiller);
  finished_ = finished.promise.fork();
  tasks_.add(kj::evalLater([this] { Connect(); }));
}

Endpoint::~Endpoint() = default;

void Endpoint::taskFailed(kj::Exception&& exception) { OnLost(ToStatus(exception)); }

void Endpoint::OnPacket(PacketKind kind, PacketHandler handler) {
  const auto index = static_cast<size_t>(kind);
  if (handlers_.size() <= index) handlers_.resize(index + 1);
  handlers_[index] = std::move(handler);
}

void Endpoint::RemoveObserver(Observer* observer) {
  observers_.erase(std::remove(observers_.begin(), observers_.end(), observer), observers_.end());
}

Envelope Endpoint::To(const Address& destination, PacketKind kind) const {
  Envelope envelope;
  envelope.kind = kind;
  envelope.source = address_;
  envelope.destination = destination;
  return envelope;
}

void Endpoint::Connect() {
  absl::StatusOr<UniqueFd> fd = options_.connect();
  if (!fd.ok()) return OnLost(fd.status());
  fd_ = *std::move(fd);
  in_bytes_ = 0;
  state_ = State::kGreeting;
  is_delivery_scheduled_ = false;
  session_ = kj::heap<kj::TaskSet>(static_cast<kj::TaskSet::ErrorHandler&>(*this));
  observer_ = kj::heap<kj::UnixEventPort::FdObserver>(event_port_, fd_.get(),
                                                      kj::UnixEventPort::FdObserver::OBSERVE_READ);
  const absl::StatusOr<Bytes> hello = WriteGreeting(&writer_, options_.hello);
  if (!hello.ok()) return Finish(hello.status());
  Queue(*hello);
  session_->add(ReadLoop());
}

void Endpoint::OnLost(const absl::Status& why) {
  if (state_ == State::kFinished) return;
  const bool was_ready = state_ == State::kReady;
  direct_ = nullptr;
  delivered_.clear();
  sends_direct_ = false;
  state_ = State::kWaiting;
  out_.clear();
  out_begin_ = 0;
  is_waiting_to_write_ = false;
  for (auto& waiter : flush_waiters_) waiter->reject(ToException(why));
  flush_waiters_.clear();
  if (was_ready) {
    for (Observer* observer : std::vector<Observer*>(observers_)) observer->OnDisconnected(why);
  }
  if (!options_.reconnects) return Finish(why);
  const auto pause = absl::ToInt64Nanoseconds(pause_) * kj::NANOSECONDS;
  pause_ = std::min(pause_ * 2, options_.pause_max);
  // The session's own tasks may have called this, so they end in a turn of their own.
  tasks_.add(timer_.afterDelay(pause).then([this] {
    session_ = nullptr;
    observer_ = nullptr;
    fd_.Reset();
    Connect();
  }));
}

void Endpoint::Finish(const absl::Status& why) {
  state_ = State::kFinished;
  if (ready_fulfiller_->isWaiting()) ready_fulfiller_->reject(ToException(why));
  if (finished_fulfiller_->isWaiting()) finished_fulfiller_->reject(ToException(why));
  for (auto& waiter : flush_waiters_) waiter->reject(ToException(why));
  flush_waiters_.clear();
}

kj::Promise<void> Endpoint::ReadLoop() {
  for (int i = 0; i < kReadsPerTurn; ++i) {
    if (state_ != State::kGreeting && state_ != State::kReady) return kj::READY_NOW;
    if (!ReadOnce()) {
      BeginDirect();
      return observer_->whenBecomesReadable().then([this] { return ReadLoop(); });
    }
  }
  return kj::evalLater([this] { return ReadLoop(); });
}

// Whether there may be more to read.
bool Endpoint::ReadOnce() {
  auto* buffer = reinterpret_cast<std::byte*>(in_.data());
  const ssize_t got = ::read(fd_.get(), buffer + in_bytes_, kReadBytes);
  if (got < 0 && errno == EAGAIN) return false;
  if (got < 0 && errno == EINTR) return true;
  if (got <= 0) {
    OnLost(got == 0 ? absl::UnavailableError("the transport closed the connection")
                    : ErrnoStatus(errno, "read from", "the transport"));
    return true;
  }
  const size_t bytes = in_bytes_ + static_cast<size_t>(got);
  const size_t handled = HandleBytes(Bytes(buffer, bytes));
  std::memmove(buffer, buffer + handled, bytes - handled);
  in_bytes_ = bytes - handled;
  return MayHaveMore(*observer_, static_cast<size_t>(got), kReadBytes);
}

// How many, in whole frames.
size_t Endpoint::HandleBytes(Bytes bytes) {
  Bytes rest = bytes;
  while (state_ == State::kGreeting || state_ == State::kReady) {
    const absl::StatusOr<size_t> size = FrameBytes(rest);
    if (!size.ok()) {
      OnLost(size.status());
      break;
    }
    if (*size == 0 || *size > rest.size()) break;
    HandleFrame(rest.subspan(0, *size));
    rest.remove_prefix(*size);
  }
  return bytes.size() - rest.size();
}

// Nothing may overtake what the socket still has.
void Endpoint::BeginDirect() {
  if (!options_.direct || direct_ != nullptr || state_ != State::kReady || in_bytes_ > 0) return;
  direct_ = options_.direct(address_, [this](Bytes bytes) { OnDelivered(bytes); });
}

void Endpoint::OnDelivered(Bytes bytes) {
  delivered_.insert(delivered_.end(), bytes.begin(), bytes.end());
  if (std::exchange(is_delivery_scheduled_, true)) return;
  // The transport is at work, and does not expect to be called.
  session_->add(kj::evalLater([this] {
    is_delivery_scheduled_ = false;
    const std::vector<std::byte> all = std::exchange(delivered_, {});
    const size_t handled = HandleBytes(all);
    if (direct_ == nullptr || handled == all.size()) return;
    delivered_.insert(delivered_.begin(), all.begin() + static_cast<ptrdiff_t>(handled), all.end());
  }));
}

// What was sent is out of the queue then.
bool Endpoint::SendDirect() {
  if (direct_ == nullptr || out_begin_ > 0) return false;
  int unread = 0;
  if (!sends_direct_ && (::ioctl(fd_.get(), SIOCOUTQ, &unread) != 0 || unread > 0)) return false;
  std::vector<std::byte> all = std::exchange(out_, {});
  sends_direct_ = direct_->Send(all);
  if (!sends_direct_) out_ = std::move(all);
  return sends_direct_;
}

void Endpoint::HandleFrame(Bytes frame) {
  if (state_ == State::kGreeting) return HandleGreeting(frame);
  const absl::StatusOr<Envelope> envelope = DecodeEnvelope(frame);
  if (!envelope.ok()) return OnLost(envelope.status());
  if (envelope->kind == PacketKind::kNotice) return HandleNotice(*envelope, frame);
  const auto index = static_cast<size_t>(envelope->kind);
  // A packet of a kind that nobody here asked for, perhaps of a later version: it is passed over.
  if (index < handlers_.size() && handlers_[index]) handlers_[index](*envelope, frame);
}

void Endpoint::HandleGreeting(Bytes frame) {
  const absl::StatusOr<Greeting> greeting = ReadGreeting(frame);
  if (!greeting.ok()) return Finish(greeting.status());
  if (const auto* refusal = std::get_if<absl::Status>(&*greeting)) {
    // A daemon that was restarted may find its predecessor's connection still there.
    const bool may_pass = absl::IsAlreadyExists(*refusal) || absl::IsResourceExhausted(*refusal);
    return may_pass && options_.reconnects && !ready_fulfiller_->isWaiting() ? OnLost(*refusal)
                                                                             : Finish(*refusal);
  }
  const auto* welcome = std::get_if<Welcome>(&*greeting);
  if (welcome == nullptr) return Finish(absl::InternalError("the transport did not welcome us"));
  address_ = {welcome->node, options_.hello.service, welcome->instance};
  transport_software_ = welcome->software;
  state_ = State::kReady;
  pause_ = options_.pause_min;
  for (ChannelId channel : std::set<ChannelId>(channels_)) Subscribe(channel).IgnoreError();
  for (Observer* observer : std::vector<Observer*>(observers_)) observer->OnConnected();
  if (ready_fulfiller_->isWaiting()) ready_fulfiller_->fulfill();
}

void Endpoint::HandleNotice(const Envelope& envelope, Bytes frame) {
  // Each node speaks for itself only.
  const NodeNumber from = envelope.source.node;
  const bool is_own = from == address_.node;
  const auto tell = [&](auto what) {
    for (Observer* observer : std::vector<Observer*>(observers_)) what(*observer);
  };
  const absl::Status status = ReadPayload([&] {
    PacketReader reader(frame);
    const auto notice = reader.payload().getAs<wire::Notice>();
    switch (notice.which()) {
      case wire::Notice::UNDELIVERABLE: {
        const auto report = notice.getUndeliverable();
        const Undeliverable undeliverable{
            {NodeNumber(report.getNode()), static_cast<ServiceId>(report.getService()),
             InstanceNumber(report.getInstance())},
            static_cast<PacketKind>(report.getKind()),
            envelope.channel,
            envelope.request_id,
            static_cast<UndeliverableReason>(report.getReason())};
        tell([&](Observer& observer) { observer.OnUndeliverable(undeliverable); });
        break;
      }
      case wire::Notice::ENDPOINT_GONE: {
        const auto gone = notice.getEndpointGone();
        const Address address{NodeNumber(gone.getGoneNode()),
                              static_cast<ServiceId>(gone.getGoneService()),
                              InstanceNumber(gone.getGoneInstance())};
        if (address.node != from) break;
        tell([&](Observer& observer) { observer.OnEndpointGone(address); });
        break;
      }
      case wire::Notice::NODE_UP:
        if (!is_own) break;
        tell([&](Observer& observer) { observer.OnNodeUp(NodeNumber(notice.getNodeUp())); });
        break;
      case wire::Notice::NODE_DOWN:
        if (!is_own) break;
        tell([&](Observer& observer) { observer.OnNodeDown(NodeNumber(notice.getNodeDown())); });
        break;
      case wire::Notice::NODE_PARTED: {
        if (!is_own) break;
        const auto parted = notice.getNodeParted();
        const Instant as_of(std::chrono::nanoseconds(parted.getAsOf()));
        tell([&](Observer& observer) {
          observer.OnNodeParted(NodeNumber(parted.getPartedNode()), parted.getToken(), as_of);
        });
        break;
      }
      case wire::Notice::PONG:
        tell([&](Observer& observer) { observer.OnPong(envelope.request_id); });
        break;
      case wire::Notice::PROCESS_FOUND:
        break;  // Endpoints do not ask for that.
    }
    return absl::OkStatus();
  });
  if (!status.ok()) OnLost(status);
}

absl::Status Endpoint::CheckSend() const {
  if (state_ != State::kReady) {
    return absl::UnavailableError("cannot send: not connected to the transport of this node");
  }
  if (queued_bytes() > kEndpointQueueBytesMax) {
    return absl::ResourceExhaustedError(absl::StrCat("cannot send: the transport has not taken ",
                                                     queued_bytes(), " bytes sent before"));
  }
  return absl::OkStatus();
}

absl::Status Endpoint::SendFrame(Bytes frame) {
  CTDB_RETURN_IF_ERROR(CheckSend());
  Queue(frame);
  return absl::OkStatus();
}

absl::Status Endpoint::SendWritten(PacketWriter& writer, capnp::_::CapTableBuilder* capabilities) {
  CTDB_RETURN_IF_ERROR(CheckSend());
  CTDB_ASSIGN_OR_RETURN(const Bytes frame, writer.Finish(capabilities));
  Queue(frame);
  return absl::OkStatus();
}

void Endpoint::Queue(Bytes frame) {
  out_.insert(out_.end(), frame.begin(), frame.end());
  ScheduleFlush();
}

void Endpoint::ScheduleFlush() {
  if (is_flush_scheduled_ || is_waiting_to_write_) return;
  is_flush_scheduled_ = true;
  // After everything else that is ready in this turn, so that many packets leave in one write.
  tasks_.add(kj::evalLater([this] {
    is_flush_scheduled_ = false;
    Flush();
  }));
}

void Endpoint::Flush() {
  if (queued_bytes() > 0 && fd_.is_open()) SendDirect();
  while (queued_bytes() > 0 && fd_.is_open()) {
    const ssize_t written =
        ::send(fd_.get(), out_.data() + out_begin_, queued_bytes(), MSG_NOSIGNAL);
    if (written >= 0) {
      out_begin_ += static_cast<size_t>(written);
    } else if (errno == EAGAIN) {
      is_waiting_to_write_ = true;
      out_.erase(out_.begin(), out_.begin() + static_cast<ptrdiff_t>(out_begin_));
      out_begin_ = 0;
      session_->add(WhenWritable(event_port_, fd_.get()).then([this] {
        is_waiting_to_write_ = false;
        Flush();
      }));
      return;
    } else if (errno != EINTR) {
      return OnLost(ErrnoStatus(errno, "write to", "the transport"));
    }
  }
  out_.clear();
  out_begin_ = 0;
  for (auto& waiter : flush_waiters_) waiter->fulfill();
  flush_waiters_.clear();
}

kj::Promise<void> Endpoint::WhenFlushed() {
  if (queued_bytes() == 0) return kj::READY_NOW;
  auto paf = kj::newPromiseAndFulfiller<void>();
  flush_waiters_.push_back(kj::mv(paf.fulfiller));
  return kj::mv(paf.promise);
}

template <typename Fill>
absl::Status Endpoint::SendControl(uint64_t request_id, NodeNumber node, Fill&& fill) {
  Envelope envelope = To({node, ServiceId::kRouter, InstanceNumber(0)}, PacketKind::kControl);
  envelope.request_id = request_id;
  return Send(envelope,
              [&](capnp::AnyPointer::Builder payload) { fill(payload.initAs<wire::Control>()); });
}

absl::Status Endpoint::Subscribe(ChannelId channel) {
  if (channels_.size() >= kChannelsPerEndpointMax && !channels_.contains(channel)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot listen on more than ", kChannelsPerEndpointMax, " channels"));
  }
  channels_.insert(channel);
  return SendControl(0, kThisNode, [&](auto control) { control.setSubscribe(channel.value()); });
}

absl::Status Endpoint::Unsubscribe(ChannelId channel) {
  channels_.erase(channel);
  return SendControl(0, kThisNode, [&](auto control) { control.setUnsubscribe(channel.value()); });
}

absl::Status Endpoint::SetGroup(NodeNumber group, const std::vector<NodeNumber>& members) {
  return SendControl(0, kThisNode, [&](wire::Control::Builder control) {
    auto set = control.initSetGroup();
    set.setGroup(group.value());
    auto list = set.initMembers(static_cast<uint32_t>(members.size()));
    for (uint32_t i = 0; i < members.size(); ++i) list.set(i, members[i].value());
  });
}

absl::Status Endpoint::Ping(uint64_t request_id, NodeNumber node) {
  return SendControl(request_id, node, [](wire::Control::Builder control) { control.setPing(); });
}

}  // namespace ctdb
