// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Controls about what this node has counted, and its tunables.

#include <string>
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
  return statistics;
}

void GetStatistics(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, {.data = Encode(Present(proxy))});
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
