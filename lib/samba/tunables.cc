// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/tunables.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace ctdb::samba {
namespace {

constexpr WireTunable kTunables[] = {
    {"MaxRedirectCount", 3, true},
    {"SeqnumInterval", 1000, false},
    {"ControlTimeout", 60, false},
    {"TraverseTimeout", 20, false},
    {"KeepaliveInterval", 5, false},
    {"KeepaliveLimit", 5, false},
    {"RecoverTimeout", 30, false},
    {"RecoverInterval", 1, false},
    {"ElectionTimeout", 3, false},
    {"TakeoverTimeout", 9, false},
    {"MonitorInterval", 15, false},
    {"TickleUpdateInterval", 20, false},
    {"EventScriptTimeout", 30, false},
    {"MonitorTimeoutCount", 20, false},
    {"EventScriptUnhealthyOnTimeout", 0, true},
    {"RecoveryGracePeriod", 120, false},
    {"RecoveryBanPeriod", 300, false},
    {"DatabaseHashSize", 100001, false},
    {"DatabaseMaxDead", 5, false},
    {"RerecoveryTimeout", 10, false},
    {"EnableBans", 1, false},
    {"DeterministicIPs", 0, true},
    {"ReclockPingPeriod", 60, true},
    {"NoIPFailback", 0, false},
    {"DisableIPFailover", 0, true},
    {"VerboseMemoryNames", 0, false},
    {"RecdPingTimeout", 60, false},
    {"RecdFailCount", 10, false},
    {"LogLatencyMs", 0, false},
    {"RecLockLatencyMs", 1000, false},
    {"RecoveryDropAllIPs", 120, false},
    {"VerifyRecoveryLock", 1, true},
    {"VacuumInterval", 10, false},
    {"VacuumMaxRunTime", 120, false},
    {"RepackLimit", 10000, false},
    {"VacuumLimit", 5000, true},
    {"MaxQueueDropMsg", 1000000, false},
    {"AllowUnhealthyDBRead", 0, false},
    {"StatHistoryInterval", 1, false},
    {"DeferredAttachTO", 120, false},
    {"VacuumFastPathCount", 60, false},
    {"LCP2PublicIPs", 1, true},
    {"AllowClientDBAttach", 1, false},
    {"RecoverPDBBySeqNum", 1, true},
    {"DeferredRebalanceOnNodeAdd", 300, true},
    {"FetchCollapse", 1, false},
    {"HopcountMakeSticky", 50, false},
    {"StickyDuration", 600, false},
    {"StickyPindown", 200, false},
    {"NoIPTakeover", 0, false},
    {"DBRecordCountWarn", 100000, false},
    {"DBRecordSizeWarn", 10000000, false},
    {"DBSizeWarn", 100000000, false},
    {"PullDBPreallocation", 10485760, false},
    {"NoIPHostOnAllDisabled", 1, true},
    {"Samba3AvoidDeadlocks", 0, true},
    {"TDBMutexEnabled", 1, true},
    {"LockProcessesPerDB", 200, false},
    {"RecBufferSizeLimit", 1000000, false},
    {"QueueBufferSize", 1024, false},
    {"IPAllocAlgorithm", 2, false},
    {"AllowMixedVersions", 0, false},
};
static_assert(std::size(kTunables) == kTunableCount);

}  // namespace

absl::Span<const WireTunable> WireTunables() { return kTunables; }

std::string JoinTunableNames(absl::Span<const absl::string_view> names) {
  std::string text;
  for (const absl::string_view name : names) absl::StrAppend(&text, ":", name);
  return text;
}

std::vector<absl::string_view> SplitTunableNames(absl::string_view text) {
  return absl::StrSplit(text, ':', absl::SkipEmpty());
}

}  // namespace ctdb::samba
