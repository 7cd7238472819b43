// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/nodes.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace ctdb::config {
namespace {

class NodesParser {
 public:
  explicit NodesParser(absl::string_view source) : source_(source) {}

  // False when there is no point in going on.
  bool AddLine(absl::string_view line, int number) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) return true;
    if (file_.nodes.size() == kNodesMax) {
      AddError(number, absl::StrCat("more than ", kNodesMax, " nodes"), "");
      return false;
    }
    if (line[0] == '#') {
      AddNode({}, true, number);
      return true;
    }
    const auto address = IpAddress::Parse(line);
    if (!address.has_value()) {
      AddError(number, absl::StrCat("Invalid node address ", line),
               "; use an IPv4 or IPv6 address without name, port or mask");
      return true;
    }
    const auto [first, is_new] = line_of_.emplace(*address, number);
    if (!is_new) {
      AddError(number,
               absl::StrCat("Duplicate node address ", address->ToString(), ", first used in line ",
                            first->second),
               "; each node needs an address of its own");
      return true;
    }
    AddNode(*address, false, number);
    return true;
  }

  NodesFile Take() { return std::move(file_); }

 private:
  void AddNode(const IpAddress& address, bool is_deleted, int line) {
    const NodeNumber number(static_cast<uint32_t>(file_.nodes.size()));
    file_.nodes.push_back({number, address, is_deleted, line});
  }

  void AddError(int line, std::string message, std::string hint) {
    AddProblem({Severity::kError, source_, line, {std::move(message)}, std::move(hint)},
               &file_.problems);
  }

  const std::string source_;
  std::map<IpAddress, int> line_of_;
  NodesFile file_;
};

}  // namespace

NodesFile ParseNodes(absl::string_view text, absl::string_view source) {
  NodesParser parser(source);
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    if (!parser.AddLine(text.substr(0, end), number)) break;
    text.remove_prefix(end == absl::string_view::npos ? text.size() : end + 1);
  }
  return parser.Take();
}

}  // namespace ctdb::config
