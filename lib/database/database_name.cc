// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/database_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ctdb::database {

absl::Status CheckName(absl::string_view name) {
  const auto is_fit = [](unsigned char c) {
    return absl::ascii_isalnum(c) || absl::StrContains(".-_+@", static_cast<char>(c));
  };
  if (!name.empty() && name.size() <= kNameBytesMax && name[0] != '.' &&
      std::all_of(name.begin(), name.end(), is_fit)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", absl::CHexEscape(name.substr(0, kNameBytesMax)),
                   "\" cannot be the name of a database: it has 1 to ", kNameBytesMax,
                   " letters, digits, and \".-_+@\", and does not begin with a dot"));
}

DatabaseId DatabaseIdOf(absl::string_view name) {
  uint32_t hash = 0;
  const auto add = [&hash](unsigned char byte) {
    hash += byte;
    hash += hash << 10;
    hash ^= hash >> 6;
  };
  for (const char c : name) add(static_cast<unsigned char>(c));
  add(0);
  hash += hash << 3;
  hash ^= hash >> 11;
  hash += hash << 15;
  return DatabaseId(hash);
}

}  // namespace ctdb::database
