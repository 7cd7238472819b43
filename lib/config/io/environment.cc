// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/io/environment.h"

#include <cstdlib>

namespace ctdb::config {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Environment ReadEnvironment() {
  Environment environment;
  environment.test_mode = std::getenv("CTDB_TEST_MODE") != nullptr;
  environment.ctdb_base = Variable("CTDB_BASE");
  environment.ctdb_socket = Variable("CTDB_SOCKET");
  environment.transport_socket = Variable("CTDB_TRANSPORT_SOCKET");
  environment.helper_bindir = Variable("CTDB_TEST_HELPER_BINDIR");
  environment.script_vardir = Variable("CTDB_SCRIPT_VARDIR");
  return environment;
}

absl::StatusOr<Paths> PathsFromEnvironment() { return Paths::Make(ReadEnvironment()); }

}  // namespace ctdb::config
