// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// man_page: writes manual pages in man(7), so that those made from tables need not know roff.
//
//   Ownership:  values.
//   Threading:  not thread-safe.
//   Errors:     none; any text is shown as it is.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   ManPage page("ctdbd", 8, "the master daemon of a node");
//   page.Heading("DESCRIPTION");
//   page.Text("It starts the other parts.");
//   std::cout << page.text();

#ifndef LIB_BASE_MAN_PAGE_H_
#define LIB_BASE_MAN_PAGE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace ctdb {

class ManPage {
 public:
  ManPage(absl::string_view name, int section, absl::string_view purpose);

  void Heading(absl::string_view title);
  void Subheading(absl::string_view title);
  // The paragraph under a heading, or one of its own.
  void Text(absl::string_view text);
  void Paragraph(absl::string_view text);
  // A term and its explanation.
  void Item(absl::string_view tag, absl::string_view text);
  // Lines that are not filled; ends in a newline.
  void Example(absl::string_view lines);
  void LineBreak();
  void SeeAlso(absl::string_view references);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace ctdb

#endif  // LIB_BASE_MAN_PAGE_H_
