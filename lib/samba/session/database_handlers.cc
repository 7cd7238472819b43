// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Controls about databases.

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <variant>

#include "lib/samba/commit.h"
#include "lib/samba/database_payloads.h"
#include "lib/samba/plain_payloads.h"
#include "lib/samba/record.h"
#include "lib/samba/session/attach.h"
#include "lib/samba/session/commits.h"
#include "lib/samba/session/handlers.h"
#include "lib/samba/session/pushes.h"
#include "lib/samba/session/traverses.h"
#include "lib/samba/statistics.h"

namespace ctdb::samba {
namespace {

int32_t OpenFlags(const DatabaseInfo& info) {
  if (info.open_flags != 0) return static_cast<int32_t>(info.open_flags);
  switch (info.kind) {
    case DatabaseKind::kPersistent:
      return kOpenPersistent;
    case DatabaseKind::kReplicated:
      return kOpenReplicated;
    case DatabaseKind::kVolatile:
      break;
  }
  return kOpenVolatile;
}

uint8_t MapFlags(DatabaseKind kind) {
  if (kind == DatabaseKind::kPersistent) return kDatabasePersistent;
  return kind == DatabaseKind::kReplicated ? kDatabaseReplicated : 0;
}

// Answers from what is known of a database; -1 when this node has none of that number.
using Describe = Reply (*)(const DatabaseInfo& info);
void AnswerAbout(Proxy& proxy, const Asker& asker, DbId id, Describe describe) {
  proxy.WithDatabase(id, [&proxy, asker, describe](const DatabaseInfo* info) {
    proxy.Answer(asker, info == nullptr ? Failure() : describe(*info));
  });
}
DbId IdIn(const ControlRequest& request) { return Decode<DbIdPayload>(request.data)->db_id; }

template <DatabaseKind kKind>
void AttachOfKind(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  Attach(proxy, asker, std::string(Decode<TextPayload>(request.data)->text), kKind);
}

void GetPath(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  AnswerAbout(proxy, asker, IdIn(request), [](const DatabaseInfo& info) {
    return Reply{.data = Encode(TextPayload{info.path})};
  });
}

void GetName(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  AnswerAbout(proxy, asker, IdIn(request), [](const DatabaseInfo& info) {
    return Reply{.data = Encode(TextPayload{info.name})};
  });
}

void GetOpenFlags(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  AnswerAbout(proxy, asker, IdIn(request), [](const DatabaseInfo& info) {
    return Reply{.data = Encode(NumberPayload<int32_t>{OpenFlags(info)})};
  });
}

// Healthy: a database that is not has no file that a client could open.
void GetHealth(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  AnswerAbout(proxy, asker, IdIn(request), [](const DatabaseInfo&) { return Reply{}; });
}

// RO-8: whether copies are lent is the database service's own business; here it is only shown.
template <uint8_t kFlag>
void SetFlag(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  proxy.WithDatabase(IdIn(request), [&proxy, asker](const DatabaseInfo* info) {
    if (info == nullptr || info->kind != DatabaseKind::kVolatile) {
      return proxy.Answer(asker, Failure());
    }
    proxy.AddDatabaseFlag(info->id, kFlag);
    proxy.Answer(asker, {});
  });
}

// Records are asked for at their homes, so no request hops, and nobody waits for a run of
// vacuuming.
DbStatistics StatisticsOf(const DatabaseCounts& counts) {
  DbStatistics statistics{.locks = counts.locks,
                          .lock_wait = counts.lock_wait,
                          .lock_wait_histogram = counts.lock_waits,
                          .readonly_delegations = counts.copies_lent,
                          .readonly_revokes = counts.copies_revoked};
  const size_t hot_keys = std::min(counts.hot_records.size(), kHotKeysMax);
  for (size_t i = 0; i < hot_keys; ++i) {
    statistics.hot_keys[i] = {counts.hot_records[i].moves, counts.hot_records[i].key};
  }
  return statistics;
}

void GetDatabaseStatistics(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  proxy.WithDatabase(IdIn(request), [&proxy, asker](const DatabaseInfo* info) {
    if (info == nullptr) return proxy.Answer(asker, Failure());
    proxy.AskPatiently(AskCounts{info->name}, [&proxy, asker](const DatabaseAnswer& answer) {
      const auto* counts = std::get_if<DatabaseCounts>(&answer);
      if (counts == nullptr) return proxy.Answer(asker, Failure());
      proxy.Answer(asker, {.data = Encode(StatisticsOf(*counts))});
    });
  });
}

// DEL-1: vacuuming finds deleted records by itself.
void ScheduleDeletion(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  AnswerAbout(proxy, asker, Decode<ScheduleForDeletion>(request.data)->db_id,
              [](const DatabaseInfo&) { return Reply{}; });
}

void EnableSeqnum(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  proxy.WithDatabase(IdIn(request), [&proxy, asker](const DatabaseInfo* info) {
    if (info == nullptr) return proxy.Answer(asker, Failure());
    proxy.AskPatiently(AttachDatabase{info->name, info->kind, true},
                       [&proxy, asker](const DatabaseAnswer& answer) {
                         const auto* counting = std::get_if<DatabaseInfo>(&answer);
                         if (counting != nullptr) proxy.KeepDatabase(*counting);
                         proxy.Answer(asker, counting != nullptr ? Reply{} : Failure());
                       });
  });
}

void GetMap(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.RefreshDatabases([&proxy, asker] {
    DbMap map;
    for (const auto& [id, info] : proxy.databases()) {
      const uint8_t flags = MapFlags(info.kind) | proxy.DatabaseFlags(id);
      map.entries.push_back({id, flags});
    }
    proxy.Answer(asker, {.data = Encode(map)});
  });
}

void AnswerNumber(Proxy& proxy, const Asker& asker, uint64_t number) {
  proxy.Answer(asker, {.data = Encode(NumberPayload<uint64_t>{number})});
}

void GetSequence(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  const DbId id = Decode<SeqnumRequest>(request.data)->db_id;
  proxy.WithDatabase(id, [&proxy, asker](const DatabaseInfo* info) {
    if (info == nullptr) return proxy.Answer(asker, Failure());
    if (info->kind == DatabaseKind::kVolatile) return AnswerNumber(proxy, asker, 0);
    proxy.AskPatiently(ReadRecord{info->id, std::string(kSequenceKey)},
                       [&proxy, asker](const DatabaseAnswer& answer) {
                         const auto* read = std::get_if<RecordRead>(&answer);
                         if (read == nullptr) return proxy.Answer(asker, Failure());
                         AnswerNumber(proxy, asker, SequenceNumber(read->value.value_or("")));
                       });
  });
}

void BeginTraverse(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  proxy.traverses().Begin(asker, *Decode<TraverseStart>(request.data));
}

// Deleted records are not listed in either case: what the old tool shows of them is their header.
void BeginTraverseExt(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  proxy.traverses().Begin(asker, Decode<TraverseStartExt>(request.data)->start);
}

void BeginCommit(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  proxy.commits().Begin(asker, request);
}

// The owner's database service sends the copies, so only its own node does something (PR-1).
void Push(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  const PushRecord push = *Decode<PushRecord>(request.data);
  const bool is_void =
      push.generation != proxy.cluster().generation() || push.header.dmaster != proxy.options().own;
  if (is_void) return proxy.Answer(asker, {});
  proxy.pushes().Begin(asker, push.db_id, std::string(push.key));
}

constexpr HandlerRow kRows[] = {
    {Opcode::kDbAttach, AttachOfKind<DatabaseKind::kVolatile>},
    {Opcode::kDbAttachPersistent, AttachOfKind<DatabaseKind::kPersistent>},
    {Opcode::kDbAttachReplicated, AttachOfKind<DatabaseKind::kReplicated>},
    {Opcode::kGetDbPath, GetPath},
    {Opcode::kGetDbName, GetName},
    {Opcode::kGetDbMap, GetMap},
    {Opcode::kDbOpenFlags, GetOpenFlags},
    {Opcode::kDbGetHealth, GetHealth},
    {Opcode::kEnableSeqnum, EnableSeqnum},
    {Opcode::kSetDbReadOnly, SetFlag<kDatabaseReadOnly>},
    {Opcode::kSetDbSticky, SetFlag<kDatabaseSticky>},
    {Opcode::kGetDbStatistics, GetDatabaseStatistics},
    {Opcode::kScheduleForDeletion, ScheduleDeletion},
    {Opcode::kGetDbSeqnum, GetSequence},
    {Opcode::kTraverseStart, BeginTraverse},
    {Opcode::kTraverseStartExt, BeginTraverseExt},
    {Opcode::kTrans3Commit, BeginCommit},
    {Opcode::kPushRecord, Push},
};

}  // namespace

absl::Span<const HandlerRow> DatabaseHandlers() { return kRows; }

}  // namespace ctdb::samba
