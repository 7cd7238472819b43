// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tunable_table: the one list of the tunables: numbers that can be changed while a node runs.
//
//   Ownership:  everything is static.
//   Threading:  constant data and pure functions.
//   Errors:     none; an unknown name is nullptr.
//   Blocking:   never.
//   Limits:     values are 0 to 4294967295.
//
// Example:
//   FindTunable("keepalivelimit")->default_value;  // 5

#ifndef LIB_CONFIG_TUNABLE_TABLE_H_
#define LIB_CONFIG_TUNABLE_TABLE_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace ctdb::config {

// In the order of `ctdb listvars`; the value is the index in TunableTable().
enum class Tunable : size_t {
  kSeqnumInterval,
  kControlTimeout,
  kTraverseTimeout,
  kKeepaliveInterval,
  kKeepaliveLimit,
  kRecoverTimeout,
  kRecoverInterval,
  kElectionTimeout,
  kTakeoverTimeout,
  kMonitorInterval,
  kTickleUpdateInterval,
  kEventScriptTimeout,
  kMonitorTimeoutCount,
  kRecoveryGracePeriod,
  kRecoveryBanPeriod,
  kDatabaseHashSize,
  kDatabaseMaxDead,
  kRerecoveryTimeout,
  kEnableBans,
  kNoIPFailback,
  kVerboseMemoryNames,
  kRecdPingTimeout,
  kRecdFailCount,
  kLogLatencyMs,
  kRecLockLatencyMs,
  kRecoveryDropAllIPs,
  kVacuumInterval,
  kVacuumMaxRunTime,
  kRepackLimit,
  kVacuumFastPathCount,
  kMaxQueueDropMsg,
  kAllowUnhealthyDBRead,
  kStatHistoryInterval,
  kDeferredAttachTO,
  kAllowClientDBAttach,
  kFetchCollapse,
  kHopcountMakeSticky,
  kStickyDuration,
  kStickyPindown,
  kNoIPTakeover,
  kDBRecordCountWarn,
  kDBRecordSizeWarn,
  kDBSizeWarn,
  kPullDBPreallocation,
  kLockProcessesPerDB,
  kRecBufferSizeLimit,
  kQueueBufferSize,
  kIPAllocAlgorithm,
  kAllowMixedVersions,
};

inline constexpr size_t kTunableCount = static_cast<size_t>(Tunable::kAllowMixedVersions) + 1;

struct TunableSpec {
  Tunable id;
  absl::string_view name;
  uint32_t default_value;
  absl::string_view unit;  // "seconds", "milliseconds", "boolean", ...
  absl::string_view doc;   // one paragraph of plain text
};

// A tunable of the past: refused in files, unknown to commands, but still part of the block of all
// tunables that the existing client protocol transfers.
struct ObsoleteTunableSpec {
  absl::string_view name;
  uint32_t value;
};

absl::Span<const TunableSpec> TunableTable();
absl::Span<const ObsoleteTunableSpec> ObsoleteTunableTable();

// By name in any case; nullptr when there is none.
const TunableSpec* FindTunable(absl::string_view name);
bool IsObsoleteTunable(absl::string_view name);

}  // namespace ctdb::config

#endif  // LIB_CONFIG_TUNABLE_TABLE_H_
