// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/change_feed.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "lib/cluster/io/cluster_driver.h"

namespace ctdb::daemon {

void WriteChange(const cluster::Change& change, wire::Change::Builder out) {
  out.setSequence(change.sequence);
  out.setTime(
      absl::ToDoubleSeconds(cluster::ClusterDriver::WallTime(change.at) - absl::UnixEpoch()));
  out.setKind(static_cast<wire::ChangeKind>(change.kind));
  out.setNode(change.node.value());
  out.setBefore(change.before.c_str());
  out.setAfter(change.after.c_str());
  out.setText(change.text.c_str());
  out.setCause(change.cause);
}

// The subscription ends when whoever holds this lets go of it.
class ChangeFeed::Handle final : public wire::Subscription::Server {
 public:
  Handle(std::weak_ptr<Shared> shared, uint64_t id) : shared_(std::move(shared)), id_(id) {}
  ~Handle() noexcept {
    if (const auto shared = shared_.lock()) shared->subscribers.erase(id_);
  }

 private:
  std::weak_ptr<Shared> shared_;
  const uint64_t id_;
};

ChangeFeed::ChangeFeed(const cluster::ChangeLog& log)
    : log_(log), shared_(std::make_shared<Shared>()), tasks_(*this) {}

absl::StatusOr<wire::Subscription::Client> ChangeFeed::Subscribe(
    wire::ChangeListener::Client listener, uint64_t after) {
  if (shared_->subscribers.size() >= kSubscribersMax) {
    return absl::ResourceExhaustedError("too many subscribers to the changes of the cluster");
  }
  // A number that was never given out is of another run of this service.
  const uint64_t told = after > log_.last() ? 0 : after;
  const uint64_t id = next_id_++;
  shared_->subscribers.emplace(id, Subscriber{kj::mv(listener), told, false});
  wire::Subscription::Client handle = kj::heap<Handle>(shared_, id);
  Tell(id);
  return handle;
}

void ChangeFeed::Deliver() {
  std::vector<uint64_t> ids;
  for (const auto& [id, subscriber] : shared_->subscribers) ids.push_back(id);
  for (const uint64_t id : ids) Tell(id);
}

void ChangeFeed::Tell(uint64_t id) {
  const auto it = shared_->subscribers.find(id);
  if (it == shared_->subscribers.end() || it->second.is_busy) return;
  Subscriber& subscriber = it->second;
  uint64_t missed = 0;
  std::vector<cluster::Change> changes = log_.After(subscriber.told, &missed);
  if (changes.empty()) return;
  if (changes.size() > kBatchMax) changes.resize(kBatchMax);
  subscriber.told = changes.back().sequence;
  subscriber.is_busy = true;
  auto request = subscriber.listener.changedRequest();
  request.setMissed(missed);
  auto list = request.initChanges(static_cast<uint32_t>(changes.size()));
  for (uint32_t i = 0; i < changes.size(); ++i) WriteChange(changes[i], list[i]);
  tasks_.add(request.send().ignoreResult().then(
      [this, id] {
        const auto still = shared_->subscribers.find(id);
        if (still == shared_->subscribers.end()) return;
        still->second.is_busy = false;
        Tell(id);
      },
      [this, id](kj::Exception&&) { shared_->subscribers.erase(id); }));
}

}  // namespace ctdb::daemon
