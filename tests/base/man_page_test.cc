// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/man_page.h"

#include <gtest/gtest.h>

namespace ctdb {
namespace {

TEST(ManPageTest, BeginsWithTitleAndName) {
  EXPECT_EQ(ManPage("ctdb-x", 8, "does x").text(),
            ".TH ctdb\\-x 8 \"2026-11-21\" \"libctdbapi\"\n"
            ".SH \"NAME\"\n"
            "ctdb\\-x \\- does x\n");
}

TEST(ManPageTest, AnyTextIsShownAsItIs) {
  ManPage page("x", 1, "y");
  const size_t begin = page.text().size();
  page.Text(".not a request");
  page.Text("'nor this");
  page.Item("a-b", "back\\slash and \"quotes\"");
  EXPECT_EQ(page.text().substr(begin),
            "\\&.not a request\n"
            "\\&'nor this\n"
            ".TP\n.B \"a\\-b\"\nback\\eslash and \\(dqquotes\\(dq\n");
}

}  // namespace
}  // namespace ctdb
