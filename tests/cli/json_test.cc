// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/json.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "capnp/transport.capnp.h"

namespace ctdb::cli {
namespace {

TEST(JsonTest, ObjectsAndArraysAreIndentedByTwoBlanks) {
  JsonWriter json;
  json.BeginObject();
  json.Key("a").Number(1);
  json.Key("b").BeginArray();
  json.Bool(true);
  json.Null();
  json.EndArray();
  json.Key("c").BeginObject();
  json.EndObject();
  json.EndObject();
  EXPECT_EQ(json.Take(),
            "{\n"
            "  \"a\": 1,\n"
            "  \"b\": [\n"
            "    true,\n"
            "    null\n"
            "  ],\n"
            "  \"c\": {}\n"
            "}");
}

TEST(JsonTest, StringsAreEscapedAndAlwaysValidUtf8) {
  EXPECT_EQ(JsonString("a\"b\\c\n\t\x01"), "\"a\\\"b\\\\c\\n\\t\\u0001\"");
  EXPECT_EQ(JsonString("Zürich"), "\"Zürich\"");
  EXPECT_EQ(JsonString("\xff"), "\"\xef\xbf\xbd\"");
}

TEST(JsonTest, NumbersAreShortAndExact) {
  const auto text = [](double number) {
    JsonWriter json;
    json.Number(number);
    return json.Take();
  };
  EXPECT_EQ(text(4294967295.0), "4294967295");
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(1792000000.25), "1792000000.25");
  EXPECT_EQ(text(-3), "-3");
  EXPECT_EQ(text(0.1 + 0.2), "0.30000000000000004");
}

TEST(JsonTest, StructsHaveTheNamesOfTheSchemaAndLongIntegersAsStrings) {
  capnp::MallocMessageBuilder message;
  auto counter = message.initRoot<wire::Counter>();
  counter.setName("router.packets_routed");
  counter.setValue(18446744073709551615u);
  EXPECT_EQ(ToJson(counter.asReader()),
            "{\n"
            "  \"name\": \"router.packets_routed\",\n"
            "  \"value\": \"18446744073709551615\"\n"
            "}");
  EXPECT_EQ(ToJsonLine(counter.asReader()),
            "{\"name\":\"router.packets_routed\",\"value\":\"18446744073709551615\"}");
}

TEST(JsonTest, FieldsOfAStructJoinTheOpenObject) {
  capnp::MallocMessageBuilder message;
  auto address = message.initRoot<wire::Address>();
  address.setNode(2);
  JsonWriter json;
  json.BeginObject();
  json.Key("first").Bool(true);
  json.Fields(address.asReader());
  json.EndObject();
  EXPECT_EQ(json.Take(),
            "{\n"
            "  \"first\": true,\n"
            "  \"node\": 2,\n"
            "  \"service\": 0,\n"
            "  \"instance\": \"0\"\n"
            "}");
}

}  // namespace
}  // namespace ctdb::cli
