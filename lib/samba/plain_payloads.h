// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// plain_payloads: payloads that are one number, one text, or nothing.
//
//   Ownership:  values; texts and bytes point into what was decoded.
//   Threading:  values.
//   Errors:     InvalidArgument from Decode().
//   Blocking:   never.
//   Limits:     the packet that carries them.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const DbIdPayload database, Decode<DbIdPayload>(request.data));
//   reply = Encode(TextPayload{path});

#ifndef LIB_SAMBA_PLAIN_PAYLOADS_H_
#define LIB_SAMBA_PLAIN_PAYLOADS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "lib/samba/constants.h"
#include "lib/samba/wire.h"

namespace ctdb::samba {

struct EmptyPayload {
  static constexpr absl::string_view kName = "payload without bytes";
  static constexpr size_t kBytes = 0;
  static constexpr Size kSize = Size::kExact;

  friend bool operator==(const EmptyPayload&, const EmptyPayload&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire&, Self&) {}
};

template <typename Number>
struct NumberPayload {
  static constexpr absl::string_view kName = "number";
  static constexpr size_t kBytes = sizeof(Number);
  static constexpr Size kSize = Size::kExact;
  Number value{};

  friend bool operator==(const NumberPayload&, const NumberPayload&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.value);
  }
};

struct DbIdPayload {
  static constexpr absl::string_view kName = "database id";
  static constexpr size_t kBytes = 4;
  static constexpr Size kSize = Size::kExact;
  DbId db_id = {};

  friend bool operator==(const DbIdPayload&, const DbIdPayload&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.db_id);
  }
};

// A text and its zero byte.
struct TextPayload {
  static constexpr absl::string_view kName = "text";
  static constexpr size_t kBytes = 1;
  static constexpr Size kSize = Size::kExact;
  absl::string_view text = {};

  friend bool operator==(const TextPayload&, const TextPayload&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire.RestText(self.text);
  }
};

// Nothing at all for the empty text.
struct OptionalTextPayload {
  static constexpr absl::string_view kName = "text or nothing";
  static constexpr size_t kBytes = 0;
  static constexpr Size kSize = Size::kExact;
  absl::string_view text = {};

  friend bool operator==(const OptionalTextPayload&, const OptionalTextPayload&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    if constexpr (Wire::kReads) {
      if (wire.rest().empty()) return;
    } else {
      if (self.text.empty()) return;
    }
    wire.RestText(self.text);
  }
};

// Anything.
struct BytesPayload {
  static constexpr absl::string_view kName = "bytes";
  static constexpr size_t kBytes = 0;
  static constexpr Size kSize = Size::kExact;
  absl::string_view bytes = {};

  friend bool operator==(const BytesPayload&, const BytesPayload&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire.Rest(self.bytes);
  }
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_PLAIN_PAYLOADS_H_
