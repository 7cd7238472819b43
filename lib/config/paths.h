// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// paths: where CTDB's files are. Packaged places by default; below one directory in test mode, so
// that several nodes can run on one machine.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     InvalidArgument when the environment of test mode is incomplete.
//   Blocking:   never; nothing here looks at the file system or the environment (see
//               io/environment.h).
//   Limits:     none; whoever binds a socket checks the length of its path.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(Paths paths, Paths::Make(ReadEnvironment()));
//   paths.PidFile("ctdbd");  // "/run/ctdb/ctdbd.pid"

#ifndef LIB_CONFIG_PATHS_H_
#define LIB_CONFIG_PATHS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctdb::config {

// The environment variables that decide about paths. Outside test mode none of them counts.
struct Environment {
  bool test_mode = false;        // CTDB_TEST_MODE is set, to whatever value
  std::string ctdb_base;         // CTDB_BASE
  std::string ctdb_socket;       // CTDB_SOCKET
  std::string transport_socket;  // CTDB_TRANSPORT_SOCKET
  std::string helper_bindir;     // CTDB_TEST_HELPER_BINDIR
  std::string script_vardir;     // CTDB_SCRIPT_VARDIR
};

class Paths {
 public:
  // The packaged places.
  Paths() = default;
  static absl::StatusOr<Paths> Make(const Environment& environment);

  const std::string& etcdir() const { return etcdir_; }
  const std::string& datadir() const { return datadir_; }
  const std::string& lockdir() const { return rundir_; }
  const std::string& piddir() const { return rundir_; }
  const std::string& socketdir() const { return rundir_; }
  const std::string& vardir() const { return vardir_; }
  const std::string& logdir() const { return logdir_; }
  const std::string& script_state_dir() const { return script_state_dir_; }
  // An error in test mode without CTDB_TEST_HELPER_BINDIR; only what runs helpers needs it.
  absl::StatusOr<std::string> HelperDir() const;

  std::string ConfigFile() const;
  std::string NodesFile() const;
  std::string PublicAddressesFile() const;
  std::string TunablesFile() const;
  // Its *.tunables files are read after TunablesFile().
  std::string TunablesDirectory() const;
  std::string PidFile(absl::string_view daemon) const;
  // The client socket of a daemon; "ctdbd" is the one that Samba connects to.
  std::string Socket(absl::string_view daemon) const;
  // Where our own transport listens for local daemons and clients.
  std::string TransportSocket() const;

 private:
  std::string etcdir_ = "/etc/ctdb";
  std::string datadir_ = "/usr/share/ctdb";
  std::string helperdir_ = "/usr/libexec/ctdb";
  std::string rundir_ = "/run/ctdb";
  std::string vardir_ = "/var/lib/ctdb";
  std::string logdir_ = "/var/log/ctdb";
  std::string script_state_dir_ = "/var/lib/ctdb/scripts";
  std::string ctdb_socket_;       // replaces Socket("ctdbd") unless empty
  std::string transport_socket_;  // replaces TransportSocket() unless empty
};

}  // namespace ctdb::config

#endif  // LIB_CONFIG_PATHS_H_
