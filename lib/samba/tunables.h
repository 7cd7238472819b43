// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tunables: what the controls about tunables carry, and the order of the values when all of them
// are asked for at once. What they mean is in lib/config/tunable_table.h.
//
//   Ownership:  values; names point into what was decoded.
//   Threading:  values.
//   Errors:     InvalidArgument from Decode().
//   Blocking:   never.
//   Limits:     kTunableCount values.
//
// Example:
//   TunableValues all;
//   for (const WireTunable& tunable : WireTunables()) all.values[i++] = ValueOf(tunable.name);
//   reply.data = Encode(all);

#ifndef LIB_SAMBA_TUNABLES_H_
#define LIB_SAMBA_TUNABLES_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lib/samba/wire.h"

namespace ctdb::samba {

inline constexpr size_t kTunableCount = 62;

struct WireTunable {
  absl::string_view name;
  uint32_t default_value;  // Of the old daemon.
  bool is_obsolete;        // Has a value, is not listed.
};

// In the order of TunableValues.
absl::Span<const WireTunable> WireTunables();

struct TunableSet {
  static constexpr absl::string_view kName = "value of a tunable";
  static constexpr size_t kBytes = 8;
  static constexpr Size kSize = Size::kAtLeast;
  uint32_t value = 0;
  absl::string_view name = {};

  friend bool operator==(const TunableSet&, const TunableSet&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.value);
    wire.Text(self.name, wire.TextLength(self.name));
  }
};

struct TunableGet {
  static constexpr absl::string_view kName = "name of a tunable";
  static constexpr size_t kBytes = 4;
  static constexpr Size kSize = Size::kAtLeast;
  absl::string_view name = {};

  friend bool operator==(const TunableGet&, const TunableGet&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire.Text(self.name, wire.TextLength(self.name));
  }
};

// All names, each behind a colon.
struct TunableNames {
  static constexpr absl::string_view kName = "names of tunables";
  static constexpr size_t kBytes = 4;
  static constexpr Size kSize = Size::kAtLeast;
  absl::string_view text = {};

  friend bool operator==(const TunableNames&, const TunableNames&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire.Text(self.text, wire.TextLength(self.text));
  }
};

std::string JoinTunableNames(absl::Span<const absl::string_view> names);
std::vector<absl::string_view> SplitTunableNames(absl::string_view text);

struct TunableValues {
  static constexpr absl::string_view kName = "values of all tunables";
  static constexpr size_t kBytes = 4 * kTunableCount;
  static constexpr Size kSize = Size::kExact;
  std::array<uint32_t, kTunableCount> values{};

  friend bool operator==(const TunableValues&, const TunableValues&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.values);
  }
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_TUNABLES_H_
