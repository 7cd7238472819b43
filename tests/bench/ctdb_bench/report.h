// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// report: the table that ctdb-bench prints, a line as soon as its workload is done.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef TESTS_BENCH_CTDB_BENCH_REPORT_H_
#define TESTS_BENCH_CTDB_BENCH_REPORT_H_

#include <string>
#include <vector>

#include "tests/bench/ctdb_bench/workload.h"

namespace ctdb::bench {

// One figure of all rounds. What was not measured has no values.
struct Row {
  std::string group;
  std::string what;
  Unit unit;
  double bar;
  std::vector<double> ours;
  std::vector<double> theirs;
};

double Median(std::vector<double> values);
std::string TableHead();
// Medians with lowest and highest value. The ratio, of each round's two values, is the larger the
// better ours is.
std::string TableLine(const Row& row);

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_REPORT_H_
