// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// database: databases, their records and statistics in the forms that administrators' scripts
// parse. Their bytes are an interface; what is new stands behind what is old, or needs -v.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   context.Out(DatabaseMap({status}));

#ifndef CLI_RENDER_DATABASE_H_
#define CLI_RENDER_DATABASE_H_

#include <string>
#include <utility>
#include <vector>

#include "capnp/database_service.capnp.h"
#include "cli/render/table.h"
#include "lib/base/ids.h"

namespace ctdb::cli {

using DatabaseStatuses = std::vector<wire::DatabaseStatus::Reader>;

// "Number of databases:1\ndbid:0x7a19d84d name:locking.tdb path:/var/.../locking.tdb.0\n".
std::string DatabaseMap(const DatabaseStatuses& databases);
Table DatabaseMapTable(const DatabaseStatuses& databases);

// The eight lines from "dbid:" to "HEALTH:".
std::string DatabaseStatusText(wire::DatabaseStatus::Reader database);

// From "DB Statistics" to the hot keys, and behind them what older tools do not have.
std::string DatabaseStatisticsText(wire::DatabaseStatus::Reader database);
Table DatabaseStatisticsTable(wire::DatabaseStatus::Reader database);

// From "key(5) =" to the empty line behind the record. `with_epoch`: which older tools do not have.
std::string RecordText(wire::RecordCopy::Reader copy, bool with_epoch);
// "0x01000000 RO_HAVE_DELEGATIONS": the flags of a record with the numbers and names that scripts
// know.
std::string RecordFlags(uint32_t flags);
// A row of -X, and the one above all.
std::string RecordRow(wire::RecordCopy::Reader copy, absl::string_view separator);
std::string RecordHeaderRow(absl::string_view separator);

// A record with the node that says so: the home of a hot one, the node that waits for its lock.
using HotRecord = std::pair<NodeNumber, wire::HotRecord::Reader>;
using WaitingLock = std::pair<NodeNumber, wire::LockReport::Reader>;

// Hottest first.
void SortByHeat(std::vector<HotRecord>& records);
Table HotRecordTable(const std::vector<HotRecord>& records);
Table LockTable(const std::vector<WaitingLock>& locks);

}  // namespace ctdb::cli

#endif  // CLI_RENDER_DATABASE_H_
