// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// context: what a command's handler works with.
//
//   Ownership:  borrows everything; lives for one run of the program.
//   Threading:  belongs to one thread.
//   Errors:     see each method.
//   Blocking:   TargetNode() asks the local daemon.
//   Limits:     none.

#ifndef CLI_CONTEXT_H_
#define CLI_CONTEXT_H_

#include <capnp/dynamic.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/render/table.h"
#include "cli/session.h"

namespace ctdb::cli {

// Where output goes.
class Terminal {
 public:
  virtual ~Terminal() = default;
  virtual void Out(absl::string_view text) = 0;
  virtual void Err(absl::string_view text) = 0;
  // From now on the first Ctrl-C does not end the program: interrupted() tells of it.
  virtual void CatchInterrupt() {}
  virtual bool interrupted() { return false; }
};

class Context {
 public:
  struct Parts {
    const Invocation& invocation;
    const Environment& environment;
    const std::vector<Command>& table;
    Terminal& terminal;
    Session& session;
  };
  explicit Context(const Parts& parts) : parts_(parts) {}

  const Invocation& invocation() const { return parts_.invocation; }
  const Command& command() const { return *parts_.invocation.command; }
  const Environment& environment() const { return parts_.environment; }
  const std::vector<Command>& table() const { return parts_.table; }
  Session& session() { return parts_.session; }
  // The I-th argument, or "" when there are fewer.
  std::string argument(size_t i) const;
  bool colour() const { return environment().is_terminal && !environment().no_colour; }

  void Out(absl::string_view text) { parts_.terminal.Out(text); }
  void Err(absl::string_view text) { parts_.terminal.Err(text); }
  void CatchInterrupt() { parts_.terminal.CatchInterrupt(); }
  bool interrupted() { return parts_.terminal.interrupted(); }
  // A table in the form that was asked for, human or -X.
  void Print(const Table& table);
  // A reply as JSON.
  void PrintJson(capnp::DynamicStruct::Reader reply);

  // Opens the session and finds the node to ask: the one of -n, or the local one. Checks that the
  // command may be sent there and that the node is there and connected.
  absl::StatusOr<NodeNumber> TargetNode();

 private:
  const Parts parts_;
};

// Runs the command of the invocation, again and again with --watch, and gives the exit code.
int RunCommand(Context& context);

}  // namespace ctdb::cli

#endif  // CLI_CONTEXT_H_
