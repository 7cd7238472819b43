// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// address_payloads: public addresses, interfaces, and the connections of clients.
//
//   Ownership:  values; texts and bytes point into what was decoded.
//   Threading:  values.
//   Errors:     InvalidArgument from Decode().
//   Blocking:   never.
//   Limits:     the packet that carries them.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const Connection connection, Decode<Connection>(request.data));

#ifndef LIB_SAMBA_ADDRESS_PAYLOADS_H_
#define LIB_SAMBA_ADDRESS_PAYLOADS_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/samba/constants.h"
#include "lib/samba/sock_address.h"
#include "lib/samba/wire.h"

namespace ctdb::samba {

struct Connection {
  static constexpr absl::string_view kName = "connection";
  static constexpr size_t kBytes = 56;
  static constexpr Size kSize = Size::kExact;
  SockAddress client = {};
  SockAddress server = {};

  friend bool operator==(const Connection&, const Connection&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.client, self.server);
  }
};

struct PublicIp {
  static constexpr absl::string_view kName = "public address";
  static constexpr size_t kBytes = 32;
  static constexpr Size kSize = Size::kExact;
  NodeNumber pnn = kUnknownNode;  // Who hosts it.
  SockAddress address = {};

  friend bool operator==(const PublicIp&, const PublicIp&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.pnn, self.address);
  }
};

struct PublicIpList {
  static constexpr absl::string_view kName = "list of public addresses";
  static constexpr size_t kBytes = 4;
  static constexpr Size kSize = Size::kAtLeast;
  std::vector<PublicIp> entries = {};

  friend bool operator==(const PublicIpList&, const PublicIpList&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire.Elements(self.entries, wire.Count(self.entries));
  }
};

struct Interface {
  static constexpr absl::string_view kName = "interface";
  static constexpr size_t kBytes = 24;
  static constexpr Size kSize = Size::kExact;
  static constexpr size_t kNameBytes = 18;
  absl::string_view name = {};
  bool is_up = false;
  uint32_t references = 0;

  friend bool operator==(const Interface&, const Interface&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    if constexpr (Wire::kReads) {
      wire.Content(self.name, kNameBytes);
      self.name = BeforeZero(self.name);
    } else {
      // A longer name than Linux has loses its end, and stays a text.
      const absl::string_view name = BeforeZero(self.name).substr(0, kNameBytes - 1);
      wire.Content(name, 0);
      wire.Padding(kNameBytes - name.size());
    }
    auto link = static_cast<uint16_t>(self.is_up ? 1 : 0);
    wire(link, self.references);
    if constexpr (Wire::kReads) self.is_up = link != 0;
  }
};

struct InterfaceList {
  static constexpr absl::string_view kName = "list of interfaces";
  static constexpr size_t kBytes = 4;
  static constexpr Size kSize = Size::kAtLeast;
  std::vector<Interface> entries = {};

  friend bool operator==(const InterfaceList&, const InterfaceList&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire.Elements(self.entries, wire.Count(self.entries));
  }
};

struct PublicIpInfo {
  static constexpr absl::string_view kName = "public address with its interfaces";
  static constexpr size_t kBytes = 40;
  static constexpr Size kSize = Size::kAtLeast;
  static constexpr uint32_t kNoInterface = 0xFFFFFFFF;
  PublicIp ip = {};
  uint32_t active_index = kNoInterface;
  std::vector<Interface> interfaces = {};

  friend bool operator==(const PublicIpInfo&, const PublicIpInfo&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.ip, self.active_index);
    wire.Elements(self.interfaces, wire.Count(self.interfaces));
  }
};

struct AddressInfo {
  static constexpr absl::string_view kName = "address on an interface";
  static constexpr size_t kBytes = 36;
  static constexpr Size kSize = Size::kAtLeast;
  SockAddress address = {};
  uint32_t mask_bits = 0;
  absl::string_view interface = {};

  friend bool operator==(const AddressInfo&, const AddressInfo&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.address, self.mask_bits);
    wire.Text(self.interface, wire.TextLength(self.interface));
  }
};

struct TickleList {
  static constexpr absl::string_view kName = "list of connections";
  static constexpr size_t kBytes = 32;
  static constexpr Size kSize = Size::kAtLeast;
  SockAddress address = {};  // The public address they go to.
  std::vector<Connection> connections = {};

  friend bool operator==(const TickleList&, const TickleList&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.address);
    wire.Elements(self.connections, wire.Count(self.connections));
  }
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_ADDRESS_PAYLOADS_H_
