// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Takes compatible changes of the schemas into snapshot.txt; refuses others.
//
//   bazel run //tests/protocol/schema_evolution:refresh

#include <cstdlib>
#include <iostream>
#include <string>

#include "lib/base/io/file.h"
#include "tests/protocol/schema_evolution/schema_lines.h"

int main(int argc, char** argv) {
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (argc != 2 || workspace == nullptr) {
    std::cerr << "Run it with: bazel run //tests/protocol/schema_evolution:refresh\n";
    return 1;
  }
  constexpr size_t kBytesMax = size_t{16} << 20;
  const std::string path = std::string(workspace) + "/tests/protocol/schema_evolution/snapshot.txt";
  const absl::StatusOr<std::string> request = ctdb::ReadFile(argv[1], kBytesMax);
  const absl::StatusOr<std::string> before = ctdb::ReadFile(path, kBytesMax);
  for (const absl::Status& status : {request.status(), before.status()}) {
    if (!status.ok()) {
      std::cerr << status.message() << "\n";
      return 1;
    }
  }
  const std::string after = ctdb::schema_evolution::DescribeSchemas(*request);
  bool has_break = false;
  for (const auto& change : ctdb::schema_evolution::Compare(*before, after)) {
    std::cout << (change.is_break ? "BREAKS  " : "ok      ") << change.text << "\n";
    has_break |= change.is_break;
  }
  if (has_break) {
    std::cerr << "Not written: older peers would misunderstand. Rules: capnp/README.md\n";
    return 1;
  }
  const absl::Status written = ctdb::WriteFileAtomically(path, after);
  if (!written.ok()) std::cerr << written.message() << "\n";
  return written.ok() ? 0 : 1;
}
