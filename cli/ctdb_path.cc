// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ctdb-path: prints where CTDB's files are, for scripts that expect CTDB's program.

#include <iostream>
#include <string>
#include <vector>

#include "lib/config/command_line.h"
#include "lib/config/io/environment.h"

int main(int argc, char** argv) {
  const auto result = ctdb::config::RunPathCommand(std::vector<std::string>(argv + 1, argv + argc),
                                                   ctdb::config::ReadEnvironment());
  std::cout << result.out;
  std::cerr << result.err;
  return result.exit_code;
}
