// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/view_feed.h"

#include <utility>
#include <vector>

#include "lib/cluster/codec.h"

namespace ctdb::daemon {

// The subscription ends when whoever holds this lets go of it.
class ViewFeed::Handle final : public wire::Subscription::Server {
 public:
  Handle(std::weak_ptr<Shared> shared, uint64_t id) : shared_(std::move(shared)), id_(id) {}
  ~Handle() noexcept {
    if (const auto shared = shared_.lock()) shared->subscribers.erase(id_);
  }

 private:
  std::weak_ptr<Shared> shared_;
  const uint64_t id_;
};

absl::StatusOr<wire::Subscription::Client> ViewFeed::Subscribe(
    wire::ViewListener::Client listener) {
  if (shared_->subscribers.size() >= kSubscribersMax) {
    return absl::ResourceExhaustedError("too many services follow the views of this node");
  }
  const uint64_t id = next_id_++;
  shared_->subscribers.emplace(id, Subscriber{kj::mv(listener), std::nullopt, false});
  wire::Subscription::Client handle = kj::heap<Handle>(shared_, id);
  TellOne(id);
  return handle;
}

void ViewFeed::Tell(const NodePart& part) {
  if (part == part_) return;
  part_ = part;
  std::vector<uint64_t> ids;
  for (const auto& [id, subscriber] : shared_->subscribers) ids.push_back(id);
  for (const uint64_t id : ids) TellOne(id);
}

void ViewFeed::TellOne(uint64_t id) {
  const auto it = shared_->subscribers.find(id);
  if (it == shared_->subscribers.end() || it->second.is_busy || it->second.told == part_) return;
  Subscriber& subscriber = it->second;
  subscriber.told = part_;
  subscriber.is_busy = true;
  auto request = subscriber.listener.changedRequest();
  if (part_.view.has_value()) cluster::EncodeView(*part_.view, request.initView());
  request.setServeUntil(part_.serve_until);
  tasks_.add(request.send().ignoreResult().then(
      [this, id] {
        const auto still = shared_->subscribers.find(id);
        if (still == shared_->subscribers.end()) return;
        still->second.is_busy = false;
        TellOne(id);
      },
      [this, id](kj::Exception&&) { shared_->subscribers.erase(id); }));
}

}  // namespace ctdb::daemon
