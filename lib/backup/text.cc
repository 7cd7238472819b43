// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/backup/text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/base/status_macros.h"
#include "lib/store/record.h"

namespace ctdb::backup {
namespace {

void AppendQuoted(std::string& text, absl::string_view bytes) {
  text += '"';
  for (const char byte : bytes) {
    if (absl::ascii_isprint(static_cast<unsigned char>(byte)) && byte != '"' && byte != '\\') {
      text += byte;
    } else {
      absl::StrAppendFormat(&text, "\\%02X", static_cast<unsigned char>(byte));
    }
  }
  text += '"';
}

class Line {
 public:
  explicit Line(absl::string_view text) : text_(text) {}

  void SkipBlanks() {
    while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool IsOver() const { return at_ == text_.size(); }
  bool Take(char wanted) {
    const bool is_there = !IsOver() && text_[at_] == wanted;
    at_ += is_there ? 1 : 0;
    return is_there;
  }

  absl::StatusOr<std::string> TakeQuoted(absl::string_view what) {
    SkipBlanks();
    if (!Take('"')) return Wrong(absl::StrCat("the ", what, " does not begin with \""));
    std::string bytes;
    while (!Take('"')) {
      if (IsOver()) return Wrong(absl::StrCat("the ", what, " does not end with \""));
      if (!Take('\\')) {
        bytes += text_[at_++];
        continue;
      }
      const absl::string_view digits = text_.substr(at_, 2);
      if (digits.size() < 2 || !absl::ascii_isxdigit(static_cast<unsigned char>(digits[0])) ||
          !absl::ascii_isxdigit(static_cast<unsigned char>(digits[1]))) {
        return Wrong("\\ is not followed by two hexadecimal digits (\\5C is the character itself)");
      }
      bytes += absl::HexStringToBytes(digits);
      at_ += digits.size();
    }
    return bytes;
  }

  absl::Status Wrong(absl::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat("column ", at_ + 1, ": ", what, "; a line is \"KEY\" = \"VALUE\""));
  }

 private:
  const absl::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::string TextLine(absl::string_view key, absl::string_view value) {
  std::string text;
  AppendQuoted(text, key);
  text += " = ";
  AppendQuoted(text, value);
  return text;
}

absl::StatusOr<std::optional<Change>> ParseTextLine(absl::string_view text) {
  Line line(text);
  line.SkipBlanks();
  if (line.IsOver() || line.Take('#')) return std::nullopt;
  Change record;
  CTDB_ASSIGN_OR_RETURN(record.key, line.TakeQuoted("key"));
  CTDB_RETURN_IF_ERROR(store::CheckKey(record.key));
  line.SkipBlanks();
  if (!line.Take('=')) return line.Wrong("no = between key and value");
  CTDB_ASSIGN_OR_RETURN(record.value, line.TakeQuoted("value"));
  if (record.value.empty()) return line.Wrong("an empty value is no record: leave the line out");
  line.SkipBlanks();
  if (!line.IsOver()) return line.Wrong("something follows the value");
  return record;
}

}  // namespace ctdb::backup
