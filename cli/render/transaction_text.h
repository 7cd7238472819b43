// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// transaction_text: the lines of a transaction, as scripts write them: "KEY" "VALUE", with blanks
// before and between. Nothing is escaped; 0x and hexadecimal digits within the quotes stand for
// bytes. What is behind the value is ignored, and an empty value deletes.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument, with the text that scripts know.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   ParseTransactionLine("\"key\" \"0x0aff\"")  // {"key", "\n\xff"}

#ifndef CLI_RENDER_TRANSACTION_TEXT_H_
#define CLI_RENDER_TRANSACTION_TEXT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctdb::cli {

struct TransactionLine {
  std::string key;
  std::string value;  // Empty: delete.
};

// Nothing for a line without anything but blanks.
absl::StatusOr<std::optional<TransactionLine>> ParseTransactionLine(absl::string_view line);

}  // namespace ctdb::cli

#endif  // CLI_RENDER_TRANSACTION_TEXT_H_
