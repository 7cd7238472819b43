// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/recovery/codec.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include <string>

namespace ctdb::recovery {
namespace {

Survey SomeSurvey() {
  Survey survey{database::DatabaseId(7), Epoch(0xfedcba9876543210), 3, 4,
                std::string("c\0r", 3),  database::SlotSet()};
  survey.slots.set(0);
  survey.slots.set(9);
  survey.slots.set(database::kSlots - 1);
  survey.keys = {"key 1", std::string("k\0", 2)};
  return survey;
}

absl::StatusOr<Survey> Decode(const Survey& survey,
                              const std::function<void(wire::Survey::Builder)>& change) {
  capnp::MallocMessageBuilder builder;
  auto out = builder.initRoot<wire::Survey>();
  EncodeSurvey(survey, out);
  change(out);
  return DecodeSurvey(out.asReader());
}

TEST(RecoveryCodecTest, ASurveyIsTheSameAfterItsJourney) {
  const auto survey = Decode(SomeSurvey(), [](auto) {});
  ASSERT_TRUE(survey.ok()) << survey.status();
  EXPECT_EQ(*survey, SomeSurvey());
}

TEST(RecoveryCodecTest, ASurveyOfAnotherNumberOfSlotsIsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(
      Decode(SomeSurvey(), [](auto out) { out.initSlots(database::kSlots / 8 - 1); }).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      Decode(SomeSurvey(), [](auto out) { out.initCursor(kCursorBytesMax + 1); }).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(Decode(SomeSurvey(), [](auto out) { out.initKeys(1); }).status()))
      << "a record without a key";
}

TEST(RecoveryCodecTest, AReportIsTheSameAfterItsJourney) {
  const Report report{
      database::DatabaseId(7),
      Epoch(12),
      3,
      4,
      {{"key 1", {Epoch(11), 5}, true, {}}, {"key 2", {Epoch(10), 6}, false, {Epoch(9), 8}}},
      "next",
      true,
      500,
      90'000};
  capnp::MallocMessageBuilder builder;
  auto out = builder.initRoot<wire::Report>();
  EncodeReport(report, out);
  const auto decoded = DecodeReport(out.asReader());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, report);
}

TEST(RecoveryCodecTest, AReportOfARecordWithoutAKeyIsRefused) {
  capnp::MallocMessageBuilder builder;
  auto out = builder.initRoot<wire::Report>();
  out.initEntries(1);
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeReport(out.asReader()).status()));
}

}  // namespace
}  // namespace ctdb::recovery
