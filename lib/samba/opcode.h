// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// opcode: the numbers of the controls. What each carries is in lib/samba/control.h.
//
//   Ownership:  values.
//   Threading:  constants.
//   Errors:     none; a number without a name here may arrive all the same.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   request.opcode = Opcode::kGetPnn;

#ifndef LIB_SAMBA_OPCODE_H_
#define LIB_SAMBA_OPCODE_H_

#include <cstdint>

namespace ctdb::samba {

enum class Opcode : uint32_t {
  kProcessExists = 0,
  kStatistics = 1,
  kPing = 3,
  kGetDbPath = 4,
  kGetVnnMap = 5,
  kSetVnnMap = 6,
  kGetDebug = 7,
  kSetDebug = 8,
  kGetDbMap = 9,
  kGetRecMode = 15,
  kSetRecMode = 16,
  kStatisticsReset = 17,
  kDbAttach = 18,
  kTraverseStart = 20,
  kTraverseAll = 21,
  kTraverseData = 22,
  kRegisterSrvid = 23,
  kDeregisterSrvid = 24,
  kGetDbName = 25,
  kEnableSeqnum = 26,
  kUpdateSeqnum = 27,
  kDumpMemory = 29,
  kGetPid = 30,
  kFreeze = 33,
  kGetPnn = 35,
  kShutdown = 36,
  kTcpClient = 44,
  kTcpAdd = 45,
  kTcpRemove = 46,
  kStartup = 47,
  kSetTunable = 48,
  kGetTunable = 49,
  kListTunables = 50,
  kModifyFlags = 52,
  kGetAllTunables = 53,
  kGetTcpTickleList = 55,
  kSetTcpTickleList = 56,
  kDbAttachPersistent = 61,
  kUpdateRecord = 63,
  kSendGratuitousArp = 64,
  kWipeDatabase = 67,
  kUptime = 69,
  kStartRecovery = 70,
  kEndRecovery = 71,
  kReloadNodesFile = 72,
  kTryDeleteRecords = 74,
  kAddPublicIp = 77,
  kDelPublicIp = 78,
  kGetCapabilities = 80,
  kRecdPing = 87,
  kReleaseIp = 88,
  kTakeoverIp = 89,
  kGetPublicIps = 90,
  kGetNodeMap = 91,
  kTraverseKill = 97,
  kRecdReclockLatency = 98,
  kGetReclockFile = 99,
  kStopNode = 101,
  kContinueNode = 102,
  kSetLmasterrole = 104,
  kSetRecmasterrole = 105,
  kSetBanState = 109,
  kGetBanState = 110,
  kRegisterNotify = 114,
  kDeregisterNotify = 115,
  kTrans3Commit = 119,
  kGetDbSeqnum = 120,
  kDbSetHealthy = 121,
  kDbGetHealth = 122,
  kGetPublicIpInfo = 123,
  kGetIfaces = 124,
  kSetIfaceLinkState = 125,
  kTcpAddDelayedUpdate = 126,
  kGetStatHistory = 127,
  kScheduleForDeletion = 128,
  kSetDbReadOnly = 129,
  kTraverseStartExt = 131,
  kGetDbStatistics = 132,
  kSetDbSticky = 133,
  kReloadPublicIps = 134,
  kTraverseAllExt = 135,
  kIpReallocated = 137,
  kGetRunState = 138,
  kDbDetach = 139,
  kGetNodesFile = 140,
  kDbFreeze = 141,
  kDbThaw = 142,
  kDbTransactionStart = 143,
  kDbTransactionCommit = 144,
  kDbTransactionCancel = 145,
  kDbPull = 146,
  kDbPushStart = 147,
  kDbPushConfirm = 148,
  kDbOpenFlags = 149,
  kDbAttachReplicated = 150,
  kCheckPidSrvid = 151,
  kTunnelRegister = 152,
  kTunnelDeregister = 153,
  kVacuumFetch = 154,
  kDbVacuum = 155,
  kEchoData = 156,
  kDisableNode = 157,
  kEnableNode = 158,
  kTcpClientDisconnected = 159,
  kTcpClientPassed = 160,
  kStartIpReallocate = 161,
  kPushRecord = 162,
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_OPCODE_H_
