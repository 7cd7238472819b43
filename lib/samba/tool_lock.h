// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tool_lock: a record of g_lock.tdb in the form that the old ctdb tool writes: a plain list of
// holders. Samba's own programs write another form, so the two do not exclude each other reliably.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     InvalidArgument from Decode() for what is no whole number of entries.
//   Blocking:   never.
//   Limits:     as many entries as the bytes hold.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const ToolLockRecord lock, Decode<ToolLockRecord>(value));

#ifndef LIB_SAMBA_TOOL_LOCK_H_
#define LIB_SAMBA_TOOL_LOCK_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/samba/message_payloads.h"
#include "lib/samba/wire.h"

namespace ctdb::samba {

struct ToolLockEntry {
  static constexpr absl::string_view kName = "entry of a lock";
  static constexpr size_t kBytes = 32;
  static constexpr Size kSize = Size::kExact;
  enum class Type : uint32_t { kRead = 0, kWrite = 1 };
  Type type = Type::kRead;
  ServerId holder = {};

  friend bool operator==(const ToolLockEntry&, const ToolLockEntry&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.type);
    wire.Padding(4);
    wire(self.holder);
  }
};

struct ToolLockRecord {
  static constexpr absl::string_view kName = "lock";
  static constexpr size_t kBytes = 0;
  static constexpr Size kSize = Size::kExact;
  std::vector<ToolLockEntry> entries = {};

  friend bool operator==(const ToolLockRecord&, const ToolLockRecord&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    size_t count = self.entries.size();
    if constexpr (Wire::kReads) count = wire.rest().size() / ToolLockEntry::kBytes;
    wire.Elements(self.entries, static_cast<uint32_t>(count));
  }
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_TOOL_LOCK_H_
