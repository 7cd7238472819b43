// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/man_page.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace ctdb {
namespace {

// A constant, so that the same sources give the same pages.
constexpr absl::string_view kDate = "2026-11-21";

// Text that roff shall print as it is.
std::string Escape(absl::string_view text) {
  const std::string escaped =
      absl::StrReplaceAll(text, {{"\\", "\\e"}, {"-", "\\-"}, {"\"", "\\(dq"}});
  const bool is_request = absl::StartsWith(escaped, ".") || absl::StartsWith(escaped, "'");
  return is_request ? absl::StrCat("\\&", escaped) : escaped;
}

}  // namespace

ManPage::ManPage(absl::string_view name, int section, absl::string_view purpose) {
  absl::StrAppend(&text_, ".TH ", Escape(name), " ", section, " \"", kDate, "\" \"libctdbapi\"\n");
  Heading("NAME");
  absl::StrAppend(&text_, Escape(name), " \\- ", Escape(purpose), "\n");
}

void ManPage::Heading(absl::string_view title) { absl::StrAppend(&text_, ".SH \"", title, "\"\n"); }

void ManPage::Subheading(absl::string_view title) {
  absl::StrAppend(&text_, ".SS \"", title, "\"\n");
}

void ManPage::Text(absl::string_view text) { absl::StrAppend(&text_, Escape(text), "\n"); }

void ManPage::Paragraph(absl::string_view text) {
  absl::StrAppend(&text_, ".PP\n", Escape(text), "\n");
}

void ManPage::Item(absl::string_view tag, absl::string_view text) {
  absl::StrAppend(&text_, ".TP\n.B \"", Escape(tag), "\"\n", Escape(text), "\n");
}

void ManPage::Example(absl::string_view lines) {
  absl::StrAppend(&text_, ".nf\n", Escape(lines), ".fi\n");
}

void ManPage::LineBreak() { absl::StrAppend(&text_, ".br\n"); }

void ManPage::SeeAlso(absl::string_view references) {
  Heading("SEE ALSO");
  Text(references);
}

}  // namespace ctdb
