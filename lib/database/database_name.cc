// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/database_name.h"

#include <algorithm>
#include <bit>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ctdb::database {
namespace {

constexpr size_t kBlockBytes = 12;

uint32_t Word(absl::string_view bytes, size_t at) {
  uint32_t word = 0;
  for (size_t i = 0; i < sizeof(word) && at + i < bytes.size(); ++i) {
    word |= uint32_t{static_cast<unsigned char>(bytes[at + i])} << 8 * i;
  }
  return word;
}

uint32_t HashLittle(absl::string_view bytes) {
  uint32_t a = 0xdeadbeef + static_cast<uint32_t>(bytes.size());
  uint32_t b = a;
  uint32_t c = a;
  const auto add_block = [&] {
    a += Word(bytes, 0);
    b += Word(bytes, 4);
    c += Word(bytes, 8);
  };
  const auto mix = [](uint32_t& x, uint32_t& y, uint32_t& z, int bits) {
    x = (x - z) ^ std::rotl(z, bits);
    z += y;
  };
  const auto finish = [](uint32_t& x, uint32_t y, int bits) { x = (x ^ y) - std::rotl(y, bits); };
  for (; bytes.size() > kBlockBytes; bytes.remove_prefix(kBlockBytes)) {
    add_block();
    mix(a, b, c, 4);
    mix(b, c, a, 6);
    mix(c, a, b, 8);
    mix(a, b, c, 16);
    mix(b, c, a, 19);
    mix(c, a, b, 4);
  }
  add_block();
  finish(c, b, 14);
  finish(a, c, 11);
  finish(b, a, 25);
  finish(c, b, 16);
  finish(a, c, 4);
  finish(b, a, 14);
  finish(c, b, 24);
  return c;
}

}  // namespace

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
  std::string bytes(name);
  bytes.push_back('\0');
  return DatabaseId(HashLittle(bytes));
}

}  // namespace ctdb::database
