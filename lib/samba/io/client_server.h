// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// client_server: the Unix socket that Samba connects to: accepts clients, cuts what they send into
// packets, and writes what is sent to them, many packets with one system call.
//
//   Ownership:  owns the socket and its file, which it removes at the end.
//   Threading:  belongs to the event loop's thread.
//   Errors:     Listen(): those of ListenUnix(). A client whose bytes make no sense (CN-16) is
//               disconnected; the listener hears why.
//   Blocking:   never.
//   Limits:     kQueueBytesMax waiting for one client, which is then disconnected; packets of
//               FrameReader::Options::packet_bytes_max.
//
// Example:
//   ClientServer server(event_port, listener);
//   CTDB_RETURN_IF_ERROR(server.Listen("/run/ctdb/ctdbd.socket"));
//   server.Send(client, packet);

#ifndef LIB_SAMBA_IO_CLIENT_SERVER_H_
#define LIB_SAMBA_IO_CLIENT_SERVER_H_

#include <kj/async-unix.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/base/io/unique_fd.h"
#include "lib/samba/packet.h"
#include "lib/samba/session/client_table.h"

namespace ctdb::samba {

class ClientServer : private kj::TaskSet::ErrorHandler {
 public:
  static constexpr size_t kQueueBytesMax = size_t{1} << 30;
  // A client with less than this waiting has room for more.
  static constexpr size_t kDrainedBytes = 256 * 1024;

  class Listener {
   public:
    virtual ~Listener() = default;
    // Refused unless OK.
    virtual absl::Status OnConnected(ClientId client, int32_t pid) = 0;
    virtual void OnPacket(ClientId client, absl::string_view frame) = 0;
    // Less than kDrainedBytes wait for it, and it was more before.
    virtual void OnDrained(ClientId client) = 0;
    virtual void OnDisconnected(ClientId client, const absl::Status& why) = 0;
    virtual void OnTrouble(const absl::Status& status) = 0;
  };

  ClientServer(kj::UnixEventPort& event_port, Listener& listener);
  ~ClientServer();

  // Mode 0700: for root, as Samba's programs are when they connect.
  absl::Status Listen(const std::string& path);
  bool is_listening() const { return listening_.is_open(); }

  void Send(ClientId client, const Packet& packet);
  size_t QueuedPackets(ClientId client) const;
  size_t QueuedBytes(ClientId client) const;
  // Whether the client has read everything that it was sent; also when it has gone.
  bool HasReadAll(ClientId client) const;
  // OnDisconnected() follows, in a later turn.
  void Disconnect(ClientId client, const absl::Status& why);

 private:
  struct Connection;

  void taskFailed(kj::Exception&& exception) override;
  kj::Promise<void> AcceptLoop();
  void Welcome(UniqueFd fd);
  kj::Promise<void> ReadLoop(std::shared_ptr<Connection> connection);
  bool ReadOnce(Connection& connection);
  void HandleFrames(Connection& connection);
  void ScheduleFlush(Connection& connection);
  void Flush(Connection& connection);
  Connection* Find(ClientId client) const;

  kj::UnixEventPort& event_port_;
  Listener& listener_;
  std::string path_;
  UniqueFd listening_;
  kj::Own<kj::UnixEventPort::FdObserver> observer_;
  kj::Own<kj::PromiseFulfiller<void>> room_;  // While no more can be accepted.
  uint32_t last_client_ = 0;
  std::map<ClientId, std::shared_ptr<Connection>> connections_;
  std::vector<ClientId> unflushed_;
  kj::TaskSet tasks_;
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_IO_CLIENT_SERVER_H_
