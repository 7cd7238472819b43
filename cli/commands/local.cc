// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// local: clusters of real daemons on this machine.

#include <capnp/message.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands/groups.h"
#include "cli/commands/local_log.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/local/io/cluster.h"
#include "cli/local/layout.h"
#include "cli/node_set.h"
#include "cli/observe.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

using local::Cluster;

// The directory that an argument names, absolute; "" is the default.
std::string Directory(const Context& context, const std::string& argument) {
  const std::filesystem::path path =
      std::filesystem::path(context.environment().working_directory) /
      (argument.empty() ? "ctdb-local" : argument);
  std::string text = path.lexically_normal().string();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

absl::StatusOr<std::set<uint32_t>> ChosenNodes(const Context& context, const Cluster& cluster) {
  return ParseNodeSet(context.invocation().Own("nodes", "all"), cluster.nodes(), Ranges::kAllowed);
}

absl::StatusOr<absl::Duration> TimeLimit(const Context& context, absl::string_view fallback) {
  const std::string text = context.invocation().Own("timeout", fallback);
  const std::optional<absl::Duration> time = ParseSeconds(text);
  if (time.has_value()) return *time;
  return absl::InvalidArgumentError(
      absl::StrCat("Invalid timeout ", text, ": a number of seconds is needed"));
}

// What every command of the group prints as JSON: the cluster as it is now.
void PrintClusterJson(Context& context, const Cluster& cluster) {
  capnp::MallocMessageBuilder message;
  auto result = message.initRoot<reply::LocalCluster>();
  result.setDirectory(cluster.directory().c_str());
  const std::set<uint32_t> numbers = cluster.nodes();
  auto nodes = result.initNodes(numbers.size());
  for (const uint32_t number : numbers) {
    const auto process = cluster.Process(number);
    nodes[number].setNumber(number);
    nodes[number].setAddress(cluster.address(number).c_str());
    nodes[number].setState(!process.has_value()    ? "stopped"
                           : process->state == 'T' ? "paused"
                                                   : "running");
    nodes[number].setPid(process.has_value() ? process->identity.pid : 0);
  }
  context.PrintJson(result.asReader());
}

// Ends a command that changed something: silent but for JSON.
absl::StatusOr<int> Done(Context& context, const Cluster& cluster) {
  if (context.invocation().json) PrintClusterJson(context, cluster);
  return kExitOk;
}

absl::StatusOr<int> SetUp(Context& context) {
  const Invocation& invocation = context.invocation();
  const std::string directory = Directory(context, context.argument(0));
  const std::optional<uint64_t> count = ParseNumber(invocation.Own("nodes", "3"));
  if (!count.has_value() || *count > local::kLocalNodesMax) {
    return absl::InvalidArgumentError(absl::StrCat("Invalid number of nodes ",
                                                   invocation.Own("nodes"), ": 1 to ",
                                                   local::kLocalNodesMax, " are possible"));
  }
  CTDB_RETURN_IF_ERROR(
      Cluster::SetUp(directory, {static_cast<uint32_t>(*count), invocation.has("multi")}));
  CTDB_ASSIGN_OR_RETURN(const Cluster cluster, Cluster::Load(directory));
  return Done(context, cluster);
}

bool IsProgram(const std::string& path) { return ::access(path.c_str(), X_OK) == 0; }

// The daemon for the cluster: as given, as in the environment, beside this program, or where the
// build leaves it.
absl::StatusOr<std::string> FindCtdbd(const Context& context) {
  const std::filesystem::path here =
      std::filesystem::path(context.environment().program).parent_path();
  const std::string given =
      context.invocation().Own("ctdbd", context.environment().ctdbd.value_or(""));
  if (!given.empty()) {
    const std::string path =
        (std::filesystem::path(context.environment().working_directory) / given).string();
    if (IsProgram(path)) return path;
    return absl::NotFoundError(absl::StrCat("cannot run ", path, ": there is no such program"));
  }
  for (const std::filesystem::path& path :
       {here / "ctdbd", here / "../sbin/ctdbd", here / "../daemon/ctdbd"}) {
    if (IsProgram(path.string())) return path.lexically_normal().string();
  }
  return absl::NotFoundError(absl::StrCat("cannot find ctdbd beside ", here.string(),
                                          "; name it with --ctdbd or the variable CTDBD"));
}

// Ready: it answers and is linked to the other nodes that run. Whether they are enough for a leader
// is another question.
bool IsReady(Context& context, const Cluster& cluster, uint32_t node, std::string* why) {
  if (!cluster.Process(node).has_value()) {
    *why = "its process does not run";
    return false;
  }
  uint32_t others = 0;
  for (const uint32_t other : cluster.nodes()) {
    const auto process = cluster.Process(other);
    if (other != node && process.has_value() && process->state != 'T') ++others;
  }
  Session session = context.session().Elsewhere(local::SocketFile(cluster.directory(), node));
  const WaitObservation observation = Observe(session, kThisNode);
  *why = Describe(observation);
  return observation.answers && observation.connected >= others;
}

absl::StatusOr<int> Start(Context& context) {
  CTDB_ASSIGN_OR_RETURN(Cluster cluster, Cluster::Load(Directory(context, context.argument(0))));
  CTDB_ASSIGN_OR_RETURN(const auto nodes, ChosenNodes(context, cluster));
  Cluster::StartOptions options;
  CTDB_ASSIGN_OR_RETURN(options.ctdbd, FindCtdbd(context));
  CTDB_ASSIGN_OR_RETURN(options.time_limit, TimeLimit(context, "30"));
  options.is_ready = [&](uint32_t node, std::string* why) {
    return IsReady(context, cluster, node, why);
  };
  CTDB_RETURN_IF_ERROR(cluster.Start(nodes, options));
  return Done(context, cluster);
}

absl::StatusOr<int> Stop(Context& context) {
  CTDB_ASSIGN_OR_RETURN(Cluster cluster, Cluster::Load(Directory(context, context.argument(0))));
  CTDB_ASSIGN_OR_RETURN(const auto nodes, ChosenNodes(context, cluster));
  CTDB_ASSIGN_OR_RETURN(const absl::Duration time_limit, TimeLimit(context, "10"));
  CTDB_ASSIGN_OR_RETURN(const auto killed, cluster.Stop(nodes, time_limit));
  for (const uint32_t node : killed) {
    context.Err(absl::StrCat("Node ", node, " did not end within ",
                             absl::FormatDuration(time_limit), " and was killed\n"));
  }
  return Done(context, cluster);
}

absl::StatusOr<int> Destroy(Context& context) {
  CTDB_ASSIGN_OR_RETURN(Cluster cluster, Cluster::Load(Directory(context, context.argument(0))));
  CTDB_ASSIGN_OR_RETURN(const absl::Duration time_limit, TimeLimit(context, "10"));
  CTDB_RETURN_IF_ERROR(cluster.Destroy(time_limit));
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    context.PrintJson(message.initRoot<reply::Nothing>().asReader());
  }
  return kExitOk;
}

absl::StatusOr<int> StatusOfCluster(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const Cluster cluster,
                        Cluster::Load(Directory(context, context.argument(0))));
  if (context.invocation().json) return Done(context, cluster);
  Table table({{"Node", "Node", Align::kRight},
               {"Address", "Address"},
               {"State", "State"},
               {"Pid", "Pid", Align::kRight}});
  for (const uint32_t node : cluster.nodes()) {
    const auto process = cluster.Process(node);
    const bool paused = process.has_value() && process->state == 'T';
    table.AddRow(
        {uint64_t{node}, cluster.address(node),
         !process.has_value() ? Cell("stopped", Tone::kBad)
         : paused             ? Cell("paused", Tone::kBad)
                              : Cell("running", Tone::kGood),
         process.has_value() ? Cell(static_cast<uint64_t>(process->identity.pid)) : Cell("-")});
  }
  context.Print(table);
  return kExitOk;
}

absl::StatusOr<int> SignalNodes(Context& context, int signal) {
  CTDB_ASSIGN_OR_RETURN(Cluster cluster, Cluster::Load(Directory(context, context.argument(1))));
  CTDB_ASSIGN_OR_RETURN(const auto nodes,
                        ParseNodeSet(context.argument(0), cluster.nodes(), Ranges::kAllowed));
  CTDB_RETURN_IF_ERROR(cluster.Signal(nodes, signal));
  return Done(context, cluster);
}

absl::StatusOr<int> Kill(Context& context) { return SignalNodes(context, SIGKILL); }
absl::StatusOr<int> PauseNodes(Context& context) { return SignalNodes(context, SIGSTOP); }
absl::StatusOr<int> Resume(Context& context) { return SignalNodes(context, SIGCONT); }

absl::StatusOr<int> OnNode(Context& context) {
  CTDB_ASSIGN_OR_RETURN(Cluster cluster,
                        Cluster::Load(Directory(context, context.invocation().Own("dir"))));
  CTDB_ASSIGN_OR_RETURN(const auto nodes,
                        ParseNodeSet(context.argument(0), cluster.nodes(), Ranges::kAllowed));
  std::vector<std::string> words = context.invocation().arguments;
  words.erase(words.begin());
  // This very tool, also where it is not in the path.
  if (words[0] == "ctdb") words[0] = context.environment().program;
  const auto ctdbd = FindCtdbd(context);
  const std::string helpers =
      std::filesystem::path(ctdbd.value_or(context.environment().program)).parent_path().string();
  int result = kExitOk;
  for (const uint32_t node : nodes) {
    if (nodes.size() > 1) {
      context.Out(absl::StrCat("\n>> NODE: ", cluster.address(node), " <<\n"));
    }
    CTDB_ASSIGN_OR_RETURN(const int status,
                          local::RunProgram(words, cluster.Environment(node, helpers)));
    if (status != 0) result = status;
  }
  return result;
}

absl::StatusOr<int> Log(Context& context) {
  CTDB_ASSIGN_OR_RETURN(Cluster cluster, Cluster::Load(Directory(context, context.argument(0))));
  CTDB_ASSIGN_OR_RETURN(const auto nodes, ChosenNodes(context, cluster));
  return ShowLogs(context, cluster.directory(), nodes);
}

Command Row(absl::string_view name, absl::string_view arguments, absl::string_view summary,
            absl::string_view help, Handler handler) {
  Command row;
  row.name = name;
  row.arguments = arguments;
  row.summary = summary;
  row.help = help;
  row.scope = Scope::kNoDaemon;
  row.arguments_max = 1;
  row.endless = true;  // They have time limits of their own.
  row.handler = handler;
  return row;
}

constexpr CommandOption kNodesOption = {"nodes", 'n', "NODES",
                                        "only these: all (default), 0,2 or 1-3"};

std::vector<Command> LifeCycleCommands() {
  Command destroy = Row("local destroy", "[DIR]", "stop a local cluster and remove it",
                        "Stops all nodes and removes the directory with everything in it. Only "
                        "directories made by \"local setup\" are touched.",
                        Destroy);
  destroy.options = {{"timeout", 0, "SECONDS", "then kill (default 10)"}};
  destroy.examples = {{"ctdb local destroy /tmp/c", ""}};

  Command setup = Row("local setup", "[DIR]", "make a cluster on this machine",
                      "Makes a directory with everything that a cluster of nodes on this machine "
                      "needs. Each cluster gets addresses of its own in 127.0.0.0/8, so several "
                      "can run side by side. The default directory is ./ctdb-local.",
                      SetUp);
  setup.options = {{"nodes", 'n', "COUNT", "how many nodes (default 3)"},
                   {"multi", 0, "", "each daemon in a process of its own"}};
  setup.examples = {{"ctdb local setup /tmp/c -n 5", ""}};

  Command start = Row("local start", "[DIR]", "start the nodes of a local cluster",
                      "Starts the nodes that do not run yet, and waits until they answer and are "
                      "linked to each other. When a node does not become ready, the end of its "
                      "log is shown.",
                      Start);
  start.options = {kNodesOption,
                   {"timeout", 0, "SECONDS", "how long to wait (default 30)"},
                   {"ctdbd", 0, "PATH", "the daemon (default $CTDBD, or the one beside ctdb)"}};
  start.examples = {{"ctdb local start /tmp/c", ""}, {"ctdb local start /tmp/c -n 0,2", ""}};

  Command status = Row("local status", "[DIR]", "which nodes of a local cluster run",
                       "Lists the nodes of a local cluster with their addresses and processes. "
                       "What they think of each other is shown by \"local onnode 0 ctdb status\".",
                       StatusOfCluster);
  status.machine = true;
  status.watch = true;
  status.examples = {{"ctdb local status /tmp/c",
                      "Node  Address     State     Pid\n"
                      "   0  127.40.7.1  running  4711\n"
                      "   1  127.40.7.2  paused   4712\n"
                      "   2  127.40.7.3  stopped     -"}};

  Command stop = Row("local stop", "[DIR]", "stop the nodes of a local cluster",
                     "Asks the nodes to end and kills those that have not in time.", Stop);
  stop.options = {kNodesOption, {"timeout", 0, "SECONDS", "then kill (default 10)"}};
  stop.examples = {{"ctdb local stop /tmp/c", ""}, {"ctdb local stop /tmp/c -n 1", ""}};
  return {destroy, setup, start, status, stop};
}

std::vector<Command> FaultCommands() {
  Command kill =
      Row("local kill", "NODES [DIR]", "let nodes of a local cluster crash",
          "Ends all processes of the nodes at once (SIGKILL), as a power cut would.", Kill);
  kill.examples = {{"ctdb local kill 1 /tmp/c", ""}, {"ctdb local kill 0-2", ""}};
  Command pause = Row("local pause", "NODES [DIR]", "let nodes of a local cluster stand still",
                      "Stops all processes of the nodes (SIGSTOP), as a frozen virtual machine "
                      "would. \"local resume\" lets them go on.",
                      PauseNodes);
  pause.examples = {{"ctdb local pause 2 /tmp/c", ""}};
  Command resume = Row("local resume", "NODES [DIR]", "let paused nodes go on",
                       "Lets nodes that were stopped by \"local pause\" go on (SIGCONT).", Resume);
  resume.examples = {{"ctdb local resume all /tmp/c", ""}};
  std::vector<Command> rows = {kill, pause, resume};
  for (Command& row : rows) {
    row.arguments_min = 1;
    row.arguments_max = 2;
  }
  return rows;
}

}  // namespace

std::vector<Command> LocalCommands() {
  Command log = Row("local log", "[DIR]", "logs of a local cluster as one",
                    "Prints the logs of all nodes, ordered by time, each line with the number of "
                    "its node in front.",
                    Log);
  log.options = {kNodesOption, {"follow", 'f', "", "go on with what is logged from now on"}};
  log.json = false;
  log.examples = {{"ctdb local log /tmp/c -f",
                   "0: 2026-11-21T10:00:00.000345+00:00 node.0 ctdbd[4711]: started"}};

  Command onnode = Row("local onnode", "NODES COMMAND [ARGUMENT...]",
                       "run a program as on nodes of a local cluster",
                       "Runs a program once for each of the nodes, with their environment, so "
                       "that ctdb talks to their daemons. What stands behind NODES belongs to the "
                       "program.",
                       OnNode);
  onnode.options = {{"dir", 0, "DIR", "the cluster's directory (default ./ctdb-local)"}};
  onnode.examples = {{"ctdb local onnode --dir /tmp/c 0 ctdb status -X", ""},
                     {"ctdb local onnode 1-2 ctdb ping",
                      "\n>> NODE: 127.40.7.2 <<\n"
                      "response from 1 time=0.000212 sec  (1 clients)"}};
  onnode.arguments_min = 2;
  onnode.arguments_max = kAnyNumber;
  onnode.passthrough = 1;
  onnode.json = false;

  std::vector<Command> rows = {log, onnode};
  for (const auto group : {LifeCycleCommands, FaultCommands}) {
    for (Command& row : group()) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace ctdb::cli
