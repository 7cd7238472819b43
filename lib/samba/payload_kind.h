// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// payload_kind: what a control carries, as a value.
//
//   Ownership:  none.
//   Threading:  pure functions.
//   Errors:     InvalidArgument for bytes that are not of this kind.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   CTDB_RETURN_IF_ERROR(CheckPayload(PayloadKind::kNodeMap, reply.data));

#ifndef LIB_SAMBA_PAYLOAD_KIND_H_
#define LIB_SAMBA_PAYLOAD_KIND_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ctdb::samba {

enum class PayloadKind {
  kNothing,   // There must be none.
  kIgnored,   // Whatever it is, it is not looked at.
  kInStatus,  // None: the status is the answer.
  kBytes,
  kText,
  kOptionalText,
  kI32,
  kU32,
  kU64,
  kF64,
  kDbId,
  kAddressInfo,
  kBanState,
  kConnection,
  kDbMap,
  kDbStatistics,
  kEchoData,
  kFlagChange,
  kInterface,
  kInterfaceList,
  kNodeMap,
  kNotifyData,
  kPidSrvid,
  kPublicIp,
  kPublicIpInfo,
  kPublicIpList,
  kPullDb,
  kPushRecord,
  kRecordBuffer,
  kRecordData,
  kScheduleForDeletion,
  kSeqnumRequest,
  kSockAddress,
  kStatistics,
  kStatisticsHistory,
  kTickleList,
  kTransaction,
  kTraverseAll,
  kTraverseAllExt,
  kTraverseStart,
  kTraverseStartExt,
  kTunableGet,
  kTunableNames,
  kTunableSet,
  kTunableValues,
  kUptime,
  kVacuum,
  kVnnMap,
};

absl::Status CheckPayload(PayloadKind kind, absl::string_view bytes);

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_PAYLOAD_KIND_H_
