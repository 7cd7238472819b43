// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/attach.h"

#include "tests/samba/proxy_fixture.h"

namespace ctdb::samba {
namespace {

using testing::IsEmpty;

class AttachTest : public ProxyFixture {
 protected:
  void Ask(absl::string_view name) {
    const std::string data = Text(name);
    Send(client_, Request(Opcode::kDbAttach, data));
  }
  const ClientId client_ = Connect(1);
};

TEST_F(AttachTest, AnAttachGivesTheNumber_DB5) {
  EXPECT_EQ(Control(client_, Opcode::kDbAttach, Text("locking.tdb")).data, Id(kLocking));
  EXPECT_EQ(Control(client_, Opcode::kDbAttach, Text("new.tdb")).status, 0);
}

TEST_F(AttachTest, AVolatileOneIsContentWithMore_DB7) {
  EXPECT_EQ(Control(client_, Opcode::kDbAttach, Text("secrets.tdb")).data, Id(kSecrets));
  EXPECT_EQ(Control(client_, Opcode::kDbAttachPersistent, Text("locking.tdb")).status, -1);
  EXPECT_EQ(Control(client_, Opcode::kDbAttachReplicated, Text("locking.tdb")).status, -1);
}

TEST_F(AttachTest, WhileTheClusterRecoversItIsParked_DB8) {
  state_.is_recovering = true;
  Tell();
  Ask("locking.tdb");
  Wait(absl::Seconds(30));
  EXPECT_THAT(TakeBytes(client_), IsEmpty());
  state_.is_recovering = false;
  state_.run_state = 3;
  Tell();
  Wait(absl::Seconds(30));
  EXPECT_THAT(TakeBytes(client_), IsEmpty()) << "the first recovery is not over";
  state_.run_state = 4;
  Tell();
  Wait(absl::Seconds(1));
  EXPECT_EQ(TakeReply(client_)->data, Id(kLocking));
}

TEST_F(AttachTest, WhatIsParkedForTooLongFails_DB8) {
  state_.is_recovering = true;
  Tell();
  Ask("locking.tdb");
  Wait(absl::Seconds(119));
  EXPECT_THAT(TakeBytes(client_), IsEmpty());
  Wait(absl::Seconds(2));
  EXPECT_EQ(TakeReply(client_)->status, -1);
}

TEST_F(AttachTest, AnInactiveNodeRefusesAtOnce_DB9) {
  SetFlags(kOwn, kNodeStopped);
  EXPECT_EQ(Control(client_, Opcode::kDbAttach, Text("locking.tdb")).status, -1);
  SetFlags(kOwn, kNodeUnhealthy);
  EXPECT_EQ(Control(client_, Opcode::kDbAttach, Text("locking.tdb")).status, 0);
  proxy_.SetTunable("AllowClientDBAttach", 0);
  EXPECT_EQ(Control(client_, Opcode::kDbAttach, Text("locking.tdb")).status, -1);
}

TEST_F(AttachTest, AServiceThatIsStartedAgainIsAskedAgain_DIS9) {
  databases_.failures = 3;
  Ask("locking.tdb");
  Wait(absl::Seconds(1));
  EXPECT_EQ(TakeReply(client_)->data, Id(kLocking));
}

}  // namespace
}  // namespace ctdb::samba
