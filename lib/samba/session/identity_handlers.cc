// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Controls about who this node is, and what the cluster looks like from it.

#include <string>

#include "lib/samba/control.h"
#include "lib/samba/message_payloads.h"
#include "lib/samba/plain_payloads.h"
#include "lib/samba/session/handlers.h"

namespace ctdb::samba {
namespace {

// Leader, home of records, and what today's clients take for granted.
constexpr uint32_t kCapabilities = 0x30003;

Reply Number(uint32_t value) { return {.data = Encode(NumberPayload<uint32_t>{value})}; }
// Some answers are the status.
Reply InStatus(uint32_t value) { return {.status = static_cast<int32_t>(value)}; }

void GetPnn(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, InStatus(proxy.options().own.value()));
}

void GetPid(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, {.status = proxy.options().pid});
}

void Ping(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, InStatus(static_cast<uint32_t>(proxy.clients().size())));
}

void GetNodeMap(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, {.data = Encode(proxy.cluster().nodes)});
}

// As the nodes file says it: nothing of what the nodes are doing.
void GetNodesFile(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  NodeMap nodes = proxy.cluster().nodes;
  for (NodeEntry& entry : nodes.entries) entry.flags &= kNodeDeleted;
  proxy.Answer(asker, {.data = Encode(nodes)});
}

void GetVnnMap(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, {.data = Encode(proxy.cluster().vnn_map)});
}

void GetRecMode(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, InStatus(proxy.cluster().is_recovering ? 1 : 0));
}

void GetRunState(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, Number(proxy.cluster().run_state));
}

void GetCapabilities(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, Number(kCapabilities));
}

void GetUptime(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker,
               {.data = Encode(Uptime{.now = proxy.outlet().WallNow(),
                                      .daemon_started = proxy.options().started,
                                      .recovery_started = proxy.cluster().recovery_started,
                                      .recovery_finished = proxy.cluster().recovery_finished})});
}

void GetReclockFile(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, {.data = Encode(OptionalTextPayload{proxy.cluster().cluster_lock})});
}

void GetBanState(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  const NodeNumber own = proxy.options().own;
  const bool is_banned = !proxy.cluster().HasNoneOf(own, kNodeBanned);
  proxy.Answer(asker, {.data = Encode(BanState{own, is_banned ? 1u : 0u})});
}

void GetDebug(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, {.data = Encode(NumberPayload<int32_t>{proxy.options().debug_level})});
}

void DumpMemory(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, {.data = proxy.outlet().MemoryReport()});
}

constexpr HandlerRow kRows[] = {
    {Opcode::kGetPnn, GetPnn},
    {Opcode::kGetPid, GetPid},
    {Opcode::kPing, Ping},
    {Opcode::kGetNodeMap, GetNodeMap},
    {Opcode::kGetNodesFile, GetNodesFile},
    {Opcode::kGetVnnMap, GetVnnMap},
    {Opcode::kGetRecMode, GetRecMode},
    {Opcode::kGetRunState, GetRunState},
    {Opcode::kGetCapabilities, GetCapabilities},
    {Opcode::kUptime, GetUptime},
    {Opcode::kGetReclockFile, GetReclockFile},
    {Opcode::kGetBanState, GetBanState},
    {Opcode::kGetDebug, GetDebug},
    {Opcode::kDumpMemory, DumpMemory},
};

}  // namespace

absl::Span<const HandlerRow> IdentityHandlers() { return kRows; }

}  // namespace ctdb::samba
