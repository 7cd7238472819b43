// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/codec.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/match.h"
#include "lib/store/record.h"

namespace ctdb::database {
namespace {

const Head kHead{DatabaseId(0xfedcba98), Epoch(0xfedcba9876543210), RequestId(77),
                 std::string("a key\0with a zero byte", 22)};
const RecordVersion kVersion{Epoch(12), 34};

absl::StatusOr<Message> Decode(const std::function<void(wire::RecordMessage::Builder)>& write) {
  capnp::MallocMessageBuilder builder;
  auto message = builder.initRoot<wire::RecordMessage>();
  write(message);
  return DecodeMessage(message.asReader());
}

TEST(DatabaseCodecTest, EveryMessageIsTheSameAfterItsJourney) {
  const std::vector<Message> messages = {
      Request{kHead, false},
      Request{kHead, true},
      Request{kHead, true, /*is_once=*/true},
      Forward{kHead, NodeNumber(4095), kVersion, absl::Milliseconds(2)},
      Transfer{kHead, kVersion, std::string("value\0", 6)},
      Transfer{kHead, kVersion, ""},
      Transfer{kHead, kVersion, "value", /*is_watched=*/true},
      Transfer{kHead, kVersion, "value", false, /*other_flags=*/0xF00},
      Confirm{kHead, kVersion},
      Abandon{kHead},
      Refusal{kHead, RefusalReason::kNotNewer, kVersion},
      Promote{kHead, kVersion, {Epoch(13), 35}},
      GiveUp{kHead, kVersion, NodeNumber(3)},
      GaveUp{kHead, kVersion},
      Share{kHead, NodeNumber(4095), kVersion, 0xfedcba9876543210},
      Copy{kHead, kVersion, 7, "value"},
      Revoke{kHead, 8},
      Revoked{kHead, 9},
      Drop{kHead, kVersion, false},
      Drop{kHead, kVersion, true},
      Dropped{kHead, kVersion, false},
      Dropped{kHead, kVersion, true},
      Forget{kHead, kVersion, false},
      Forget{kHead, kVersion, true},
      Allow{kHead, kVersion},
      Erase{kHead, kVersion},
      Erased{kHead, kVersion},
      Offer{kHead},
      Accept{kHead, RequestId(0xfedcba9876543210)},
      Spare{kHead, RequestId(3), kVersion, "value", /*other_flags=*/0x10000},
      Kept{kHead},
      Refusal{kHead, RefusalReason::kInUse, kVersion},
      Refusal{kHead, RefusalReason::kNotErased, kVersion},
  };
  for (const Message& message : messages) {
    const auto decoded = Decode([&](auto out) { EncodeMessage(message, out); });
    ASSERT_TRUE(decoded.ok()) << message.index() << ": " << decoded.status();
    EXPECT_EQ(*decoded, message) << message.index();
  }
}

void ExpectRefused(const absl::StatusOr<Message>& message, absl::string_view what) {
  EXPECT_TRUE(absl::IsInvalidArgument(message.status())) << what << ": " << message.status();
  EXPECT_TRUE(absl::StrContains(message.status().message(), what)) << message.status();
}

TEST(DatabaseCodecTest, WhatNoNodeSaysIsRefused_Mg14) {
  ExpectRefused(Decode([](auto out) { out.setWanted(true); }), "key of 0 bytes");
  ExpectRefused(Decode([](auto out) {
                  out.initKey(store::kKeyBytesMax + 1);
                  out.setWanted(true);
                }),
                "key of 65537 bytes");
  const auto with_key = [](const auto& write) {
    return Decode([&](wire::RecordMessage::Builder out) {
      EncodeMessage(Request{kHead, false}, out);
      write(out);
    });
  };
  ExpectRefused(with_key([](auto out) { out.initForward().setTo(4096); }), "node that cannot be");
  ExpectRefused(with_key([](auto out) { out.initForward().setStayNanoseconds(-1); }),
                "time below zero");
  ExpectRefused(with_key([](auto out) { out.initShare().setShareTo(4096); }),
                "node that cannot be");
  ExpectRefused(with_key([](auto out) { out.setGiveUp(4096); }), "node that cannot be");
  ExpectRefused(with_key([](auto out) { out.setRefused(static_cast<wire::RefusalReason>(9999)); }),
                "unknown refusal");
}

}  // namespace
}  // namespace ctdb::database
