// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/cluster_follower.h"

#include <utility>

namespace ctdb::daemon {

class ClusterFollower::Listener final : public wire::ChangeListener::Server {
 public:
  Listener(std::weak_ptr<Progress> progress, kj::Own<kj::PromiseFulfiller<void>> lost)
      : progress_(std::move(progress)), lost_(kj::mv(lost)) {}
  // The service has let go of it: it ended, or the connection to it did.
  ~Listener() noexcept { lost_->fulfill(); }

  kj::Promise<void> changed(ChangedContext context) override {
    const auto progress = progress_.lock();
    if (progress == nullptr) return kj::READY_NOW;
    for (const auto change : context.getParams().getChanges()) {
      progress->told = change.getSequence();
      progress->has_heard = true;
      progress->on_change(change);
    }
    return kj::READY_NOW;
  }

 private:
  std::weak_ptr<Progress> progress_;
  kj::Own<kj::PromiseFulfiller<void>> lost_;
};

ClusterFollower::ClusterFollower(std::function<wire::Cluster::Client()> service, kj::Timer& timer,
                                 OnChange on_change)
    : service_(std::move(service)),
      timer_(timer),
      progress_(std::make_shared<Progress>(Progress{std::move(on_change)})),
      tasks_(*this) {
  tasks_.add(timer_.afterDelay(0 * kj::NANOSECONDS).then([this] { return Follow(); }));
}

kj::Promise<void> ClusterFollower::Follow() {
  auto lost = kj::newPromiseAndFulfiller<void>();
  progress_->has_heard = false;
  auto request = service_().subscribeRequest();
  request.setListener(kj::heap<Listener>(progress_, kj::mv(lost.fulfiller)));
  request.setAfter(progress_->told);
  request.setRun(run_);
  return request.send()
      .then([this, lost = kj::mv(lost.promise)](auto reply) mutable {
        // Changes may come before this answer; they are of the new run already.
        if (run_ != reply.getRun() && !progress_->has_heard) progress_->told = 0;
        run_ = reply.getRun();
        auto subscription = reply.getSubscription();
        return lost.attach(kj::mv(subscription));
      })
      .catch_([](kj::Exception&&) {})
      .then([this] { return timer_.afterDelay(kPause); })
      .then([this] { return Follow(); });
}

}  // namespace ctdb::daemon
