// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/io/client_server.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/io/readiness.h"
#include "lib/base/status_kj.h"
#include "lib/base/status_macros.h"
#include "lib/samba/frame_reader.h"
#include "lib/transport/io/socket.h"

namespace ctdb::samba {
namespace {

constexpr int kReadsPerTurn = 4;
constexpr int kAcceptsPerTurn = 64;

// Each process of Samba has two connections or more. What cannot be had shows when it is missing.
void AllowManyDescriptors() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

struct ClientServer::Connection {
  ClientId id;
  UniqueFd fd;
  kj::Own<kj::UnixEventPort::FdObserver> observer;
  // Of what it sends and what is sent to it; the promises end with it.
  kj::Own<kj::TaskSet> tasks;
  FrameReader frames;
  std::string out;
  size_t out_begin = 0;
  std::deque<uint32_t> packets;  // Bytes of each in `out`; of the first, what is left.
  bool is_flush_scheduled = false;
  bool is_waiting_to_write = false;
  bool was_behind = false;
  bool is_lost = false;

  size_t queued_bytes() const { return out.size() - out_begin; }
};

ClientServer::ClientServer(kj::UnixEventPort& event_port, Listener& listener)
    : event_port_(event_port), listener_(listener), tasks_(*this) {}

ClientServer::~ClientServer() {
  if (listening_.is_open()) ::unlink(path_.c_str());
}

void ClientServer::taskFailed(kj::Exception&& exception) {
  listener_.OnTrouble(ToStatus(exception));
}

absl::Status ClientServer::Listen(const std::string& path) {
  AllowManyDescriptors();
  CTDB_ASSIGN_OR_RETURN(listening_, ListenUnix(path, 0700));
  path_ = path;
  observer_ = kj::heap<kj::UnixEventPort::FdObserver>(event_port_, listening_.get(),
                                                      kj::UnixEventPort::FdObserver::OBSERVE_READ);
  tasks_.add(AcceptLoop());
  return absl::OkStatus();
}

kj::Promise<void> ClientServer::AcceptLoop() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    absl::StatusOr<UniqueFd> fd = Accept(listening_.get());
    if (!fd.ok()) {
      // Out of descriptors, most likely: whoever waits is accepted when another client has gone.
      listener_.OnTrouble(fd.status());
      auto room = kj::newPromiseAndFulfiller<void>();
      room_ = kj::mv(room.fulfiller);
      return room.promise.then([this] { return AcceptLoop(); });
    }
    if (!fd->is_open()) {
      return observer_->whenBecomesReadable().then([this] { return AcceptLoop(); });
    }
    Welcome(*std::move(fd));
  }
  return kj::evalLater([this] { return AcceptLoop(); });
}

void ClientServer::Welcome(UniqueFd fd) {
  const auto credentials = GetPeerCredentials(fd.get());
  if (!credentials.ok()) return listener_.OnTrouble(credentials.status());
  const ClientId id(++last_client_);
  const absl::Status status = listener_.OnConnected(id, static_cast<int32_t>(credentials->pid));
  if (!status.ok()) return listener_.OnTrouble(status);
  const auto connection = std::make_shared<Connection>();
  connection->id = id;
  connection->observer = kj::heap<kj::UnixEventPort::FdObserver>(
      event_port_, fd.get(), kj::UnixEventPort::FdObserver::OBSERVE_READ);
  connection->fd = std::move(fd);
  connection->tasks = kj::heap<kj::TaskSet>(static_cast<kj::TaskSet::ErrorHandler&>(*this));
  connections_[id] = connection;
  connection->tasks->add(ReadLoop(connection));
}

ClientServer::Connection* ClientServer::Find(ClientId client) const {
  const auto found = connections_.find(client);
  return found == connections_.end() || found->second->is_lost ? nullptr : found->second.get();
}

void ClientServer::Disconnect(ClientId client, const absl::Status& why) {
  Connection* connection = Find(client);
  if (connection == nullptr) return;
  connection->is_lost = true;
  // Its own tasks may have called this, so they end in a turn of their own.
  tasks_.add(kj::evalLater([this, client, why] {
    const auto found = connections_.find(client);
    const std::shared_ptr<Connection> gone = found->second;
    connections_.erase(found);
    gone->tasks = nullptr;
    gone->observer = nullptr;
    gone->fd.Reset();
    if (room_.get() != nullptr) room_->fulfill();
    room_ = nullptr;
    listener_.OnDisconnected(client, why);
  }));
}

kj::Promise<void> ClientServer::ReadLoop(std::shared_ptr<Connection> connection) {
  for (int i = 0; i < kReadsPerTurn; ++i) {
    if (connection->is_lost) return kj::READY_NOW;
    if (!ReadOnce(*connection)) {
      return connection->observer->whenBecomesReadable().then(
          [this, weak = std::weak_ptr<Connection>(connection)]() -> kj::Promise<void> {
            if (auto strong = weak.lock()) return ReadLoop(std::move(strong));
            return kj::READY_NOW;
          });
    }
  }
  return kj::evalLater([this, weak = std::weak_ptr<Connection>(connection)]() -> kj::Promise<void> {
    if (auto strong = weak.lock()) return ReadLoop(std::move(strong));
    return kj::READY_NOW;
  });
}

// Whether there may be more to read.
bool ClientServer::ReadOnce(Connection& connection) {
  size_t size = 0;
  char* space = connection.frames.Space(&size);
  const ssize_t got = ::read(connection.fd.get(), space, size);
  if (got < 0 && errno == EAGAIN) return false;
  if (got < 0 && errno == EINTR) return true;
  if (got <= 0) {
    Disconnect(connection.id,
               got == 0 ? absl::OkStatus() : ErrnoStatus(errno, "read from", "a client"));
    return true;
  }
  connection.frames.Added(static_cast<size_t>(got));
  HandleFrames(connection);
  return connection.is_lost || MayHaveMore(*connection.observer, static_cast<size_t>(got), size);
}

void ClientServer::HandleFrames(Connection& connection) {
  while (!connection.is_lost) {
    const auto frame = connection.frames.Next();
    if (!frame.ok()) {
      return Disconnect(connection.id, frame.status());
    }
    if (!frame->has_value()) return;
    listener_.OnPacket(connection.id, **frame);
  }
}

void ClientServer::Send(ClientId client, const Packet& packet) {
  Connection* connection = Find(client);
  if (connection == nullptr) return;
  const size_t before = connection->out.size();
  const absl::Status status = AppendPacket(packet, kServerPadding, &connection->out);
  if (!status.ok()) return listener_.OnTrouble(status);
  connection->packets.push_back(static_cast<uint32_t>(connection->out.size() - before));
  if (connection->queued_bytes() > kQueueBytesMax) {
    return Disconnect(client, absl::ResourceExhaustedError(absl::StrCat(
                                  "it has not read ", connection->queued_bytes(), " bytes")));
  }
  ScheduleFlush(*connection);
}

size_t ClientServer::QueuedPackets(ClientId client) const {
  const Connection* connection = Find(client);
  return connection == nullptr ? 0 : connection->packets.size();
}

size_t ClientServer::QueuedBytes(ClientId client) const {
  const Connection* connection = Find(client);
  return connection == nullptr ? 0 : connection->queued_bytes();
}

bool ClientServer::HasReadAll(ClientId client) const {
  const Connection* connection = Find(client);
  if (connection == nullptr) return true;
  int unread = 0;
  return connection->queued_bytes() == 0 &&
         (::ioctl(connection->fd.get(), SIOCOUTQ, &unread) != 0 || unread == 0);
}

void ClientServer::ScheduleFlush(Connection& connection) {
  if (connection.is_flush_scheduled || connection.is_waiting_to_write) return;
  connection.is_flush_scheduled = true;
  // After everything else that is ready in this turn, so that many packets leave in one write.
  if (unflushed_.empty()) {
    tasks_.add(kj::evalLater([this] {
      for (const ClientId client : std::exchange(unflushed_, {})) {
        if (Connection* one = Find(client)) {
          one->is_flush_scheduled = false;
          Flush(*one);
        }
      }
    }));
  }
  unflushed_.push_back(connection.id);
}

void ClientServer::Flush(Connection& connection) {
  while (connection.queued_bytes() > 0) {
    const ssize_t written =
        ::send(connection.fd.get(), connection.out.data() + connection.out_begin,
               connection.queued_bytes(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) break;
    if (written < 0) {
      return Disconnect(connection.id, ErrnoStatus(errno, "write to", "a client"));
    }
    connection.out_begin += static_cast<size_t>(written);
    auto left = static_cast<size_t>(written);
    while (left > 0 && !connection.packets.empty()) {
      const size_t done = std::min<size_t>(left, connection.packets.front());
      left -= done;
      connection.packets.front() -= static_cast<uint32_t>(done);
      if (connection.packets.front() == 0) connection.packets.pop_front();
    }
  }
  // Moving it only when most of it is done keeps the cost for each byte constant.
  if (connection.out_begin >= connection.out.size() / 2) {
    connection.out.erase(0, connection.out_begin);
    connection.out_begin = 0;
  }
  if (connection.queued_bytes() > 0) {
    connection.was_behind = connection.was_behind || connection.queued_bytes() > kDrainedBytes;
    connection.is_waiting_to_write = true;
    connection.tasks->add(WhenWritable(event_port_, connection.fd.get()).then([this, &connection] {
      connection.is_waiting_to_write = false;
      Flush(connection);
    }));
  }
  if (connection.queued_bytes() <= kDrainedBytes && std::exchange(connection.was_behind, false)) {
    listener_.OnDrained(connection.id);
  }
}

}  // namespace ctdb::samba
