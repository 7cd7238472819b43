// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/event.h"

#include <gtest/gtest.h>

#include "lib/base/ids.h"

namespace ctdb::logging {
namespace {

Event Make(absl::string_view name, absl::string_view text,
           std::initializer_list<Field> fields = {}) {
  return MakeEvent({"ctdbd", 1}, LogLevel::kNotice, absl::UnixEpoch(), name, text, fields);
}

TEST(EventTest, FieldsKeepTheirOrderAndTheirTypes) {
  const std::string text = "owned";
  const Event event = Make("name", "text",
                           {{"literal", "a"},
                            {"string", text},
                            {"negative", -1},
                            {"unsigned", 2u},
                            {"large", UINT64_MAX},
                            {"ratio", 0.5f},
                            {"truth", true},
                            {"node", NodeNumber(3)}});
  const std::vector<EventField> expected = {{"literal", std::string("a")},
                                            {"string", std::string("owned")},
                                            {"negative", int64_t{-1}},
                                            {"unsigned", uint64_t{2}},
                                            {"large", UINT64_MAX},
                                            {"ratio", 0.5},
                                            {"truth", true},
                                            {"node", uint64_t{3}}};
  EXPECT_EQ(event.fields, expected);
}

TEST(EventTest, NamesAndKeysBecomeIdentifiers) {
  const Event event = Make("Link-Lost 2", "text", {{"Key] 1", 1}, {"", 2}});
  EXPECT_EQ(event.name, "link_lost__");
  EXPECT_EQ(event.fields[0].key, "key__1");
  EXPECT_EQ(event.fields[1].key, "_");
}

TEST(EventTest, NewlinesAtTheEndOfTheTextAreNotPartOfIt) {
  EXPECT_EQ(Make("", "text\r\n\n").text, "text");
  EXPECT_EQ(Make("", "one\ntwo\n").text, "one\ntwo");
}

TEST(EventTest, WhatIsTooLongIsCutAndWhatIsTooMuchIsLeftOut) {
  const std::string large(100000, 'x');
  const Field field(large, large);
  const Event event = MakeEvent(
      {"ctdbd", 1}, LogLevel::kError, absl::UnixEpoch(), large, large,
      {field, field, field, field, field, field, field, field, field, field, field, field,
       field, field, field, field, field, field, field, field, field, field, field, field,
       field, field, field, field, field, field, field, field, field, field, field, field});
  EXPECT_EQ(event.name.size(), kNameBytesMax);
  EXPECT_EQ(event.text.size(), kTextBytesMax);
  EXPECT_EQ(event.fields.size(), kFieldCountMax);
  EXPECT_EQ(event.fields[0].key.size(), kNameBytesMax);
  EXPECT_EQ(std::get<std::string>(event.fields[0].value).size(), kFieldBytesMax);
  EXPECT_LT(EventBytes(event), 48u << 10);
  EXPECT_GT(EventBytes(event), kTextBytesMax + kFieldCountMax * kFieldBytesMax);
}

TEST(EventTest, ValuesAsText) {
  EXPECT_EQ(ValueText(std::string("a b")), "a b");
  EXPECT_EQ(ValueText(int64_t{INT64_MIN}), "-9223372036854775808");
  EXPECT_EQ(ValueText(UINT64_MAX), "18446744073709551615");
  EXPECT_EQ(ValueText(0.25), "0.25");
  EXPECT_EQ(ValueText(false), "false");
}

}  // namespace
}  // namespace ctdb::logging
