// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/codec.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/protocol/address.h"
#include "lib/protocol/limits.h"
#include "lib/protocol/packet.h"

namespace ctdb::cluster {
namespace {

static_assert(kNodesMax <= uint32_t{1} << kBallotNodeBits, "a ballot has room for every node");

// Far beyond what a cluster can use up, with room above for honest nodes.
constexpr uint64_t kRoundLimit = kRoundMax / 2;
constexpr int64_t kGrantLimit = int64_t{60} * 1000000000;
constexpr uint32_t kReasonsMax = 8;

absl::Status Invalid(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("a cluster packet with ", what));
}

std::string Cut(const std::string& text) { return text.substr(0, kPeerTextBytesMax); }

// `text` outlives it; it must end in a zero, so that a part of a text is none.
capnp::Text::Reader Text(const std::string& text) { return {text.c_str(), text.size()}; }

absl::StatusOr<std::string> ReadText(capnp::Text::Reader text) {
  if (text.size() > kPeerTextBytesMax) return Invalid("a text that is too long");
  return std::string(text.begin(), text.size());
}

absl::StatusOr<NodeNumber> ReadNode(uint32_t number) {
  if (number >= kNodesMax) return Invalid(absl::StrCat("the node number ", number));
  return NodeNumber(number);
}

absl::StatusOr<Ballot> ReadBallot(uint64_t value) {
  const Ballot ballot(value);
  if (RoundOf(ballot) > kRoundLimit) return Invalid(absl::StrCat("the ballot ", value));
  return ballot;
}

absl::StatusOr<Epoch> ReadEpoch(uint64_t value) {
  const Epoch epoch(value);
  if (RoundOf(BallotOf(epoch)) > kRoundLimit) return Invalid(absl::StrCat("the epoch ", value));
  return epoch;
}

template <typename List>
void WriteNodes(const std::vector<NodeNumber>& nodes, List list) {
  for (uint32_t i = 0; i < nodes.size(); ++i) list.set(i, nodes[i].value());
}

// In order, each once: cores search them by halves.
absl::StatusOr<std::vector<NodeNumber>> ReadNodes(capnp::List<uint32_t>::Reader list) {
  if (list.size() > kNodesMax) return Invalid("too many nodes in a list");
  std::vector<NodeNumber> nodes;
  for (const uint32_t number : list) {
    CTDB_ASSIGN_OR_RETURN(const NodeNumber node, ReadNode(number));
    if (!nodes.empty() && node <= nodes.back()) return Invalid("a list of nodes out of order");
    nodes.push_back(node);
  }
  return nodes;
}

// A leader of a version without them: nobody was there before.
absl::StatusOr<std::vector<Epoch>> ReadJoined(wire::View::Reader in, const View& view) {
  if (!in.hasJoined()) return std::vector<Epoch>(view.members.size(), view.epoch);
  if (in.getJoined().size() != view.members.size()) return Invalid("a view without joined epochs");
  std::vector<Epoch> joined;
  for (const uint64_t number : in.getJoined()) {
    CTDB_ASSIGN_OR_RETURN(const Epoch epoch, ReadEpoch(number));
    joined.push_back(epoch);
  }
  return joined;
}

absl::StatusOr<View> ReadView(wire::View::Reader in) {
  View view;
  CTDB_ASSIGN_OR_RETURN(view.epoch, ReadEpoch(in.getEpoch()));
  CTDB_ASSIGN_OR_RETURN(view.leader, ReadNode(in.getLeader()));
  CTDB_ASSIGN_OR_RETURN(view.members, ReadNodes(in.getMembers()));
  CTDB_ASSIGN_OR_RETURN(view.homes, ReadNodes(in.getHomes()));
  if (view.members.empty() || view.homes.empty()) return Invalid("a view without members");
  if (!std::includes(view.members.begin(), view.members.end(), view.homes.begin(),
                     view.homes.end())) {
    return Invalid("a view whose homes are not members");
  }
  CTDB_ASSIGN_OR_RETURN(view.joined, ReadJoined(in, view));
  view.is_settled = in.getSettled();
  return view;
}

absl::StatusOr<NodeState> ReadState(wire::NodeState::Reader in) {
  NodeState state;
  CTDB_ASSIGN_OR_RETURN(state.node, ReadNode(in.getNode()));
  state.incarnation = in.getIncarnation();
  state.version = in.getVersion();
  state.flags = in.getFlags() & kOwnFlags;
  state.may_lead = !in.getMayNotLead();
  state.may_be_home = !in.getMayNotBeHome();
  const auto run_state = static_cast<uint16_t>(in.getRunState());
  state.run_state = run_state <= static_cast<uint16_t>(RunState::kShutdown)
                        ? static_cast<RunState>(run_state)
                        : RunState::kUnknown;
  CTDB_ASSIGN_OR_RETURN(state.adopted, ReadEpoch(in.getAdoptedEpoch()));
  CTDB_ASSIGN_OR_RETURN(state.settled, ReadEpoch(in.getSettledEpoch()));
  CTDB_ASSIGN_OR_RETURN(state.connected, ReadNodes(in.getConnected()));
  CTDB_ASSIGN_OR_RETURN(state.follows, ReadBallot(in.getFollows()));
  if (in.hasFormerView()) {
    CTDB_ASSIGN_OR_RETURN(state.former_view, ReadView(in.getFormerView()));
  }
  state.nodes_digest = in.getNodesDigest();
  CTDB_ASSIGN_OR_RETURN(state.cluster_lock, ReadText(in.getClusterLock()));
  if (in.getReasons().size() > kReasonsMax) return Invalid("too many reasons");
  for (const auto reason : in.getReasons()) {
    CTDB_ASSIGN_OR_RETURN(std::string text, ReadText(reason.getText()));
    state.reasons.push_back({static_cast<NodeFlag>(reason.getFlag() & kOwnFlags), std::move(text)});
  }
  return state;
}

absl::StatusOr<EngineMessage> ReadVoteRequest(wire::ClusterPacket::VoteRequest::Reader in) {
  CTDB_ASSIGN_OR_RETURN(const Ballot ballot, ReadBallot(in.getRequestBallot()));
  return VoteRequest{in.getRequestTrial(), ballot, in.getRequestSent()};
}

absl::StatusOr<EngineMessage> ReadVoteReply(wire::ClusterPacket::VoteReply::Reader in) {
  CTDB_ASSIGN_OR_RETURN(const Ballot ballot, ReadBallot(in.getReplyBallot()));
  CTDB_ASSIGN_OR_RETURN(const Ballot highest, ReadBallot(in.getReplyHighest()));
  const int64_t released = in.getReplyReleased();
  if (released < 0 || released > kGrantLimit) return Invalid("a promise that is too long");
  CTDB_ASSIGN_OR_RETURN(std::vector<NodeNumber> parted, ReadNodes(in.getReplyParted()));
  return VoteReply{in.getReplyTrial(), ballot,   in.getReplyGranted(), highest,
                   in.getReplySent(),  released, std::move(parted)};
}

absl::StatusOr<EngineMessage> ReadBeat(wire::ClusterPacket::Beat::Reader in) {
  CTDB_ASSIGN_OR_RETURN(const Ballot ballot, ReadBallot(in.getBeatBallot()));
  const int64_t grant = in.getBeatGrant();
  if (grant < 0 || grant > kGrantLimit) return Invalid("a grant that is too long");
  return Beat{.ballot = ballot,
              .sent = in.getBeatSent(),
              .echo = in.getBeatEcho(),
              .grant_nanoseconds = grant,
              .only_extends = in.getBeatOnlyExtends()};
}

absl::StatusOr<EngineMessage> ReadBeatReply(wire::ClusterPacket::BeatReply::Reader in) {
  CTDB_ASSIGN_OR_RETURN(const Ballot ballot, ReadBallot(in.getAnswerBallot()));
  CTDB_ASSIGN_OR_RETURN(const Ballot highest, ReadBallot(in.getAnswerHighest()));
  return BeatReply{ballot, in.getAnswerAccepted(), highest, in.getAnswerEcho(), in.getAnswerSent()};
}

absl::StatusOr<MembershipMessage> ReadBan(wire::ClusterPacket::Ban::Reader in) {
  BanOrder order;
  CTDB_ASSIGN_OR_RETURN(order.epoch, ReadEpoch(in.getBanEpoch()));
  order.seconds = in.getBanSeconds();
  CTDB_ASSIGN_OR_RETURN(order.reason, ReadText(in.getBanReason()));
  return order;
}

absl::StatusOr<MembershipMessage> ReadBlame(wire::ClusterPacket::Blame::Reader in) {
  BlameReport report;
  CTDB_ASSIGN_OR_RETURN(report.node, ReadNode(in.getBlamedNode()));
  report.credits = in.getBlameCredits();
  CTDB_ASSIGN_OR_RETURN(report.reason, ReadText(in.getBlameReason()));
  return report;
}

// One value of an inner variant as one of the outer.
template <typename Inner, typename Value>
absl::StatusOr<ClusterMessage> Wrap(absl::StatusOr<Value> value) {
  if (!value.ok()) return value.status();
  return ClusterMessage(Inner(*std::move(value)));
}

absl::StatusOr<ClusterMessage> Read(wire::ClusterPacket::Reader in) {
  switch (in.which()) {
    case wire::ClusterPacket::ALIVE: {
      CTDB_ASSIGN_OR_RETURN(std::vector<NodeNumber> hears, ReadNodes(in.getAlive().getHears()));
      return ClusterMessage(EngineMessage(Alive{in.getAlive().getIncarnation(), std::move(hears),
                                                in.getAlive().getPartingToken()}));
    }
    case wire::ClusterPacket::VOTE_REQUEST:
      return Wrap<EngineMessage>(ReadVoteRequest(in.getVoteRequest()));
    case wire::ClusterPacket::VOTE_REPLY:
      return Wrap<EngineMessage>(ReadVoteReply(in.getVoteReply()));
    case wire::ClusterPacket::BEAT:
      return Wrap<EngineMessage>(ReadBeat(in.getBeat()));
    case wire::ClusterPacket::BEAT_REPLY:
      return Wrap<EngineMessage>(ReadBeatReply(in.getBeatReply()));
    case wire::ClusterPacket::RESIGN: {
      CTDB_ASSIGN_OR_RETURN(const Ballot ballot, ReadBallot(in.getResign()));
      return ClusterMessage(EngineMessage(Resign{ballot}));
    }
    case wire::ClusterPacket::STATE:
      return Wrap<MembershipMessage>(ReadState(in.getState()));
    case wire::ClusterPacket::VIEW:
      return Wrap<MembershipMessage>(ReadView(in.getView()));
    case wire::ClusterPacket::BAN:
      return Wrap<MembershipMessage>(ReadBan(in.getBan()));
    case wire::ClusterPacket::BLAME:
      return Wrap<MembershipMessage>(ReadBlame(in.getBlame()));
  }
  return absl::UnimplementedError("a cluster packet of a kind that this version does not know");
}

struct EngineWriter {
  wire::ClusterPacket::Builder out;

  void operator()(const Alive& message) {
    auto alive = out.initAlive();
    alive.setIncarnation(message.incarnation);
    WriteNodes(message.hears, alive.initHears(static_cast<uint32_t>(message.hears.size())));
    alive.setPartingToken(message.parting_token);
  }
  void operator()(const VoteRequest& message) {
    auto request = out.initVoteRequest();
    request.setRequestTrial(message.is_trial);
    request.setRequestBallot(message.ballot.value());
    request.setRequestSent(message.sent);
  }
  void operator()(const VoteReply& message) {
    auto reply = out.initVoteReply();
    reply.setReplyTrial(message.is_trial);
    reply.setReplyBallot(message.ballot.value());
    reply.setReplyGranted(message.is_granted);
    reply.setReplyHighest(message.highest.value());
    reply.setReplySent(message.sent);
    reply.setReplyReleased(message.released_nanoseconds);
    WriteNodes(message.parted, reply.initReplyParted(static_cast<uint32_t>(message.parted.size())));
  }
  void operator()(const Beat& message) {
    auto beat = out.initBeat();
    beat.setBeatBallot(message.ballot.value());
    beat.setBeatSent(message.sent);
    beat.setBeatEcho(message.echo);
    beat.setBeatGrant(message.grant_nanoseconds);
    beat.setBeatOnlyExtends(message.only_extends);
  }
  void operator()(const BeatReply& message) {
    auto reply = out.initBeatReply();
    reply.setAnswerBallot(message.ballot.value());
    reply.setAnswerAccepted(message.is_accepted);
    reply.setAnswerHighest(message.highest.value());
    reply.setAnswerEcho(message.echo);
    reply.setAnswerSent(message.sent);
  }
  void operator()(const Resign& message) { out.setResign(message.ballot.value()); }
};

struct MembershipWriter {
  wire::ClusterPacket::Builder out;

  void operator()(const NodeState& state) { EncodeState(state, out.initState()); }
  void operator()(const View& view) { EncodeView(view, out.initView()); }
  void operator()(const BanOrder& order) {
    auto ban = out.initBan();
    ban.setBanEpoch(order.epoch.value());
    ban.setBanSeconds(order.seconds);
    ban.setBanReason(Text(Cut(order.reason)));
  }
  void operator()(const BlameReport& report) {
    auto blame = out.initBlame();
    blame.setBlamedNode(report.node.value());
    blame.setBlameCredits(report.credits);
    blame.setBlameReason(Text(Cut(report.reason)));
  }
};

}  // namespace

void EncodeMessage(const EngineMessage& message, wire::ClusterPacket::Builder out) {
  std::visit(EngineWriter{out}, message);
}

void EncodeMessage(const MembershipMessage& message, wire::ClusterPacket::Builder out) {
  std::visit(MembershipWriter{out}, message);
}

absl::StatusOr<ClusterMessage> DecodeMessage(wire::ClusterPacket::Reader packet) {
  absl::StatusOr<ClusterMessage> message = absl::InternalError("nothing was read");
  CTDB_RETURN_IF_ERROR(ReadPayload([&] {
    message = Read(packet);
    return absl::OkStatus();
  }));
  return message;
}

void EncodeState(const NodeState& state, wire::NodeState::Builder out) {
  out.setNode(state.node.value());
  out.setIncarnation(state.incarnation);
  out.setVersion(state.version);
  out.setFlags(state.flags);
  out.setMayNotLead(!state.may_lead);
  out.setMayNotBeHome(!state.may_be_home);
  out.setRunState(static_cast<wire::RunState>(state.run_state));
  out.setAdoptedEpoch(state.adopted.value());
  out.setSettledEpoch(state.settled.value());
  out.setFollows(state.follows.value());
  if (state.former_view.has_value()) EncodeView(*state.former_view, out.initFormerView());
  WriteNodes(state.connected, out.initConnected(static_cast<uint32_t>(state.connected.size())));
  out.setNodesDigest(state.nodes_digest);
  out.setClusterLock(Text(Cut(state.cluster_lock)));
  const auto count = std::min<uint32_t>(kReasonsMax, static_cast<uint32_t>(state.reasons.size()));
  auto reasons = out.initReasons(count);
  for (uint32_t i = 0; i < count; ++i) {
    reasons[i].setFlag(state.reasons[i].flag);
    reasons[i].setText(Text(Cut(state.reasons[i].text)));
  }
}

absl::StatusOr<View> DecodeView(wire::View::Reader in) { return ReadView(in); }

void EncodeView(const View& view, wire::View::Builder out) {
  out.setEpoch(view.epoch.value());
  out.setLeader(view.leader.value());
  WriteNodes(view.members, out.initMembers(static_cast<uint32_t>(view.members.size())));
  WriteNodes(view.homes, out.initHomes(static_cast<uint32_t>(view.homes.size())));
  auto joined = out.initJoined(static_cast<uint32_t>(view.joined.size()));
  for (uint32_t i = 0; i < joined.size(); ++i) joined.set(i, view.joined[i].value());
  out.setSettled(view.is_settled);
}

}  // namespace ctdb::cluster
