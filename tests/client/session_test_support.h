// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What tests of sessions share: taking messages, and hearing them.

#ifndef TESTS_CLIENT_SESSION_TEST_SUPPORT_H_
#define TESTS_CLIENT_SESSION_TEST_SUPPORT_H_

#include <gtest/gtest.h>
#include <poll.h>

#include <string>
#include <vector>

#include "tests/client/session_fixture.h"

namespace ctdb::test {

class SessionTest : public SessionFixture {
 protected:
  static bool IsReadable(int fd, absl::Duration patience = absl::ZeroDuration()) {
    pollfd poll_fd = {fd, POLLIN, 0};
    return ::poll(&poll_fd, 1, static_cast<int>(absl::ToInt64Milliseconds(patience))) == 1;
  }
  // Dispatches until so many messages were taken.
  static void Take(Session& session, int count) {
    const TimeLimit limit = LimitIn(kSoon);
    for (int taken = 0; taken < count;) {
      const auto more = session.Dispatch(Left(limit));
      ASSERT_TRUE(more.ok()) << more.status();
      ASSERT_FALSE(IsOver(limit)) << taken << " of " << count;
      taken += *more;
    }
  }
  absl::Status Subscribe(Session& session, uint64_t channel) {
    return session.Subscribe(ChannelId(channel), [this](const ClientMessage& message) {
      heard_.push_back(std::string(message.payload));
    });
  }
  std::vector<std::string> heard_;
};

}  // namespace ctdb::test

#endif  // TESTS_CLIENT_SESSION_TEST_SUPPORT_H_
