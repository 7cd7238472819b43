// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/sock_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace ctdb::samba {
namespace {

constexpr size_t kPortOffset = 2;
constexpr size_t kIpv4Offset = 4;
constexpr size_t kFlowInfoOffset = 4;
constexpr size_t kIpv6Offset = 8;
constexpr size_t kScopeOffset = 24;
constexpr size_t kIpv4Bytes = 4;
constexpr size_t kIpv6Bytes = 16;

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<SockAddress> SockAddress::FromText(absl::string_view text) {
  if (text.find('\0') != absl::string_view::npos) return std::nullopt;
  const std::string terminated(text);
  SockAddress address;
  address.family = Family::kIpv4;
  if (inet_pton(AF_INET, terminated.c_str(), address.ip.data()) == 1) return address;
  address.family = Family::kIpv6;
  if (inet_pton(AF_INET6, terminated.c_str(), address.ip.data()) == 1) return address;
  return std::nullopt;
}

std::string SockAddress::ToText() const {
  if (family == Family::kNone) return "";
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family == Family::kIpv4 ? AF_INET : AF_INET6, ip.data(), text, sizeof(text));
  return text;
}

SockAddress SockAddress::Unmapped() const {
  if (family != Family::kIpv6 ||
      !std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), ip.begin())) {
    return *this;
  }
  SockAddress address;
  address.family = Family::kIpv4;
  address.port = port;
  std::copy(ip.begin() + kMappedPrefix.size(), ip.end(), address.ip.begin());
  return address;
}

std::array<uint8_t, SockAddress::kBytes> SockAddress::Pack() const {
  std::array<uint8_t, kBytes> packed{};
  if (family == Family::kNone) return packed;
  std::memcpy(packed.data(), &family, sizeof(family));
  packed[kPortOffset] = static_cast<uint8_t>(port >> 8);
  packed[kPortOffset + 1] = static_cast<uint8_t>(port);
  if (family == Family::kIpv4) {
    std::memcpy(packed.data() + kIpv4Offset, ip.data(), kIpv4Bytes);
    return packed;
  }
  std::memcpy(packed.data() + kFlowInfoOffset, &flow_info, sizeof(flow_info));
  std::memcpy(packed.data() + kIpv6Offset, ip.data(), kIpv6Bytes);
  std::memcpy(packed.data() + kScopeOffset, &scope, sizeof(scope));
  return packed;
}

bool SockAddress::Unpack(const std::array<uint8_t, kBytes>& packed) {
  *this = SockAddress();
  std::memcpy(&family, packed.data(), sizeof(family));
  if (family == Family::kNone) return true;
  port = static_cast<uint16_t>(packed[kPortOffset] << 8 | packed[kPortOffset + 1]);
  if (family == Family::kIpv4) {
    std::memcpy(ip.data(), packed.data() + kIpv4Offset, kIpv4Bytes);
    return true;
  }
  std::memcpy(&flow_info, packed.data() + kFlowInfoOffset, sizeof(flow_info));
  std::memcpy(ip.data(), packed.data() + kIpv6Offset, kIpv6Bytes);
  std::memcpy(&scope, packed.data() + kScopeOffset, sizeof(scope));
  return family == Family::kIpv6;
}

}  // namespace ctdb::samba
