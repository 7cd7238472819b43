// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// cluster_follower: hears of the changes that this node's cluster service tells, each once and in
// order, also when the service is started again meanwhile.
//
//   Ownership:  `service` and timer must stay usable; the callback is not called any more once the
//               follower is gone.
//   Threading:  belongs to the event loop's thread.
//   Errors:     a service that is not there is asked again, after kPause.
//   Blocking:   never.
//   Limits:     none of its own.
//
// Example:
//   ClusterFollower follower([&] { return ClusterService(); }, timer,
//                            [&](wire::Change::Reader change) { ... });

#ifndef LIB_DAEMON_SERVICES_CLUSTER_FOLLOWER_H_
#define LIB_DAEMON_SERVICES_CLUSTER_FOLLOWER_H_

#include <kj/async.h>
#include <kj/timer.h>

#include <functional>
#include <memory>

#include "capnp/cluster.capnp.h"

namespace ctdb::daemon {

class ClusterFollower : private kj::TaskSet::ErrorHandler {
 public:
  static constexpr kj::Duration kPause = 200 * kj::MILLISECONDS;

  using OnChange = std::function<void(wire::Change::Reader)>;

  ClusterFollower(std::function<wire::Cluster::Client()> service, kj::Timer& timer,
                  OnChange on_change);

 private:
  class Listener;
  // What a listener that the service still holds may outlive.
  struct Progress {
    OnChange on_change;
    uint64_t told = 0;       // The newest change that was heard.
    bool has_heard = false;  // Since it subscribed last.
  };

  void taskFailed(kj::Exception&& exception) override {}
  kj::Promise<void> Follow();

  std::function<wire::Cluster::Client()> service_;
  kj::Timer& timer_;
  std::shared_ptr<Progress> progress_;
  uint64_t run_ = 0;
  kj::TaskSet tasks_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_CLUSTER_FOLLOWER_H_
