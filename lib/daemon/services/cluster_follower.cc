// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/cluster_follower.h"

#include <utility>

namespace ctdb::daemon {

class ClusterFollower::Listener final : public wire::ChangeListener::Server {
 public:
  Listener(ClusterFollower& follower, kj::Own<kj::PromiseFulfiller<void>> lost)
      : follower_(follower), lost_(kj::mv(lost)) {}
  // The service has let go of it: it ended, or the connection to it did.
  ~Listener() noexcept { lost_->fulfill(); }

  kj::Promise<void> changed(ChangedContext context) override {
    for (const auto change : context.getParams().getChanges()) {
      follower_.told_ = change.getSequence();
      follower_.on_change_(change);
    }
    return kj::READY_NOW;
  }

 private:
  ClusterFollower& follower_;
  kj::Own<kj::PromiseFulfiller<void>> lost_;
};

ClusterFollower::ClusterFollower(std::function<wire::Cluster::Client()> service, kj::Timer& timer,
                                 OnChange on_change)
    : service_(std::move(service)), timer_(timer), on_change_(std::move(on_change)), tasks_(*this) {
  tasks_.add(timer_.afterDelay(0 * kj::NANOSECONDS).then([this] { return Follow(); }));
}

kj::Promise<void> ClusterFollower::Follow() {
  auto lost = kj::newPromiseAndFulfiller<void>();
  auto request = service_().subscribeRequest();
  request.setListener(kj::heap<Listener>(*this, kj::mv(lost.fulfiller)));
  request.setAfter(told_);
  request.setRun(run_);
  return request.send()
      .then([this, lost = kj::mv(lost.promise)](auto reply) mutable {
        if (run_ != reply.getRun()) told_ = 0;
        run_ = reply.getRun();
        auto subscription = reply.getSubscription();
        return lost.attach(kj::mv(subscription));
      })
      .catch_([](kj::Exception&&) {})
      .then([this] { return timer_.afterDelay(kPause); })
      .then([this] { return Follow(); });
}

}  // namespace ctdb::daemon
