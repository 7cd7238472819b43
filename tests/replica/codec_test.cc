// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/codec.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace ctdb::replica {
namespace {

const Head kHead{database::DatabaseId(7), Epoch(0xfedcba9876543210), 3};
const Position kHere{Epoch(5), 0x123456789abcdef0};
const Position kThere{Epoch(6), 1};
const std::string kBytes("k\0y", 3);

std::vector<Entry> SomeEntries() {
  return {{kHere, {1, 2}, true, {{kBytes, "value"}, {"gone", std::nullopt}}},
          {kThere, {}, false, {}}};
}

std::vector<Message> OneOfEach() {
  const Transaction transaction{
      {1, 2}, true, {{"a", kHere}, {"b", std::nullopt}}, {{kBytes, ""}, {"c", std::nullopt}}};
  DigestList list{kHead, kThere, std::vector<Digest>(kSlots), {}, {}};
  list.slots[9] = {1, 2};
  list.tokens = {{kHere, {3, 4}, 0}, {kThere, {}, 0}};
  return {
      Commit{kHead, InstanceNumber(1), 2, 1, kHere, true, transaction},
      Outcome{kHead, InstanceNumber(1), 2, Verdict::kAborted, kHere, kBytes, "why"},
      Ask{kHead},
      Standing{kHead, false, kHere, {1, 2}, "broken"},
      Sync{kHead, NodeNumber(3), kHere, {1, 2}},
      Synced{kHead, kHere, {1, 2}, true},
      Batch{kHead, kHere, kThere, SomeEntries()},
      Stored{kHead, kHere},
      Lost{kHead, "restarted"},
      Pull{kHead, kHere},
      Entries{kHead, kHere, true, SomeEntries()},
      DigestsWanted{kHead},
      list,
      Fetch{kHead, 4095, kBytes, "until", {1, 0xfedcba9876543210}},
      Page{kHead, 9, kBytes, false, "covered", {true, false}, {{"key", kHere, kBytes}}},
      Stage{kHead, {1, 2}, {3, 4}, NodeNumber(5)},
      Staged{kHead, {1, 2}, "no room", true},
      Unstage{kHead, {1, 2}},
      PartsWanted{kHead, {1, 2}, 3, 4},
      BodyPart{kHead, {1, 2}, 3, true, kBytes},
      Room{kHead, 5, "/place"},
  };
}

absl::StatusOr<Message> Decode(const Message& message,
                               const std::function<void(wire::ReplicaMessage::Builder)>& change) {
  capnp::MallocMessageBuilder builder;
  auto out = builder.initRoot<wire::ReplicaMessage>();
  EncodeMessage(message, out);
  change(out);
  return DecodeMessage(out.asReader());
}

TEST(ReplicaCodecTest, EveryMessageIsTheSameAfterItsJourney) {
  const std::vector<Message> all = OneOfEach();
  EXPECT_EQ(all.size(), std::variant_size_v<Message>);
  for (const Message& message : all) {
    const auto decoded = Decode(message, [](auto) {});
    ASSERT_TRUE(decoded.ok()) << message.index() << ": " << decoded.status();
    EXPECT_EQ(*decoded, message) << message.index();
  }
}

TEST(ReplicaCodecTest, ShortFingerprintsTakeHalfOfTheRoom) {
  Fetch fetch{kHead, 4095, kBytes, "until", {1, 0xfedcba98}, /*is_short=*/true};
  EXPECT_EQ(*Decode(fetch, [](auto) {}), Message(fetch));
  const auto bytes_of = [&](bool is_short) {
    fetch.fingerprints.assign(1000, 7);
    fetch.is_short = is_short;
    capnp::MallocMessageBuilder builder;
    EncodeMessage(fetch, builder.initRoot<wire::ReplicaMessage>());
    return builder.sizeInWords() * sizeof(capnp::word);
  };
  EXPECT_EQ(bytes_of(false) - bytes_of(true), 4000u);
}

TEST(ReplicaCodecTest, ABodyIsTheSameAfterItsJourney) {
  Transaction transaction{{1, 2}, false, {{"a", kHere}}, {}, store::BodySeal{3, 4}};
  const Entry entry{kHere, {1, 2}, false, {}, store::BodySeal{3, 4}};
  for (const Message& message :
       {Message(Commit{kHead, InstanceNumber(1), 2, 1, kHere, false, transaction}),
        Message(Batch{kHead, kHere, kThere, {entry}})}) {
    EXPECT_EQ(*Decode(message, [](auto) {}), message);
  }
}

TEST(ReplicaCodecTest, AVerdictOfALaterVersionIsUnknown) {
  const auto decoded = Decode(Outcome{kHead, {}, 1, Verdict::kBusy, {}, "", ""}, [](auto out) {
    out.getOutcome().setVerdict(static_cast<wire::TransactionVerdict>(77));
  });
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(std::get<Outcome>(*decoded).verdict, Verdict::kUnknown);
}

TEST(ReplicaCodecTest, WhatNoNodeSendsIsRefused) {
  const auto is_refused = [](const Message& message, auto change) {
    return absl::IsInvalidArgument(Decode(message, change).status());
  };
  const std::vector<Message> all = OneOfEach();
  EXPECT_TRUE(is_refused(all[6], [](auto out) { out.getBatch().getEntries()[1].initPosition(); }))
      << "entries without order";
  EXPECT_TRUE(is_refused(all[6], [](auto out) {
    out.getBatch().getEntries()[0].getWrites()[0].initKey(0);
  })) << "a record without a key";
  EXPECT_TRUE(is_refused(all[12], [](auto out) { out.getDigests().initSlots(kSlots - 1); }));
  EXPECT_TRUE(is_refused(all[12], [](auto out) { out.getDigests().initTokens(0); }))
      << "tokens that end elsewhere";
  EXPECT_TRUE(is_refused(all[13], [](auto out) { out.getFetch().setSlot(kSlots); }));
  EXPECT_TRUE(
      is_refused(all[13], [](auto out) { out.getFetch().initFingerprints(kFingerprintsMax + 1); }));
  EXPECT_TRUE(is_refused(
      all[13], [](auto out) { out.getFetch().initShortFingerprints(kFingerprintsMax + 1); }));
  EXPECT_TRUE(is_refused(all[14], [](auto out) { out.getPage().initCovered(65 * 1024); }));
  EXPECT_TRUE(is_refused(all[15], [](auto out) { out.getStage().initStageBody(); }));
}

}  // namespace
}  // namespace ctdb::replica
