// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/directory.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::database {

void Directory::OnView(const cluster::View& view, std::shared_ptr<const Placement> placement,
                       Instant now) {
  if (view.epoch <= epoch_) {
    ignored_.Add(Ignored::kOldEpoch);
    return;
  }
  // Who joined later than the view that this node had before owns nothing of what it owned then.
  auto has_stayed = [&, former = epoch_](NodeNumber node) {
    std::optional<Epoch> joined = cluster::JoinedEpoch(view, node);
    return joined && *joined <= former;
  };
  epoch_ = view.epoch;
  ++views_;
  last_loan_before_ = last_loan_;
  members_ = view.members;
  std::erase_if(member_since_, [&](const auto& entry) { return !IsMember(entry.first); });
  for (NodeNumber node : members_) {
    uint32_t& since = member_since_[node];
    if (since == 0 || !has_stayed(node)) since = views_;
  }
  placement_ = std::move(placement);
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    own_slots_[slot] = IsMember(options_.local) && placement_->IsHome(options_.local, Slot(slot));
  }
  // What moved away and comes back has to be rebuilt like any other.
  is_ready_ &= own_slots_;
  if (!has_stayed(options_.local)) is_ready_.reset();
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    if (!is_ready_[slot]) home_since_[slot] = views_;
  }
  timers_.Clear();
  waiting_ = 0;
  undecided_ = 0;
  // What is still unheard of belongs to the view before.
  output_ = {};
  contradicted_.clear();
  lent_copies_.clear();
  std::fill(floor_.begin(), floor_.end(), 0);
  sweep_from_.clear();
  Sweep(now);
}

void Directory::OnDecided(const std::string& key, Decision decision, Instant now) {
  auto it = Seek(key);
  if (it == records_.end() || !it->second.undecided ||
      it->second.undecided == Undecided::Why::kReported) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  Record& record = it->second;
  record.owner = decision.owned.owner;
  record.version = decision.owned.owner ? decision.owned.version
                                        : std::max(record.version, decision.owned.version);
  record.is_copy = decision.owned.is_copy;
  // All members have taken over this view, or nobody could have decided: older loans are over.
  record.ForgetReaders(last_loan_before_);
  if (decision.rivals.empty()) return Decided(it, now);
  contradicted_[key] = std::move(decision);
  AskRivals(key, now);
}

void Directory::AskRivals(const std::string& key, Instant now) {
  const Decision& decision = contradicted_.at(key);
  for (const Claim& rival : decision.rivals) {
    output_.sends.push_back({rival.node, GiveUp{HeadFor(key, RequestId(0)), rival.version,
                                                decision.owned.owner.value_or(options_.local)}});
  }
  timers_.Set(key, After(now, options_.resend));
}

void Directory::OnGaveUp(NodeNumber from, const GaveUp& gave_up, Instant now) {
  auto it = contradicted_.find(gave_up.head.key);
  size_t gone =
      it == contradicted_.end() ? 0 : std::erase_if(it->second.rivals, [&](const Claim& rival) {
        return rival.node == from && rival.version == gave_up.version;
      });
  if (gone == 0) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  if (!it->second.rivals.empty()) return;
  contradicted_.erase(it);
  timers_.Set(gave_up.head.key, kNever);
  Decided(records_.find(gave_up.head.key), now);
}

void Directory::Decided(Records::iterator it, Instant now) {
  if (it->second.undecided) --undecided_;
  it->second.undecided.reset();
  if (!it->second.owner) RefuseReaders(it);
  ServeNext(it, now);
  LeaveIfNobodys(it);
}

void Directory::OnSlotReady(Slot slot, Instant) {
  if (!own_slots_.test(slot.value() % kSlots)) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  is_ready_.set(slot.value());
  if (is_ready_ == own_slots_) lent_copies_.clear();
}

void Directory::OnMessage(NodeNumber from, const Message& message, Instant now) {
  const Head& head = HeadOf(message);
  const auto* request = std::get_if<Request>(&message);
  if (std::optional<Ignored> why = WhyIgnored(from, head)) {
    ignored_.Add(*why);
    // Who is ahead of this node asks again until it has caught up.
    if (*why == Ignored::kNewerEpoch && request) Refuse(from, head, RefusalReason::kNotReady);
    return;
  }
  if (request) return OnRequest(from, *request, now);
  if (const auto* confirm = std::get_if<Confirm>(&message)) return OnConfirm(from, *confirm, now);
  if (const auto* abandon = std::get_if<Abandon>(&message)) return OnAbandon(from, *abandon);
  if (const auto* refusal = std::get_if<Refusal>(&message); refusal && IsForHome(message)) {
    if (refusal->reason == RefusalReason::kNotErased) return OnNotErased(*refusal, now);
    return OnRefusal(from, *refusal);
  }
  if (const auto* forget = std::get_if<Forget>(&message)) return OnForget(from, *forget, now);
  if (const auto* erased = std::get_if<Erased>(&message)) return OnErased(*erased, now);
  if (const auto* revoked = std::get_if<Revoked>(&message)) return OnRevoked(from, *revoked, now);
  if (const auto* gave_up = std::get_if<GaveUp>(&message)) return OnGaveUp(from, *gave_up, now);
  ignored_.Add(Ignored::kNotForThisSide);
}

std::optional<Ignored> Directory::WhyIgnored(NodeNumber from, const Head& head) const {
  if (head.database != options_.database) return Ignored::kOtherDatabase;
  if (head.epoch < epoch_) return Ignored::kOldEpoch;
  if (head.epoch > epoch_) return Ignored::kNewerEpoch;
  if (!IsMember(from)) return Ignored::kNotMember;
  return std::nullopt;
}

bool Directory::IsMember(NodeNumber node) const {
  return std::binary_search(members_.begin(), members_.end(), node);
}

std::optional<Directory::Owned> Directory::Find(const std::string& key) const {
  auto it = records_.find(key);
  if (it == records_.end() || IsOver(key, it->second)) return std::nullopt;
  if (WhyUndecided(key, it->second)) return std::nullopt;
  return Owned{it->second.owner, it->second.version, it->second.is_copy};
}

void Directory::OnRequest(NodeNumber from, const Request& request, Instant now) {
  const Head& head = request.head;
  Slot slot = SlotOf(head.key);
  if (!placement_->IsHome(options_.local, slot)) {
    return Refuse(from, head, RefusalReason::kNotHome);
  }
  if (!own_slots_.test(slot.value())) return Refuse(from, head, RefusalReason::kNotReady);
  auto it = Seek(head.key);
  const bool is_known = it != records_.end() && it->second.undecided != Undecided::Why::kReported;
  if (!IsReady(slot) && !is_known) {
    if (it == records_.end() && records_.size() >= options_.records_max) {
      return Refuse(from, head, RefusalReason::kBusy);
    }
    it = Want(it, head.key);
  } else if (is_known && it->second.undecided && !it->second.HasQueue() &&
             !contradicted_.contains(head.key)) {
    output_.undecided.push_back(
        {head.key, Undecided::Why::kWanted, it->second.owner, it->second.version, std::nullopt});
  }
  bool is_absent = it == records_.end() || (!it->second.owner && !it->second.undecided &&
                                            !it->second.transit() && !it->second.HasQueue());
  // Whoever reads what is not there leaves no trace, or finds it in its own store the next time.
  const bool is_made = request.is_once && records_.size() < options_.records_max;
  if (is_absent && request.is_read && !is_made) {
    return Refuse(from, head, RefusalReason::kAbsent);
  }
  if (it == records_.end()) {
    if (records_.size() >= options_.records_max) {
      return Refuse(from, head, RefusalReason::kBusy);
    }
    it = Make(head.key);
    it->second.version = {epoch_, floor_[slot.value()]};
  }
  Enqueue(it, {from, head.request, request.is_read, request.is_once}, now);
}

void Directory::Enqueue(Records::iterator it, Waiting waiting, Instant now) {
  Traffic& traffic = it->second.InDemand();
  if (traffic.transit && traffic.transit->to.node == waiting.node) {
    ++collapsed_;
    // Of a transfer that is late nobody knows any more what it answers.
    traffic.transit->to.request = waiting.request;
    return;
  }
  for (Waiting& other : traffic.queue) {
    if (other.node != waiting.node) continue;
    ++collapsed_;
    other = waiting;
    return;
  }
  if (waiting_ >= options_.waiting_max) {
    return Refuse(waiting.node, HeadFor(it->first, waiting.request), RefusalReason::kBusy);
  }
  traffic.queue.push_back(waiting);
  ++waiting_;
  ServeNext(it, now);
}

void Directory::ServeNext(Records::iterator it, Instant now) {
  auto& [key, record] = *it;
  while (record.HasQueue() && !record.IsBusy() && !record.undecided) {
    if (record.is_copy) return Promote(it, now);
    std::vector<Waiting>& queue = record.traffic->queue;
    Waiting next = queue.front();
    queue.erase(queue.begin());
    --waiting_;
    CountUse(record, next.is_read);
    if (next.is_read && record.owner == next.node) {
      Refuse(next.node, HeadFor(key, next.request), RefusalReason::kAlreadyOwner, record.version);
    } else if (next.is_once && record.owner) {
      output_.sends.push_back(
          {*record.owner, Share{HeadFor(key, next.request), next.node, record.version, 0}});
    } else if (next.is_read && IsLendable(record)) {
      Lend(key, record, next);
    } else {
      Begin(it, next, now);
    }
  }
  record.Rest();
}

void Directory::Begin(Records::iterator it, Waiting next, Instant now) {
  auto& [key, record] = *it;
  absl::Duration stay = record.HasQueue() ? options_.stay : absl::ZeroDuration();
  record.InDemand().transit = Transit{next, NextVersion(record.version, epoch_), stay, true};
  if (!AskReaders(key, record, now)) return EndRevoke(it, now);
  ++revokes_;
}

// Nobody sees the record before, so nothing was lost if a newer copy comes back until then.
void Directory::Promote(Records::iterator it, Instant now) {
  auto& [key, record] = *it;
  Waiting holder{*record.owner, RequestId(0)};
  std::vector<Waiting>& queue = record.traffic->queue;
  for (auto other = queue.begin(); other != queue.end(); ++other) {
    if (other->node != holder.node) continue;
    holder = *other;
    queue.erase(other);
    --waiting_;
    break;
  }
  record.traffic->transit = Transit{holder, NextVersion(record.version, epoch_), {}, true};
  if (!AskReaders(key, record, now)) EndRevoke(it, now);
}

void Directory::AskForTransfer(const std::string& key, const Record& record, Instant now) {
  const Transit& transit = *record.transit();
  Head head = HeadFor(key, transit.to.request);
  if (record.is_copy) {
    output_.sends.push_back(
        {*record.owner, database::Promote{std::move(head), record.version, transit.next}});
  } else if (record.owner) {
    output_.sends.push_back(
        {*record.owner, Forward{std::move(head), transit.to.node, record.version, transit.stay}});
  } else {
    output_.sends.push_back({transit.to.node, Transfer{std::move(head), transit.next, ""}});
  }
  timers_.Set(key, After(now, options_.resend));
}

void Directory::OnConfirm(NodeNumber from, const Confirm& confirm, Instant now) {
  auto it = Seek(confirm.head.key);
  const Transit* transit = it == records_.end() ? nullptr : it->second.transit();
  if (!transit || transit->is_revoking || transit->to.node != from ||
      transit->next != confirm.version) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  Record& record = it->second;
  record.owner = from;
  record.version = confirm.version;
  record.is_copy = false;
  record.traffic->transit.reset();
  record.ForgetReaders(last_loan_);  // The new owner may have been one.
  timers_.Set(it->first, kNever);
  ++transfers_;
  hot_keys_.Moved(it->first, now);
  ServeNext(it, now);
}

void Directory::OnAbandon(NodeNumber from, const Abandon& abandon) {
  auto it = Seek(abandon.head.key);
  size_t removed = 0;
  if (it != records_.end() && it->second.traffic) {
    removed = std::erase_if(it->second.traffic->queue, [&](const Waiting& waiting) {
      return waiting.node == from && waiting.request == abandon.head.request;
    });
    it->second.Rest();
  }
  waiting_ -= removed;
  // What is on its way arrives, and stays there until somebody else wants it.
  if (removed == 0) ignored_.Add(Ignored::kLate);
}

void Directory::OnRefusal(NodeNumber from, const Refusal& refusal) {
  auto it = Seek(refusal.head.key);
  bool is_current = false;
  if (it != records_.end() && !it->second.undecided) {
    const Record& record = it->second;
    is_current = refusal.reason == RefusalReason::kNotOwner
                     ? record.owner == from && record.version == refusal.version
                     : record.transit() && record.transit()->to.node == from &&
                           record.transit()->next == refusal.version;
  }
  if (!is_current) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  Undecide(it->first, it->second, Undecided::Why::kContradiction);
}

void Directory::OnTick(Instant now) {
  if (sweep_at_ <= now) Sweep(now);
  while (std::optional<std::string> key = timers_.TakeDue(now)) {
    auto it = records_.find(*key);
    if (contradicted_.contains(*key)) {
      AskRivals(*key, now);
    } else if (it != records_.end() && it->second.transit()) {
      if (!AskReaders(*key, it->second, now)) AskForTransfer(*key, it->second, now);
    } else if (it != records_.end() && it->second.IsBusy()) {
      AskToErase(*key, it->second, now);
    }
  }
}

// Whoever was to get it waits at the head of the queue, if this epoch goes on.
void Directory::Undecide(const std::string& key, Record& record, Undecided::Why why) {
  Undecided undecided{key, why, record.owner, record.version, std::nullopt};
  if (const Transit* transit = record.transit()) {
    undecided.next = transit->to.node;
    bool is_request = transit->to.request != RequestId(0);
    if (why == Undecided::Why::kContradiction && is_request) {
      record.traffic->queue.insert(record.traffic->queue.begin(), transit->to);
      ++waiting_;
    }
    record.traffic->transit.reset();
  }
  if (record.traffic) record.traffic->forgetting.reset();
  timers_.Set(key, kNever);
  if (!record.undecided || record.undecided == Undecided::Why::kReported) ++undecided_;
  record.undecided = why;
  output_.undecided.push_back(std::move(undecided));
}

void Directory::Refuse(NodeNumber to, const Head& head, RefusalReason reason,
                       RecordVersion version) {
  output_.sends.push_back({to, Refusal{head, reason, version}});
}

Head Directory::HeadFor(const std::string& key, RequestId request) const {
  return {options_.database, epoch_, request, key};
}

Directory::Output Directory::TakeOutput() { return std::exchange(output_, {}); }

std::string Directory::CheckInvariants() const {
  size_t waiting = 0;
  size_t undecided = 0;
  for (const auto& [key, record] : records_) {
    if (record.view != views_) continue;  // Looked at later.
    undecided += record.undecided && record.undecided != Undecided::Why::kReported ? 1 : 0;
    if (!placement_->IsHome(options_.local, SlotOf(key))) {
      return absl::StrCat("knows the record ", key, " without being its home");
    }
    const Transit* transit = record.transit();
    if (record.undecided && transit) {
      return absl::StrCat("the undecided record ", key, " is being transferred");
    }
    if (record.undecided && record.IsBusy()) {
      return absl::StrCat("the undecided record ", key, " is being forgotten");
    }
    if (record.HasQueue() && !record.IsBusy() && !record.undecided) {
      return absl::StrCat("somebody waits for the idle record ", key);
    }
    if (!record.owner && !record.undecided && !record.traffic) {
      return absl::StrCat("knows the record ", key, ", which nobody has");
    }
    if (!record.traffic) continue;
    if (record.traffic->forgetting && (transit || !record.owner)) {
      return absl::StrCat("forgets ", key, " while it moves");
    }
    waiting += record.traffic->queue.size();
    std::set<NodeNumber> nodes;
    if (transit) nodes.insert(transit->to.node);
    for (const Waiting& waiter : record.traffic->queue) {
      if (!nodes.insert(waiter.node).second) {
        return absl::StrCat("node ", waiter.node.value(), " waits twice for ", key);
      }
    }
    nodes.clear();
    for (const Reader& reader : record.traffic->readers) {
      if (reader.node == record.owner || !nodes.insert(reader.node).second) {
        return absl::StrCat("node ", reader.node.value(), " owns and reads, or reads twice, ", key);
      }
    }
  }
  if (waiting != waiting_) return absl::StrCat("counted ", waiting_, " of ", waiting, " waiting");
  if (undecided != undecided_) return absl::StrCat("counted ", undecided_, " of ", undecided);
  return "";
}

}  // namespace ctdb::database
