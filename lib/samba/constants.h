// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// constants: the small numbers of Samba's client protocol: special nodes, calls, flags, states.
// Names are those that Samba and the old tools use.
//
//   Ownership:  values.
//   Threading:  constants.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   if ((header.flags & kRecordReadOnlyCopy) != 0) ...

#ifndef LIB_SAMBA_CONSTANTS_H_
#define LIB_SAMBA_CONSTANTS_H_

#include <cstdint>

#include "lib/base/ids.h"

namespace ctdb::samba {

// Hash of a database's name.
using DbId = Id<struct DbIdTag, uint32_t>;
// Number of the current epoch as clients see it.
using Generation = Id<struct GenerationTag, uint32_t>;
// Ties a reply to its request; chosen by who asks.
using ReqId = Id<struct ReqIdTag, uint32_t>;

inline constexpr Generation kInvalidGeneration(1);

// In the place of a node.
inline constexpr NodeNumber kCurrentNode(0xF0000001);
inline constexpr NodeNumber kBroadcastAll(0xF0000002);
inline constexpr NodeNumber kBroadcastActive(0xF0000003);
inline constexpr NodeNumber kBroadcastConnected(0xF0000004);
inline constexpr NodeNumber kMulticast(0xF0000005);
inline constexpr NodeNumber kUnknownNode(0xFFFFFFFF);

enum class CallFunction : uint32_t {
  kNull = 0xFF000001,
  kFetch = 0xFF000002,
  kFetchWithHeader = 0xFF000003,
};

// Flags of a call.
inline constexpr uint32_t kCallImmediateMigration = 0x1;
inline constexpr uint32_t kCallVacuumMigration = 0x2;
inline constexpr uint32_t kCallWantReadOnly = 0x4;

// Flags of a control.
inline constexpr uint32_t kControlNoReply = 0x00000001;
inline constexpr uint32_t kControlOpcodeFlagsMask = 0xFFFF0000;
inline constexpr uint32_t kControlPublicIpOnlyAvailable = 0x00010000;
inline constexpr uint32_t kControlAttachRecovery = 0x00020000;

inline constexpr uint32_t kTunnelRequest = 0x1;
inline constexpr uint32_t kTunnelReply = 0x2;
inline constexpr uint32_t kTunnelNoReply = 0x10;
inline constexpr uint64_t kTunnelTest = 0xFFFFFFFF00000000;

// Flags of a node.
inline constexpr uint32_t kNodeDisconnected = 0x01;
inline constexpr uint32_t kNodeUnhealthy = 0x02;
inline constexpr uint32_t kNodePermanentlyDisabled = 0x04;
inline constexpr uint32_t kNodeBanned = 0x08;
inline constexpr uint32_t kNodeDeleted = 0x10;
inline constexpr uint32_t kNodeStopped = 0x20;
inline constexpr uint32_t kNodeDisabledMask = kNodeUnhealthy | kNodePermanentlyDisabled;
inline constexpr uint32_t kNodeInactiveMask =
    kNodeDisconnected | kNodeBanned | kNodeDeleted | kNodeStopped;

inline constexpr uint32_t kCapabilityRecmaster = 0x1;
inline constexpr uint32_t kCapabilityLmaster = 0x2;
inline constexpr uint32_t kCapabilityParallelRecovery = 0x00010000;
inline constexpr uint32_t kCapabilityFragmentedControls = 0x00020000;

enum class RunState : uint32_t {
  kUnknown = 0,
  kInit = 1,
  kSetup = 2,
  kFirstRecovery = 3,
  kStartup = 4,
  kRunning = 5,
  kShutdown = 6,
};

enum class RecoveryMode : uint32_t { kNormal = 0, kActive = 1 };

// Flags of a database in a database map.
inline constexpr uint8_t kDatabasePersistent = 0x1;
inline constexpr uint8_t kDatabaseReadOnly = 0x2;
inline constexpr uint8_t kDatabaseSticky = 0x4;
inline constexpr uint8_t kDatabaseReplicated = 0x8;

// Flags of a record. Bits that are not named here are kept as they were found.
inline constexpr uint32_t kRecordPersistent = 0x00000001;
inline constexpr uint32_t kRecordPersistentInProgress = 0x00000002;
inline constexpr uint32_t kRecordMigratedWithData = 0x00010000;
inline constexpr uint32_t kRecordVacuumMigrated = 0x00020000;
inline constexpr uint32_t kRecordAutomatic = 0x00040000;
inline constexpr uint32_t kRecordHaveDelegations = 0x01000000;
inline constexpr uint32_t kRecordReadOnlyCopy = 0x02000000;
inline constexpr uint32_t kRecordRevokingReadOnly = 0x04000000;
inline constexpr uint32_t kRecordRevokeComplete = 0x08000000;

// How a client opens a database's file.
inline constexpr int32_t kTdbClearIfFirst = 0x1;
inline constexpr int32_t kTdbNoLock = 0x4;
inline constexpr int32_t kTdbNoMmap = 0x8;
inline constexpr int32_t kTdbNoSync = 0x40;
inline constexpr int32_t kTdbSeqnum = 0x80;
inline constexpr int32_t kTdbVolatile = 0x100;
inline constexpr int32_t kTdbAllowNesting = 0x200;
inline constexpr int32_t kTdbDisallowNesting = 0x400;
inline constexpr int32_t kTdbIncompatibleHash = 0x800;
inline constexpr int32_t kTdbMutexLocking = 0x1000;

// What clients are told for each kind of database; with a sequence counter, kTdbSeqnum as well.
inline constexpr int32_t kOpenVolatile =
    kTdbMutexLocking | kTdbIncompatibleHash | kTdbDisallowNesting | kTdbNoSync | kTdbClearIfFirst;
inline constexpr int32_t kOpenPersistent = kTdbDisallowNesting;
inline constexpr int32_t kOpenReplicated =
    kTdbIncompatibleHash | kTdbDisallowNesting | kTdbNoSync | kTdbClearIfFirst;

inline constexpr uint16_t kNodePort = 4379;

// Answers that are no plain yes (0) or no (-1).
inline constexpr int32_t kStatusFailed = -1;
inline constexpr int32_t kStatusNotRegistered = 2;     // DEREGISTER_SRVID
inline constexpr int32_t kStatusObsoleteTunable = 1;   // SET_TUNABLE: set, without effect
inline constexpr int32_t kStatusUnknownTunable = -22;  // GET_TUNABLE
inline constexpr int32_t kStatusNotPublicAddress = 1;  // GET_TCP_TICKLE_LIST
inline constexpr int32_t kStatusCommitTimedOut = 1;    // TRANS3_COMMIT
inline constexpr int32_t kStatusEndedByRecovery = 2;   // TRANS3_COMMIT

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_CONSTANTS_H_
