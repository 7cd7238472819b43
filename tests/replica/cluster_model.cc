// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/replica/cluster_model.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "lib/database/placement.h"

namespace ctdb::replica {
namespace {

const database::DatabaseId kDatabase(7);
// Enough for some of them at a time, and not for all: clients' and staged ones.
constexpr uint64_t kBodyMemory = 500;

size_t SyncBytes(const Message& message) {
  size_t bytes = 0;
  if (const Entries* entries = std::get_if<Entries>(&message)) {
    for (const Entry& entry : entries->entries) bytes += BytesOf(entry);
  } else if (const DigestList* list = std::get_if<DigestList>(&message)) {
    bytes = list->slots.size() * 16 + list->tokens.size() * 32;
  } else if (const Fetch* fetch = std::get_if<Fetch>(&message)) {
    bytes = 32 + fetch->fingerprints.size() * 8 + fetch->after.size() + fetch->until.size();
  } else if (const Page* page = std::get_if<Page>(&message)) {
    bytes = 32 + page->kept.size() / 8 + page->covered.size();
    for (const Record& record : page->records) {
      bytes += 24 + record.key.size() + record.value.size();
    }
  }
  return bytes;
}

}  // namespace

ClusterModel::ClusterModel(const Options& options) : options_(options), random_(options.seed) {
  nodes_.resize(options.nodes);
  for (uint32_t i = 0; i < options.records; ++i) {
    const std::string key = absl::StrCat("record", i);
    const std::string value(options.record_bytes, '.');
    initial_[key] = ModelStorage::Make(key, {}, value);
    nodes_.front().storage.Put(key, initial_[key]);
  }
  nodes_.front().storage.SetLog(LogIndex(options_.log_bytes));
  for (Node& node : nodes_) node.storage = nodes_.front().storage;
  std::vector<NodeNumber> all;
  for (uint32_t i = 0; i < options.nodes; ++i) {
    all.emplace_back(i);
    nodes_[i].disk = options.disk;
    Start(NodeNumber(i));
    for (uint32_t c = 0; c < options.clients_per_node; ++c) {
      clients_.emplace_back().node = NodeNumber(i);
      Later(Below(options_.think), [this, id = clients_.size() - 1] { Begin(id); });
    }
  }
  MakeView(all);
}

void ClusterModel::Fail(const std::string& what) {
  if (failure_.empty()) failure_ = absl::StrCat("seed ", options_.seed, ": ", what);
}

void ClusterModel::Later(absl::Duration delay, std::function<void()> what) {
  events_.emplace(After(now_, delay), std::move(what));
}

void ClusterModel::LaterAt(NodeNumber node, absl::Duration delay, std::function<void()> what) {
  Later(delay, [this, node, run = At(node).run, what = std::move(what)] {
    if (!IsUp(node) || At(node).run != run) return;
    what();
    Take(node);
  });
}

// Nodes and views ----------------------------------------------------------------------------

void ClusterModel::Start(NodeNumber node) {
  Node& at = At(node);
  ++at.run;
  at.fills = 0;
  at.epoch = {};
  Replica::Copy copy = at.storage.Open();
  if (!at.storage.Find("any").ok()) copy.problem = "found broken at the start";
  const absl::Duration resend = absl::Milliseconds(20);
  at.bodies = std::make_shared<BodyMemory>(kBodyMemory);
  at.replica = std::make_unique<Replica>(Replica::Options{.local = node,
                                                          .database = kDatabase,
                                                          .resend = resend,
                                                          .bodies = at.bodies,
                                                          .part_bytes = options_.part_bytes},
                                         at.storage, std::move(copy));
  at.coordinator =
      std::make_unique<Coordinator>(Coordinator::Options{.local = node,
                                                         .database = kDatabase,
                                                         .run = static_cast<uint32_t>(at.run),
                                                         .resend = resend,
                                                         .staging = 20 * resend},
                                    *at.replica, at.storage);
  at.submitter = std::make_unique<Submitter>(Submitter::Options{.local = node,
                                                                .database = kDatabase,
                                                                .run = InstanceNumber(at.run),
                                                                .resend = 3 * resend,
                                                                .patience = options_.patience,
                                                                .part_bytes = options_.part_bytes});
}

void ClusterModel::Crash(NodeNumber node) {
  Node& at = At(node);
  if (at.storing && random_.Below(2) == 0) Apply(node, *at.storing);
  at.storing.reset();
  batches_ += at.coordinator->batches();
  fills_ += at.replica->fills();
  at.coordinator.reset();
  at.replica.reset();
  at.submitter.reset();
  at.storage.Crash();
  if (!options_.is_persistent) at.storage = ModelStorage();
  for (Client& client : clients_) {
    if (client.node == node) client.is_busy = false;
  }
  for (uint32_t i = 0; i < options_.nodes; ++i) CutLink(node, NodeNumber(i), absl::ZeroDuration());
}

void ClusterModel::Restart(NodeNumber node) {
  Start(node);
  const std::vector<NodeNumber>& members = view_.members;
  if (!std::binary_search(members.begin(), members.end(), node)) return;
  LaterAt(node, Below(options_.delay),
          [this, node, view = view_, chosen = chosen_] { Adopt(node, view, chosen); });
}

void ClusterModel::MakeView(const std::vector<NodeNumber>& members) {
  view_.epoch = Epoch(view_.epoch.value() + 1);
  view_.leader = members.front();
  view_.members = members;
  view_.homes = members;
  chosen_ = CoordinatorOf(database::Placement(members), kDatabase);
  for (NodeNumber node : members) {
    if (!IsUp(node)) continue;
    LaterAt(node, Below(options_.delay * 3),
            [this, node, view = view_, chosen = chosen_] { Adopt(node, view, chosen); });
  }
}

void ClusterModel::Adopt(NodeNumber node, const cluster::View& view,
                         std::optional<NodeNumber> chosen) {
  Node& at = At(node);
  if (view.epoch <= at.epoch) return;
  at.epoch = view.epoch;
  at.replica->OnView(view, chosen, now_);
  at.coordinator->OnView(view, chosen, now_);
  at.submitter->OnView(view, chosen, now_);
}

void ClusterModel::CutLink(NodeNumber a, NodeNumber b, absl::Duration duration) {
  ++link_[{a, b}];
  ++link_[{b, a}];
  const Instant until = After(now_, duration);
  Instant& cut = cut_until_[std::minmax(a, b)];
  cut = std::max(cut, until);
}

const Coordinator* ClusterModel::coordinator() const {
  for (const Node& node : nodes_) {
    const bool is_it = node.coordinator && node.epoch == view_.epoch &&
                       node.coordinator->state() != Coordinator::State::kIdle;
    if (is_it) return node.coordinator.get();
  }
  return nullptr;
}

bool ClusterModel::IsOpen() const {
  const Coordinator* chosen = coordinator();
  if (chosen == nullptr || chosen->state() != Coordinator::State::kOpen) return false;
  return std::all_of(view_.members.begin(), view_.members.end(), [this](NodeNumber node) {
    const Node& at = nodes_[node.value()];
    return at.replica && at.epoch == view_.epoch && at.replica->IsCurrent();
  });
}

// Time and messages --------------------------------------------------------------------------

Instant ClusterModel::NextTime() const {
  Instant next = events_.empty() ? kNever : events_.begin()->first;
  for (const Node& node : nodes_) {
    if (!node.replica) continue;
    next = std::min({next, node.replica->NextDeadline(), node.coordinator->NextDeadline(),
                     node.submitter->NextDeadline()});
  }
  return next;
}

void ClusterModel::Step() {
  now_ = std::max(now_, NextTime());
  if (!events_.empty() && events_.begin()->first <= now_) {
    std::function<void()> what = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    return what();
  }
  for (uint32_t i = 0; i < options_.nodes; ++i) {
    Node& at = nodes_[i];
    if (!at.replica) continue;
    at.replica->OnTick(now_);
    at.coordinator->OnTick(now_);
    at.submitter->OnTick(now_);
    Take(NodeNumber(i));
  }
}

void ClusterModel::RunFor(absl::Duration duration) {
  const Instant end = After(now_, duration);
  while (failure_.empty() && NextTime() <= end) Step();
  now_ = end;
}

void ClusterModel::SendOne(NodeNumber from, const Send& send) {
  const NodeNumber to = send.to;
  if (from != to && cut_until_[std::minmax(from, to)] > now_) return;
  if (from != to) sync_bytes_ += SyncBytes(send.message);
  Instant& arrival = last_arrival_[{from, to}];
  arrival =
      std::max(arrival, After(now_, from == to ? absl::Microseconds(5) : Below(options_.delay)));
  Later(ToAbsl(arrival - now_), [this, from, to, message = send.message, link = link_[{from, to}]] {
    Node& at = At(to);
    if (!at.replica || link != link_[{from, to}]) return;
    if (PartFor(message) == Part::kReplica) at.replica->OnMessage(from, message, now_);
    if (PartFor(message) == Part::kCoordinator) at.coordinator->OnMessage(from, message, now_);
    if (PartFor(message) == Part::kSubmitter) {
      at.submitter->OnMessage(from, message, now_);
    }
    Take(to);
  });
}

void ClusterModel::Take(NodeNumber node) {
  Node& at = At(node);
  Submitter::Output submitted = at.submitter->TakeOutput();
  for (const Send& send : submitted.sends) SendOne(node, send);
  for (const Send& send : at.coordinator->TakeSends()) SendOne(node, send);
  Replica::Output output = at.replica->TakeOutput();
  for (const Send& send : output.sends) SendOne(node, send);
  NoteFill(node, output.sends);
  for (Replica::Output::Store& store : output.stores) {
    if (at.storing) Fail("two storage requests at once");
    at.storing = std::move(store);
    LaterAt(node, Below(at.disk), [this, node] { Store(node); });
  }
  if (output.again) {
    if (at.storing || !at.stuck || at.stuck->ticket != *output.again) {
      Fail("what is to be stored again is not what failed");
    }
    at.storing = std::exchange(at.stuck, {});
    LaterAt(node, Below(at.disk), [this, node] { Store(node); });
  }
  CheckNode(node);
  for (const Submitter::Answer& answer : submitted.answers) OnAnswer(node, answer);
}

void ClusterModel::Store(NodeNumber node) {
  Node& at = At(node);
  const Replica::Output::Store store = *std::exchange(at.storing, {});
  const bool is_broken = !at.storage.Find("any").ok();
  const bool is_append = std::holds_alternative<Replica::Output::Append>(store.what) ||
                         std::holds_alternative<Replica::Output::AppendBody>(store.what);
  absl::Status status;
  at.stuck = at.room == 0 ? std::optional(store) : std::nullopt;
  if (is_broken && is_append) {
    status = absl::DataLossError("the disk broke");
  } else if (at.room == 0) {
    status = absl::ResourceExhaustedError("the disk is full");
  } else {
    Apply(node, store);
  }
  at.replica->OnRoom(at.room, "/disk", now_);
  at.replica->OnStored(store.ticket, status, now_);
  // Late and foreign completions are legal.
  if (at.room > 0 && random_.Below(16) == 0)
    at.replica->OnStored(store.ticket, absl::OkStatus(), now_);
}

// What must hold -----------------------------------------------------------------------------

void ClusterModel::Apply(NodeNumber node, const Replica::Output::Store& store) {
  ModelStorage& storage = At(node).storage;
  Position parent = storage.position();
  storage.Apply(store);
  if (std::holds_alternative<Replica::Output::Stage>(store.what)) return;
  std::vector<Entry> entries;
  if (const auto* append = std::get_if<Replica::Output::Append>(&store.what)) {
    entries = append->entries;
  } else if (const auto* large = std::get_if<Replica::Output::AppendBody>(&store.what)) {
    entries = {ModelStorage::EntryOf(*large)};
  }
  for (const Entry& entry : entries) {
    const bool has_body = std::holds_alternative<Replica::Output::AppendBody>(store.what);
    const auto [it, is_new] = made_.emplace(entry.position, Made{entry, parent, {}, has_body});
    if (!is_new && (it->second.entry != entry || it->second.parent != parent)) {
      Fail(absl::StrCat("two contents at ", Text(entry.position)));
    }
    parent = entry.position;
  }
  auto it = made_.find(storage.position());
  if (it == made_.end()) return;
  Digest& digest = it->second.digest;
  if (digest == Digest{}) digest = storage.whole();
  if (digest != storage.whole()) {
    Fail(absl::StrCat("node ", node.value(), " has other records at ", Text(storage.position())));
  }
}

// A fill has begun: was there a large transaction between this copy and its source's?
void ClusterModel::NoteFill(NodeNumber node, const std::vector<Send>& sends) {
  Node& at = At(node);
  const bool is_new = at.replica->fills() != std::exchange(at.fills, at.replica->fills());
  if (!is_new || !at.replica->is_healthy()) return;
  for (const Send& send : sends) {
    if (!std::holds_alternative<DigestsWanted>(send.message)) continue;
    const std::vector<const Made*> chain = ChainTo(At(send.to).storage.position());
    if (std::any_of(chain.begin(), chain.end(), [&](const Made* made) {
          return made->has_body && made->entry.position > at.storage.position();
        })) {
      ++fills_for_bodies_;
    }
  }
}

void ClusterModel::CheckNode(NodeNumber node) {
  Node& at = At(node);
  for (const std::string& broken :
       {at.replica->CheckInvariants(), at.coordinator->CheckInvariants()}) {
    if (!broken.empty()) Fail(broken);
  }
  if (!at.storing && at.replica->is_healthy() && !failure_.empty()) return;
  if (!at.storing && at.replica->is_healthy()) {
    if (at.replica->digests().whole() != at.storage.whole()) Fail("digests went wrong");
    if (at.replica->position() != at.storage.position()) Fail("a position that is not stored");
  }
  const Coordinator& coordinator = *at.coordinator;
  const bool is_open = coordinator.state() == Coordinator::State::kOpen;
  if (!is_open) return;
  if (at.checked == at.epoch && at.checked_round == coordinator.rounds()) return;
  at.checked = at.epoch;
  at.checked_round = coordinator.rounds();
  CheckChain(coordinator.committed());
}

std::vector<const ClusterModel::Made*> ClusterModel::ChainTo(Position end) {
  std::vector<const Made*> chain;
  while (end != Position{}) {
    auto it = made_.find(end);
    if (it == made_.end()) {
      Fail(absl::StrCat("nobody made ", Text(end)));
      return {};
    }
    chain.push_back(&it->second);
    end = it->second.parent;
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

void ClusterModel::CheckChain(Position end) {
  std::set<Position> positions;
  for (const Made* made : ChainTo(end)) positions.insert(made->entry.position);
  for (const auto& [token, position] : acknowledged_) {
    if (position.epoch < end.epoch && !positions.contains(position)) {
      Fail(absl::StrCat("acknowledged ", Text(position), " is not before ", Text(end)));
    }
  }
}

// Does everything again, one after the other.
void ClusterModel::CheckEnd() {
  const Position end = nodes_.front().storage.position();
  std::map<std::string, ModelStorage::Stored> state = initial_;
  std::set<Token> happened;
  std::set<Position> positions;
  const auto check_reads = [&](const Transaction& transaction, Position at) {
    for (const Read& read : transaction.reads) {
      auto it = state.find(read.key);
      std::optional<Position> version;
      if (it != state.end()) version = it->second.version;
      if (version != read.version) Fail(absl::StrCat("a read at ", Text(at), " saw another order"));
    }
  };
  uint64_t sequence = 0;
  for (const Made* made : ChainTo(end)) {
    const Entry& entry = made->entry;
    if (entry.position.sequence <= sequence) Fail("sequences went back");
    sequence = entry.position.sequence;
    positions.insert(entry.position);
    if (entry.token != Token{}) {
      if (!happened.insert(entry.token).second) Fail("a transaction happened twice");
      check_reads(transactions_[entry.token], entry.position);
    }
    if (entry.is_wipe) state.clear();
    for (const replica::Write& write : entry.writes) {
      if (write.value) {
        state[write.key] = ModelStorage::Make(write.key, entry.position, *write.value);
      } else {
        state.erase(write.key);
      }
    }
    for (auto [it, last] = read_only_.equal_range(entry.position); it != last; ++it) {
      check_reads(it->second, entry.position);
    }
  }
  for (const auto& [position, transaction] : read_only_) {
    if (!positions.contains(position)) Fail("something was read that is not there any more");
  }
  for (const auto& [token, position] : acknowledged_) {
    if (!positions.contains(position) || made_.at(position).entry.token != token) {
      Fail(absl::StrCat("acknowledged ", Text(position), " is lost"));
    }
  }
  for (const Token& token : dead_) {
    if (happened.contains(token)) Fail("it happened although its client was told otherwise");
  }
  for (const Node& node : nodes_) {
    if (node.storage.position() != end) Fail("copies at different positions");
    if (node.storage.records().size() != state.size()) Fail("other records than there should be");
    for (const auto& [key, stored] : node.storage.records()) {
      if (state[key.second] != stored) Fail(absl::StrCat("wrong record ", key.second));
    }
  }
}

uint64_t ClusterModel::body_bytes() const {
  uint64_t bytes = 0;
  for (const Node& node : nodes_) bytes += node.bodies->used();
  return bytes;
}

bool ClusterModel::IsSettled() const {
  const bool is_busy = std::any_of(clients_.begin(), clients_.end(),
                                   [](const Client& client) { return client.is_busy; });
  return !is_busy && IsOpen() && coordinator()->waiting() == 0;
}

// As an administrator does: all nodes are there, and still no copy may be used.
void ClusterModel::ChooseCopy() {
  std::optional<NodeNumber> best;
  for (uint32_t i = 0; i < options_.nodes; ++i) {
    const Replica& replica = *nodes_[i].replica;
    if (!replica.is_healthy()) continue;
    if (!best || replica.position() > At(*best).replica->position()) best = NodeNumber(i);
  }
  for (Node& node : nodes_) {
    if (best) node.coordinator->OnChosen(*best, now_);
  }
}

void ClusterModel::BreakDisk(NodeNumber node) {
  for (const Node& other : nodes_) {
    if (!other.storage.Find("any").ok()) return;
  }
  At(node).storage.Break();
}

void ClusterModel::SetRoom(NodeNumber node, uint64_t bytes) {
  At(node).room = bytes;
  if (!IsUp(node)) return;
  At(node).replica->OnRoom(bytes, "/disk", now_);
  Take(node);
}

void ClusterModel::Settle(absl::Duration limit) {
  is_draining_ = true;
  const Instant end = After(now_, limit);
  std::vector<NodeNumber> all;
  for (auto& [link, until] : cut_until_) until = now_;
  for (uint32_t i = 0; i < options_.nodes; ++i) {
    all.emplace_back(i);
    nodes_[i].disk = options_.disk;
    if (!IsUp(NodeNumber(i))) Start(NodeNumber(i));
  }
  // Now and then a view: what a client asks about must be of an earlier epoch.
  for (int step = 0; failure_.empty() && now_ < end; ++step) {
    if (step % 40 == 0) MakeView(all);
    RunFor(absl::Milliseconds(50));
    if (IsSettled()) break;
    ChooseCopy();
  }
  if (failure_.empty() && !IsSettled()) {
    const Coordinator* chosen = coordinator();
    Fail(absl::StrCat("it does not settle: ",
                      chosen ? absl::StrCat(static_cast<int>(chosen->state()), " ",
                                            chosen->reason(), " ", chosen->waiting())
                             : "no coordinator"));
  }
  if (failure_.empty()) RunFor(absl::Milliseconds(600));  // Who was told nothing has forgotten it.
  if (failure_.empty() && body_bytes() > 0) Fail("bodies of nobody are kept");
  if (failure_.empty()) CheckEnd();
  for (const Node& node : nodes_) {
    if (!node.replica) continue;
    batches_ += node.coordinator->batches();
    fills_ += node.replica->fills();
  }
}

}  // namespace ctdb::replica
