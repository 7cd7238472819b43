// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/codec.h"

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/schema.h>
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "absl/strings/match.h"
#include "lib/protocol/address.h"
#include "lib/protocol/limits.h"

namespace ctdb::cluster {
namespace {

constexpr uint64_t kRoundTooHigh = kRoundMax / 2 + 1;

NodeNumber Node(uint32_t node) { return NodeNumber(node); }
Ballot At(uint64_t round) { return MakeBallot(round, Node(4095)); }

template <typename Message>
absl::StatusOr<ClusterMessage> ThereAndBack(const Message& message) {
  capnp::MallocMessageBuilder builder;
  auto packet = builder.initRoot<wire::ClusterPacket>();
  EncodeMessage(message, packet);
  return DecodeMessage(packet.asReader());
}

// What a hostile sender would have to write, which EncodeMessage() does not.
absl::StatusOr<ClusterMessage> Decode(
    const std::function<void(wire::ClusterPacket::Builder)>& write) {
  capnp::MallocMessageBuilder builder;
  auto packet = builder.initRoot<wire::ClusterPacket>();
  write(packet);
  return DecodeMessage(packet.asReader());
}

void ExpectRefused(const absl::StatusOr<ClusterMessage>& message, absl::string_view what) {
  EXPECT_TRUE(absl::IsInvalidArgument(message.status())) << what << ": " << message.status();
  EXPECT_TRUE(absl::StrContains(message.status().message(), what)) << message.status();
}

NodeState SomeState() {
  NodeState state;
  state.node = Node(3);
  state.incarnation = 0xfedcba9876543210;
  state.version = 12;
  state.flags = kOwnFlags;
  state.may_lead = false;
  state.may_be_home = false;
  state.run_state = RunState::kRunning;
  state.adopted = MakeEpoch(At(9), 5);
  state.settled = MakeEpoch(At(9), 4);
  state.follows = At(11);
  state.former_view = View{.epoch = MakeEpoch(At(9), 5),
                           .leader = Node(9),
                           .members = {Node(3), Node(9)},
                           .homes = {Node(9)},
                           .joined = {MakeEpoch(At(8), 1), MakeEpoch(At(9), 5)},
                           .is_settled = true};
  state.connected = {Node(0), Node(7), Node(kNodesMax - 1)};
  state.nodes_digest = 0x0123456789abcdef;
  state.cluster_lock = "!/usr/bin/helper /lock";
  state.reasons = {{kBanned, "it hangs"}, {kStopped, ""}};
  return state;
}

TEST(CodecTest, EveryMessageOfEnginesComesBackAsItWas) {
  const EngineMessage messages[] = {
      Alive{77, {Node(0), Node(2)}, 78},
      Alive{},
      VoteRequest{true, At(1), -5},
      VoteRequest{false, At(kRoundMax / 2), INT64_MAX},
      VoteReply{true, At(1), false, At(2), 5, 0},
      VoteReply{false, At(1), true, At(2), 5, 600000000, {Node(1), Node(3)}},
      Beat{At(3), 1, 2, 600000000},
      Beat{At(3), 1, 2, 600000000, true},
      BeatReply{At(3), true, At(4), 1, 2},
      Resign{At(3)},
  };
  for (const EngineMessage& message : messages) {
    const auto back = ThereAndBack(message);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_TRUE(*back == ClusterMessage(message)) << message.index();
  }
}

TEST(CodecTest, EveryMessageOfTheMembershipComesBackAsItWas) {
  const MembershipMessage messages[] = {
      SomeState(),
      NodeState{},
      View{MakeEpoch(At(1), 4095),
           Node(1),
           {Node(1), Node(2)},
           {Node(2)},
           {MakeEpoch(At(1), 7), MakeEpoch(At(1), 4095)},
           true},
      BanOrder{MakeEpoch(At(1), 0), UINT32_MAX, "it hangs"},
      BlameReport{Node(2), UINT32_MAX, "it hangs"},
  };
  for (const MembershipMessage& message : messages) {
    const auto back = ThereAndBack(message);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_TRUE(*back == ClusterMessage(message)) << message.index();
  }
}

TEST(CodecTest, AMessageOfAKindThatIsNotKnownIsUnimplemented) {
  const uint32_t offset =
      capnp::Schema::from<wire::ClusterPacket>().getProto().getStruct().getDiscriminantOffset();
  const auto message = Decode([&](auto packet) {
    packet.setResign(0);
    auto data = capnp::toAny(packet).getDataSection();
    data[offset * 2] = data[offset * 2 + 1] = 0x7f;
  });
  EXPECT_TRUE(absl::IsUnimplemented(message.status())) << message.status();
}

TEST(CodecTest, AnEmptyPacketIsAKeepalive) {
  const auto message = Decode([](auto) {});
  ASSERT_TRUE(message.ok());
  EXPECT_TRUE(*message == ClusterMessage(EngineMessage(Alive{})));
}

TEST(CodecTest, NodeNumbersOutOfBoundsAreRefused) {
  const std::string text = absl::StrCat("the node number ", kNodesMax);
  ExpectRefused(Decode([](auto packet) { packet.initState().setNode(kNodesMax); }), text);
  ExpectRefused(Decode([](auto packet) { packet.initBlame().setBlamedNode(kNodesMax); }), text);
  ExpectRefused(Decode([](auto packet) { packet.initView().setLeader(kNodesMax); }), text);
  ExpectRefused(Decode([](auto packet) { packet.initAlive().initHears(1).set(0, kNodesMax); }),
                text);
  ExpectRefused(Decode([](auto packet) { packet.initState().initConnected(1).set(0, kNodesMax); }),
                text);
  ExpectRefused(Decode([](auto packet) { packet.initView().initMembers(1).set(0, kNodesMax); }),
                text);
}

TEST(CodecTest, ListsOfNodesAreInOrderAndHaveEachOnce) {
  for (const auto& [first, second] : {std::pair(2u, 1u), std::pair(1u, 1u)}) {
    const auto fill = [first = first, second = second](auto list) {
      list.set(0, first);
      list.set(1, second);
    };
    const std::string text = "a list of nodes out of order";
    ExpectRefused(Decode([&](auto packet) { fill(packet.initAlive().initHears(2)); }), text);
    ExpectRefused(Decode([&](auto packet) { fill(packet.initState().initConnected(2)); }), text);
    ExpectRefused(Decode([&](auto packet) { fill(packet.initView().initMembers(2)); }), text);
    ExpectRefused(Decode([&](auto packet) {
                    auto view = packet.initView();
                    view.initMembers(2).set(1, 1);
                    fill(view.initHomes(2));
                  }),
                  text);
  }
}

TEST(CodecTest, AListLongerThanAnyClusterIsRefused) {
  ExpectRefused(Decode([](auto packet) { packet.initAlive().initHears(kNodesMax + 1); }),
                "too many nodes in a list");
}

TEST(CodecTest, BallotsThatLeaveNoRoomAboveThemAreRefused) {
  const uint64_t ballot = At(kRoundTooHigh).value();
  const std::string text = absl::StrCat("the ballot ", ballot);
  ExpectRefused(Decode([=](auto packet) { packet.initVoteRequest().setRequestBallot(ballot); }),
                text);
  ExpectRefused(Decode([=](auto packet) { packet.initVoteReply().setReplyBallot(ballot); }), text);
  ExpectRefused(Decode([=](auto packet) { packet.initVoteReply().setReplyHighest(ballot); }), text);
  ExpectRefused(Decode([=](auto packet) { packet.initBeat().setBeatBallot(ballot); }), text);
  ExpectRefused(Decode([=](auto packet) { packet.initBeatReply().setAnswerBallot(ballot); }), text);
  ExpectRefused(Decode([=](auto packet) { packet.initBeatReply().setAnswerHighest(ballot); }),
                text);
  ExpectRefused(Decode([=](auto packet) { packet.setResign(ballot); }), text);
  ExpectRefused(Decode([](auto packet) { packet.setResign(UINT64_MAX); }), "the ballot");
}

TEST(CodecTest, EpochsThatLeaveNoRoomAboveThemAreRefused) {
  const uint64_t epoch = MakeEpoch(At(kRoundTooHigh), 0).value();
  const std::string text = absl::StrCat("the epoch ", epoch);
  ExpectRefused(Decode([=](auto packet) { packet.initState().setAdoptedEpoch(epoch); }), text);
  ExpectRefused(Decode([=](auto packet) { packet.initState().setSettledEpoch(epoch); }), text);
  ExpectRefused(Decode([=](auto packet) { packet.initView().setEpoch(epoch); }), text);
  ExpectRefused(Decode([=](auto packet) { packet.initBan().setBanEpoch(epoch); }), text);
}

TEST(CodecTest, PromisesAndGrantsAreNeitherNegativeNorEndless) {
  const int64_t minute = int64_t{60} * 1000000000;
  for (const int64_t time : {int64_t{-1}, minute + 1, INT64_MAX, INT64_MIN}) {
    ExpectRefused(Decode([=](auto packet) { packet.initBeat().setBeatGrant(time); }),
                  "a grant that is too long");
    ExpectRefused(Decode([=](auto packet) { packet.initVoteReply().setReplyReleased(time); }),
                  "a promise that is too long");
  }
  EXPECT_TRUE(Decode([=](auto packet) { packet.initBeat().setBeatGrant(minute); }).ok());
}

TEST(CodecTest, TextsThatAreTooLongAreRefused) {
  const std::string text(kPeerTextBytesMax + 1, 'x');
  const char* what = "a text that is too long";
  ExpectRefused(Decode([&](auto packet) { packet.initState().setClusterLock(text.c_str()); }),
                what);
  ExpectRefused(
      Decode([&](auto packet) { packet.initState().initReasons(1)[0].setText(text.c_str()); }),
      what);
  ExpectRefused(Decode([&](auto packet) { packet.initBan().setBanReason(text.c_str()); }), what);
  ExpectRefused(Decode([&](auto packet) { packet.initBlame().setBlameReason(text.c_str()); }),
                what);
}

TEST(CodecTest, TextsAreCutAtTheLimitWhenTheyAreSent) {
  BanOrder order{Epoch(0), 1, std::string(kPeerTextBytesMax, 'x')};
  const BanOrder cut = order;
  order.reason += "xxx";
  const auto back = ThereAndBack(MembershipMessage(order));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(*back == ClusterMessage(MembershipMessage(cut)));
}

TEST(CodecTest, MoreReasonsThanThereCanBeAreRefusedAndNotSent) {
  ExpectRefused(Decode([](auto packet) { packet.initState().initReasons(9); }), "too many reasons");
  NodeState state;
  state.reasons.assign(20, {kStopped, "test"});
  const auto back = ThereAndBack(MembershipMessage(state));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(std::get<NodeState>(std::get<MembershipMessage>(*back)).reasons.size(), 8u);
}

TEST(CodecTest, AViewHasMembersAndHomes) {
  const char* what = "a view without members";
  ExpectRefused(Decode([](auto packet) { packet.initView(); }), what);
  ExpectRefused(Decode([](auto packet) { packet.initView().initMembers(1); }), what);
  ExpectRefused(Decode([](auto packet) { packet.initView().initHomes(1); }), what);
}

TEST(CodecTest, HomesAreMembers) {
  ExpectRefused(Decode([](auto packet) {
                  auto view = packet.initView();
                  view.initMembers(1).set(0, 1);
                  view.initHomes(1).set(0, 2);
                }),
                "a view whose homes are not members");
}

TEST(CodecTest, FlagsThatANodeDoesNotSayAboutItselfAreDropped) {
  const auto message = Decode([](auto packet) {
    auto state = packet.initState();
    state.setFlags(UINT32_MAX);
    state.initReasons(1)[0].setFlag(kDeleted | kBanned);
  });
  ASSERT_TRUE(message.ok());
  const auto& state = std::get<NodeState>(std::get<MembershipMessage>(*message));
  EXPECT_EQ(state.flags, kOwnFlags);
  EXPECT_EQ(state.reasons[0].flag, kBanned);
}

TEST(CodecTest, ARunStateOfALaterVersionIsUnknown) {
  const auto message =
      Decode([](auto packet) { packet.initState().setRunState(static_cast<wire::RunState>(999)); });
  ASSERT_TRUE(message.ok());
  const auto& state = std::get<NodeState>(std::get<MembershipMessage>(*message));
  EXPECT_EQ(state.run_state, RunState::kUnknown);
}

}  // namespace
}  // namespace ctdb::cluster
