// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/protocol/schema_evolution/schema_lines.h"

#include <capnp/any.h>
#include <capnp/schema.capnp.h>
#include <capnp/serialize.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace ctdb::schema_evolution {
namespace {

namespace schema = capnp::schema;

// Sorted as people read them: by file and type, then by number.
struct Line {
  std::string file;
  std::string type;
  std::string path;  // Of the group that the union is in.
  char sort;         // '-', '@' or '|'
  uint32_t number;
  std::string rest;

  friend auto operator<=>(const Line&, const Line&) = default;
  std::string ToString() const {
    const std::string key =
        sort == '-' ? "-" : absl::StrCat(path, absl::string_view(&sort, 1), number);
    return absl::StrCat(file, " ", type, " ", key, " ", rest, "\n");
  }
};

class Describer {
 public:
  explicit Describer(schema::CodeGeneratorRequest::Reader request) {
    for (schema::Node::Reader node : request.getNodes()) nodes_.emplace(node.getId(), node);
  }

  std::string Describe() {
    for (const auto& [id, node] : nodes_) DescribeNode(node);
    std::sort(lines_.begin(), lines_.end());
    std::string text;
    for (const Line& line : lines_) text += line.ToString();
    return text;
  }

 private:
  void DescribeNode(schema::Node::Reader node) {
    const std::pair<std::string, std::string> name =
        absl::StrSplit(node.getDisplayName().cStr(), absl::MaxSplits(':', 1));
    file_ = name.first;
    type_ = name.second;
    switch (node.which()) {
      case schema::Node::STRUCT:
        if (node.getStruct().getIsGroup()) return;  // Part of the struct that it is in.
        Add('-', 0, "struct");
        return DescribeFields(node.getStruct(), "");
      case schema::Node::ENUM:
        Add('-', 0, "enum");
        for (uint32_t number = 0; auto enumerant : node.getEnum().getEnumerants()) {
          Add('@', number++, enumerant.getName().cStr());
        }
        return;
      case schema::Node::INTERFACE:
        return DescribeInterface(node);
      default:
        return;  // Files, constants and annotations are not sent.
    }
  }

  void DescribeInterface(schema::Node::Reader node) {
    std::vector<std::string> bases;
    for (auto base : node.getInterface().getSuperclasses()) bases.push_back(Name(base.getId()));
    Add('-', 0,
        absl::StrCat("interface ", absl::StrFormat("0x%016x", node.getId()),
                     bases.empty() ? "" : " extends ", absl::StrJoin(bases, " ")));
    for (uint32_t number = 0; auto method : node.getInterface().getMethods()) {
      Add('@', number++,
          absl::StrCat(method.getName().cStr(), StructName(method.getParamStructType()),
                       StructName(method.getResultStructType())));
    }
  }

  void DescribeFields(schema::Node::Struct::Reader fields, const std::string& path) {
    for (schema::Field::Reader field : fields.getFields()) {
      const std::string name = absl::StrCat(path, field.getName().cStr());
      if (field.getDiscriminantValue() != schema::Field::NO_DISCRIMINANT) {
        Add('|', field.getDiscriminantValue(), name, path);
      }
      if (field.isGroup()) {
        DescribeFields(nodes_.at(field.getGroup().getTypeId()).getStruct(), name + ".");
      } else {
        const auto slot = field.getSlot();
        const std::string value =
            slot.getHadExplicitDefault() ? "=" + DefaultText(slot.getDefaultValue()) : "";
        Add('@', field.getOrdinal().getExplicit(),
            absl::StrCat(name, " ", TypeName(slot.getType()), value));
      }
    }
  }

  void Add(char sort, uint32_t number, std::string rest, const std::string& path = "") {
    lines_.push_back({file_, type_, path, sort, number, std::move(rest)});
  }

  // Without its file: names are unique in the namespace that all schemas share.
  std::string Name(uint64_t id) const {
    const std::vector<std::string> parts =
        absl::StrSplit(nodes_.at(id).getDisplayName().cStr(), absl::MaxSplits(':', 1));
    return parts.back();
  }

  // Nothing for the list of parameters of one method, which has lines of its own.
  std::string StructName(uint64_t id) const {
    return nodes_.at(id).getScopeId() == 0 ? "" : " " + Name(id);
  }

  std::string TypeName(schema::Type::Reader type) const {
    switch (type.which()) {
      case schema::Type::LIST:
        return absl::StrCat("List(", TypeName(type.getList().getElementType()), ")");
      case schema::Type::STRUCT:
        return Name(type.getStruct().getTypeId());
      case schema::Type::ENUM:
        return Name(type.getEnum().getTypeId());
      case schema::Type::INTERFACE:
        return Name(type.getInterface().getTypeId());
      case schema::Type::ANY_POINTER:
        return "AnyPointer";
      default: {
        static constexpr const char* kNames[] = {"Void",    "Bool",    "Int8",   "Int16",  "Int32",
                                                 "Int64",   "UInt8",   "UInt16", "UInt32", "UInt64",
                                                 "Float32", "Float64", "Text",   "Data"};
        const auto which = static_cast<size_t>(type.which());
        return which < std::size(kNames) ? kNames[which] : absl::StrCat("type", which);
      }
    }
  }

  // Numbers are stored XORed with their default, so a default is part of the layout.
  static std::string DefaultText(schema::Value::Reader value) {
    const auto words = capnp::AnyStruct::Reader(value).canonicalize();
    const auto bytes = words.asBytes();
    std::string text = "0x";
    for (size_t i = 0; i < bytes.size(); ++i) absl::StrAppendFormat(&text, "%02x", bytes[i]);
    return text;
  }

  std::map<uint64_t, schema::Node::Reader> nodes_;
  std::vector<Line> lines_;
  std::string file_;
  std::string type_;
};

// FILE TYPE KEY -> REST
std::map<std::string, std::string> ByKey(absl::string_view text) {
  std::map<std::string, std::string> result;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(' ', 3));
    if (parts.size() < 4 || parts[0] == "#") continue;
    result[absl::StrCat(parts[0], " ", parts[1], " ", parts[2])] = parts[3];
  }
  return result;
}

std::pair<std::string, std::string> NameAndType(absl::string_view rest) {
  return absl::StrSplit(rest, absl::MaxSplits(' ', 1));
}

// "a.limit" -> "a.obsoleteLimit"
std::string ObsoleteName(absl::string_view name) {
  const size_t dot = name.rfind('.');
  const size_t begin = dot == absl::string_view::npos ? 0 : dot + 1;
  std::string last(name.substr(begin));
  last[0] = absl::ascii_toupper(last[0]);
  return absl::StrCat(name.substr(0, begin), "obsolete", last);
}

Change DescribeChange(const std::string& key, const std::string& before, const std::string& after) {
  const auto [old_name, old_type] = NameAndType(before);
  const auto [new_name, new_type] = NameAndType(after);
  const std::string what = absl::StrCat(key, ": \"", before, "\" became \"", after, "\": ");
  if (old_type != new_type) {
    return {true, what +
                      "the bytes of older peers would be read as something else; keep it and add "
                      "a new number for the new type"};
  }
  if (new_name == ObsoleteName(old_name)) return {false, what + "out of use from now on"};
  return {true, what +
                    "another meaning needs another number, since older peers still send the old "
                    "one; if this is only a better name, edit its line in snapshot.txt"};
}

}  // namespace

std::string DescribeSchemas(absl::string_view request) {
  kj::Array<capnp::word> words = kj::heapArray<capnp::word>(request.size() / sizeof(capnp::word));
  std::memcpy(words.begin(), request.data(), words.size() * sizeof(capnp::word));
  capnp::FlatArrayMessageReader reader(words, {.traversalLimitInWords = words.size() * 16 + 1024});
  return Describer(reader.getRoot<schema::CodeGeneratorRequest>()).Describe();
}

std::vector<Change> Compare(absl::string_view before, absl::string_view after) {
  const std::map<std::string, std::string> old_lines = ByKey(before);
  const std::map<std::string, std::string> new_lines = ByKey(after);
  std::vector<Change> changes;
  for (const auto& [key, rest] : old_lines) {
    const auto found = new_lines.find(key);
    if (found == new_lines.end()) {
      changes.push_back({true, absl::StrCat(key, ": \"", rest,
                                            "\" is gone: its number may never be used again, so "
                                            "keep it and rename it to \"",
                                            ObsoleteName(NameAndType(rest).first), "\"")});
    } else if (found->second != rest) {
      changes.push_back(DescribeChange(key, rest, found->second));
    }
  }
  for (const auto& [key, rest] : new_lines) {
    if (old_lines.count(key) == 0) {
      changes.push_back({false, absl::StrCat(key, ": \"", rest, "\" is new")});
    }
  }
  return changes;
}

}  // namespace ctdb::schema_evolution
