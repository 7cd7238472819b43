// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/paths.h"

#include "absl/strings/str_cat.h"

namespace ctdb::config {

absl::StatusOr<Paths> Paths::Make(const Environment& environment) {
  Paths paths;
  if (!environment.test_mode) return paths;
  if (environment.ctdb_base.empty()) {
    return absl::InvalidArgumentError(
        "CTDB_TEST_MODE is set but CTDB_BASE is not: set CTDB_BASE to the test node's directory, "
        "or unset CTDB_TEST_MODE");
  }
  paths.etcdir_ = environment.ctdb_base;
  paths.datadir_ = absl::StrCat(environment.ctdb_base, "/share");
  paths.helperdir_ = environment.helper_bindir;
  paths.rundir_ = absl::StrCat(environment.ctdb_base, "/run");
  paths.vardir_ = absl::StrCat(environment.ctdb_base, "/var");
  paths.script_state_dir_ = environment.script_vardir.empty()
                                ? absl::StrCat(paths.vardir_, "/scripts")
                                : environment.script_vardir;
  paths.ctdb_socket_ = environment.ctdb_socket;
  paths.transport_socket_ = environment.transport_socket;
  return paths;
}

absl::StatusOr<std::string> Paths::HelperDir() const {
  if (!helperdir_.empty()) return helperdir_;
  return absl::FailedPreconditionError(
      "CTDB_TEST_MODE is set but CTDB_TEST_HELPER_BINDIR is not: set it to the directory of the "
      "helper programs");
}

std::string Paths::ConfigFile() const { return absl::StrCat(etcdir_, "/ctdb.conf"); }
std::string Paths::NodesFile() const { return absl::StrCat(etcdir_, "/nodes"); }
std::string Paths::PublicAddressesFile() const {
  return absl::StrCat(etcdir_, "/public_addresses");
}
std::string Paths::TunablesFile() const { return absl::StrCat(etcdir_, "/ctdb.tunables"); }
std::string Paths::TunablesDirectory() const { return absl::StrCat(etcdir_, "/tunables.d"); }

std::string Paths::PidFile(absl::string_view daemon) const {
  return absl::StrCat(piddir(), "/", daemon, ".pid");
}

std::string Paths::Socket(absl::string_view daemon) const {
  if (daemon == "ctdbd" && !ctdb_socket_.empty()) return ctdb_socket_;
  return absl::StrCat(socketdir(), "/", daemon, ".socket");
}

std::string Paths::TransportSocket() const {
  return transport_socket_.empty() ? Socket("transport") : transport_socket_;
}

}  // namespace ctdb::config
