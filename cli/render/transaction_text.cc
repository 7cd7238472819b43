// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/transaction_text.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/render/bytes.h"
#include "cli/render/text.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

// Takes what is between the next two quotation marks from the front of `rest`.
absl::StatusOr<std::string> TakeQuoted(absl::string_view line, absl::string_view& rest) {
  rest = absl::StripLeadingAsciiWhitespace(rest);
  if (rest.empty() || rest.front() != '"') {
    return absl::InvalidArgumentError(
        absl::StrCat("Unsupported input format in ", Printable(line)));
  }
  const size_t end = rest.find('"', 1);
  if (end == absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("Unmatched \" in input ", Printable(line)));
  }
  const absl::string_view quoted = rest.substr(1, end - 1);
  rest.remove_prefix(end + 1);
  absl::StatusOr<std::string> bytes = ParseBytes(quoted);
  if (bytes.ok()) return bytes;
  return absl::InvalidArgumentError(
      absl::StrCat(bytes.status().message(), "\nUnsupported input format in ", Printable(line)));
}

}  // namespace

absl::StatusOr<std::optional<TransactionLine>> ParseTransactionLine(absl::string_view line) {
  absl::string_view rest = absl::StripLeadingAsciiWhitespace(line);
  if (rest.empty()) return std::nullopt;
  TransactionLine parsed;
  CTDB_ASSIGN_OR_RETURN(parsed.key, TakeQuoted(line, rest));
  CTDB_ASSIGN_OR_RETURN(parsed.value, TakeQuoted(line, rest));
  return parsed;
}

}  // namespace ctdb::cli
