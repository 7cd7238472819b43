// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/json.h"

#include <capnp/message.h>

#include <cmath>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/render/text.h"
#include "cli/render/view.h"

namespace ctdb::cli {
namespace {

// The shortest decimal form that reads back as the same number.
std::string NumberText(double number) {
  if (!std::isfinite(number)) return "null";
  if (number == std::trunc(number) && std::abs(number) < 1e15) {
    return absl::StrFormat("%.0f", number);
  }
  for (int digits = 15; digits < 17; ++digits) {
    std::string text = absl::StrFormat("%.*g", digits, number);
    if (std::strtod(text.c_str(), nullptr) == number) return text;
  }
  return absl::StrFormat("%.17g", number);
}

}  // namespace

std::string JsonString(absl::string_view text) {
  std::string result = "\"";
  while (!text.empty()) {
    const unsigned char c = static_cast<unsigned char>(text[0]);
    if (c == '"' || c == '\\') {
      absl::StrAppend(&result, "\\", text.substr(0, 1));
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (c < 0x20 || c == 0x7f) {
      absl::StrAppendFormat(&result, "\\u%04x", c);
    } else {
      const size_t length = Utf8SequenceLength(text);
      if (length == 0) {
        result += "\xef\xbf\xbd";
      } else {
        absl::StrAppend(&result, text.substr(0, length));
        text.remove_prefix(length - 1);
      }
    }
    text.remove_prefix(1);
  }
  return result + "\"";
}

JsonWriter& JsonWriter::Key(absl::string_view key) {
  NextValue();
  absl::StrAppend(&text_, JsonString(key), ": ");
  after_key_ = true;
  return *this;
}

void JsonWriter::String(absl::string_view text) {
  NextValue();
  text_ += JsonString(text);
}

void JsonWriter::Number(double number) {
  NextValue();
  text_ += NumberText(number);
}

void JsonWriter::Integer(uint64_t number) {
  NextValue();
  absl::StrAppend(&text_, number);
}

void JsonWriter::Bool(bool value) {
  NextValue();
  text_ += value ? "true" : "false";
}

void JsonWriter::Null() {
  NextValue();
  text_ += "null";
}

void JsonWriter::Value(capnp::json::Value::Reader value) {
  switch (value.which()) {
    case capnp::json::Value::NULL_:
    case capnp::json::Value::CALL:
      return Null();
    case capnp::json::Value::BOOLEAN:
      return Bool(value.getBoolean());
    case capnp::json::Value::NUMBER:
      return Number(value.getNumber());
    case capnp::json::Value::STRING:
      return String(View(value.getString()));
    case capnp::json::Value::ARRAY:
      BeginArray();
      for (auto item : value.getArray()) Value(item);
      return EndArray();
    case capnp::json::Value::OBJECT:
      BeginObject();
      WriteFields(value);
      return EndObject();
  }
}

void JsonWriter::WriteFields(capnp::json::Value::Reader object) {
  for (auto field : object.getObject()) {
    Key(View(field.getName()));
    Value(field.getValue());
  }
}

void JsonWriter::Struct(capnp::DynamicStruct::Reader reader) {
  capnp::MallocMessageBuilder message;
  auto value = message.initRoot<capnp::json::Value>();
  capnp::JsonCodec().encode(reader, reader.getSchema(), value);
  Value(value);
}

void JsonWriter::Fields(capnp::DynamicStruct::Reader reader) {
  capnp::MallocMessageBuilder message;
  auto value = message.initRoot<capnp::json::Value>();
  capnp::JsonCodec().encode(reader, reader.getSchema(), value);
  WriteFields(value);
}

void JsonWriter::Begin(char bracket) {
  NextValue();
  text_ += bracket;
  has_values_.push_back(false);
}

void JsonWriter::End(char bracket) {
  const bool had_values = has_values_.back();
  has_values_.pop_back();
  if (had_values) NewLine();
  text_ += bracket;
}

void JsonWriter::NextValue() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (has_values_.empty()) return;
  if (has_values_.back()) text_ += ",";
  has_values_.back() = true;
  NewLine();
}

void JsonWriter::NewLine() {
  absl::StrAppend(&text_, "\n", std::string(2 * has_values_.size(), ' '));
}

std::string ToJson(capnp::DynamicStruct::Reader reader) {
  JsonWriter json;
  json.Struct(reader);
  return json.Take();
}

std::string ToJsonLine(capnp::DynamicStruct::Reader reader) {
  const kj::String text = capnp::JsonCodec().encode(reader, reader.getSchema());
  return std::string(text.begin(), text.size());
}

}  // namespace ctdb::cli
