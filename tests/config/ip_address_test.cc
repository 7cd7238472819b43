// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/ip_address.h"

#include <gtest/gtest.h>

#include <string>

namespace ctdb::config {
namespace {

TEST(IpAddressTest, BothFamiliesAreReadAndShownCanonically) {
  EXPECT_EQ(IpAddress::Parse("10.0.0.1")->ToString(), "10.0.0.1");
  EXPECT_EQ(IpAddress::Parse("FD00:0:0:0::1")->ToString(), "fd00::1");
  EXPECT_FALSE(IpAddress::Parse("10.0.0.1")->is_v6());
  EXPECT_TRUE(IpAddress::Parse("::1")->is_v6());
  EXPECT_EQ(IpAddress::Parse("1.2.3.4")->bytes()[3], 4);
}

TEST(IpAddressTest, OneAddressInTwoSpellingsIsEqual) {
  EXPECT_EQ(IpAddress::Parse("fd00::1"), IpAddress::Parse("FD00:0::0:1"));
  EXPECT_NE(IpAddress::Parse("0.0.0.0"), IpAddress::Parse("::"));
}

TEST(IpAddressTest, DefaultIsNone) { EXPECT_EQ(IpAddress().ToString(), "0.0.0.0"); }

TEST(IpAddressTest, PortsMasksScopesAndNamesAreRefused) {
  for (const char* text : {"", "1.2.3", "10.0.0.1:80", "10.0.0.1/24", "[::1]", "fe80::1%eth0",
                           "host", "256.0.0.1", " 10.0.0.1", "010.0.0.1"}) {
    EXPECT_EQ(IpAddress::Parse(text), std::nullopt) << text;
  }
  EXPECT_EQ(IpAddress::Parse(absl::string_view("10.0.0.1\0x", 10)), std::nullopt);
  EXPECT_EQ(IpAddress::Parse(std::string(100000, '1')), std::nullopt);
}

}  // namespace
}  // namespace ctdb::config
