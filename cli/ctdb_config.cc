// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ctdb-config: shows, queries and checks ctdb.conf, for scripts that expect CTDB's program.

#include <iostream>
#include <string>
#include <vector>

#include "lib/base/io/file.h"
#include "lib/config/command_line.h"
#include "lib/config/io/environment.h"
#include "lib/config/io/load.h"

int main(int argc, char** argv) {
  const auto paths = ctdb::config::PathsFromEnvironment();
  if (!paths.ok()) {
    std::cerr << paths.status().message() << "\n";
    return 1;
  }
  const auto result = ctdb::config::RunConfigCommand(
      std::vector<std::string>(argv + 1, argv + argc), *paths, ctdb::config::SystemFileProbe(),
      ctdb::ReadFile(paths->ConfigFile(), ctdb::config::kConfigBytesMax));
  std::cout << result.out;
  std::cerr << result.err;
  return result.exit_code;
}
