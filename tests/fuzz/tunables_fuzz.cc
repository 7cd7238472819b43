// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tunables_fuzz: any text as a tunables file. What it sets can be written out and read again.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lib/config/tunables.h"

namespace ctdb::config {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckText(absl::string_view text) {
  Tunables tunables;
  std::vector<Problem> problems;
  ParseTunables(text, "F", &tunables, &problems);
  Require(problems.size() <= kProblemsMax);
  std::string canonical;
  for (const TunableSpec& tunable : TunableTable()) {
    absl::StrAppend(&canonical, tunable.name, "=", tunables.Get(tunable.id), "\n");
  }
  Tunables again;
  std::vector<Problem> none;
  ParseTunables(canonical, "F", &again, &none);
  Require(none.empty() && again == tunables);
}

}  // namespace
}  // namespace ctdb::config

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ctdb::config::CheckText({reinterpret_cast<const char*>(data), size});
  return 0;
}
