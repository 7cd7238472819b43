// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// change_feed: who has subscribed to the cluster's changes, and what each of them was told. A
// subscriber gets every change once and in order; one that is slow gets what is still kept, and how
// many it missed.
//
//   Ownership:  the log must outlive the feed; subscriptions may outlive both.
//   Threading:  belongs to the event loop's thread.
//   Errors:     ResourceExhausted beyond kSubscribersMax.
//   Blocking:   never.
//   Limits:     kSubscribersMax; kBatchMax changes per call, one call at a time per subscriber.
//
// Example:
//   context.getResults().setSubscription(feed.Subscribe(params.getListener(), params.getAfter()));
//   feed.Deliver();

#ifndef LIB_DAEMON_SERVICES_CHANGE_FEED_H_
#define LIB_DAEMON_SERVICES_CHANGE_FEED_H_

#include <map>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "capnp/cluster.capnp.h"
#include "lib/cluster/change.h"

namespace ctdb::daemon {

void WriteChange(const cluster::Change& change, wire::Change::Builder out);

class ChangeFeed : private kj::TaskSet::ErrorHandler {
 public:
  static constexpr size_t kSubscribersMax = 1000;
  static constexpr size_t kBatchMax = 100;

  explicit ChangeFeed(const cluster::ChangeLog& log);

  absl::StatusOr<wire::Subscription::Client> Subscribe(wire::ChangeListener::Client listener,
                                                       uint64_t after);
  // Tells the subscribers what is new.
  void Deliver();
  size_t subscriber_count() const { return shared_->subscribers.size(); }

 private:
  struct Subscriber {
    wire::ChangeListener::Client listener;
    uint64_t told = 0;
    bool is_busy = false;
  };
  // What a subscription that outlives the feed must still find.
  struct Shared {
    std::map<uint64_t, Subscriber> subscribers;
  };
  class Handle;

  void taskFailed(kj::Exception&& exception) override {}
  void Tell(uint64_t id);

  const cluster::ChangeLog& log_;
  std::shared_ptr<Shared> shared_;
  uint64_t next_id_ = 1;
  kj::TaskSet tasks_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_CHANGE_FEED_H_
