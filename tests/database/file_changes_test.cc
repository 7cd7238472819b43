// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/file_changes.h"

#include <gtest/gtest.h>

namespace ctdb::database {
namespace {

TEST(FileChangesTest, AChangeIsToldOnce_SEQ3) {
  FileChanges changes;
  EXPECT_FALSE(changes.OnLook(5)) << "nobody knows what there was before";
  EXPECT_FALSE(changes.OnLook(5));
  EXPECT_TRUE(changes.OnLook(9));
  EXPECT_FALSE(changes.OnLook(9));
}

TEST(FileChangesTest, WhatAnotherNodeSaidIsNotPassedOn_SEQ3) {
  FileChanges changes;
  changes.OnLook(5);
  changes.OnTold();
  EXPECT_TRUE(changes.is_owed());
  changes.OnCounted();
  EXPECT_FALSE(changes.is_owed());
  EXPECT_FALSE(changes.OnLook(6));
}

TEST(FileChangesTest, AChangeOfThisNodeAmongThemIsTold) {
  FileChanges changes;
  changes.OnLook(5);
  changes.OnTold();
  changes.OnCounted();
  EXPECT_TRUE(changes.OnLook(7));
}

TEST(FileChangesTest, TheNumberBeginsAnewBehindTheLastOne) {
  FileChanges changes;
  changes.OnLook(0xFFFFFFFF);
  changes.OnTold();
  changes.OnCounted();
  EXPECT_FALSE(changes.OnLook(0));
}

}  // namespace
}  // namespace ctdb::database
