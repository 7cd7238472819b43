// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ctdb::bench {
namespace {

constexpr char kColumns[] = "%-11s %-38s %-32s %-32s %-22s %s\n";

// Three digits that count: "3.43", "85.2", "127".
std::string Short(double value) {
  return absl::StrFormat("%.*f", value < 10 ? 2 : value < 100 ? 1 : 0, value);
}

std::string NameOf(Unit unit) {
  switch (unit) {
    case Unit::kPerSecond:
      return "/s";
    case Unit::kMicroseconds:
      return "us";
    case Unit::kMilliseconds:
      return "ms";
    case Unit::kPercent:
      return "%";
    case Unit::kMebibytes:
      return "MiB";
  }
  return "";
}

std::string Cell(Unit unit, const std::vector<double>& values) {
  if (values.empty()) return "-";
  double scale = 1;
  std::string name = NameOf(unit);
  const double median = Median(values);
  if (unit == Unit::kPerSecond && median >= 1e6) {
    scale = 1e-6;
    name = "M/s";
  } else if (unit == Unit::kPerSecond && median >= 1e3) {
    scale = 1e-3;
    name = "k/s";
  }
  if (unit == Unit::kMicroseconds && median >= 1e4) {
    scale = 1e-3;
    name = "ms";
  }
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return absl::StrCat(Short(median * scale), " ", name, " [", Short(*low * scale), "..",
                      Short(*high * scale), "]");
}

std::string RatioCell(const Row& row) {
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(row.ours.size(), row.theirs.size()); ++i) {
    const bool is_rate = row.unit == Unit::kPerSecond;
    ratios.push_back(is_rate ? row.ours[i] / row.theirs[i] : row.theirs[i] / row.ours[i]);
  }
  if (ratios.empty()) return "-";
  const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
  return absl::StrFormat("%.2f [%.2f..%.2f]", Median(ratios), *low, *high);
}

}  // namespace

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

std::string TableHead() {
  return absl::StrFormat(kColumns, "workload", "what", "ours: median [min..max]",
                         "ctdb: median [min..max]", "ratio [min..max]", "bar");
}

std::string TableLine(const Row& row) {
  return absl::StrFormat(kColumns, row.group, row.what, Cell(row.unit, row.ours),
                         Cell(row.unit, row.theirs), RatioCell(row), absl::StrCat(row.bar));
}

}  // namespace ctdb::bench
