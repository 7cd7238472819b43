// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/payload_kind.h"

#include <iterator>

#include "lib/samba/address_payloads.h"
#include "lib/samba/database_payloads.h"
#include "lib/samba/message_payloads.h"
#include "lib/samba/node_payloads.h"
#include "lib/samba/plain_payloads.h"
#include "lib/samba/record.h"
#include "lib/samba/record_buffer.h"
#include "lib/samba/statistics.h"
#include "lib/samba/tunables.h"

namespace ctdb::samba {
namespace {

template <typename T>
absl::Status Check(absl::string_view bytes) {
  return Decode<T>(bytes).status();
}

struct Kind {
  PayloadKind kind;
  absl::Status (*check)(absl::string_view bytes);
};

constexpr Kind kKinds[] = {
    {PayloadKind::kNothing, Check<EmptyPayload>},
    {PayloadKind::kIgnored, Check<BytesPayload>},
    {PayloadKind::kInStatus, Check<EmptyPayload>},
    {PayloadKind::kBytes, Check<BytesPayload>},
    {PayloadKind::kText, Check<TextPayload>},
    {PayloadKind::kOptionalText, Check<OptionalTextPayload>},
    {PayloadKind::kI32, Check<NumberPayload<int32_t>>},
    {PayloadKind::kU32, Check<NumberPayload<uint32_t>>},
    {PayloadKind::kU64, Check<NumberPayload<uint64_t>>},
    {PayloadKind::kF64, Check<NumberPayload<double>>},
    {PayloadKind::kDbId, Check<DbIdPayload>},
    {PayloadKind::kAddressInfo, Check<AddressInfo>},
    {PayloadKind::kBanState, Check<BanState>},
    {PayloadKind::kConnection, Check<Connection>},
    {PayloadKind::kDbMap, Check<DbMap>},
    {PayloadKind::kDbStatistics, Check<DbStatistics>},
    {PayloadKind::kEchoData, Check<EchoData>},
    {PayloadKind::kFlagChange, Check<FlagChange>},
    {PayloadKind::kInterface, Check<Interface>},
    {PayloadKind::kInterfaceList, Check<InterfaceList>},
    {PayloadKind::kNodeMap, Check<NodeMap>},
    {PayloadKind::kNotifyData, Check<NotifyData>},
    {PayloadKind::kPidSrvid, Check<PidSrvid>},
    {PayloadKind::kPublicIp, Check<PublicIp>},
    {PayloadKind::kPublicIpInfo, Check<PublicIpInfo>},
    {PayloadKind::kPublicIpList, Check<PublicIpList>},
    {PayloadKind::kPullDb, Check<PullDb>},
    {PayloadKind::kPushRecord, Check<PushRecord>},
    {PayloadKind::kRecordBuffer, Check<RecordBuffer>},
    {PayloadKind::kRecordData, Check<RecordData>},
    {PayloadKind::kScheduleForDeletion, Check<ScheduleForDeletion>},
    {PayloadKind::kSeqnumRequest, Check<SeqnumRequest>},
    {PayloadKind::kSockAddress, Check<SockAddress>},
    {PayloadKind::kStatistics, Check<Statistics>},
    {PayloadKind::kStatisticsHistory, Check<StatisticsHistory>},
    {PayloadKind::kTickleList, Check<TickleList>},
    {PayloadKind::kTransaction, Check<Transaction>},
    {PayloadKind::kTraverseAll, Check<TraverseAll>},
    {PayloadKind::kTraverseAllExt, Check<TraverseAllExt>},
    {PayloadKind::kTraverseStart, Check<TraverseStart>},
    {PayloadKind::kTraverseStartExt, Check<TraverseStartExt>},
    {PayloadKind::kTunableGet, Check<TunableGet>},
    {PayloadKind::kTunableNames, Check<TunableNames>},
    {PayloadKind::kTunableSet, Check<TunableSet>},
    {PayloadKind::kTunableValues, Check<TunableValues>},
    {PayloadKind::kUptime, Check<Uptime>},
    {PayloadKind::kVacuum, Check<Vacuum>},
    {PayloadKind::kVnnMap, Check<VnnMap>},
};

constexpr bool IsOrdered() {
  for (size_t i = 0; i < std::size(kKinds); ++i) {
    if (kKinds[i].kind != static_cast<PayloadKind>(i)) return false;
  }
  return true;
}
static_assert(IsOrdered(), "a kind is the index of its row");

}  // namespace

absl::Status CheckPayload(PayloadKind kind, absl::string_view bytes) {
  return kKinds[static_cast<size_t>(kind)].check(bytes);
}

}  // namespace ctdb::samba
