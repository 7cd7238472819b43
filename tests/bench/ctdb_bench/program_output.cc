// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/program_output.h"

#include <cstdio>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace ctdb::bench {

absl::StatusOr<std::string> OutputOf(const std::string& command) {
  FILE* const pipe = ::popen(absl::StrCat(command, " </dev/null 2>&1").c_str(), "re");
  if (pipe == nullptr) return absl::UnavailableError("cannot run " + command);
  std::string output;
  char buffer[1024];
  while (const size_t got = std::fread(buffer, 1, sizeof(buffer), pipe)) {
    output.append(buffer, got);
  }
  if (::pclose(pipe) == 0) return output;
  return absl::UnavailableError(absl::StrCat(command, ": ", output));
}

absl::StatusOr<NodeNumber> NodeOf(const std::string& command) {
  CTDB_ASSIGN_OR_RETURN(const std::string output, OutputOf(command));
  uint32_t node = 0;
  if (absl::SimpleAtoi(output, &node)) return NodeNumber(node);
  return absl::UnavailableError(absl::StrCat(command, " names no node: ", output));
}

}  // namespace ctdb::bench
