// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/view_follower.h"

#include <utility>

#include "lib/cluster/codec.h"

namespace ctdb::daemon {

class ViewFollower::Listener final : public wire::ViewListener::Server {
 public:
  Listener(std::weak_ptr<const OnPart> on_part, kj::Own<kj::PromiseFulfiller<void>> lost)
      : on_part_(std::move(on_part)), lost_(kj::mv(lost)) {}
  // The service has let go of it: it ended, or the connection to it did.
  ~Listener() noexcept { lost_->fulfill(); }

  kj::Promise<void> changed(ChangedContext context) override {
    const auto on_part = on_part_.lock();
    if (on_part == nullptr) return kj::READY_NOW;
    const auto params = context.getParams();
    NodePart part;
    part.serve_until = params.getServeUntil();
    if (params.getView().getEpoch() != 0) {
      auto view = cluster::DecodeView(params.getView());
      if (view.ok()) part.view = *std::move(view);
    }
    (*on_part)(part);
    return kj::READY_NOW;
  }

 private:
  std::weak_ptr<const OnPart> on_part_;
  kj::Own<kj::PromiseFulfiller<void>> lost_;
};

ViewFollower::ViewFollower(std::function<wire::Cluster::Client()> service, kj::Timer& timer,
                           OnPart on_part)
    : service_(std::move(service)),
      timer_(timer),
      on_part_(std::make_shared<const OnPart>(std::move(on_part))),
      tasks_(*this) {
  tasks_.add(timer_.afterDelay(0 * kj::NANOSECONDS).then([this] { return Follow(); }));
}

kj::Promise<void> ViewFollower::Follow() {
  auto lost = kj::newPromiseAndFulfiller<void>();
  auto request = service_().followRequest();
  request.setListener(kj::heap<Listener>(on_part_, kj::mv(lost.fulfiller)));
  return request.send()
      .then([lost = kj::mv(lost.promise)](auto reply) mutable {
        auto subscription = reply.getSubscription();
        return lost.attach(kj::mv(subscription));
      })
      .catch_([](kj::Exception&&) {})
      .then([this] { return timer_.afterDelay(kPause); })
      .then([this] { return Follow(); });
}

}  // namespace ctdb::daemon
