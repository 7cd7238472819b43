// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/control.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "lib/samba/address_payloads.h"
#include "lib/samba/node_payloads.h"
#include "lib/samba/packet.h"
#include "tests/samba/golden.h"

namespace ctdb::samba {
namespace {

constexpr uint32_t kLastControl = 162;

TEST(ControlTest, TheTableIsOrderedAndKnowsEveryNumberThatEverHadAName) {
  const std::set<uint32_t> gone = {2, 12, 28, 38, 39, 40, 41, 68, 73, 92, 93, 94, 95, 106};
  for (uint32_t number = 0; number <= kLastControl + 10; ++number) {
    const ControlInfo* info = FindControl(static_cast<Opcode>(number));
    EXPECT_EQ(info != nullptr, number <= kLastControl && gone.count(number) == 0) << number;
    if (info != nullptr) {
      EXPECT_EQ(static_cast<uint32_t>(info->opcode), number);
    }
  }
  EXPECT_EQ(FindControl(static_cast<Opcode>(0xFFFFFFFF)), nullptr);
}

TEST(ControlTest, AHundredAndSevenControlsAreAliveAndNamesAreUnique) {
  std::map<ControlClass, int> counts;
  std::set<absl::string_view> names;
  for (const ControlInfo& info : Controls()) {
    ++counts[info.control_class];
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
  }
  EXPECT_EQ(counts[ControlClass::kObsolete], 40);
  EXPECT_EQ(counts[ControlClass::kObsoleteAnswered], 2);
  EXPECT_EQ(Controls().size(), 107 + 42);
}

TEST(ControlTest, NumbersHaveTheNamesThatToolsShow) {
  const std::map<Opcode, absl::string_view> names = {
      {Opcode::kProcessExists, "PROCESS_EXISTS"},
      {Opcode::kGetDbPath, "GETDBPATH"},
      {Opcode::kGetVnnMap, "GETVNNMAP"},
      {Opcode::kDbAttach, "DB_ATTACH"},
      {Opcode::kTraverseStart, "TRAVERSE_START"},
      {Opcode::kGetPnn, "GET_PNN"},
      {Opcode::kTcpClient, "TCP_CLIENT"},
      {Opcode::kGetNodeMap, "GET_NODEMAP"},
      {Opcode::kTrans3Commit, "TRANS3_COMMIT"},
      {Opcode::kScheduleForDeletion, "SCHEDULE_FOR_DELETION"},
      {Opcode::kDbOpenFlags, "DB_OPEN_FLAGS"},
      {Opcode::kCheckPidSrvid, "CHECK_PID_SRVID"},
      {Opcode::kPushRecord, "PUSH_RECORD"},
  };
  for (const auto& [opcode, name] : names) EXPECT_EQ(FindControl(opcode)->name, name);
  EXPECT_EQ(FindControl(static_cast<Opcode>(11))->name, "SET_DMASTER");
}

TEST(ControlTest, ClassesSayWhoMaySend) {
  EXPECT_EQ(FindControl(Opcode::kGetPnn)->control_class, ControlClass::kLocal);
  EXPECT_EQ(FindControl(Opcode::kRegisterSrvid)->control_class, ControlClass::kDirect);
  EXPECT_EQ(FindControl(Opcode::kShutdown)->control_class, ControlClass::kAdministrator);
  EXPECT_EQ(FindControl(Opcode::kUpdateRecord)->control_class, ControlClass::kNode);
}

TEST(ControlTest, EveryControlOfTheExamplesCarriesWhatItsRowSays) {
  std::map<ReqId, Opcode> asked;
  for (const Golden& golden : Goldens()) {
    if (const auto* request = std::get_if<ControlRequest>(&golden.packet.body)) {
      EXPECT_TRUE(CheckControlRequest(request->opcode, request->data).ok()) << golden.name;
      asked[golden.packet.header.reqid] = request->opcode;
    } else if (const auto* reply = std::get_if<ControlReply>(&golden.packet.body)) {
      if (reply->status < 0) continue;
      const Opcode opcode = asked[golden.packet.header.reqid];
      EXPECT_TRUE(CheckControlReply(opcode, reply->data).ok()) << golden.name;
    }
  }
}

TEST(ControlTest, Cn22UnknownAndObsoleteControlsAreUnimplemented) {
  for (const uint32_t number : {2u, 10u, 11u, 106u, 118u, 163u, 0xFFFFFFFFu}) {
    const auto opcode = static_cast<Opcode>(number);
    EXPECT_TRUE(absl::IsUnimplemented(CheckControlRequest(opcode, ""))) << number;
    EXPECT_TRUE(absl::IsUnimplemented(CheckControlReply(opcode, ""))) << number;
  }
  EXPECT_TRUE(CheckControlRequest(static_cast<Opcode>(81), "anything").ok());
}

TEST(ControlTest, Cn23ARequestWhoseSizeMustMatchIsRefusedWithOneByteMoreOrLess) {
  const auto refuses = [](Opcode opcode, size_t bytes) {
    return absl::IsInvalidArgument(CheckControlRequest(opcode, std::string(bytes, '\0')));
  };
  const std::map<Opcode, size_t> exact = {
      {Opcode::kProcessExists, 4},
      {Opcode::kStatistics, 0},
      {Opcode::kTraverseStart, 16},
      {Opcode::kTraverseStartExt, 24},
      {Opcode::kTcpClient, 56},
      {Opcode::kModifyFlags, 12},
      {Opcode::kGetTcpTickleList, 28},
      {Opcode::kReleaseIp, 32},
      {Opcode::kRecdReclockLatency, 8},
      {Opcode::kSetBanState, 8},
      {Opcode::kDeregisterNotify, 8},
      {Opcode::kGetDbSeqnum, 8},
      {Opcode::kSetIfaceLinkState, 24},
      {Opcode::kScheduleForDeletion, 36},
      {Opcode::kTraverseAllExt, 32},
      {Opcode::kDbTransactionStart, 8},
      {Opcode::kDbPull, 16},
      {Opcode::kCheckPidSrvid, 12},
      {Opcode::kDbVacuum, 5},
      {Opcode::kEnableSeqnum, 4},
      {Opcode::kRegisterNotify, 12},
  };
  for (const auto& [opcode, bytes] : exact) {
    EXPECT_FALSE(refuses(opcode, bytes)) << FindControl(opcode)->name;
    EXPECT_TRUE(refuses(opcode, bytes + 1)) << FindControl(opcode)->name;
    EXPECT_TRUE(bytes == 0 || refuses(opcode, bytes - 1)) << FindControl(opcode)->name;
  }
  const std::map<Opcode, size_t> at_least = {
      {Opcode::kSetVnnMap, 8},    {Opcode::kSetTunable, 8},        {Opcode::kGetTunable, 4},
      {Opcode::kTrans3Commit, 8}, {Opcode::kSetTcpTickleList, 32}, {Opcode::kAddPublicIp, 36},
      {Opcode::kEchoData, 8},     {Opcode::kPushRecord, 40},       {Opcode::kUpdateRecord, 8},
  };
  for (const auto& [opcode, bytes] : at_least) {
    EXPECT_FALSE(refuses(opcode, bytes)) << FindControl(opcode)->name;
    EXPECT_FALSE(refuses(opcode, bytes + 9)) << FindControl(opcode)->name;
    EXPECT_TRUE(refuses(opcode, bytes - 1)) << FindControl(opcode)->name;
  }
}

TEST(ControlTest, Cn24ADatabasesNameEndsInAZeroByte) {
  for (const Opcode opcode :
       {Opcode::kDbAttach, Opcode::kDbAttachPersistent, Opcode::kDbAttachReplicated}) {
    EXPECT_TRUE(CheckControlRequest(opcode, absl::string_view("a.tdb\0", 6)).ok());
    EXPECT_TRUE(absl::IsInvalidArgument(CheckControlRequest(opcode, "a.tdb")));
    EXPECT_TRUE(absl::IsInvalidArgument(CheckControlRequest(opcode, "")));
  }
}

TEST(ControlTest, SomeRequestsAreNotLookedAt) {
  for (const Opcode opcode : {Opcode::kGetPnn, Opcode::kRegisterSrvid, Opcode::kUptime}) {
    EXPECT_TRUE(CheckControlRequest(opcode, "anything").ok());
  }
}

TEST(ControlTest, Cn38AnAnswerOfAnotherSizeIsRefused) {
  const std::string uptime = Encode(Uptime());
  EXPECT_TRUE(CheckControlReply(Opcode::kUptime, uptime).ok());
  EXPECT_FALSE(CheckControlReply(Opcode::kUptime, uptime + "x").ok());
  EXPECT_FALSE(CheckControlReply(Opcode::kDbOpenFlags, "123").ok());
  EXPECT_FALSE(CheckControlReply(Opcode::kGetPnn, "1234").ok());
  EXPECT_TRUE(CheckControlReply(Opcode::kDumpMemory, "text").ok());
  EXPECT_TRUE(CheckControlReply(Opcode::kDbGetHealth, "").ok());
}

TEST(ControlTest, AnErrorNamesTheControl) {
  EXPECT_EQ(CheckControlRequest(Opcode::kDbVacuum, "1234").message(),
            "DB_VACUUM: the 4 bytes of a vacuuming of a database end too early or contradict "
            "themselves at 4");
}

}  // namespace
}  // namespace ctdb::samba
