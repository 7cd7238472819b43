// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// database_payloads: what controls about whole databases carry.
//
//   Ownership:  values; texts and bytes point into what was decoded.
//   Threading:  values.
//   Errors:     InvalidArgument from Decode().
//   Blocking:   never.
//   Limits:     the packet that carries them.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const TraverseStart start, Decode<TraverseStart>(request.data));

#ifndef LIB_SAMBA_DATABASE_PAYLOADS_H_
#define LIB_SAMBA_DATABASE_PAYLOADS_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/samba/constants.h"
#include "lib/samba/wire.h"

namespace ctdb::samba {

struct DbMapEntry {
  static constexpr absl::string_view kName = "database";
  static constexpr size_t kBytes = 8;
  static constexpr Size kSize = Size::kExact;
  DbId db_id = {};
  uint8_t flags = 0;

  friend bool operator==(const DbMapEntry&, const DbMapEntry&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.db_id, self.flags);
    wire.Padding(3);
  }
};

struct DbMap {
  static constexpr absl::string_view kName = "database map";
  static constexpr size_t kBytes = 4;
  static constexpr Size kSize = Size::kAtLeast;
  std::vector<DbMapEntry> entries = {};

  friend bool operator==(const DbMap&, const DbMap&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire.Elements(self.entries, wire.Count(self.entries));
  }
};

struct Transaction {
  static constexpr absl::string_view kName = "transaction of a recovery";
  static constexpr size_t kBytes = 8;
  static constexpr Size kSize = Size::kExact;
  DbId db_id = {};
  uint32_t transaction_id = 0;

  friend bool operator==(const Transaction&, const Transaction&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.db_id, self.transaction_id);
  }
};

struct PullDb {
  static constexpr absl::string_view kName = "pull of a database";
  static constexpr size_t kBytes = 16;
  static constexpr Size kSize = Size::kExact;
  DbId db_id = {};
  NodeNumber lmaster = {};
  ChannelId srvid = {};  // Where the records go.

  friend bool operator==(const PullDb&, const PullDb&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.db_id, self.lmaster, self.srvid);
  }
};

struct SeqnumRequest {
  static constexpr absl::string_view kName = "request for a sequence number";
  static constexpr size_t kBytes = 8;
  static constexpr Size kSize = Size::kExact;
  DbId db_id = {};

  friend bool operator==(const SeqnumRequest&, const SeqnumRequest&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.db_id);
    wire.Padding(4);
  }
};

struct Vacuum {
  static constexpr absl::string_view kName = "vacuuming of a database";
  static constexpr size_t kBytes = 5;
  static constexpr Size kSize = Size::kExact;
  DbId db_id = {};
  bool is_full = false;

  friend bool operator==(const Vacuum&, const Vacuum&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.db_id, self.is_full);
  }
};

struct TraverseStart {
  static constexpr absl::string_view kName = "start of a traverse";
  static constexpr size_t kBytes = 16;
  static constexpr Size kSize = Size::kExact;
  DbId db_id = {};
  ReqId reqid = {};
  ChannelId srvid = {};

  friend bool operator==(const TraverseStart&, const TraverseStart&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.db_id, self.reqid, self.srvid);
  }
};

struct TraverseStartExt {
  static constexpr absl::string_view kName = "start of a traverse with options";
  static constexpr size_t kBytes = 24;
  static constexpr Size kSize = Size::kExact;
  TraverseStart start = {};
  bool with_empty_records = false;

  friend bool operator==(const TraverseStartExt&, const TraverseStartExt&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.start, self.with_empty_records);
    wire.Padding(7);
  }
};

struct TraverseAll {
  static constexpr absl::string_view kName = "traverse of all nodes";
  static constexpr size_t kBytes = 24;
  static constexpr Size kSize = Size::kExact;
  DbId db_id = {};
  ReqId reqid = {};
  NodeNumber pnn = {};
  ReqId client_reqid = {};
  ChannelId srvid = {};

  friend bool operator==(const TraverseAll&, const TraverseAll&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.db_id, self.reqid, self.pnn, self.client_reqid, self.srvid);
  }
};

struct TraverseAllExt {
  static constexpr absl::string_view kName = "traverse of all nodes with options";
  static constexpr size_t kBytes = 32;
  static constexpr Size kSize = Size::kExact;
  TraverseAll all = {};
  bool with_empty_records = false;

  friend bool operator==(const TraverseAllExt&, const TraverseAllExt&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.all, self.with_empty_records);
    wire.Padding(7);
  }
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_DATABASE_PAYLOADS_H_
