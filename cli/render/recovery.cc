// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/recovery.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lib/protocol/bytes_text.h"

namespace ctdb::cli {
namespace {

// For people, and for scripts.
Cell NumberOrUnknown(std::optional<double> value, absl::string_view unit, double scale) {
  if (!value.has_value()) return Cell("-", "");
  return Cell(absl::StrFormat("%.0f%s", *value * scale, unit), absl::StrFormat("%.6f", *value));
}

Cell RateCell(wire::RecoveryProgress::Reader progress) {
  const double seconds = progress.getSeconds();
  if (seconds <= 0 || progress.getScanned() == 0) return Cell("-", "");
  const double rate = static_cast<double>(progress.getScanned()) / seconds;
  return Cell(absl::StrFormat("%.0f/s", rate), absl::StrFormat("%.6f", rate));
}

Cell WaitsCell(wire::RecoveryProgress::Reader progress) {
  const std::string nodes = absl::StrJoin(progress.getWaitsFor(), ",");
  const std::string state = FromText(progress.getState());
  if (!state.empty()) return Cell(state, state);
  return Cell(nodes.empty() ? "-" : absl::StrCat("nodes ", nodes), nodes);
}

}  // namespace

std::optional<double> ShareRead(wire::RecoveryProgress::Reader progress) {
  if (progress.getStored() == 0) return std::nullopt;
  // Records come and go while they are counted.
  return std::min(
      1.0, static_cast<double>(progress.getScanned()) / static_cast<double>(progress.getStored()));
}

std::optional<double> SecondsToGo(wire::RecoveryProgress::Reader progress) {
  const std::optional<double> share = ShareRead(progress);
  if (!share.has_value() || *share <= 0) return std::nullopt;
  return progress.getSeconds() * (1 - *share) / *share;
}

Table RecoveryTable(const std::vector<RecoveringDatabase>& databases) {
  Table table({{"Node", "Node", Align::kRight},
               {"Database", "Database"},
               {"Copies", "Copies", Align::kRight},
               {"Read", "ShareRead", Align::kRight},
               {"Rate", "Rate", Align::kRight},
               {"To go", "SecondsToGo", Align::kRight},
               {"Waits for", "WaitsFor"}});
  for (const auto& [node, progress] : databases) {
    table.AddRow({uint64_t{node.value()}, FromText(progress.getDatabase()),
                  uint64_t{progress.getCopies()}, NumberOrUnknown(ShareRead(progress), "%", 100),
                  RateCell(progress), NumberOrUnknown(SecondsToGo(progress), "s", 1),
                  WaitsCell(progress)});
  }
  return table;
}

}  // namespace ctdb::cli
