// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// view_follower: hears of the newest view and of this node's lease from the node's cluster service,
// also when that is started again meanwhile.
//
//   Ownership:  `service` and timer must stay usable; the callback is not called any more once the
//               follower is gone.
//   Threading:  belongs to the event loop's thread.
//   Errors:     a service that is not there is asked again, after kPause; what makes no sense is
//               ignored, and said again by the service.
//   Blocking:   never.
//   Limits:     none of its own.
//
// Example:
//   ViewFollower follower([&] { return ClusterService(); }, timer,
//                         [&](const NodePart& part) { ... });

#ifndef LIB_DAEMON_SERVICES_VIEW_FOLLOWER_H_
#define LIB_DAEMON_SERVICES_VIEW_FOLLOWER_H_

#include <kj/async.h>
#include <kj/timer.h>

#include <functional>
#include <memory>

#include "capnp/cluster.capnp.h"
#include "lib/daemon/services/view_feed.h"

namespace ctdb::daemon {

class ViewFollower : private kj::TaskSet::ErrorHandler {
 public:
  static constexpr kj::Duration kPause = 100 * kj::MILLISECONDS;
  using OnPart = std::function<void(const NodePart&)>;

  ViewFollower(std::function<wire::Cluster::Client()> service, kj::Timer& timer, OnPart on_part);

 private:
  class Listener;

  void taskFailed(kj::Exception&& exception) override {}
  kj::Promise<void> Follow();

  std::function<wire::Cluster::Client()> service_;
  kj::Timer& timer_;
  std::shared_ptr<const OnPart> on_part_;
  kj::TaskSet tasks_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_VIEW_FOLLOWER_H_
