// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// bytes: keys and values of records, which may be any bytes, as arguments and as text.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument with the line that scripts know.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   BytesArgument("smith")          // "smith"
//   BytesArgument(std::string(2, '\0'))  // "0x0000"
//   CTDB_ASSIGN_OR_RETURN(std::string key, ParseBytes("0x0000"));

#ifndef CLI_RENDER_BYTES_H_
#define CLI_RENDER_BYTES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctdb::cli {

// What an argument stands for: the bytes of its text, or those of the digits behind "0x".
absl::StatusOr<std::string> ParseBytes(absl::string_view argument);

// An argument that stands for the bytes: their text if it is printable ASCII, else HexArgument().
std::string BytesArgument(absl::string_view bytes);

// "0x6162"
std::string HexArgument(absl::string_view bytes);

// What is not printable ASCII, and " and \, as \ and two digits: "a\00\22".
std::string QuotedBytes(absl::string_view bytes);

}  // namespace ctdb::cli

#endif  // CLI_RENDER_BYTES_H_
