// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// view_feed: tells this node's services the newest view and until when they may serve. Each gets
// what holds when it has answered: a service that is slow misses what was replaced meanwhile, and
// never gets an old view after a newer one.
//
//   Ownership:  subscriptions may outlive the feed.
//   Threading:  belongs to the event loop's thread.
//   Errors:     ResourceExhausted beyond kSubscribersMax.
//   Blocking:   never.
//   Limits:     kSubscribersMax; one call at a time per subscriber.
//
// Example:
//   context.getResults().setSubscription(feed.Subscribe(params.getListener()));
//   feed.Tell({membership.view(), membership.ServesUntil()});

#ifndef LIB_DAEMON_SERVICES_VIEW_FEED_H_
#define LIB_DAEMON_SERVICES_VIEW_FEED_H_

#include <kj/async.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "capnp/cluster.capnp.h"
#include "lib/cluster/node_state.h"

namespace ctdb::daemon {

struct NodePart {
  std::optional<cluster::View> view;
  int64_t serve_until = 0;  // CLOCK_BOOTTIME in nanoseconds; 0: not now.

  friend bool operator==(const NodePart&, const NodePart&) = default;
};

class ViewFeed : private kj::TaskSet::ErrorHandler {
 public:
  static constexpr size_t kSubscribersMax = 100;

  ViewFeed() : shared_(std::make_shared<Shared>()), tasks_(*this) {}

  absl::StatusOr<wire::Subscription::Client> Subscribe(wire::ViewListener::Client listener);
  void Tell(const NodePart& part);

 private:
  struct Subscriber {
    wire::ViewListener::Client listener;
    std::optional<NodePart> told;
    bool is_busy = false;
  };
  struct Shared {
    std::map<uint64_t, Subscriber> subscribers;
  };
  class Handle;

  void taskFailed(kj::Exception&& exception) override {}
  void TellOne(uint64_t id);

  NodePart part_;
  std::shared_ptr<Shared> shared_;
  uint64_t next_id_ = 1;
  kj::TaskSet tasks_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_VIEW_FEED_H_
