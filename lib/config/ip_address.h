// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ip_address: one IPv4 or IPv6 address without port, mask or scope.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     nullopt for text that is not an address.
//   Blocking:   never; names are not looked up.
//   Limits:     none.
//
// Example:
//   IpAddress::Parse("fe80:0::1")->ToString();  // "fe80::1"

#ifndef LIB_CONFIG_IP_ADDRESS_H_
#define LIB_CONFIG_IP_ADDRESS_H_

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace ctdb::config {

class IpAddress {
 public:
  // 0.0.0.0, which stands for "none".
  IpAddress() = default;

  static std::optional<IpAddress> Parse(absl::string_view text);

  bool is_v6() const { return is_v6_; }
  // In network order; 4 bytes count for IPv4 and 16 for IPv6, the others are zero.
  const std::array<uint8_t, 16>& bytes() const { return bytes_; }
  // The canonical form; IPv6 as RFC 5952 wants it.
  std::string ToString() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  bool is_v6_ = false;
  std::array<uint8_t, 16> bytes_ = {};
};

}  // namespace ctdb::config

#endif  // LIB_CONFIG_IP_ADDRESS_H_
