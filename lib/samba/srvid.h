// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// srvid: the 64-bit addresses of messages that have a meaning. All others are process ids and
// random numbers that clients choose.
//
//   Ownership:  values.
//   Threading:  constants.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   if (srvid == kSrvidReleaseIp) ...

#ifndef LIB_SAMBA_SRVID_H_
#define LIB_SAMBA_SRVID_H_

#include <cstdint>

#include "lib/base/ids.h"

namespace ctdb::samba {

// Who registers it receives every message of this node, but for traverses.
inline constexpr ChannelId kSrvidAll(0xFFFFFFFFFFFFFFFF);

inline constexpr ChannelId kSrvidRecovery(0xF001000000000000);
inline constexpr ChannelId kSrvidBanning(0xF002000000000000);
inline constexpr ChannelId kSrvidElection(0xF100000000000000);
inline constexpr ChannelId kSrvidLeader(0xF101000000000000);
inline constexpr ChannelId kSrvidReconfigure(0xF200000000000000);
inline constexpr ChannelId kSrvidReleaseIp(0xF300000000000000);
inline constexpr ChannelId kSrvidTakeIp(0xF301000000000000);
inline constexpr ChannelId kSrvidIpReallocated(0xF302000000000000);
inline constexpr ChannelId kSrvidStartIpReallocate(0xF303000000000000);
inline constexpr ChannelId kSrvidSetNodeFlags(0xF400000000000000);
inline constexpr ChannelId kSrvidRecdUpdateIp(0xF500000000000000);
inline constexpr ChannelId kSrvidVacuumFetch(0xF700000000000000);
inline constexpr ChannelId kSrvidDetachDatabase(0xF701000000000000);
inline constexpr ChannelId kSrvidMemDump(0xF800000000000000);
inline constexpr ChannelId kSrvidGetLog(0xF801000000000000);
inline constexpr ChannelId kSrvidClearLog(0xF802000000000000);
inline constexpr ChannelId kSrvidPushNodeFlags(0xF900000000000000);
inline constexpr ChannelId kSrvidReloadNodes(0xFA00000000000000);
inline constexpr ChannelId kSrvidTakeoverRun(0xFB00000000000000);
inline constexpr ChannelId kSrvidRebalanceNode(0xFB01000000000000);
inline constexpr ChannelId kSrvidDisableTakeoverRuns(0xFB03000000000000);
inline constexpr ChannelId kSrvidDisableRecoveries(0xFB04000000000000);
inline constexpr ChannelId kSrvidDisableIpCheck(0xFC00000000000000);

inline constexpr ChannelId kSrvidSambaNotify(0xFE00000000000000);
inline constexpr ChannelId kSrvidSambaNotifyProxy(0xFE00000000000001);
inline constexpr ChannelId kSrvidSambaProcess(0xFE00000000000002);

// Whose range an address is in, by its highest byte.
inline constexpr uint8_t kSrvidRangeProcess = 0x00;
inline constexpr uint8_t kSrvidRangeSamba = 0xFE;
inline constexpr uint8_t kSrvidRangeNfs = 0xEE;
inline constexpr uint8_t kSrvidRangeIscsi = 0xDE;
inline constexpr uint8_t kSrvidRangeTool = 0xCE;
inline constexpr uint8_t kSrvidRangeClientLibrary = 0xBE;
inline constexpr uint8_t kSrvidRangeTest = 0xAE;
inline constexpr uint8_t kSrvidRangeServer = 0x9E;

inline constexpr uint8_t SrvidRange(ChannelId srvid) {
  return static_cast<uint8_t>(srvid.value() >> 56);
}

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SRVID_H_
