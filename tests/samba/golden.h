// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// golden: each packet of spec_packets.h with what it means.

#ifndef TESTS_SAMBA_GOLDEN_H_
#define TESTS_SAMBA_GOLDEN_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/samba/packet.h"

namespace ctdb::samba {

struct Golden {
  absl::string_view name;
  std::string bytes;
  Packet packet;
  Padding padding;
};

// Packets point into memory that stays.
const std::vector<Golden>& Goldens();
const Golden& FindGolden(absl::string_view name);

}  // namespace ctdb::samba

#endif  // TESTS_SAMBA_GOLDEN_H_
