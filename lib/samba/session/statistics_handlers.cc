// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Controls about what this node has counted, and its tunables.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "lib/samba/plain_payloads.h"
#include "lib/samba/session/handlers.h"
#include "lib/samba/statistics.h"
#include "lib/samba/tunables.h"

namespace ctdb::samba {
namespace {

constexpr size_t kHistoryEntries = 100;

Statistics Present(Proxy& proxy) {
  Statistics statistics = proxy.statistics();
  statistics.now = proxy.outlet().WallNow();
  statistics.memory_used = Fit<uint32_t>(proxy.outlet().MemoryBytes());
  return statistics;
}

template <typename Counter>
void AddTo(Counter& sum, Counter more) {
  sum = Fit<Counter>(static_cast<uint64_t>(sum) + static_cast<uint64_t>(more));
}

void Add(const DatabaseCounts& counts, Statistics& statistics) {
  AddTo(statistics.locks.calls, counts.locks.calls);
  AddTo(statistics.locks.pending, counts.locks.pending);
  AddTo(statistics.locks.failed, counts.locks.failed);
  LatencyCounter& sum = statistics.lock_wait;
  const LatencyCounter& one = counts.lock_wait;
  if (one.count > 0) {
    sum.min_seconds = sum.count == 0 ? one.min_seconds : std::min(sum.min_seconds, one.min_seconds);
    sum.max_seconds = std::max(sum.max_seconds, one.max_seconds);
    sum.total_seconds += one.total_seconds;
    AddTo(sum.count, one.count);
  }
  for (size_t i = 0; i < counts.lock_waits.size(); ++i) {
    AddTo(statistics.lock_wait_histogram[i], counts.lock_waits[i]);
  }
  AddTo(statistics.readonly_delegations, counts.copies_lent);
  AddTo(statistics.readonly_revokes, counts.copies_revoked);
}

// What databases have counted is asked one after the other, and is missing where there is no
// answer: the rest is worth having.
class Gathering : public std::enable_shared_from_this<Gathering> {
 public:
  Gathering(Proxy& proxy, const Asker& asker) : proxy_(proxy), asker_(asker) {}

  void Begin() {
    proxy_.Ask(ListDatabases{}, [self = shared_from_this()](const DatabaseAnswer& answer) {
      const auto* all = std::get_if<std::vector<DatabaseInfo>>(&answer);
      if (all != nullptr) self->databases_ = *all;
      self->Next();
    });
  }

 private:
  void Next() {
    if (databases_.empty()) return End();
    const std::string name = std::move(databases_.back().name);
    databases_.pop_back();
    proxy_.Ask(AskCounts{name}, [self = shared_from_this()](const DatabaseAnswer& answer) {
      const auto* counts = std::get_if<DatabaseCounts>(&answer);
      if (counts != nullptr) self->counts_.push_back(*counts);
      self->Next();
    });
  }
  void End() {
    Statistics statistics = Present(proxy_);
    for (const DatabaseCounts& counts : counts_) Add(counts, statistics);
    proxy_.Answer(asker_, {.data = Encode(statistics)});
  }

  Proxy& proxy_;
  const Asker asker_;
  std::vector<DatabaseInfo> databases_;
  std::vector<DatabaseCounts> counts_;
};

void GetStatistics(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  std::make_shared<Gathering>(proxy, asker)->Begin();
}

void ResetStatistics(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  const Statistics before = proxy.statistics();
  proxy.statistics() = {
      .clients = before.clients, .frozen = before.frozen, .recovering = before.recovering};
  proxy.statistics().started = proxy.outlet().WallNow();
  proxy.Answer(asker, {});
}

// Only the present is known: the entries before are empty, as those of a new daemon.
void GetHistory(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  StatisticsHistory history;
  history.entries.resize(kHistoryEntries);
  history.entries[0] = Present(proxy);
  proxy.Answer(asker, {.data = Encode(history)});
}

const WireTunable* FindTunable(absl::string_view name) {
  for (const WireTunable& tunable : WireTunables()) {
    if (absl::EqualsIgnoreCase(tunable.name, name)) return &tunable;
  }
  return nullptr;
}

void GetTunable(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  const WireTunable* tunable = FindTunable(Decode<TunableGet>(request.data)->name);
  if (tunable == nullptr) return proxy.Answer(asker, {.status = kStatusUnknownTunable});
  proxy.Answer(asker, {.data = Encode(NumberPayload<uint32_t>{proxy.Tunable(tunable->name)})});
}

void SetTunable(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  const TunableSet set = *Decode<TunableSet>(request.data);
  const WireTunable* tunable = FindTunable(set.name);
  if (tunable == nullptr) return proxy.Answer(asker, Failure());
  proxy.SetTunable(tunable->name, set.value);
  proxy.Answer(asker, {.status = tunable->is_obsolete ? kStatusObsoleteTunable : 0});
}

void ListTunables(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  std::vector<absl::string_view> names;
  for (const WireTunable& tunable : WireTunables()) {
    if (!tunable.is_obsolete) names.push_back(tunable.name);
  }
  const std::string text = JoinTunableNames(names);
  proxy.Answer(asker, {.data = Encode(TunableNames{text})});
}

void GetAllTunables(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, {.data = Encode(proxy.tunables())});
}

constexpr HandlerRow kRows[] = {
    {Opcode::kStatistics, GetStatistics},      {Opcode::kStatisticsReset, ResetStatistics},
    {Opcode::kGetStatHistory, GetHistory},     {Opcode::kGetTunable, GetTunable},
    {Opcode::kSetTunable, SetTunable},         {Opcode::kListTunables, ListTunables},
    {Opcode::kGetAllTunables, GetAllTunables},
};

}  // namespace

absl::Span<const HandlerRow> StatisticsHandlers() { return kRows; }

}  // namespace ctdb::samba
