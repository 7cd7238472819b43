// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Controls about messages and about whether processes are alive.

#include <set>
#include <string>
#include <utility>

#include "lib/samba/message_payloads.h"
#include "lib/samba/plain_payloads.h"
#include "lib/samba/session/handlers.h"

namespace ctdb::samba {
namespace {

Reply ToReply(const absl::Status& status) { return status.ok() ? Reply{} : Failure(); }
Reply YesOrNo(bool yes) { return yes ? Reply{} : Failure(); }

void RegisterSrvid(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  proxy.Answer(asker, ToReply(proxy.clients().Register(asker.client, request.srvid)));
}

void DeregisterSrvid(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  const bool was_registered = proxy.clients().Deregister(asker.client, request.srvid);
  proxy.Answer(asker, {.status = was_registered ? 0 : kStatusNotRegistered});
}

void RegisterNotify(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  const NotifyData notice = *Decode<NotifyData>(request.data);
  proxy.Answer(asker, ToReply(proxy.clients().AddNotice(asker.client, notice.srvid, notice.data)));
}

void DeregisterNotify(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  const ChannelId srvid(Decode<NumberPayload<uint64_t>>(request.data)->value);
  proxy.Answer(asker, YesOrNo(proxy.clients().RemoveNotice(asker.client, srvid)));
}

void TunnelRegister(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  proxy.Answer(asker, ToReply(proxy.clients().OpenTunnel(asker.client, request.srvid.value())));
}

void TunnelDeregister(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  proxy.Answer(asker, YesOrNo(proxy.clients().CloseTunnel(asker.client, request.srvid.value())));
}

// MS-14, RCV-7: a node that is out of the cluster disowns its processes.
void ProcessExists(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  const int32_t pid = Decode<NumberPayload<int32_t>>(request.data)->value;
  if (proxy.clients().HasProcess(pid) && !proxy.cluster().IsActive(proxy.options().own)) {
    for (const ClientId client : proxy.clients().ClientsOf(pid)) {
      proxy.outlet().Disconnect(
          client, absl::UnavailableError("this node is not active, and was asked for the process"));
    }
    return proxy.Answer(asker, Failure());
  }
  proxy.Answer(asker,
               YesOrNo(proxy.clients().HasProcess(pid) && proxy.outlet().ProcessExists(pid)));
}

void CheckPidSrvid(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  const PidSrvid asked = *Decode<PidSrvid>(request.data);
  proxy.Answer(asker, YesOrNo(proxy.clients().HasProcess(asked.pid, asked.srvid)));
}

void Echo(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  const EchoData echo = *Decode<EchoData>(request.data);
  Reply reply{.data = std::string(request.data)};
  if (echo.milliseconds == 0) return proxy.Answer(asker, reply);
  proxy.Later(absl::Milliseconds(echo.milliseconds),
              [&proxy, asker, reply = std::move(reply)] { proxy.Answer(asker, reply); });
}

constexpr HandlerRow kRows[] = {
    {Opcode::kRegisterSrvid, RegisterSrvid},
    {Opcode::kDeregisterSrvid, DeregisterSrvid},
    {Opcode::kRegisterNotify, RegisterNotify},
    {Opcode::kDeregisterNotify, DeregisterNotify},
    {Opcode::kTunnelRegister, TunnelRegister},
    {Opcode::kTunnelDeregister, TunnelDeregister},
    {Opcode::kProcessExists, ProcessExists},
    {Opcode::kCheckPidSrvid, CheckPidSrvid},
    {Opcode::kEchoData, Echo},
};

}  // namespace

absl::Span<const HandlerRow> MessageHandlers() { return kRows; }

}  // namespace ctdb::samba
