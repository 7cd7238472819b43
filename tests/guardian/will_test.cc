// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/guardian/will.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "lib/protocol/address.h"

namespace ctdb::guardian {
namespace {

const Will kWill = {.node = NodeNumber(3),
                    .address = "127.0.0.4",
                    .port = 4379,
                    .parting_token = 77,
                    .volatile_directory = "/var/lib/ctdb/volatile",
                    .peers = {{NodeNumber(0), "127.0.0.1"}, {NodeNumber(1), "::1"}}};

absl::StatusOr<Will> ThroughTheWire(const Will& will) {
  capnp::MallocMessageBuilder message;
  WriteWill(will, message.initRoot<wire::Will>());
  return ReadWill(message.getRoot<wire::Will>().asReader());
}

TEST(WillTest, WhatIsWrittenIsRead) {
  const absl::StatusOr<Will> read = ThroughTheWire(kWill);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, kWill);
}

TEST(WillTest, AWillThatSaysNothingIsOne) {
  const absl::StatusOr<Will> read = ThroughTheWire({});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->parting_token, 0u);
}

TEST(WillTest, WithoutAPlaceThereIsNothingToCarryOut) {
  Will will = kWill;
  will.volatile_directory.clear();
  EXPECT_TRUE(absl::IsInvalidArgument(ThroughTheWire(will).status()));
  will = kWill;
  will.address.clear();
  EXPECT_TRUE(absl::IsInvalidArgument(ThroughTheWire(will).status()));
}

TEST(WillTest, ThereAreNotMoreNodesThanNodes) {
  Will will = kWill;
  will.peers.resize(kNodesMax + 1);
  EXPECT_TRUE(absl::IsInvalidArgument(ThroughTheWire(will).status()));
}

}  // namespace
}  // namespace ctdb::guardian
