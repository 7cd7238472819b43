// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// json: JSON text, indented by two blanks, keys in the order they are written. Cap'n Proto structs
// become objects as capnp::JsonCodec has them: 64-bit integers as strings, since a JSON number may
// not hold them; absent pointers left out.
//
//   Ownership:  owns the text until Take().
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     the nesting of the schema.
//
// Example:
//   JsonWriter json;
//   json.BeginObject();
//   json.Key("version").String("0.1.0");
//   json.EndObject();
//   json.Take()  // "{\n  \"version\": \"0.1.0\"\n}"

#ifndef CLI_RENDER_JSON_H_
#define CLI_RENDER_JSON_H_

#include <capnp/compat/json.h>
#include <capnp/dynamic.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ctdb::cli {

class JsonWriter {
 public:
  void BeginObject() { Begin('{'); }
  void EndObject() { End('}'); }
  void BeginArray() { Begin('['); }
  void EndArray() { End(']'); }
  // The next value belongs to this key.
  JsonWriter& Key(absl::string_view key);

  void String(absl::string_view text);
  void Number(double number);
  // All of its digits.
  void Integer(uint64_t number);
  void Bool(bool value);
  void Null();
  void Value(capnp::json::Value::Reader value);
  void Struct(capnp::DynamicStruct::Reader reader);
  // The struct's fields as keys of the open object.
  void Fields(capnp::DynamicStruct::Reader reader);

  std::string Take() { return std::move(text_); }

 private:
  void Begin(char bracket);
  void End(char bracket);
  void WriteFields(capnp::json::Value::Reader object);
  void NextValue();
  void NewLine();

  std::string text_;
  std::vector<bool> has_values_;  // Per open bracket.
  bool after_key_ = false;
};

// The struct as a JSON object, without a final newline.
std::string ToJson(capnp::DynamicStruct::Reader reader);

// The same on one line, for streams of objects.
std::string ToJsonLine(capnp::DynamicStruct::Reader reader);

// A string literal with quotes; bytes that are not UTF-8 become U+FFFD.
std::string JsonString(absl::string_view text);

}  // namespace ctdb::cli

#endif  // CLI_RENDER_JSON_H_
