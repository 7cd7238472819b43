// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/local/io/ports.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "lib/base/io/unique_fd.h"

namespace ctdb::cli::local {
namespace {

TEST(PortsTest, APortIsNotFreeWhileSomebodyListens) {
  UniqueFd listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(name);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&name), size), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&name), &size), 0);
  const uint16_t port = ntohs(name.sin_port);
  EXPECT_FALSE(AreFree({"127.0.0.1"}, port));
  EXPECT_TRUE(AreFree({"127.77.77.77"}, port));
  EXPECT_FALSE(AreFree({"127.77.77.77", "127.0.0.1"}, port));
  listener.Reset();
  EXPECT_TRUE(AreFree({"127.0.0.1"}, port));
}

TEST(PortsTest, WhatIsNoAddressOfThisMachineIsNotFree) {
  EXPECT_FALSE(AreFree({"192.0.2.1"}, 4379));
  EXPECT_FALSE(AreFree({"nonsense"}, 4379));
}

}  // namespace
}  // namespace ctdb::cli::local
