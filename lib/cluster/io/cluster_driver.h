// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// cluster_driver: the cluster's deciding parts at work: the built-in engine and the membership,
// fed with links, packets, time and what disk and cluster lock answer, through the endpoint of the
// cluster service.
//
// Its clock goes on while the host sleeps (CLOCK_BOOTTIME): a promise must not last longer than
// its time.
//
//   Ownership:  endpoint, timer, worker and listener must outlive it.
//   Threading:  belongs to the event loop's thread.
//   Errors:     a ballot that cannot be stored is reported to the listener and tried again; until
//               then this node neither votes nor leads.
//   Blocking:   never; the ballot is stored on the worker's thread.
//   Limits:     those of its parts.
//
// Example:
//   ClusterDriver driver(options, endpoint, timer, worker, listener);
//   driver.membership().Stop("maintenance", driver.Now());
//   driver.Pump();

#ifndef LIB_CLUSTER_IO_CLUSTER_DRIVER_H_
#define LIB_CLUSTER_IO_CLUSTER_DRIVER_H_

#include <kj/async.h>
#include <kj/timer.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/io/worker.h"
#include "lib/cluster/builtin_engine.h"
#include "lib/cluster/membership.h"
#include "lib/transport/io/endpoint.h"

namespace ctdb::cluster {

// The cluster lock, as the driver needs it.
class ClusterLock {
 public:
  virtual ~ClusterLock() = default;
  // Answered with ClusterDriver::OnLock(), later.
  virtual void Take() = 0;
  // Whatever is held or being taken.
  virtual void Release() = 0;
};

struct DriverCounters {
  uint64_t packets_sent = 0;
  uint64_t packets_received = 0;
  uint64_t packets_refused = 0;  // Malformed.
  uint64_t elections = 0;        // That this node stood for.
  uint64_t late_ticks = 0;       // Later than kLateTick.
  absl::Duration latest_tick;    // How late the latest one was.
};

class ClusterDriver : private Endpoint::Observer, private kj::TaskSet::ErrorHandler {
 public:
  // A tick this late is counted: the host or this thread was busy.
  static constexpr absl::Duration kLateTick = absl::Milliseconds(10);

  struct Options {
    BuiltinEngine::Options engine;  // Without `promised`.
    Membership::Options membership;
    std::vector<ListedNode> nodes;
    std::string ballot_path;
    Ballot promised;  // As loaded from there.
  };

  class Listener {
   public:
    virtual ~Listener() = default;
    // In order, each once.
    virtual void OnChange(const Change& change) {}
    // The node's list of nodes differs from this one's.
    virtual void OnCompareNodes(NodeNumber node) {}
    virtual void OnTrouble(const absl::Status& status) {}
    // The view or the lease may have changed.
    virtual void OnPumped() {}
    // A packet that made no sense.
    virtual void OnBadPacket(const Address& source, const absl::Status& status) {}
  };

  ClusterDriver(const Options& options, Endpoint& endpoint, kj::Timer& timer, Worker& worker,
                Listener& listener);
  ~ClusterDriver() noexcept override;

  // Before anything is asked of it; null when the rule is not the lock.
  void SetLock(ClusterLock* lock) { lock_ = lock; }
  void OnLock(LockAnswer answer, absl::string_view why);

  static Instant Now();
  // A point in time for people.
  static absl::Time WallTime(Instant instant);

  BuiltinEngine& engine() { return engine_; }
  Membership& membership() { return membership_; }
  const DriverCounters& counters() const { return counters_; }
  void ResetCounters() { counters_ = {}; }

  // After PrepareNodes() or CommitNodes() of the membership: links to nodes that were not in the
  // list before count from now on.
  void OnNodesChanged();

  // Does what engine and membership want; after each call to one of them.
  void Pump();

 private:
  void taskFailed(kj::Exception&& exception) override;
  void OnConnected() override;
  void OnDisconnected(const absl::Status& why) override;
  void OnUndeliverable(const Endpoint::Undeliverable& report) override;
  void OnEndpointGone(const Address& address) override;
  void OnNodeUp(NodeNumber node) override;
  void OnNodeDown(NodeNumber node) override;
  void OnNodeParted(NodeNumber node, uint64_t token, Instant as_of) override;
  void OnPacket(const Envelope& envelope, Bytes frame);

  kj::Promise<void> TimerLoop();
  void Persist(Ballot ballot);
  template <typename Message>
  void Send(NodeNumber to, const Message& message);
  void SetGroups();

  const std::string ballot_path_;
  const NodeNumber local_;
  Endpoint& endpoint_;
  kj::Timer& timer_;
  Worker& worker_;
  Listener& listener_;
  ClusterLock* lock_ = nullptr;
  BuiltinEngine engine_;
  Membership membership_;
  DriverCounters counters_;
  std::vector<NodeNumber> linked_;  // As the transport says.
  std::vector<NodeNumber> active_;  // As the transport was told.
  std::vector<NodeNumber> leader_;
  uint64_t told_ = 0;  // The change that the listener was told last.
  Instant armed_ = kNever;
  kj::Own<kj::PromiseFulfiller<void>> wake_;
  kj::TaskSet tasks_;
};

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_IO_CLUSTER_DRIVER_H_
