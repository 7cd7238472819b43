// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// sock_address: an IP address with a port, as it lies in the 28 bytes of the protocol.
//
// Clients leave garbage in the bytes that an IPv4 address does not need; they are not looked at,
// and written as zeros.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     decoding fails on a family that is neither IPv4 nor IPv6 nor zero.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   SockAddress address = *SockAddress::FromText("192.168.77.2");
//   address.port = 445;
//   address.ToText();  // "192.168.77.2"

#ifndef LIB_SAMBA_SOCK_ADDRESS_H_
#define LIB_SAMBA_SOCK_ADDRESS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "lib/samba/wire.h"

namespace ctdb::samba {

struct SockAddress {
  static constexpr absl::string_view kName = "socket address";
  static constexpr size_t kBytes = 28;
  static constexpr Size kSize = Size::kExact;

  enum class Family : uint16_t { kNone = 0, kIpv4 = 2, kIpv6 = 10 };

  Family family = Family::kNone;
  uint16_t port = 0;             // In host order.
  std::array<uint8_t, 16> ip{};  // Of IPv4, the first four.
  uint32_t flow_info = 0;        // Of IPv6, as it arrived.
  uint32_t scope = 0;

  // Nothing for what is no address. Without port.
  static std::optional<SockAddress> FromText(absl::string_view text);

  // As inet_ntop writes it: no port, no brackets, no zone. Empty for no address.
  std::string ToText() const;

  // The IPv4 address inside an IPv4-mapped IPv6 address; any other is itself.
  SockAddress Unmapped() const;

  friend bool operator==(const SockAddress&, const SockAddress&) = default;

  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    std::array<uint8_t, kBytes> packed{};
    if constexpr (!Wire::kReads) packed = self.Pack();
    wire(packed);
    if constexpr (Wire::kReads) wire.Require(self.Unpack(packed));
  }

 private:
  std::array<uint8_t, kBytes> Pack() const;
  bool Unpack(const std::array<uint8_t, kBytes>& packed);
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SOCK_ADDRESS_H_
