// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/option_table.h"

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace ctdb::config {
namespace {

using enum OptionType;

constexpr OptionSpec kOptions[] = {
    {"logging", "location", kString, "file:LOGDIR/log.ctdb", "", false, OptionCheck::kLogLocation,
     "Where log messages go: \"file:PATH\" appends to a file, \"file:\" and \"file:-\" mean "
     "standard error, \"syslog\" uses syslog(3), \"syslog:nonblocking\" the local syslog socket, "
     "\"syslog:udp\" and \"syslog:udp-rfc5424\" send to the syslog port of this host in the older "
     "and the newer format, \"journald\" writes to the journal with all fields, and \"json:PATH\" "
     "appends one JSON object per event to a file. The directory of a file must exist."},
    {"logging", "log level", kString, "NOTICE", "", true, OptionCheck::kLogLevel,
     "Messages up to this importance are logged: ERROR, WARNING, NOTICE, INFO or DEBUG, any "
     "beginning of one of these words, or a number from 0 (ERROR) to 10 (DEBUG)."},

    {"cluster", "transport", kString, "tcp", "", false, OptionCheck::kTransport,
     "How nodes reach each other. Only \"tcp\" exists."},
    {"cluster", "node address", kString, "", "", false, OptionCheck::kNodeAddress,
     "The private address of this node, an IPv4 or IPv6 address without port or mask. When it is "
     "unset, the node is the first one of the nodes list whose address this host has."},
    {"cluster", "cluster lock", kString, "", "", false, OptionCheck::kNone,
     "What keeps two halves of a split cluster from both carrying on: the path of a lock file on "
     "the cluster file system, or \"!\" followed by a helper command and its arguments. It must be "
     "the same on all nodes."},
    {"cluster", "recovery lock", kString, "", "", false, OptionCheck::kDeprecated,
     "The old name of \"cluster lock\", used only when that one is unset. Please rename it."},
    {"cluster", "nodes list", kString, "", "", false, OptionCheck::kNone,
     "Where the list of nodes is: the path of a file, or \"!\" followed by a command whose output "
     "has the format of the nodes file. The command is split at blanks, without quoting, and run "
     "without a shell. When it is unset, the list is the file nodes in the configuration "
     "directory."},
    {"cluster", "leader timeout", kInteger, "5", "seconds", true, OptionCheck::kPositive,
     "How long a node waits without hearing from the leader before it asks for an election. "
     "Shorter finds a dead leader sooner, longer tolerates a busier network. At least 1."},
    // Not an option of CTDB's, either.
    {"cluster", "two nodes", kBoolean, "false", "", false, OptionCheck::kNone,
     "Whether, in a cluster of two nodes without a cluster lock, a node that has lost the other "
     "one goes on alone. When only the connection between them is lost, both do, and what one of "
     "them changes meanwhile is lost when they meet again. Set it only where that cannot happen or "
     "does not matter; a cluster lock is the safe way. It must be the same on both nodes."},
    {"cluster", "leader capability", kBoolean, "true", "", true, OptionCheck::kNone,
     "Whether this node may become the leader. At least one node of the cluster must."},

    {"database", "volatile database directory", kString, "VARDIR/volatile", "", false,
     OptionCheck::kDirectory,
     "Directory for this node's part of the volatile databases. A local file system is required, "
     "and one in memory is best: these databases are rebuilt when the cluster starts."},
    {"database", "persistent database directory", kString, "VARDIR/persistent", "", false,
     OptionCheck::kDirectory,
     "Directory for this node's copies of the persistent databases. It must be on a local file "
     "system that survives a restart of the host."},
    {"database", "state database directory", kString, "VARDIR/state", "", false,
     OptionCheck::kDirectory,
     "Directory for what the daemons themselves remember between restarts. It must be on a local "
     "file system that survives a restart of the host."},
    // Not an option of CTDB's.
    {"database", "volatile database memory", kInteger, "0", "MiB", false, OptionCheck::kNone,
     "How much memory the records of a volatile database may take on this node; what does not fit "
     "is on disk and slower. About a tenth of it is taken at once, the rest when it is needed. 0 "
     "takes the host's memory as the measure: a 128th of it, but from 32 to 256 MiB. At most "
     "32768."},
    {"database", "lock debug script", kString, "", "", true, OptionCheck::kScript,
     "Name of a script in the configuration directory that is run when a database lock cannot be "
     "obtained for a long time, to report who holds it."},
    {"database", "tdb mutexes", kBoolean, "true", "", false, OptionCheck::kNone,
     "Whether volatile databases that share their file with Samba are locked with mutexes instead "
     "of file locks, which are slower under contention."},

    {"event", "debug script", kString, "", "", true, OptionCheck::kScript,
     "Name of a script in the configuration directory that is run when an event script exceeds its "
     "time limit, to report what it was doing."},

    {"failover", "disabled", kBoolean, "false", "", false, OptionCheck::kNone,
     "When true, public addresses are not managed at all: something else assigns them."},
    {"failover", "shutdown extra timeout", kInteger, "0", "seconds", true, OptionCheck::kNone,
     "How long a node that shuts down lingers after its public addresses have moved to other "
     "nodes, so that clients notice. It counts only when the addresses did move in time."},
    {"failover", "shutdown failover timeout", kInteger, "10", "seconds", true, OptionCheck::kNone,
     "How long a node that shuts down waits for other nodes to take its public addresses. 0 shuts "
     "down without asking them first."},

    {"legacy", "realtime scheduling", kBoolean, "true", "", true, OptionCheck::kNone,
     "Whether daemons ask for real-time scheduling when they start, so that a busy host does not "
     "keep them from answering other nodes in time."},
    {"legacy", "lmaster capability", kBoolean, "true", "", true, OptionCheck::kNone,
     "Whether this node may be the home of records, that is keep track of where they are (the "
     "lmaster of old). At least one node of the cluster must."},
    {"legacy", "start as stopped", kBoolean, "false", "", true, OptionCheck::kNone,
     "Whether the node starts STOPPED: connected, but without databases and public addresses until "
     "\"ctdb continue\"."},
    {"legacy", "start as disabled", kBoolean, "false", "", true, OptionCheck::kNone,
     "Whether the node starts DISABLED: taking part, but without public addresses until \"ctdb "
     "enable\"."},
    {"legacy", "script log level", kString, "ERROR", "", true, OptionCheck::kScriptLogLevel,
     "The level at which the output of scripts and helpers is logged; the words and numbers are "
     "those of \"log level\"."},

    // Not an option of CTDB's, which ignores the section.
    {"daemon", "process model", kString, "single", "", false, OptionCheck::kProcessModel,
     "Whether all parts of the daemon run in one process (\"single\"), which needs least memory "
     "and starts fastest, or as processes of their own (\"multi\"), of which one may crash and be "
     "started again without the others."},

    {"daemon", "keep processors awake", kBoolean, "true", "", false, OptionCheck::kNone,
     "Whether the host's processors are kept from sleeping deeply while many packets come in, so "
     "that none of them waits for a processor to wake up. It costs power; processors of a virtual "
     "machine are then busy all the time, which its neighbours may feel."},

    // Not an option of CTDB's, which does nothing else.
    {"samba", "enabled", kBoolean, "false", "", false, OptionCheck::kNone,
     "Whether unmodified Samba can use this node, over the socket and with the database files that "
     "its \"clustering = yes\" expects."},
};

std::vector<absl::string_view> MakeSectionNames() {
  std::vector<absl::string_view> names;
  for (const OptionSpec& option : kOptions) {
    if (names.empty() || names.back() != option.section) names.push_back(option.section);
  }
  return names;
}

}  // namespace

absl::Span<const OptionSpec> OptionTable() { return kOptions; }

const std::vector<absl::string_view>& SectionNames() {
  static const auto* const names = new std::vector<absl::string_view>(MakeSectionNames());
  return *names;
}

std::vector<absl::string_view> OptionNames(absl::string_view section) {
  std::vector<absl::string_view> names;
  for (const OptionSpec& option : kOptions) {
    if (absl::EqualsIgnoreCase(option.section, section)) names.push_back(option.name);
  }
  return names;
}

const OptionSpec* FindOption(absl::string_view section, absl::string_view name) {
  for (const OptionSpec& option : kOptions) {
    if (option.name == name && absl::EqualsIgnoreCase(option.section, section)) return &option;
  }
  return nullptr;
}

std::string DefaultText(const OptionSpec& option, const Paths& paths) {
  return absl::StrReplaceAll(option.default_text,
                             {{"VARDIR", paths.vardir()}, {"LOGDIR", paths.logdir()}});
}

}  // namespace ctdb::config
