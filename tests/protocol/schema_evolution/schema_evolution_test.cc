// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Guards the promise that versions mix: what was ever sent keeps its number, type and meaning.

#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "tests/protocol/schema_evolution/schema_lines.h"

namespace ctdb::schema_evolution {
namespace {

std::string request_path;
std::string snapshot_path;

std::string Read(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path, size_t{16} << 20);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

TEST(SchemaEvolutionTest, NothingThatWasEverSentChangesItsMeaning) {
  const std::string now = DescribeSchemas(Read(request_path));
  for (const Change& change : Compare(Read(snapshot_path), now)) {
    if (change.is_break) ADD_FAILURE() << change.text << "\nRules: capnp/README.md";
  }
}

TEST(SchemaEvolutionTest, SnapshotHasEverythingNew) {
  const std::string now = DescribeSchemas(Read(request_path));
  std::string news;
  for (const Change& change : Compare(Read(snapshot_path), now)) {
    if (!change.is_break) absl::StrAppend(&news, "\n  ", change.text);
  }
  EXPECT_EQ(news, "") << "This is compatible. Put it on record, and commit that:\n"
                         "  bazel run //tests/protocol/schema_evolution:refresh";
}

TEST(SchemaLinesTest, LinesTellNumberNameAndTypeOfEverythingSent) {
  const std::string lines = DescribeSchemas(Read(request_path));
  for (const char* line : {
           "capnp/packet.capnp Packet - struct\n",
           "capnp/packet.capnp Packet @2 kind Kind\n",
           "capnp/packet.capnp Packet @12 payload AnyPointer\n",
           "capnp/packet.capnp Kind @3 rpc\n",
           "capnp/packet.capnp Handshake |1 nodeHello\n",
           "capnp/packet.capnp Handshake @4 nodeHello.expectedNode UInt32\n",
           "capnp/packet.capnp Control @3 setGroup.members List(UInt32)\n",
           "capnp/control.capnp DaemonControl - interface 0x",
           "capnp/control.capnp DaemonControl @0 ping\n",
           "capnp/control.capnp DaemonControl.ping$Results @0 time Float64\n",
           " extends DaemonControl\n",
       }) {
    EXPECT_TRUE(absl::StrContains(lines, line)) << line << "in\n" << lines;
  }
}

// The one change between two texts.
Change OnlyChange(absl::string_view before, absl::string_view after) {
  const std::vector<Change> changes = Compare(before, after);
  EXPECT_EQ(changes.size(), 1u);
  return changes.empty() ? Change{false, ""} : changes[0];
}

TEST(CompareTest, EqualTextsHaveNoChange) {
  EXPECT_TRUE(Compare("f T @0 a Bool\n", "f T @0 a Bool\n").empty());
}

TEST(CompareTest, AdditionIsCompatible) {
  const Change change = OnlyChange("f T @0 a Bool\n", "f T @0 a Bool\nf T @1 b Bool\n");
  EXPECT_FALSE(change.is_break);
  EXPECT_EQ(change.text, "f T @1: \"b Bool\" is new");
}

TEST(CompareTest, RemovalBreaksAndSaysHowToRetireAField) {
  const Change change = OnlyChange("f T @0 g.limit Bool\n", "");
  EXPECT_TRUE(change.is_break);
  EXPECT_TRUE(absl::StrContains(change.text, "rename it to \"g.obsoleteLimit\"")) << change.text;
}

TEST(CompareTest, RetiredFieldIsCompatible) {
  EXPECT_FALSE(OnlyChange("f T @0 limit Bool\n", "f T @0 obsoleteLimit Bool\n").is_break);
}

TEST(CompareTest, NewMeaningOfANumberBreaks) {
  EXPECT_TRUE(OnlyChange("f T @0 limit Bool\n", "f T @0 floor Bool\n").is_break);
  EXPECT_TRUE(OnlyChange("f E @0 red\n", "f E @0 blue\n").is_break);
  EXPECT_TRUE(OnlyChange("f T |0 red\n", "f T |0 blue\n").is_break);
}

TEST(CompareTest, ChangedTypeBreaks) {
  EXPECT_TRUE(OnlyChange("f T @0 limit Bool\n", "f T @0 limit Text\n").is_break);
  EXPECT_TRUE(OnlyChange("f T @0 limit UInt8\n", "f T @0 limit UInt8=0x05\n").is_break);
  EXPECT_TRUE(OnlyChange("f T - interface 0x01\n", "f T - interface 0x02\n").is_break);
}

TEST(CompareTest, RetiredFieldOfAnotherTypeBreaks) {
  EXPECT_TRUE(OnlyChange("f T @0 limit Bool\n", "f T @0 obsoleteLimit Text\n").is_break);
}

TEST(CompareTest, RenumberingBreaks) {
  const std::vector<Change> changes =
      Compare("f T @0 a Bool\nf T @1 b Text\n", "f T @0 b Text\nf T @1 a Bool\n");
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_TRUE(changes[0].is_break);
  EXPECT_TRUE(changes[1].is_break);
}

}  // namespace
}  // namespace ctdb::schema_evolution

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 3) {
    std::cerr << "usage: schema_evolution_test COMPILED_SCHEMAS SNAPSHOT\n";
    return 1;
  }
  ctdb::schema_evolution::request_path = argv[1];
  ctdb::schema_evolution::snapshot_path = argv[2];
  return RUN_ALL_TESTS();
}
