// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/switch.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/random.h"
#include "lib/base/status_macros.h"

namespace ctdb {
namespace {

// One read takes at most this much, so that no port waits long for another.
constexpr size_t kReadBytesMax = size_t{128} << 10;
constexpr size_t kWritePartsMax = 64;

}  // namespace

std::string Describe(const Port& port) {
  if (port.role == Port::Role::kEndpointGreeting || port.role == Port::Role::kEndpoint) {
    return absl::StrCat(port.role == Port::Role::kEndpoint ? ToString(port.address) : "client",
                        " (pid ", port.credentials.pid, ", user ", port.credentials.uid, ")");
  }
  if (port.role == Port::Role::kLink) {
    return absl::StrCat("node ", port.address.node.value(), " at ", port.peer_address);
  }
  return port.peer_address;
}

Switch::Switch(const TransportLoop::Options& options, int epoll_fd, logging::Logger logger)
    : options_(options),
      epoll_fd_(epoll_fd),
      incarnation_(Random(options.seed).Next()),
      logger_(std::move(logger)),
      router_(options.local),
      // The upper half tells starts of the transport apart, so that no instance is used twice.
      next_instance_((incarnation_ << 32 | 1) & ~(uint64_t{1} << 63)),
      read_buffer_((kFrameBytesMax + kReadBytesMax) / sizeof(uint64_t)) {}

Port* Switch::Find(PortNumber number) {
  const auto found = ports_.find(number);
  return found == ports_.end() || found->second->is_doomed ? nullptr : found->second.get();
}

Port& Switch::Open(UniqueFd fd, Port::Role role, Instant now) {
  auto port = std::make_unique<Port>();
  port->number = PortNumber(next_port_++);
  port->fd = std::move(fd);
  port->role = role;
  ++role_counts_[static_cast<size_t>(role)];
  port->since = port->output_progress = now;
  port->wants_write = role == Port::Role::kNodeDialling;
  epoll_event event = {};
  event.events = port->wants_write ? EPOLLOUT : EPOLLIN;
  event.data.u64 = port->number.value();
  Port& result = *ports_.emplace(port->number, std::move(port)).first->second;
  if (::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, result.fd.get(), &event) != 0) {
    Doom(result, ErrnoStatus(errno, "watch", "a connection"));
  }
  return result;
}

void Switch::OpenEndpoint(UniqueFd fd, Instant now) {
  ++counters_.connections_accepted;
  // Who has not greeted takes a place as well.
  const size_t count = Count(Port::Role::kEndpoint) + Count(Port::Role::kEndpointGreeting);
  const bool is_full = count >= options_.limits.endpoint_count_max;
  if (is_full && !HasRoomToRefuse()) {
    ++counters_.connections_refused;
    return;
  }
  Port& port = Open(std::move(fd), Port::Role::kEndpointGreeting, now);
  const absl::StatusOr<PeerCredentials> credentials = GetPeerCredentials(port.fd.get());
  if (!credentials.ok()) return Doom(port, credentials.status());
  port.credentials = *credentials;
  if (is_full) {
    Refuse(port, absl::ResourceExhaustedError(
                     absl::StrCat("there are already ", count, " endpoints, the limit")));
  }
}

void Switch::SetRole(Port& port, Port::Role role, Instant now) {
  --role_counts_[static_cast<size_t>(port.role)];
  ++role_counts_[static_cast<size_t>(role)];
  port.role = role;
  port.since = now;
  port.wall_since = absl::Now();
  port.wants_write = !port.output.empty();
  UpdateInterest(port);
}

void Switch::OnReady(PortNumber number, uint32_t events, Instant now) {
  now_ = now;
  Port* port = Find(number);
  if (port == nullptr) return;
  if (port->role == Port::Role::kNodeDialling) {
    link_owner_->OnConnectDone(*port);
  } else {
    if ((events & EPOLLOUT) != 0) Flush(*port);
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !port->is_doomed) OnReadable(*port);
  }
  Sweep();
}

void Switch::OnReadable(Port& port) {
  auto* buffer = reinterpret_cast<std::byte*>(read_buffer_.data());
  std::copy_n(reinterpret_cast<const std::byte*>(port.partial.data()), port.partial_bytes, buffer);
  const ssize_t got = ::read(port.fd.get(), buffer + port.partial_bytes, kReadBytesMax);
  ++counters_.reads;
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    return Doom(port, got == 0 ? absl::UnavailableError("the other side closed the connection")
                               : ErrnoStatus(errno, "read from", Describe(port)));
  }
  if (port.role == Port::Role::kRefused) return;
  port.traffic.bytes_received += static_cast<uint64_t>(got);
  const Bytes rest =
      HandleBytes(port, Bytes(buffer, port.partial_bytes + static_cast<size_t>(got)));
  port.partial_bytes = rest.size();
  const size_t words = (rest.size() + 7) / 8;
  if (port.partial.size() < words) port.partial.resize(words);
  std::copy(rest.begin(), rest.end(), reinterpret_cast<std::byte*>(port.partial.data()));
}

// What is left is the beginning of a frame.
Bytes Switch::HandleBytes(Port& port, Bytes bytes) {
  while (!port.is_doomed && port.role != Port::Role::kRefused) {
    const absl::StatusOr<size_t> size = FrameBytes(bytes);
    if (!size.ok()) {
      ++counters_.connections_broken;
      Doom(port, size.status());
      break;
    }
    if (*size == 0 || *size > bytes.size()) break;
    HandleFrame(port, bytes.subspan(0, *size));
    bytes.remove_prefix(*size);
  }
  if (has_handled_) SendOfHandler();
  FlushDirty(port);
  return bytes;
}

PortNumber Switch::SetDirect(const Address& address, std::function<void(Bytes)> direct) {
  for (const auto& [number, port] : ports_) {
    if (port->role != Port::Role::kEndpoint || port->is_doomed || port->address != address ||
        !port->output.empty()) {
      continue;
    }
    port->direct = std::move(direct);
    return number;
  }
  return PortNumber();
}

void Switch::EndDirect(PortNumber number) {
  if (Port* port = Find(number)) port->direct = nullptr;
}

bool Switch::OnDirect(PortNumber number, Bytes frames, Instant now) {
  now_ = now;
  Port* port = Find(number);
  const bool is_able = port != nullptr && port->role == Port::Role::kEndpoint && !port->is_doomed &&
                       port->pause_count == 0 && port->partial_bytes == 0;
  if (!is_able) return false;
  port->traffic.bytes_received += frames.size();
  HandleBytes(*port, frames);
  Sweep();
  return true;
}

void Switch::HandleFrame(Port& port, Bytes frame) {
  ++port.traffic.packets_received;
  if (port.role == Port::Role::kEndpointGreeting) return HandleEndpointGreeting(port, frame);
  if (port.is_greeting()) return link_owner_->OnNodeGreeting(port, frame);
  const absl::StatusOr<Envelope> envelope = DecodeEnvelope(frame);
  absl::Status status = envelope.status();
  if (status.ok()) status = router_.FindRoute(port.number, *envelope, &route_);
  if (!status.ok()) {
    ++counters_.connections_broken;
    return Doom(port, status);
  }
  Forward(port, *envelope, frame);
  if (route_.is_for_router) HandleControl(port, *envelope, frame);
}

void Switch::Forward(Port& source, const Envelope& envelope, Bytes frame) {
  std::optional<UndeliverableReason> failure = route_.undeliverable;
  for (PortNumber number : route_.ports) {
    Port* target = Find(number);
    if (target == nullptr) continue;
    if (IsHandled(*target, envelope, frame)) {
      ++counters_.packets_routed;
    } else if (Enqueue(*target, frame, envelope.is_bulk)) {
      ++counters_.packets_routed;
    } else {
      failure = UndeliverableReason::kOverloaded;
    }
  }
  if (failure.has_value()) ReportUndeliverable(source, envelope, *failure);
}

bool Switch::IsHandled(const Port& target, const Envelope& envelope, Bytes frame) {
  if (handler_ == nullptr || envelope.kind != PacketKind::kData ||
      target.role != Port::Role::kEndpoint || target.address.service != handler_service_) {
    return false;
  }
  handler_port_ = target.number;
  has_handled_ = true;
  return handler_->OnData(envelope, frame);
}

// Not from within Forward(): these packets have routes of their own.
void Switch::SendOfHandler() {
  if (handler_ == nullptr) return;
  do {
    has_handled_ = false;
    for (auto frame = handler_->NextFrame(); !frame.empty(); frame = handler_->NextFrame()) {
      Port* port = Find(handler_port_);
      if (port == nullptr || port->role != Port::Role::kEndpoint) continue;
      // Queues refer to it until they were flushed.
      handler_frames_.push_back(std::move(frame));
      const std::vector<uint64_t>& kept = handler_frames_.back();
      HandleFrame(
          *port, {reinterpret_cast<const std::byte*>(kept.data()), kept.size() * sizeof(uint64_t)});
    }
  } while (has_handled_);
  handler_deadline_ = handler_->NextDeadline();
}

void Switch::SetDataHandler(ServiceId service, DataHandler* handler) {
  handler_service_ = service;
  handler_ = handler;
  handler_deadline_ = kNever;
}

void Switch::OnDeadline(Instant now) {
  handler_deadline_ = kNever;
  if (handler_ == nullptr) return;
  handler_->OnDeadline(now);
  RunDataHandler(now);
}

void Switch::RunDataHandler(Instant now) {
  now_ = now;
  if (handler_ == nullptr) return;
  for (const auto& [number, port] : ports_) {
    const bool is_its = port->role == Port::Role::kEndpoint && !port->is_doomed &&
                        port->address.service == handler_service_;
    if (is_its) handler_port_ = number;
  }
  SendOfHandler();
  if (Port* port = Find(handler_port_); port != nullptr) FlushDirty(*port);
  Sweep();
}

bool Switch::Enqueue(Port& target, Bytes frame, bool is_bulk) {
  if (target.output.bytes() + frame.size() > options_.limits.queue_bytes_max) {
    if (target.role == Port::Role::kEndpoint) {
      ++counters_.slow_receivers;
      Doom(target, absl::ResourceExhaustedError(absl::StrCat(
                       "it does not read: ", target.output.bytes(), " bytes wait for it")));
    }
    return false;
  }
  ++target.traffic.packets_sent;
  if (target.output.empty()) target.output_progress = now_;
  target.output.Add(frame, is_bulk);
  if (!target.is_dirty) {
    target.is_dirty = true;
    dirty_.push_back(target.number);
  }
  return true;
}

void Switch::FlushDirty(Port& source) {
  const bool may_wait =
      source.role == Port::Role::kEndpoint && source.address.service == ServiceId::kClient;
  for (PortNumber number : dirty_) {
    const auto found = ports_.find(number);
    if (found == ports_.end()) continue;
    Port& target = *found->second;
    target.is_dirty = false;
    if (!target.is_doomed) Flush(target);
    if (may_wait && target.output.bytes() > options_.limits.pause_bytes) Pause(source, target);
  }
  dirty_.clear();
  handler_frames_.clear();
  // Whoever does not read our answers may not ask on.
  if (may_wait && source.output.bytes() > options_.limits.pause_bytes) Pause(source, source);
}

void Switch::Flush(Port& port) {
  bool is_full = false;
  if (port.direct) {
    FlushDirect(port);
  } else {
    is_full = FlushSocket(port);
  }
  port.output.Settle();
  if (port.wants_write != is_full) {
    port.wants_write = is_full;
    UpdateInterest(port);
  }
  if (!port.waiters.empty() && port.output.bytes() <= options_.limits.pause_bytes / 2) {
    ResumeWaiters(port);
  }
}

void Switch::FlushDirect(Port& port) {
  iovec parts[kWritePartsMax];
  while (!port.output.empty()) {
    size_t bytes = 0;
    for (const iovec& part : absl::MakeSpan(parts, port.output.Gather(absl::MakeSpan(parts)))) {
      port.direct(Bytes(static_cast<const std::byte*>(part.iov_base), part.iov_len));
      bytes += part.iov_len;
    }
    port.output.OnWritten(bytes);
    port.traffic.bytes_sent += bytes;
    port.output_progress = now_;
  }
}

// Whether the socket is full.
bool Switch::FlushSocket(Port& port) {
  iovec parts[kWritePartsMax];
  bool is_full = false;
  while (!port.output.empty() && !is_full) {
    msghdr message = {};
    message.msg_iov = parts;
    message.msg_iovlen = port.output.Gather(absl::MakeSpan(parts));
    const ssize_t written = ::sendmsg(port.fd.get(), &message, MSG_NOSIGNAL);
    ++counters_.writes;
    if (written >= 0) {
      port.output.OnWritten(static_cast<size_t>(written));
      port.traffic.bytes_sent += static_cast<uint64_t>(written);
      port.output_progress = now_;
    } else if (errno == EAGAIN) {
      is_full = true;
    } else if (errno != EINTR) {
      Doom(port, ErrnoStatus(errno, "write to", Describe(port)));
      break;
    }
  }
  return is_full;
}

void Switch::Pause(Port& source, Port& target) {
  if (std::find(target.waiters.begin(), target.waiters.end(), source.number) !=
      target.waiters.end()) {
    return;
  }
  target.waiters.push_back(source.number);
  if (source.pause_count++ == 0) UpdateInterest(source);
}

void Switch::ResumeWaiters(Port& port) {
  for (PortNumber number : port.waiters) {
    Port* waiter = Find(number);
    if (waiter != nullptr && --waiter->pause_count == 0) UpdateInterest(*waiter);
  }
  port.waiters.clear();
}

void Switch::UpdateInterest(Port& port) {
  if (port.is_doomed) return;
  epoll_event event = {};
  event.events = 0;
  if (port.pause_count == 0) event.events |= EPOLLIN;
  if (port.wants_write) event.events |= EPOLLOUT;
  event.data.u64 = port.number.value();
  if (::epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, port.fd.get(), &event) != 0) {
    Doom(port, ErrnoStatus(errno, "watch", Describe(port)));
  }
}

void Switch::OnTick(Instant now) {
  now_ = now;
  for (auto& [number, port] : ports_) {
    if (port->is_doomed) continue;
    const bool greets_too_long = port->is_greeting() && port->role != Port::Role::kNodeDialling &&
                                 now >= After(port->since, options_.limits.greeting_limit);
    const bool is_stalled =
        !port->output.empty() && now >= After(port->output_progress, options_.limits.stall_limit);
    if (port->role == Port::Role::kRefused && greets_too_long) {
      Doom(*port, absl::OkStatus());
    } else if (greets_too_long) {
      Doom(*port,
           absl::DeadlineExceededError(absl::StrCat(
               "no greeting within ", absl::FormatDuration(options_.limits.greeting_limit))));
    } else if (is_stalled) {
      ++counters_.slow_receivers;
      Doom(*port, absl::ResourceExhaustedError(absl::StrCat(
                      "it has read nothing for ", absl::FormatDuration(options_.limits.stall_limit),
                      " while ", port->output.bytes(), " bytes wait for it")));
    }
  }
  Sweep();
}

void Switch::Doom(Port& port, const absl::Status& why) {
  if (port.is_doomed) return;
  port.is_doomed = true;
  doomed_.emplace_back(port.number, why);
}

void Switch::Sweep() {
  // Closing one port may doom another.
  while (!doomed_.empty()) {
    const auto [number, why] = std::move(doomed_.back());
    doomed_.pop_back();
    const auto found = ports_.find(number);
    if (found == ports_.end()) continue;
    const std::unique_ptr<Port> port = std::move(found->second);
    ports_.erase(found);
    Close(*port, why);
  }
}

void Switch::Close(Port& port, const absl::Status& why) {
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, port.fd.get(), nullptr);
  --role_counts_[static_cast<size_t>(port.role)];
  ResumeWaiters(port);
  // An orderly goodbye needs no attention.
  const LogLevel level = absl::IsUnavailable(why) || why.ok() ? LogLevel::kDebug : LogLevel::kError;
  if (port.role == Port::Role::kEndpoint || port.role == Port::Role::kEndpointGreeting) {
    logger_.Log(level, "endpoint_closed",
                absl::StrCat("Disconnected ", Describe(port), ": ", why.message()),
                {{"pid", port.credentials.pid}, {"reason", why.message()}});
  }
  if (port.role == Port::Role::kEndpoint) {
    AnnounceEndpointGone(port.address, router_.RemoveEndpoint(port.number));
  } else if (port.role != Port::Role::kEndpointGreeting && port.role != Port::Role::kRefused) {
    link_owner_->OnLinkClosed(port, why);
  }
}

}  // namespace ctdb
