// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/ip_address.h"

#include <arpa/inet.h>

namespace ctdb::config {

std::optional<IpAddress> IpAddress::Parse(absl::string_view text) {
  // A zero byte would end the text early for inet_pton and hide what follows.
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != absl::string_view::npos) {
    return std::nullopt;
  }
  const std::string terminated(text);
  IpAddress address;
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes_.data()) == 1) return address;
  address.is_v6_ = true;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  return std::nullopt;
}

std::string IpAddress::ToString() const {
  char buffer[INET6_ADDRSTRLEN];
  inet_ntop(is_v6_ ? AF_INET6 : AF_INET, bytes_.data(), buffer, sizeof(buffer));
  return buffer;
}

}  // namespace ctdb::config
