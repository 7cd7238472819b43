// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/control.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace ctdb::samba {
namespace {

using enum ControlClass;
using enum PayloadKind;

constexpr ControlInfo Row(uint32_t number, absl::string_view name, ControlClass control_class,
                          PayloadKind request, PayloadKind reply) {
  return {static_cast<Opcode>(number), name, control_class, request, reply};
}

constexpr ControlInfo kControls[] = {
    Row(0, "PROCESS_EXISTS", kLocal, kI32, kNothing),
    Row(1, "STATISTICS", kLocal, kNothing, kStatistics),
    Row(3, "PING", kLocal, kNothing, kInStatus),
    Row(4, "GETDBPATH", kLocal, kDbId, kText),
    Row(5, "GETVNNMAP", kLocal, kNothing, kVnnMap),
    Row(6, "SETVNNMAP", kNode, kVnnMap, kNothing),
    Row(7, "GET_DEBUG", kLocal, kNothing, kI32),
    Row(8, "SET_DEBUG", kAdministrator, kI32, kNothing),
    Row(9, "GET_DBMAP", kLocal, kNothing, kDbMap),
    Row(10, "GET_NODEMAPv4", kObsolete, kIgnored, kNothing),
    Row(11, "SET_DMASTER", kObsolete, kIgnored, kNothing),
    Row(13, "PULL_DB", kObsolete, kIgnored, kNothing),
    Row(14, "PUSH_DB", kObsolete, kIgnored, kNothing),
    Row(15, "GET_RECMODE", kLocal, kIgnored, kInStatus),
    Row(16, "SET_RECMODE", kAdministrator, kU32, kNothing),
    Row(17, "STATISTICS_RESET", kAdministrator, kNothing, kNothing),
    Row(18, "DB_ATTACH", kLocal, kText, kDbId),
    Row(19, "SET_CALL", kObsolete, kIgnored, kNothing),
    Row(20, "TRAVERSE_START", kDirect, kTraverseStart, kNothing),
    Row(21, "TRAVERSE_ALL", kNode, kTraverseAll, kNothing),
    Row(22, "TRAVERSE_DATA", kNode, kRecordData, kNothing),
    Row(23, "REGISTER_SRVID", kDirect, kIgnored, kNothing),
    Row(24, "DEREGISTER_SRVID", kDirect, kIgnored, kNothing),
    Row(25, "GET_DBNAME", kLocal, kDbId, kText),
    Row(26, "ENABLE_SEQNUM", kLocal, kDbId, kNothing),
    Row(27, "UPDATE_SEQNUM", kNode, kDbId, kNothing),
    Row(29, "DUMP_MEMORY", kAdministrator, kNothing, kBytes),
    Row(30, "GET_PID", kLocal, kIgnored, kInStatus),
    Row(31, "GET_RECMASTER", kObsolete, kIgnored, kNothing),
    Row(32, "SET_RECMASTER", kObsolete, kIgnored, kNothing),
    Row(33, "FREEZE", kAdministrator, kNothing, kNothing),
    Row(34, "THAW", kObsolete, kIgnored, kNothing),
    Row(35, "GET_PNN", kLocal, kIgnored, kInStatus),
    Row(36, "SHUTDOWN", kAdministrator, kNothing, kNothing),
    Row(37, "GET_MONMODE", kObsolete, kIgnored, kNothing),
    Row(42, "TAKEOVER_IPv4", kObsolete, kIgnored, kNothing),
    Row(43, "RELEASE_IPv4", kObsolete, kIgnored, kNothing),
    Row(44, "TCP_CLIENT", kDirect, kConnection, kNothing),
    Row(45, "TCP_ADD", kNode, kConnection, kNothing),
    Row(46, "TCP_REMOVE", kAdministrator, kConnection, kNothing),
    Row(47, "STARTUP", kNode, kNothing, kNothing),
    Row(48, "SET_TUNABLE", kAdministrator, kTunableSet, kNothing),
    Row(49, "GET_TUNABLE", kLocal, kTunableGet, kU32),
    Row(50, "LIST_TUNABLES", kLocal, kIgnored, kTunableNames),
    Row(51, "GET_PUBLIC_IPSv4", kObsolete, kIgnored, kNothing),
    Row(52, "MODIFY_FLAGS", kNode, kFlagChange, kNothing),
    Row(53, "GET_ALL_TUNABLES", kLocal, kNothing, kTunableValues),
    Row(54, "KILL_TCP", kObsolete, kIgnored, kNothing),
    Row(55, "GET_TCP_TICKLE_LIST", kLocal, kSockAddress, kTickleList),
    Row(56, "SET_TCP_TICKLE_LIST", kNode, kTickleList, kNothing),
    Row(57, "REGISTER_SERVER_ID", kObsolete, kIgnored, kNothing),
    Row(58, "UNREGISTER_SERVER_ID", kObsolete, kIgnored, kNothing),
    Row(59, "CHECK_SERVER_ID", kObsolete, kIgnored, kNothing),
    Row(60, "GET_SERVER_ID_LIST", kObsolete, kIgnored, kNothing),
    Row(61, "DB_ATTACH_PERSISTENT", kLocal, kText, kDbId),
    Row(62, "PERSISTENT_STORE", kObsolete, kIgnored, kNothing),
    Row(63, "UPDATE_RECORD", kNode, kRecordBuffer, kNothing),
    Row(64, "SEND_GRATUITOUS_ARP", kAdministrator, kAddressInfo, kNothing),
    Row(65, "TRANSACTION_START", kObsolete, kIgnored, kNothing),
    Row(66, "TRANSACTION_COMMIT", kObsolete, kIgnored, kNothing),
    Row(67, "WIPE_DATABASE", kAdministrator, kTransaction, kNothing),
    Row(69, "UPTIME", kLocal, kIgnored, kUptime),
    Row(70, "START_RECOVERY", kNode, kIgnored, kNothing),
    Row(71, "END_RECOVERY", kNode, kIgnored, kNothing),
    Row(72, "RELOAD_NODES_FILE", kAdministrator, kNothing, kNothing),
    Row(74, "TRY_DELETE_RECORDS", kNode, kRecordBuffer, kRecordBuffer),
    Row(75, "ENABLE_MONITOR", kObsolete, kIgnored, kNothing),
    Row(76, "DISABLE_MONITOR", kObsolete, kIgnored, kNothing),
    Row(77, "ADD_PUBLIC_IP", kAdministrator, kAddressInfo, kNothing),
    Row(78, "DEL_PUBLIC_IP", kAdministrator, kAddressInfo, kNothing),
    Row(79, "RUN_EVENTSCRIPTS", kObsolete, kIgnored, kNothing),
    Row(80, "GET_CAPABILITIES", kLocal, kIgnored, kU32),
    Row(81, "START_PERSISTENT_UPDATE", kObsoleteAnswered, kIgnored, kNothing),
    Row(82, "CANCEL_PERSISTENT_UPDATE", kObsoleteAnswered, kIgnored, kNothing),
    Row(83, "TRANS2_COMMIT", kObsolete, kIgnored, kNothing),
    Row(84, "TRANS2_FINISHED", kObsolete, kIgnored, kNothing),
    Row(85, "TRANS2_ERROR", kObsolete, kIgnored, kNothing),
    Row(86, "TRANS2_COMMIT_RETRY", kObsolete, kIgnored, kNothing),
    Row(87, "RECD_PING", kNode, kNothing, kNothing),
    Row(88, "RELEASE_IP", kAdministrator, kPublicIp, kNothing),
    Row(89, "TAKEOVER_IP", kAdministrator, kPublicIp, kNothing),
    Row(90, "GET_PUBLIC_IPS", kLocal, kNothing, kPublicIpList),
    Row(91, "GET_NODEMAP", kLocal, kNothing, kNodeMap),
    Row(96, "GET_EVENT_SCRIPT_STATUS", kObsolete, kIgnored, kNothing),
    Row(97, "TRAVERSE_KILL", kNode, kTraverseStart, kNothing),
    Row(98, "RECD_RECLOCK_LATENCY", kNode, kF64, kNothing),
    Row(99, "GET_RECLOCK_FILE", kLocal, kNothing, kOptionalText),
    Row(100, "SET_RECLOCK_FILE", kObsolete, kIgnored, kNothing),
    Row(101, "STOP_NODE", kAdministrator, kNothing, kNothing),
    Row(102, "CONTINUE_NODE", kAdministrator, kNothing, kNothing),
    Row(103, "SET_NATGWSTATE", kObsolete, kIgnored, kNothing),
    Row(104, "SET_LMASTERROLE", kAdministrator, kU32, kNothing),
    Row(105, "SET_RECMASTERROLE", kAdministrator, kU32, kNothing),
    Row(107, "ENABLE_SCRIPT", kObsolete, kIgnored, kNothing),
    Row(108, "DISABLE_SCRIPT", kObsolete, kIgnored, kNothing),
    Row(109, "SET_BAN_STATE", kAdministrator, kBanState, kNothing),
    Row(110, "GET_BAN_STATE", kLocal, kNothing, kBanState),
    Row(111, "SET_DB_PRIORITY", kObsolete, kIgnored, kNothing),
    Row(112, "GET_DB_PRIORITY", kObsolete, kIgnored, kNothing),
    Row(113, "TRANSACTION_CANCEL", kObsolete, kIgnored, kNothing),
    Row(114, "REGISTER_NOTIFY", kDirect, kNotifyData, kNothing),
    Row(115, "DEREGISTER_NOTIFY", kDirect, kU64, kNothing),
    Row(116, "TRANS2_ACTIVE", kObsolete, kIgnored, kNothing),
    Row(117, "GET_LOG", kObsolete, kIgnored, kNothing),
    Row(118, "CLEAR_LOG", kObsolete, kIgnored, kNothing),
    Row(119, "TRANS3_COMMIT", kDirect, kRecordBuffer, kNothing),
    Row(120, "GET_DB_SEQNUM", kLocal, kSeqnumRequest, kU64),
    Row(121, "DB_SET_HEALTHY", kAdministrator, kDbId, kNothing),
    Row(122, "DB_GET_HEALTH", kLocal, kDbId, kOptionalText),
    Row(123, "GET_PUBLIC_IP_INFO", kLocal, kSockAddress, kPublicIpInfo),
    Row(124, "GET_IFACES", kLocal, kNothing, kInterfaceList),
    Row(125, "SET_IFACE_LINK_STATE", kAdministrator, kInterface, kNothing),
    Row(126, "TCP_ADD_DELAYED_UPDATE", kAdministrator, kConnection, kNothing),
    Row(127, "GET_STAT_HISTORY", kLocal, kNothing, kStatisticsHistory),
    Row(128, "SCHEDULE_FOR_DELETION", kLocal, kScheduleForDeletion, kNothing),
    Row(129, "SET_DB_READONLY", kLocal, kDbId, kNothing),
    Row(130, "CHECK_SRVIDS", kObsolete, kIgnored, kNothing),
    Row(131, "TRAVERSE_START_EXT", kDirect, kTraverseStartExt, kNothing),
    Row(132, "GET_DB_STATISTICS", kLocal, kDbId, kDbStatistics),
    Row(133, "SET_DB_STICKY", kAdministrator, kDbId, kNothing),
    Row(134, "RELOAD_PUBLIC_IPS", kAdministrator, kNothing, kNothing),
    Row(135, "TRAVERSE_ALL_EXT", kNode, kTraverseAllExt, kNothing),
    Row(136, "RECEIVE_RECORDS", kObsolete, kIgnored, kNothing),
    Row(137, "IPREALLOCATED", kNode, kNothing, kNothing),
    Row(138, "GET_RUNSTATE", kLocal, kNothing, kU32),
    Row(139, "DB_DETACH", kAdministrator, kDbId, kNothing),
    Row(140, "GET_NODES_FILE", kLocal, kNothing, kNodeMap),
    Row(141, "DB_FREEZE", kAdministrator, kDbId, kNothing),
    Row(142, "DB_THAW", kAdministrator, kDbId, kNothing),
    Row(143, "DB_TRANSACTION_START", kAdministrator, kTransaction, kNothing),
    Row(144, "DB_TRANSACTION_COMMIT", kAdministrator, kTransaction, kNothing),
    Row(145, "DB_TRANSACTION_CANCEL", kAdministrator, kDbId, kNothing),
    Row(146, "DB_PULL", kNode, kPullDb, kU32),
    Row(147, "DB_PUSH_START", kAdministrator, kPullDb, kNothing),
    Row(148, "DB_PUSH_CONFIRM", kAdministrator, kDbId, kU32),
    Row(149, "DB_OPEN_FLAGS", kLocal, kDbId, kI32),
    Row(150, "DB_ATTACH_REPLICATED", kLocal, kText, kDbId),
    Row(151, "CHECK_PID_SRVID", kLocal, kPidSrvid, kNothing),
    Row(152, "TUNNEL_REGISTER", kDirect, kIgnored, kNothing),
    Row(153, "TUNNEL_DEREGISTER", kDirect, kIgnored, kNothing),
    Row(154, "VACUUM_FETCH", kNode, kRecordBuffer, kNothing),
    Row(155, "DB_VACUUM", kAdministrator, kVacuum, kNothing),
    Row(156, "ECHO_DATA", kLocal, kEchoData, kEchoData),
    Row(157, "DISABLE_NODE", kAdministrator, kNothing, kNothing),
    Row(158, "ENABLE_NODE", kAdministrator, kNothing, kNothing),
    Row(159, "TCP_CLIENT_DISCONNECTED", kDirect, kConnection, kNothing),
    Row(160, "TCP_CLIENT_PASSED", kDirect, kConnection, kNothing),
    Row(161, "START_IPREALLOCATE", kNode, kNothing, kNothing),
    Row(162, "PUSH_RECORD", kDirect, kPushRecord, kNothing),
};

absl::Status Check(Opcode opcode, absl::string_view data, PayloadKind ControlInfo::*kind) {
  const ControlInfo* control = FindControl(opcode);
  if (control == nullptr || control->control_class == kObsolete) {
    return absl::UnimplementedError(
        absl::StrCat("there is no control ", static_cast<uint32_t>(opcode), " ",
                     control == nullptr ? "" : control->name, " (any more)"));
  }
  const absl::Status status = CheckPayload(control->*kind, data);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat(control->name, ": ", status.message()));
}

}  // namespace

absl::Span<const ControlInfo> Controls() { return kControls; }

const ControlInfo* FindControl(Opcode opcode) {
  const auto* found =
      std::lower_bound(std::begin(kControls), std::end(kControls), opcode,
                       [](const ControlInfo& info, Opcode wanted) { return info.opcode < wanted; });
  return found != std::end(kControls) && found->opcode == opcode ? found : nullptr;
}

absl::Status CheckControlRequest(Opcode opcode, absl::string_view data) {
  return Check(opcode, data, &ControlInfo::request);
}

absl::Status CheckControlReply(Opcode opcode, absl::string_view data) {
  return Check(opcode, data, &ControlInfo::reply);
}

}  // namespace ctdb::samba
