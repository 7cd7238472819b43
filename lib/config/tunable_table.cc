// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/tunable_table.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"

namespace ctdb::config {
namespace {

constexpr TunableSpec kTunables[] = {
    {Tunable::kSeqnumInterval, "SeqnumInterval", 1000, "milliseconds",
     "Announcements that the sequence number of a database has changed are sent to other nodes no "
     "more often than this."},
    {Tunable::kControlTimeout, "ControlTimeout", 60, "seconds",
     "How long a request to a daemon waits for its answer unless the caller says otherwise."},
    {Tunable::kTraverseTimeout, "TraverseTimeout", 20, "seconds",
     "A traverse over the whole cluster is aborted after this time."},
    {Tunable::kKeepaliveInterval, "KeepaliveInterval", 1, "seconds",
     "How often nodes tell each other that they are alive; at least 1. CTDB's default is 5."},
    {Tunable::kKeepaliveLimit, "KeepaliveLimit", 2, "count",
     "A node counts as disconnected after this many and a half silent intervals; at least 1. "
     "Fewer notice a dead host sooner, and take one that was busy for a moment for dead. CTDB's "
     "default is 5."},
    {Tunable::kRecoverTimeout, "RecoverTimeout", 30, "seconds",
     "How long the leader waits for the answer to one of its requests to other nodes."},
    {Tunable::kRecoverInterval, "RecoverInterval", 1, "seconds",
     "How often the leader checks that the nodes agree with each other."},
    {Tunable::kElectionTimeout, "ElectionTimeout", 3, "seconds",
     "How long a round of an election lasts when there is no cluster lock."},
    {Tunable::kTakeoverTimeout, "TakeoverTimeout", 9, "seconds",
     "The time planned for one stage of a move of public addresses; a whole move may take three "
     "times as long."},
    {Tunable::kMonitorInterval, "MonitorInterval", 15, "seconds",
     "The time between two runs of the monitor event on a node whose health does not change."},
    {Tunable::kTickleUpdateInterval, "TickleUpdateInterval", 20, "seconds",
     "How often nodes tell each other which client connections they serve."},
    {Tunable::kEventScriptTimeout, "EventScriptTimeout", 30, "seconds",
     "All scripts of one event together must finish in this time, waiting included."},
    {Tunable::kMonitorTimeoutCount, "MonitorTimeoutCount", 20, "count",
     "A node becomes UNHEALTHY after this many monitor events in a row that ran out of time."},
    {Tunable::kRecoveryGracePeriod, "RecoveryGracePeriod", 120, "seconds",
     "What a node is blamed for is forgotten when it has behaved this long."},
    {Tunable::kRecoveryBanPeriod, "RecoveryBanPeriod", 300, "seconds",
     "How long a node that keeps failing is banned."},
    {Tunable::kDatabaseHashSize, "DatabaseHashSize", 100001, "buckets",
     "The number of hash chains of database files when they are created."},
    {Tunable::kDatabaseMaxDead, "DatabaseMaxDead", 5, "records",
     "How many deleted records a hash chain of a database file keeps for reuse."},
    {Tunable::kRerecoveryTimeout, "RerecoveryTimeout", 10, "seconds",
     "After a recovery, the next one does not start before this time has passed."},
    {Tunable::kEnableBans, "EnableBans", 1, "boolean", "0 makes sure that no node is ever banned."},
    {Tunable::kNoIPFailback, "NoIPFailback", 0, "boolean",
     "1 leaves public addresses where they are when a node has recovered, instead of moving some "
     "back to it."},
    {Tunable::kVerboseMemoryNames, "VerboseMemoryNames", 0, "boolean",
     "1 gives memory dumps more telling names, at some cost."},
    {Tunable::kRecdPingTimeout, "RecdPingTimeout", 60, "seconds",
     "A warning is logged when the recovery daemon has been silent for this long."},
    {Tunable::kRecdFailCount, "RecdFailCount", 10, "count",
     "The recovery daemon is restarted after this many such silences."},
    {Tunable::kLogLatencyMs, "LogLatencyMs", 0, "milliseconds",
     "Operations slower than this are logged. 0 turns this off."},
    {Tunable::kRecLockLatencyMs, "RecLockLatencyMs", 1000, "milliseconds",
     "Attempts to get the cluster lock that take longer than this are logged. 0 turns this off."},
    {Tunable::kRecoveryDropAllIPs, "RecoveryDropAllIPs", 120, "seconds",
     "A node that has been in recovery for this long gives up all its public addresses."},
    {Tunable::kVacuumInterval, "VacuumInterval", 10, "seconds",
     "How often each volatile database is cleared of deleted records."},
    {Tunable::kVacuumMaxRunTime, "VacuumMaxRunTime", 120, "seconds",
     "A vacuuming run that takes longer than this is ended."},
    {Tunable::kRepackLimit, "RepackLimit", 10000, "records",
     "A database file is rewritten when its list of free space has grown longer than this."},
    {Tunable::kVacuumFastPathCount, "VacuumFastPathCount", 60, "runs",
     "This many quick vacuuming runs are made between two that look at every record."},
    {Tunable::kMaxQueueDropMsg, "MaxQueueDropMsg", 1000000, "messages",
     "A client is disconnected when more messages than this wait for it."},
    {Tunable::kAllowUnhealthyDBRead, "AllowUnhealthyDBRead", 0, "boolean",
     "1 permits a traverse of a persistent database that is damaged."},
    {Tunable::kStatHistoryInterval, "StatHistoryInterval", 1, "seconds",
     "How often the history of statistics gets a new entry."},
    {Tunable::kDeferredAttachTO, "DeferredAttachTO", 120, "seconds",
     "How long a client that attaches a database during recovery may be kept waiting."},
    {Tunable::kAllowClientDBAttach, "AllowClientDBAttach", 1, "boolean",
     "0 refuses clients that want to attach a database."},
    {Tunable::kFetchCollapse, "FetchCollapse", 1, "boolean",
     "1 makes one request to other nodes out of several that wait for the same record."},
    {Tunable::kHopcountMakeSticky, "HopcountMakeSticky", 50, "hops",
     "In a database with sticky records, a record becomes sticky when a request for it was passed "
     "on more often than this."},
    {Tunable::kStickyDuration, "StickyDuration", 600, "seconds", "How long a record stays sticky."},
    {Tunable::kStickyPindown, "StickyPindown", 200, "milliseconds",
     "How long a sticky record stays on a node at least once it has arrived there."},
    {Tunable::kNoIPTakeover, "NoIPTakeover", 0, "boolean",
     "1 leaves the public addresses of failed nodes unserved."},
    {Tunable::kDBRecordCountWarn, "DBRecordCountWarn", 100000, "records",
     "A recovery warns about databases with more records than this. 0 turns this off."},
    {Tunable::kDBRecordSizeWarn, "DBRecordSizeWarn", 10000000, "bytes",
     "A recovery warns about records larger than this. 0 turns this off."},
    {Tunable::kDBSizeWarn, "DBSizeWarn", 100000000, "bytes",
     "A recovery warns about databases larger than this. 0 turns this off."},
    {Tunable::kPullDBPreallocation, "PullDBPreallocation", 10485760, "bytes",
     "The size that the buffer for sending a database starts with."},
    {Tunable::kLockProcessesPerDB, "LockProcessesPerDB", 200, "count",
     "At most this many helpers wait for locks in one database at the same time."},
    {Tunable::kRecBufferSizeLimit, "RecBufferSizeLimit", 1000000, "bytes",
     "Recovery and vacuuming send records in pieces of at most this size."},
    {Tunable::kQueueBufferSize, "QueueBufferSize", 1024, "bytes",
     "At most this much is read from a socket at a time."},
    {Tunable::kIPAllocAlgorithm, "IPAllocAlgorithm", 2, "choice",
     "How public addresses are spread over the nodes: 0 deterministic, 1 non-deterministic (as few "
     "moves as possible), 2 LCP2 (also spreads each network). Any other value means 2."},
    {Tunable::kAllowMixedVersions, "AllowMixedVersions", 0, "boolean",
     "1 lets nodes with different major or minor versions work together, where otherwise the "
     "newcomer shuts down."},
};
static_assert(std::size(kTunables) == kTunableCount);

constexpr ObsoleteTunableSpec kObsoleteTunables[] = {
    {"MaxRedirectCount", 3},      {"EventScriptUnhealthyOnTimeout", 0},
    {"DeterministicIPs", 0},      {"LCP2PublicIPs", 1},
    {"ReclockPingPeriod", 60},    {"DisableIPFailover", 0},
    {"VerifyRecoveryLock", 1},    {"VacuumLimit", 5000},
    {"RecoverPDBBySeqNum", 1},    {"DeferredRebalanceOnNodeAdd", 300},
    {"NoIPHostOnAllDisabled", 1}, {"Samba3AvoidDeadlocks", 0},
    {"TDBMutexEnabled", 1},
};

}  // namespace

absl::Span<const TunableSpec> TunableTable() { return kTunables; }

absl::Span<const ObsoleteTunableSpec> ObsoleteTunableTable() { return kObsoleteTunables; }

const TunableSpec* FindTunable(absl::string_view name) {
  for (const TunableSpec& tunable : kTunables) {
    if (absl::EqualsIgnoreCase(tunable.name, name)) return &tunable;
  }
  return nullptr;
}

bool IsObsoleteTunable(absl::string_view name) {
  return std::any_of(std::begin(kObsoleteTunables), std::end(kObsoleteTunables),
                     [&](const ObsoleteTunableSpec& tunable) {
                       return absl::EqualsIgnoreCase(tunable.name, name);
                     });
}

}  // namespace ctdb::config
