// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/live.h"

#include <gtest/gtest.h>

#include "cli/command_table.h"
#include "tests/cli/fake_cluster.h"

namespace ctdb::cli {
namespace {

class LiveTest : public testing::Test, private Terminal {
 protected:
  LiveTest() : session_(cluster_.connector(), {.socket_path = "/s"}) {}

  // Shows it; after so many times somebody presses Ctrl-C.
  absl::StatusOr<int> Show(uint64_t times, int presses_after = 1000) {
    Context context({invocation_, environment_, CommandTable(), *this, session_});
    return ShowLive(context, times, absl::Milliseconds(1), [&] {
      if (++drawn_ == presses_after && catches_) interrupted_ = true;
      context.Out("x");
      return status_;
    });
  }

  uint64_t Times() {
    return TimesToShow(Context({invocation_, environment_, CommandTable(), *this, session_}));
  }

  Environment environment_;
  Invocation invocation_;
  absl::Status status_;
  int drawn_ = 0;
  std::string out_;

 private:
  void Out(absl::string_view text) override { out_.append(text.data(), text.size()); }
  void Err(absl::string_view text) override {}
  void CatchInterrupt() override { catches_ = true; }
  bool interrupted() override { return interrupted_; }

  FakeCluster cluster_;
  Session session_;
  bool catches_ = false;
  bool interrupted_ = false;
};

TEST_F(LiveTest, ItIsShownAsOftenAsWanted) {
  EXPECT_EQ(Show(3).value(), 0);
  EXPECT_EQ(out_, "xxx");
}

TEST_F(LiveTest, CtrlCEndsItWithoutAnError) {
  EXPECT_EQ(Show(kUntilInterrupted, 4).value(), 0);
  EXPECT_EQ(drawn_, 4);
}

TEST_F(LiveTest, ATerminalIsClearedEachTimeButNotForAFormOfScripts) {
  environment_.is_terminal = true;
  EXPECT_EQ(Show(2).value(), 0);
  EXPECT_EQ(out_, "\x1b[H\x1b[Jx\x1b[H\x1b[Jx");
  out_.clear();
  invocation_.json = true;
  EXPECT_EQ(Show(2).value(), 0);
  EXPECT_EQ(out_, "xx");
}

TEST_F(LiveTest, AnErrorOfDrawingEndsIt) {
  status_ = absl::UnavailableError("gone");
  EXPECT_EQ(Show(kUntilInterrupted).status(), status_);
  EXPECT_EQ(drawn_, 1);
}

TEST_F(LiveTest, WhereNobodyLooksOnOnceIsEnough) {
  EXPECT_EQ(Times(), 1u);
  environment_.is_terminal = true;
  EXPECT_EQ(Times(), kUntilInterrupted);
}

}  // namespace
}  // namespace ctdb::cli
