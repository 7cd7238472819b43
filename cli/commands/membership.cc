// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// stop, continue, disable, enable, ban, unban: what an administrator wants a node to be.

#include <capnp/message.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/cluster_query.h"
#include "cli/commands/groups.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/observe.h"
#include "cli/render/status.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

// What one of these commands does; the texts are those that scripts know.
struct Order {
  NodeFlag flag;
  bool sets;
  const char* already;  // Behind "Node N is ".
  const char* failure;  // Behind "Failed to ", with the number behind it.
};

constexpr Order kStop = {kStopped, true, "already stopped", "stop node"};
constexpr Order kContinue = {kStopped, false, "not stopped", "continue stopped node"};
constexpr Order kDisable = {kDisabled, true, "already disabled", "disable node"};
constexpr Order kEnable = {kDisabled, false, "not disabled", "enable node"};
constexpr Order kBan = {kBanned, true, "already banned", "ban node"};
constexpr Order kUnban = {kBanned, false, "not banned", "unban node"};

// The flags of a node as another one, or itself, knows them.
absl::StatusOr<uint32_t> FlagsOf(Session& session, NodeNumber node, NodeNumber asked) {
  CTDB_ASSIGN_OR_RETURN(const auto reply, GetClusterOverview(session, asked));
  const auto report = FindReport(reply.getOverview(), node);
  if (report.has_value()) return report->getFlags();
  return absl::NotFoundError(
      absl::StrCat("node ", asked.value(), " does not know node ", node.value()));
}

// Whether the node did change: false when it was so already, or when it took no notice.
template <typename Parameters, typename Results>
absl::StatusOr<bool> Send(Context& context, const Order& order,
                          capnp::Request<Parameters, Results>&& request, NodeNumber node) {
  request.setReason(context.invocation().Own("reason").c_str());
  const auto reply =
      context.session().Call(kj::mv(request), absl::StrCat(order.failure, " ", node.value()));
  CTDB_RETURN_IF_ERROR(reply.status());
  return reply->getChanged();
}

absl::StatusOr<bool> Send(Context& context, const Order& order, uint32_t ban_seconds,
                          NodeNumber node) {
  CTDB_RETURN_IF_ERROR(context.session().Open().status());
  wire::Cluster::Client cluster = context.session().cluster(node);
  if (&order == &kStop) return Send(context, order, cluster.stopRequest(), node);
  if (&order == &kContinue) return Send(context, order, cluster.continueRequest(), node);
  if (&order == &kDisable) return Send(context, order, cluster.disableRequest(), node);
  if (&order == &kEnable) return Send(context, order, cluster.enableRequest(), node);
  if (&order == &kUnban) return Send(context, order, cluster.unbanRequest(), node);
  auto request = cluster.banRequest();
  request.setSeconds(ban_seconds);
  return Send(context, order, kj::mv(request), node);
}

// Until both the node itself and the local one show the flag as it was ordered, so that whoever
// asks either of them next sees it. The flags as they are then.
absl::StatusOr<uint32_t> WaitUntilVisible(Context& context, const Order& order, NodeNumber node) {
  Session& session = context.session();
  CTDB_ASSIGN_OR_RETURN(Connection * connection, session.Open());
  const NodeNumber local = connection->address().node;
  uint32_t flags = 0;
  const auto visible_at = [&](NodeNumber asked) -> absl::StatusOr<bool> {
    CTDB_ASSIGN_OR_RETURN(flags, FlagsOf(session, node, asked));
    return ((flags & order.flag) != 0) == order.sets;
  };
  const auto look = [&]() -> absl::StatusOr<bool> {
    absl::StatusOr<bool> visible = visible_at(local);
    if (visible.ok() && *visible && node != local) visible = visible_at(node);
    if (visible.ok()) return visible;
    // The node may be busy with the change itself; how long to try is for -T to say.
    context.Err("Failed to get nodemap, trying again\n");
    Pause(session, absl::Seconds(1));
    return false;
  };
  CTDB_ASSIGN_OR_RETURN(const bool in_time, Poll(session, context.invocation().run_limit, look));
  if (!in_time) return absl::DeadlineExceededError("Maximum runtime exceeded - exiting");
  return flags;
}

void PrintChange(Context& context, NodeNumber node, bool changed, uint32_t flags) {
  if (!context.invocation().json) return;
  capnp::MallocMessageBuilder message;
  auto result = message.initRoot<reply::FlagChange>();
  result.setNode(node.value());
  result.setChanged(changed);
  result.setFlags(flags);
  context.PrintJson(result.asReader());
}

absl::StatusOr<int> Carry(Context& context, const Order& order, uint32_t ban_seconds = 0) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  const auto fail = [&](const absl::Status& why) {
    context.Err(absl::StrCat(why.message(), "\n"));
    return absl::Status(why.code(), absl::StrCat("Failed to ", order.failure, " ", node.value()));
  };
  const absl::StatusOr<uint32_t> before = FlagsOf(context.session(), node, node);
  if (!before.ok()) return fail(before.status());
  if (((*before & order.flag) != 0) == order.sets) {
    context.Err(absl::StrCat("Node ", node.value(), " is ", order.already, "\n"));
    PrintChange(context, node, false, *before);
    return kExitOk;
  }
  const absl::StatusOr<bool> changed = Send(context, order, ban_seconds, node);
  if (!changed.ok()) return fail(changed.status());
  if (!*changed && &order == &kBan) {
    context.Err(
        absl::StrCat("Node ", node.value(), " took no notice; is its tunable EnableBans 0?\n"));
  }
  CTDB_ASSIGN_OR_RETURN(const uint32_t flags, WaitUntilVisible(context, order, node));
  PrintChange(context, node, true, flags);
  return kExitOk;
}

absl::StatusOr<int> Stop(Context& context) { return Carry(context, kStop); }
absl::StatusOr<int> Continue(Context& context) { return Carry(context, kContinue); }
absl::StatusOr<int> Disable(Context& context) { return Carry(context, kDisable); }
absl::StatusOr<int> Enable(Context& context) { return Carry(context, kEnable); }
absl::StatusOr<int> Unban(Context& context) { return Carry(context, kUnban); }

absl::StatusOr<int> Ban(Context& context) {
  const std::optional<uint64_t> seconds = ParseNumber(context.argument(0));
  if (!seconds.has_value() || *seconds > UINT32_MAX) return kExitBadNumber;
  if (*seconds == 0) {
    context.Err("Ban time cannot be zero\n");
    return kExitBadNumber;
  }
  return Carry(context, kBan, static_cast<uint32_t>(*seconds));
}

const CommandOption kReason = {"reason", 'r', "TEXT", "kept by the node and shown by \"ctdb why\""};

}  // namespace

std::vector<Command> MembershipCommands() {
  return {
      {.name = "ban",
       .arguments = "SECONDS",
       .summary = "keep a node out of the cluster for a time",
       .help = "Bans the node: it takes no part until the time is over or \"ctdb unban\". Waits "
               "until the ban shows on the node and on the local one. A node whose tunable "
               "EnableBans is 0 ignores bans; the command then waits until -T ends it.",
       .options = {kReason},
       .examples = {{"ctdb ban 300 -n 2 --reason flapping", ""},
                    {"ctdb ban 300 -n 2", "Node 2 is already banned"}},
       .arguments_min = 1,
       .arguments_max = 1,
       .legacy = true,
       .handler = Ban},
      {.name = "continue",
       .arguments = "",
       .summary = "let a stopped node take part again",
       .help = "Ends what \"ctdb stop\" began, and waits until that shows on the node and on the "
               "local one.",
       .options = {kReason},
       .examples = {{"ctdb continue -n 2", ""}, {"ctdb continue", "Node 0 is not stopped"}},
       .legacy = true,
       .handler = Continue},
      {.name = "disable",
       .arguments = "",
       .summary = "take public addresses off a node",
       .help = "Disables the node: it stays a member of the cluster but is to host no public "
               "addresses. Waits until that shows on the node and on the local one.",
       .options = {kReason},
       .examples = {{"ctdb disable -n 2 --reason maintenance", ""},
                    {"ctdb disable", "Node 0 is already disabled"}},
       .legacy = true,
       .handler = Disable},
      {.name = "enable",
       .arguments = "",
       .summary = "let a disabled node host addresses again",
       .help =
           "Ends what \"ctdb disable\" began, and waits until that shows on the node and on the "
           "local one.",
       .options = {kReason},
       .examples = {{"ctdb enable -n 2", ""}, {"ctdb enable", "Node 0 is not disabled"}},
       .legacy = true,
       .handler = Enable},
      {.name = "stop",
       .arguments = "",
       .summary = "take a node out of the cluster, still running",
       .help =
           "Stops the node: its daemons go on running but it takes no part in the cluster, "
           "hosts no addresses and serves no records, until \"ctdb continue\". Waits until that "
           "shows on the node and on the local one.",
       .options = {kReason},
       .examples = {{"ctdb stop -n 2 --reason upgrade", ""},
                    {"ctdb stop", "Node 0 is already stopped"}},
       .legacy = true,
       .handler = Stop},
      {.name = "unban",
       .arguments = "",
       .summary = "end a ban early",
       .help = "Ends the ban of a node before its time, and waits until that shows on the node and "
               "on the local one.",
       .options = {kReason},
       .examples = {{"ctdb unban -n 2", ""}, {"ctdb unban", "Node 0 is not banned"}},
       .legacy = true,
       .handler = Unban},
  };
}

}  // namespace ctdb::cli
