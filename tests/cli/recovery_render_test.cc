// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include <capnp/message.h>

#include "cli/render/recovery.h"
#include "gtest/gtest.h"

namespace ctdb::cli {
namespace {

class RecoveryRenderTest : public testing::Test {
 protected:
  RecoveryRenderTest() : progress_(message_.initRoot<wire::RecoveryProgress>()) {
    progress_.setDatabase("locking.tdb");
    progress_.setSeconds(2);
    progress_.setCopies(61'200);
    progress_.setScanned(600'000);
    progress_.setStored(900'000);
    auto waits = progress_.initWaitsFor(2);
    waits.set(0, 0);
    waits.set(1, 2);
  }
  ~RecoveryRenderTest() noexcept override = default;
  Table ToTable() const { return RecoveryTable({{NodeNumber(1), progress_.asReader()}}); }

  capnp::MallocMessageBuilder message_;
  wire::RecoveryProgress::Builder progress_;
};

TEST_F(RecoveryRenderTest, PeopleSeeHowFarItIsAndWhomItWaitsFor) {
  EXPECT_EQ(ToTable().Human(/*colour=*/false),
            "Node  Database     Copies  Read      Rate  To go  Waits for\n"
            "   1  locking.tdb   61200   67%  300000/s     1s  nodes 0,2\n");
}

TEST_F(RecoveryRenderTest, ScriptsSeeNumbers) {
  EXPECT_EQ(ToTable().Machine("|"),
            "|Node|Database|Copies|ShareRead|Rate|SecondsToGo|WaitsFor|\n"
            "|1|locking.tdb|61200|0.666667|300000.000000|1.000000|0,2|\n");
}

TEST_F(RecoveryRenderTest, WhatNobodyKnowsYetIsNotInvented) {
  progress_.setScanned(0);
  progress_.setStored(0);
  progress_.initWaitsFor(0);
  EXPECT_EQ(ShareRead(progress_), std::nullopt);
  EXPECT_EQ(SecondsToGo(progress_), std::nullopt);
  EXPECT_EQ(ToTable().Human(/*colour=*/false),
            "Node  Database     Copies  Read  Rate  To go  Waits for\n"
            "   1  locking.tdb   61200     -     -      -  -\n");
}

TEST_F(RecoveryRenderTest, MoreThanAllIsAll) {
  progress_.setStored(500'000);
  EXPECT_EQ(ShareRead(progress_), 1.0);
  EXPECT_EQ(SecondsToGo(progress_), 0.0);
}

TEST_F(RecoveryRenderTest, AFullCopySaysWhatItDoes) {
  progress_.setState("being filled from node 2");
  EXPECT_NE(ToTable().Human(/*colour=*/false).find("being filled from node 2"), std::string::npos);
}

}  // namespace
}  // namespace ctdb::cli
