// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/database/cluster_model.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/cluster/ballot.h"

namespace ctdb::database {
namespace {

constexpr DatabaseId kDatabase(7);
constexpr absl::Duration kAdoptMost = absl::Milliseconds(20);
constexpr size_t kPageBytesMax = 150;  // A few records.

}  // namespace

uint64_t CounterIn(const std::string& value) {
  uint64_t counter = 0;
  return value.empty() || !absl::SimpleAtoi(value, &counter) ? 0 : counter;
}

ClusterModel::ClusterModel(const Options& options)
    : options_(options), random_(options.seed), nodes_(options.nodes) {
  for (uint32_t i = 0; i < options.nodes; ++i) Start(NodeNumber(i), false);
  InstallView();
}

void ClusterModel::Later(absl::Duration delay, std::function<void()> what) {
  events_.emplace(After(now_, delay), std::move(what));
}

void ClusterModel::LaterAt(NodeNumber node, absl::Duration delay, std::function<void()> what) {
  Later(delay, [this, node, run = At(node).run, what = std::move(what)] {
    if (!At(node).is_up || At(node).run != run) return;
    At(node).is_touched = true;
    what();
  });
}

void ClusterModel::Fail(const std::string& what) {
  if (failure_.empty()) {
    failure_ = absl::StrCat("seed ", options_.seed, " at ", now_.time_since_epoch().count() / 1000,
                            " us: ", what);
  }
}

void ClusterModel::RunFor(absl::Duration duration) {
  Instant end = After(now_, duration);
  while (failure_.empty()) {
    Instant next = NextTime();
    if (next > end) break;
    now_ = std::max(now_, next);
    if (!events_.empty() && events_.begin()->first <= now_) {
      std::function<void()> what = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      what();
    }
    for (uint32_t i = 0; i < nodes_.size(); ++i) {
      Node& node = nodes_[i];
      if (!node.is_up) continue;
      if (!std::exchange(node.is_touched, false) && node.NextDeadline() > now_) continue;
      node.owner->OnTick(now_);
      node.spares->OnTick(now_);
      node.directory->OnTick(now_);
      node.rebuild->OnTick(now_);
      node.inquiry->OnTick(now_);
      Take(NodeNumber(i));
    }
  }
  now_ = end;
}

Instant ClusterModel::NextTime() const {
  Instant next = events_.empty() ? kNever : events_.begin()->first;
  for (const Node& node : nodes_) {
    if (node.is_up) next = std::min(next, node.NextDeadline());
  }
  return next;
}

Instant ClusterModel::Node::NextDeadline() const {
  return std::min({owner->NextDeadline(), spares->NextDeadline(), directory->NextDeadline(),
                   rebuild->NextDeadline(), inquiry->NextDeadline()});
}

void ClusterModel::Drain(absl::Duration limit) {
  is_draining_ = true;
  Instant end = After(now_, limit);
  auto is_busy = [&](const Client& client) { return client.is_busy; };
  auto is_unsettled = [&](const Node& node) {
    return node.is_up && !node.is_shut_out &&
           (node.epoch != view_.epoch || !node.directory->IsSettled() || !node.rebuild->IsIdle() ||
            !node.inquiry->IsIdle());
  };
  while (failure_.empty() &&
         (!spares_asked_.empty() || std::any_of(clients_.begin(), clients_.end(), is_busy) ||
          std::any_of(nodes_.begin(), nodes_.end(), is_unsettled))) {
    if (now_ >= end) return Fail("clients still wait, or records are undecided");
    RunFor(absl::Milliseconds(10));
  }
  if (!outstanding_.empty()) Fail("a request was never answered (INV-50)");
  for (const auto& [key, history] : histories_) {
    if (std::string broken = history.Check(); !broken.empty()) Fail(key + ": " + broken);
  }
}

std::vector<NodeNumber> ClusterModel::members() const { return view_.members; }

uint64_t ClusterModel::loans() const {
  uint64_t sum = 0;
  for (const Node& node : nodes_) sum += node.is_up ? node.directory->loans() : 0;
  return sum;
}

uint64_t ClusterModel::revokes() const {
  uint64_t sum = 0;
  for (const Node& node : nodes_) sum += node.is_up ? node.directory->revokes() : 0;
  return sum;
}

uint64_t ClusterModel::transfers() const {
  uint64_t sum = 0;
  for (const Node& node : nodes_) sum += node.is_up ? node.directory->transfers() : 0;
  return sum;
}

void ClusterModel::Start(NodeNumber number, bool keeps_store) {
  Node& node = At(number);
  uint64_t run = node.run + 1;
  std::map<std::string, StoredRecord> store = std::move(node.store);
  node = {};
  if (keeps_store) node.store = std::move(store);
  node.run = run;
  node.is_up = true;
  // With short ones whatever may be said twice is, and arrives late.
  absl::Duration resend =
      options_.seed % 2 == 0 ? absl::Microseconds(300) : absl::Milliseconds(200);
  node.owner = std::make_unique<Owner>(Owner::Options{
      .local = number,
      .database = kDatabase,
      .resend = resend,
      .do_clients_tell_use = options_.do_clients_tell_use,
      .reads_once = !options_.do_clients_tell_use,
      .stay_max = options_.vacuum > absl::ZeroDuration() ? absl::Milliseconds(2)
                                                         : Owner::Options{}.stay_max});
  node.spares = std::make_unique<Spares>(
      Spares::Options{.local = number, .database = kDatabase, .resend = resend});
  node.directory = std::make_unique<Directory>(
      Directory::Options{.local = number,
                         .database = kDatabase,
                         .lending = options_.lending,
                         .resend = resend,
                         .sweep_pace = std::make_shared<SweepPace>(SweepPace::Options{
                             .records = static_cast<size_t>(1 + options_.seed % 4),
                             .pause = absl::Microseconds(100 + 1000 * (options_.seed % 3))})});
  node.rebuild = std::make_unique<recovery::Rebuild>(
      recovery::Rebuild::Options{.local = number, .database = kDatabase, .resend = resend});
  node.inquiry = std::make_unique<recovery::Inquiry>(
      recovery::Inquiry::Options{.local = number,
                                 .database = kDatabase,
                                 .resend = resend,
                                 .keys_max = static_cast<size_t>(1 + options_.seed % 3)});
  node.reporter = std::make_unique<recovery::Reporter>(recovery::Reporter::Options{
      .local = number, .database = kDatabase, .page_bytes_max = kPageBytesMax});
  for (uint32_t i = 0; i < options_.clients_per_node; ++i) NewClient(number);
  if (options_.vacuum > absl::ZeroDuration()) Vacuum(number, "");
}

void ClusterModel::AddNode(NodeNumber node, bool keeps_store) {
  Start(node, keeps_store);
  InstallView();
}

void ClusterModel::RemoveNode(NodeNumber number) {
  Node& node = At(number);
  node.is_up = false;
  LoseRecordsOf(number);
  for (uint64_t index : node.clients) {
    Client& client = clients_[index];
    if (client.request) outstanding_.erase({client.id, *client.request});
    ForgetSparesAsked(client.id);
    client.is_busy = false;
  }
  InstallView();
}

void ClusterModel::ShutOutNode(NodeNumber number) {
  At(number).is_shut_out = true;
  At(number).is_fenced = true;
  LoseRecordsOf(number);
  InstallView();
}

void ClusterModel::LetInNode(NodeNumber number) {
  At(number).is_shut_out = false;
  InstallView();
}

// Its own, or on their way from it: no copy that is left is as new.
void ClusterModel::LoseRecordsOf(NodeNumber number) {
  joined_.erase(number);
  LoseSparesOf(number);
  for (const auto& [key, record] : At(number).store) {
    auto is_as_new = [&](const Node& other) {
      auto it = other.store.find(key);
      const NodeNumber other_number(static_cast<uint32_t>(&other - nodes_.data()));
      return other.is_up && it != other.store.end() && !IsVoid(other_number, it->second) &&
             OrderOf(it->second.version, it->second.loan) >= OrderOf(record.version, record.loan);
    };
    if (std::none_of(nodes_.begin(), nodes_.end(), is_as_new)) may_lose_.insert(key);
  }
}

void ClusterModel::CutLink(NodeNumber a, NodeNumber b, absl::Duration duration) {
  ++link_[{a, b}];
  ++link_[{b, a}];
  cut_until_[std::minmax(a, b)] = After(now_, duration);
}

// The leader's part: the members take the view over at different times, some of them never.
void ClusterModel::InstallView() {
  view_.epoch = Epoch(view_.epoch.value() + 1);
  view_.members.clear();
  view_.joined.clear();
  for (uint32_t i = 0; i < nodes_.size(); ++i) {
    NodeNumber number(i);
    if (!nodes_[i].is_up || nodes_[i].is_shut_out) continue;
    view_.members.push_back(number);
    view_.joined.push_back(joined_.try_emplace(number, view_.epoch).first->second);
  }
  view_.homes = view_.members;
  if (changes_homes_ && view_.homes.size() > 1 && random_.Below(3) == 0) {
    view_.homes.erase(view_.homes.begin() +
                      static_cast<ptrdiff_t>(random_.Below(view_.homes.size())));
  }
  auto placement = std::make_shared<const Placement>(view_.homes);
  for (NodeNumber number : view_.members) {
    absl::Duration delay = Below(random_.Below(8) == 0 ? 5 * kAdoptMost : kAdoptMost);
    LaterAt(number, delay,
            [this, number, placement, view = view_] { Adopt(number, view, placement); });
  }
}

// A node may miss views, and takes none over that is older than its own.
void ClusterModel::Adopt(NodeNumber number, const cluster::View& view,
                         std::shared_ptr<const Placement> placement) {
  Node& node = At(number);
  if (node.is_shut_out || view.epoch <= node.epoch) return;
  node.epoch = view.epoch;
  // A view from before it was shut out, which comes late, gives it no right to anything.
  if (view.epoch >= joined_.at(number)) node.is_fenced = false;
  node.owner->OnView(view, placement, now_);
  node.spares->OnView(view, now_);
  node.reporter->OnView(view);
  node.directory->OnView(view, placement, now_);
  node.inquiry->OnView(view);
  node.rebuild->OnView(view, node.directory->SlotsToRebuild(), now_);
  node.decided.clear();
}

bool ClusterModel::IsOwned(NodeNumber number, const std::string& key) {
  Node& node = At(number);
  auto it = node.store.find(key);
  return node.is_up && !node.is_fenced && it != node.store.end() &&
         IsOwnedBy(it->second.version, it->second.owner, number, node.owner->owned_since());
}

// All members of the epoch have reported, so the home must know the newest copy of them.
void ClusterModel::CheckDecision(Epoch epoch, const std::string& key,
                                 const Directory::Owned& owned) {
  if (view_.epoch != epoch) return;
  auto order_at = [&](NodeNumber node) {
    auto it = At(node).store.find(key);
    if (it == At(node).store.end() || IsVoid(node, it->second)) return CopyOrder{};
    return OrderOf(it->second.version, it->second.loan);
  };
  CopyOrder newest;
  for (NodeNumber member : view_.members) newest = std::max(newest, order_at(member));
  bool is_newest = owned.owner && order_at(*owned.owner) == newest;
  if (owned.owner ? !is_newest || owned.version != newest.version : newest != CopyOrder{}) {
    Fail("the newest surviving copy of " + key + " did not win");
  }
}

// What was decided earlier may have moved since.
void ClusterModel::CheckSlot(NodeNumber number, Slot slot) {
  const Node& home = At(number);
  std::set<std::string> keys;
  for (const Node& node : nodes_) {
    for (const auto& [key, record] : node.store) {
      if (SlotOf(key) == slot && !home.decided.contains(key)) keys.insert(key);
    }
  }
  for (const std::string& key : keys) {
    if (home.directory->IsUndecided(key)) continue;
    const auto owned = home.directory->Find(key);
    CheckDecision(home.epoch, key, owned.value_or(Directory::Owned{}));
  }
}

void ClusterModel::SendOne(NodeNumber from, const Send& send) {
  if (std::holds_alternative<Request>(send.message)) ++requests_sent_;
  if (std::holds_alternative<Promote>(send.message)) ++promotions_;
  Deliver(from, send.to, [this, from, message = send.message](Node& node) {
    if (IsForHome(message)) return node.directory->OnMessage(from, message, now_);
    if (IsForSpares(message)) node.spares->OnMessage(from, message, now_);
    if (IsForOwner(message)) node.owner->OnMessage(from, message, now_);
  });
}

void ClusterModel::SendOne(NodeNumber from, const recovery::Send& send) {
  Deliver(from, send.to, [this, from, message = send.message](Node& node) {
    if (const auto* survey = std::get_if<recovery::Survey>(&message)) {
      node.reporter->OnSurvey(from, *survey);
    } else {
      const auto& report = std::get<recovery::Report>(message);
      if (report.round == recovery::kSlotsRound) {
        node.rebuild->OnReport(from, report, now_);
      } else {
        node.inquiry->OnReport(from, report, now_);
      }
    }
  });
}

// In order between two nodes, as TCP does it; lost when the link is cut.
void ClusterModel::Deliver(NodeNumber from, NodeNumber to, std::function<void(Node&)> what) {
  if (to.value() >= nodes_.size()) return Fail("sent to nobody");
  if (from != to && now_ < cut_until_[std::minmax(from, to)]) return;
  absl::Duration delay = from == to ? absl::Microseconds(1) + Below(absl::Microseconds(5))
                                    : absl::Microseconds(20) + Below(absl::Microseconds(200));
  if (random_.Below(50) == 0) delay += Below(absl::Milliseconds(3));
  const bool is_slow = options_.slow > 0 && random_.Fraction() < options_.slow;
  if (is_slow) delay += Below(absl::Milliseconds(30));
  Instant& last = last_arrival_[{from, to}];
  last = std::max(last, After(now_, delay));
  events_.emplace(last, [this, from, to, run = At(to).run, link = link_[{from, to}], what] {
    Node& node = At(to);
    if (!node.is_up || node.run != run || link_[{from, to}] != link) return;
    node.is_touched = true;
    what(node);
  });
}

// Does what the cores want done.
void ClusterModel::Take(NodeNumber number) {
  Node& node = At(number);
  do {
    TakeRecovery(number);
    TakeHome(number);
  } while (node.inquiry->IsDue());
  Owner::Output output = node.owner->TakeOutput();
  for (const auto& store : output.stores) Store(number, store.key, store.record);
  for (const std::string& key : output.removes) Remove(number, key);
  for (const Send& send : output.sends) SendOne(number, send);
  for (LockTicket ticket : output.unlocks) UnlockFor(number, ticket);
  for (const auto& answer : output.answers) OnAnswer(number, answer);
  for (const auto& awaited : output.awaited) OnAwaited(number, awaited);
  for (const auto& lock : output.locks) LockFor(number, lock);
  TakeSpares(number);
  CheckCores(number);
}

void ClusterModel::TakeHome(NodeNumber number) {
  Node& node = At(number);
  Directory::Output output = node.directory->TakeOutput();
  for (const Send& send : output.sends) SendOne(number, send);
  for (const Directory::Undecided& undecided : output.undecided) {
    if (undecided.why == Directory::Undecided::Why::kContradiction) {
      Fail(absl::StrCat("a contradiction about ", undecided.key));
    }
    node.inquiry->OnUndecided(undecided, now_);
  }
}

void ClusterModel::TakeRecovery(NodeNumber number) {
  Node& node = At(number);
  recovery::Rebuild::Output rebuilt = node.rebuild->TakeOutput();
  for (const recovery::Send& send : rebuilt.sends) SendOne(number, send);
  for (const auto& reported : rebuilt.reported) {
    node.directory->OnReported(reported.key, reported.copy);
  }
  for (Slot slot : rebuilt.ready) {
    node.directory->OnSlotReady(slot, now_);
    CheckSlot(number, slot);
  }
  recovery::Inquiry::Output output = node.inquiry->TakeOutput(now_);
  for (const recovery::Send& send : output.sends) SendOne(number, send);
  for (const recovery::Inquiry::Decided& decided : output.decided) {
    if (!decided.decision.rivals.empty()) Fail("two nodes claim " + decided.key);
    CheckDecision(node.epoch, decided.key, decided.decision.owned);
    node.decided.insert(decided.key);
    if (!node.directory->IsReady(SlotOf(decided.key))) ++decided_early_;
    node.directory->OnDecided(decided.key, decided.decision, now_);
  }
  recovery::Reporter::Output reports = node.reporter->TakeOutput();
  for (const recovery::Send& send : reports.sends) SendOne(number, send);
  for (const auto& scan : reports.scans) {
    LaterAt(number, Below(absl::Milliseconds(1)), [this, number, scan] { Scan(number, scan); });
  }
  for (const auto& lookup : reports.lookups) {
    LaterAt(number, Below(absl::Milliseconds(1)),
            [this, number, lookup] { LookUp(number, lookup); });
  }
}

void ClusterModel::LookUp(NodeNumber number, const recovery::Reporter::Output::Lookup& lookup) {
  Node& node = At(number);
  std::vector<recovery::Reporter::ScannedRecord> records;
  for (const std::string& key : lookup.keys) {
    const auto it = node.store.find(key);
    if (it == node.store.end()) continue;
    records.push_back({key, it->second.version, it->second.owner, it->second.loan});
  }
  node.reporter->OnLookedUp(lookup.ticket, records);
}

// A few records at a time, and without their locks.
void ClusterModel::Scan(NodeNumber number, const recovery::Reporter::Output::Scan& scan) {
  Node& node = At(number);
  std::vector<recovery::Reporter::ScannedRecord> records;
  auto it = node.store.upper_bound(scan.cursor);
  for (; it != node.store.end() && records.size() < 2; ++it) {
    records.push_back({it->first, it->second.version, it->second.owner, it->second.loan});
  }
  std::string cursor = records.empty() ? scan.cursor : records.back().key;
  node.reporter->OnScanned(scan.ticket, records, cursor, it == node.store.end());
}

void ClusterModel::Store(NodeNumber number, const std::string& key, const StoredRecord& record) {
  Node& node = At(number);
  RecordVersion& highest = node.highest[key];
  if (record.version < highest) Fail(absl::StrCat("the version of ", key, " fell (INV-8)"));
  highest = record.version;
  bool was_owned = IsOwned(number, key);
  node.store[key] = record;
  bool is_owned = record.owner == number && record.version.epoch >= node.owner->owned_since();
  if (!is_owned || was_owned) return;
  // Nobody can have incremented it since its last owner.
  uint64_t counter = CounterIn(record.value);
  bool is_lost = counter != truth_[key];
  if (node.is_fenced) {
    // Members that are late with the new view may read it here, until another copy is found.
    is_lost = is_lost && may_lose_.contains(key);
    if (is_lost) CheckKept(key, counter);
    if (is_lost) histories_[key].OnLost(now_, counter);
    if (is_lost) truth_[key] = counter;
    return;
  }
  RecordVersion& newest = newest_owned_[key];
  if (record.version <= newest) Fail(absl::StrCat("an old owner of ", key, " again"));
  newest = record.version;
  if (may_lose_.erase(key) == 0 && is_lost) {
    Fail(absl::StrCat("the new owner of ", key, " has ", counter, " instead of ", truth_[key]));
  }
  if (is_lost) CheckKept(key, counter);
  if (is_lost) histories_[key].OnLost(now_, counter);
  truth_[key] = counter;
  CheckRecord(key);
}

void ClusterModel::Lock(NodeNumber node, const std::string& key, LockWaiter waiter) {
  At(node).locks[key].queue.push_back(waiter);
  GrantLock(node, key);
}

// Mostly in order; now and then somebody is overtaken, as with real mutexes.
void ClusterModel::GrantLock(NodeNumber node, const std::string& key) {
  RecordLock& lock = At(node).locks[key];
  if (lock.is_held || lock.queue.empty()) return;
  lock.is_held = true;
  size_t who = random_.Below(4) == 0 ? random_.Below(lock.queue.size()) : 0;
  LockWaiter waiter = lock.queue[who];
  lock.queue.erase(lock.queue.begin() + static_cast<ptrdiff_t>(who));
  LaterAt(node, Below(absl::Microseconds(10)),
          [this, node, key, waiter] { OnGranted(node, key, waiter); });
}

void ClusterModel::OnGranted(NodeNumber node, const std::string& key, LockWaiter waiter) {
  if (!waiter.ticket) return Use(waiter.client);
  const bool is_for_spares = Spares::IsItsTicket(*waiter.ticket);
  if (random_.Fraction() < options_.lock_failures) {
    At(node).tickets.erase(*waiter.ticket);
    if (is_for_spares) {
      At(node).spares->OnLockFailed(*waiter.ticket);
    } else {
      At(node).owner->OnLockFailed(*waiter.ticket, now_);
    }
    return Unlock(node, key);
  }
  auto it = At(node).store.find(key);
  std::optional<StoredRecord> stored;
  if (it != At(node).store.end()) stored = it->second;
  if (is_for_spares) {
    At(node).spares->OnLocked(*waiter.ticket, stored, now_);
  } else {
    At(node).owner->OnLocked(*waiter.ticket, stored, now_);
  }
}

void ClusterModel::Unlock(NodeNumber node, const std::string& key) {
  At(node).locks[key].is_held = false;
  GrantLock(node, key);
}

void ClusterModel::LockFor(NodeNumber number, const Owner::Output::Lock& lock) {
  At(number).tickets[lock.ticket] = lock.key;
  Lock(number, lock.key, {lock.ticket, 0});
}

void ClusterModel::UnlockFor(NodeNumber number, LockTicket ticket) {
  const std::string key = At(number).tickets[ticket];
  At(number).tickets.erase(ticket);
  Unlock(number, key);
}

// Of all nodes that are up, whether they have taken over the last view or not.
void ClusterModel::CheckRecord(const std::string& key) {
  std::optional<NodeNumber> owner;
  for (uint32_t i = 0; i < nodes_.size(); ++i) {
    if (!IsOwned(NodeNumber(i), key)) continue;
    if (owner) Fail(absl::StrCat("two owners of ", key, " (INV-1, INV-5)"));
    owner = NodeNumber(i);
  }
  if (!owner) return;
  for (uint32_t i = 0; i < nodes_.size(); ++i) {
    auto it = nodes_[i].store.find(key);
    if (!nodes_[i].is_up || it == nodes_[i].store.end() || *owner == NodeNumber(i)) continue;
    const StoredRecord& owned = At(*owner).store[key];
    if (OrderOf(it->second.version, it->second.loan) >= OrderOf(owned.version, owned.loan)) {
      Fail(absl::StrCat("the owner's copy of ", key, " is not the newest (INV-7)"));
    }
  }
}

void ClusterModel::CheckCores(NodeNumber node) {
  std::string broken = At(node).owner->CheckInvariants();
  if (broken.empty()) broken = At(node).directory->CheckInvariants();
  if (!broken.empty()) Fail(absl::StrCat("node ", node.value(), ": ", broken));
}

}  // namespace ctdb::database
