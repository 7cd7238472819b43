// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/ini.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ctdb::config {
namespace {

bool IsComment(absl::string_view line) {
  return absl::StartsWith(line, "#") || absl::StartsWith(line, ";");
}

// Neither comments nor what follows a section header can be continued on the next line. Only what
// is new since `fresh` is searched, so that a thousand continuations do not cost a million steps.
bool CanContinue(absl::string_view line, size_t fresh) {
  const bool is_whole_header =
      absl::StartsWith(line, "[") && line.find(']', fresh) != absl::string_view::npos;
  return !IsComment(line) && !is_whole_header;
}

std::string CollapseWhiteSpace(absl::string_view text) {
  std::string result;
  bool in_run = false;
  for (char c : text) {
    const bool is_space = absl::ascii_isspace(c);
    if (!is_space || !in_run) result.push_back(c);
    in_run = is_space;
  }
  return result;
}

// Hands out lines with their continuations joined and their white space collapsed and stripped.
class LineReader {
 public:
  explicit LineReader(absl::string_view text) : rest_(text) {}

  bool Next(std::string* line) {
    if (rest_.empty()) return false;
    line_number_ = next_number_;
    std::string joined;
    while (true) {
      const size_t fresh = joined.size();
      const bool has_newline = TakePhysicalLine(&joined);
      if (!has_newline || !CanContinue(joined, fresh)) break;
      const absl::string_view stripped = absl::StripTrailingAsciiWhitespace(joined);
      if (!absl::EndsWith(stripped, "\\")) break;
      joined.resize(stripped.size() - 1);
    }
    *line = CollapseWhiteSpace(absl::StripTrailingAsciiWhitespace(joined));
    return true;
  }

  // Where the line that Next() gave begins.
  int line_number() const { return line_number_; }

 private:
  // Appends the next line to `joined`, which never starts with white space; false when the line
  // ends with the text instead of a newline.
  bool TakePhysicalLine(std::string* joined) {
    const size_t end = rest_.find('\n');
    const bool has_newline = end != absl::string_view::npos;
    absl::string_view line = rest_.substr(0, end);
    if (joined->empty()) line = absl::StripLeadingAsciiWhitespace(line);
    absl::StrAppend(joined, line);
    rest_.remove_prefix(has_newline ? end + 1 : rest_.size());
    ++next_number_;
    return has_newline;
  }

  absl::string_view rest_;
  int line_number_ = 0;
  int next_number_ = 1;
};

void ParseHeader(absl::string_view line, int number, IniFile* file) {
  const size_t end = line.find(']');
  if (end == absl::string_view::npos) {
    file->errors.push_back({number, absl::StrCat("section header \"", line, "\" has no \"]\"")});
    file->sections.push_back({IniSection::Header::kBroken, "", number, {}});
    return;
  }
  file->sections.push_back(
      {IniSection::Header::kNamed, std::string(line.substr(1, end - 1)), number, {}});
  const absl::string_view behind = absl::StripLeadingAsciiWhitespace(line.substr(end + 1));
  if (!behind.empty() && !IsComment(behind)) {
    file->ignored.push_back({number, absl::StrCat("text after section header: \"", behind, "\"")});
  }
}

void ParseOption(absl::string_view line, int number, IniFile* file) {
  const size_t equals = line.find('=');
  if (equals == absl::string_view::npos) {
    file->ignored.push_back({number, absl::StrCat("line without \"=\": \"", line, "\"")});
    return;
  }
  const absl::string_view name = absl::StripTrailingAsciiWhitespace(line.substr(0, equals));
  const absl::string_view value = absl::StripLeadingAsciiWhitespace(line.substr(equals + 1));
  if (name.empty()) {
    file->errors.push_back({number, absl::StrCat("no name before \"", line, "\"")});
    return;
  }
  file->sections.back().options.push_back({std::string(name), std::string(value), number});
}

}  // namespace

IniFile ParseIni(absl::string_view text) {
  IniFile file;
  file.sections.emplace_back();
  LineReader reader(text);
  std::string line;
  while (reader.Next(&line)) {
    if (line.empty() || IsComment(line)) continue;
    if (absl::StrContains(line, absl::string_view("\0", 1))) {
      file.errors.push_back({reader.line_number(), "line contains a zero byte"});
      if (line[0] == '[') {
        file.sections.push_back({IniSection::Header::kBroken, "", reader.line_number(), {}});
      }
    } else if (line[0] == '[') {
      ParseHeader(line, reader.line_number(), &file);
    } else {
      ParseOption(line, reader.line_number(), &file);
    }
  }
  return file;
}

}  // namespace ctdb::config
