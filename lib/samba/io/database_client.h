// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// database_client: sends the proxy's requests to database services, and sends them again when the
// service, or the transport on the way, was started again meanwhile.
//
//   Ownership:  owns its endpoint; event port, timer and callback outlive it.
//   Threading:  belongs to the event loop's thread.
//   Errors:     an answer is a status where another node's service is not there. This node's own
//               is waited for.
//   Blocking:   never.
//   Limits:     those of who asks.
//
// Example:
//   DatabaseClient client(event_port, timer, {connect}, [&](RequestId id, auto& answer) { ... },
//                         [&](auto& awaited) { ... });
//   client.Ask(id, GetRecord{db_id, key});

#ifndef LIB_SAMBA_IO_DATABASE_CLIENT_H_
#define LIB_SAMBA_IO_DATABASE_CLIENT_H_

#include <kj/async.h>
#include <kj/timer.h>

#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "lib/base/io/unique_fd.h"
#include "lib/samba/session/database_request.h"
#include "lib/transport/io/endpoint.h"

namespace ctdb::samba {

class DatabaseClient : private Endpoint::Observer, private kj::TaskSet::ErrorHandler {
 public:
  // How often a service that does not answer is asked whether it is still the same one.
  static constexpr kj::Duration kProbeInterval = 500 * kj::MILLISECONDS;
  // What this node's service has not answered for so long was lost, or takes long: either way it
  // does no harm to ask again.
  static constexpr kj::Duration kAskAgain = 10 * kj::SECONDS;
  // Of another node that does not answer.
  static constexpr kj::Duration kPatience = 2 * kj::SECONDS;

  using OnAnswer = std::function<void(RequestId id, const DatabaseAnswer& answer)>;
  using OnAwaited = std::function<void(const AwaitedRecord& awaited)>;

  DatabaseClient(kj::UnixEventPort& event_port, kj::Timer& timer, Endpoint::Options endpoint,
                 OnAnswer on_answer, OnAwaited on_awaited);
  ~DatabaseClient() noexcept override;

  // `id` 0: without answer.
  void Ask(RequestId id, const DatabaseRequest& request);
  size_t pending() const { return pending_.size(); }

 private:
  struct Pending {
    DatabaseRequest request;
    NodeNumber node;
    bool was_sent = false;
    kj::TimePoint since;  // When it was sent last.
    std::string body;     // Of a large commit: goes first, part by part.
    size_t taken = 0;     // What the service has of it.
  };

  void taskFailed(kj::Exception&& exception) override {}
  void OnConnected() override;
  void OnUndeliverable(const Endpoint::Undeliverable& report) override;
  void OnPacket(const Envelope& envelope, Bytes frame);
  void OnNotice(Bytes frame);
  void Send(RequestId id, Pending& pending);
  void SendNext(RequestId id, Pending& pending);
  bool OnBodyAnswer(RequestId id, Pending& pending, DatabaseAnswer& answer);
  void Fail(RequestId id, const absl::Status& why);
  void OnServiceSeen(InstanceNumber instance);
  kj::Promise<void> ProbeLoop();
  void Probe();

  kj::Timer& timer_;
  const OnAnswer on_answer_;
  const OnAwaited on_awaited_;
  Endpoint endpoint_;
  std::map<RequestId, Pending> pending_;
  InstanceNumber service_;  // This node's, as it answered last.
  kj::TaskSet tasks_;
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_IO_DATABASE_CLIENT_H_
