// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/database.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/render/bytes.h"
#include "cli/render/view.h"

namespace ctdb::cli {
namespace {

// Of a key in a table for people.
constexpr size_t kKeyWidthMax = 60;

bool IsPersistent(wire::DatabaseStatus::Reader database) {
  return database.getInfo().getKind() == wire::DatabaseKind::PERSISTENT;
}
bool IsReplicated(wire::DatabaseStatus::Reader database) {
  return database.getInfo().getKind() == wire::DatabaseKind::REPLICATED;
}
// Asked for by an administrator: "automatic" is what every database does.
bool HasReadOnlyCopies(wire::DatabaseStatus::Reader database) {
  return View(database.getReadOnlyCopies()) == "on";
}

// Its copy here is damaged, or no node may write to it: the service says why.
bool IsUnhealthy(wire::DatabaseStatus::Reader database) { return database.getReason().size() > 0; }

const char* YesOrNo(bool value) { return value ? "yes" : "no"; }
const char* OneOrZero(bool value) { return value ? "1" : "0"; }

// For people as much of it as a line can bear, for scripts all of it.
Cell KeyCell(capnp::Data::Reader key) {
  std::string text = BytesArgument(View(key));
  if (text.size() > kKeyWidthMax) text = absl::StrCat(text.substr(0, kKeyWidthMax - 3), "...");
  return Cell(std::move(text), HexArgument(View(key)));
}

// Who holds a lock, as the service says it: "process 4711". Scripts get the whole sentence.
Cell HolderCell(absl::string_view obstacle) {
  constexpr absl::string_view kHeldBy = "held by ";
  const size_t at = obstacle.rfind(kHeldBy);
  if (at == absl::string_view::npos) return Cell(std::string(obstacle));
  return Cell(std::string(obstacle.substr(at + kHeldBy.size())), std::string(obstacle));
}

std::string Buckets(const char* name, const std::vector<uint64_t>& values) {
  return absl::StrFormat(" %s: %s\n", name, absl::StrJoin(values, " "));
}

std::string Latency(const char* label, double min, double average, double max, uint64_t count) {
  return absl::StrFormat(" %-18s MIN/AVG/MAX     %.6f/%.6f/%.6f sec out of %u\n", label, min,
                         average, max, count);
}

// 16 of them, whatever the service has sent.
std::vector<uint64_t> Waits(wire::LockCounts::Reader locks) {
  std::vector<uint64_t> waits;
  for (const uint64_t count : locks.getWaits()) waits.push_back(count);
  waits.resize(16);
  return waits;
}

struct RecordFlag {
  uint32_t ours;
  uint32_t known;
  const char* name;
};
// lib/store/record.h. A deleted record has no flag in older tools: it is empty.
constexpr RecordFlag kRecordFlags[] = {
    {4, 0x01000000, "RO_HAVE_DELEGATIONS"},
    {2, 0x02000000, "RO_HAVE_READONLY"},
};

}  // namespace

std::string DatabaseMap(const DatabaseStatuses& databases) {
  std::string text = absl::StrCat("Number of databases:", databases.size(), "\n");
  for (const auto database : databases) {
    const auto info = database.getInfo();
    absl::StrAppendFormat(
        &text, "dbid:0x%08x name:%s path:%s%s%s%s%s\n", info.getId(),
        Printable(View(info.getName())), Printable(View(info.getPath())),
        IsPersistent(database) ? " PERSISTENT" : "", HasReadOnlyCopies(database) ? " READONLY" : "",
        IsReplicated(database) ? " REPLICATED" : "", IsUnhealthy(database) ? " UNHEALTHY" : "");
  }
  return text;
}

Table DatabaseMapTable(const DatabaseStatuses& databases) {
  Table table({{"ID", "ID"},
               {"Name", "Name"},
               {"Path", "Path"},
               {"Persistent", "Persistent"},
               {"Sticky", "Sticky"},
               {"Unhealthy", "Unhealthy"},
               {"Readonly", "Readonly"},
               {"Replicated", "Replicated"}});
  for (const auto database : databases) {
    const auto info = database.getInfo();
    table.AddRow({absl::StrFormat("0x%08X", info.getId()), std::string(View(info.getName())),
                  std::string(View(info.getPath())), OneOrZero(IsPersistent(database)), "0",
                  OneOrZero(IsUnhealthy(database)), OneOrZero(HasReadOnlyCopies(database)),
                  OneOrZero(IsReplicated(database))});
  }
  return table;
}

std::string DatabaseStatusText(wire::DatabaseStatus::Reader database) {
  const auto info = database.getInfo();
  return absl::StrFormat(
      "dbid: 0x%08x\nname: %s\npath: %s\nPERSISTENT: %s\nREPLICATED: %s\nSTICKY: no\n"
      "READONLY: %s\nHEALTH: %s\n",
      info.getId(), Printable(View(info.getName())), Printable(View(info.getPath())),
      YesOrNo(IsPersistent(database)), YesOrNo(IsReplicated(database)),
      YesOrNo(HasReadOnlyCopies(database)),
      IsUnhealthy(database) ? Printable(View(database.getReason())) : "OK");
}

std::string DatabaseStatisticsText(wire::DatabaseStatus::Reader database) {
  const auto locks = database.getLocks();
  std::string text =
      absl::StrCat("DB Statistics ", Printable(View(database.getInfo().getName())), "\n");
  const std::pair<const char*, uint64_t> loans[] = {{"db_ro_delegations", database.getCopiesLent()},
                                                    {"db_ro_revokes", database.getCopiesRevoked()}};
  for (const auto& [name, value] : loans) {
    absl::StrAppendFormat(&text, " %-22s    %10u\n", name, value);
  }
  text += " locks\n";
  const std::pair<const char*, uint64_t> members[] = {{"num_calls", locks.getTaken()},
                                                      {"num_current", 0},
                                                      {"num_pending", locks.getWaiting()},
                                                      {"num_failed", locks.getPostponed()}};
  for (const auto& [name, value] : members) {
    absl::StrAppendFormat(&text, "     %-22s%10u\n", name, value);
  }
  // A request never hops (a record's home knows its owner), and vacuuming has no runs that anybody
  // waits for: these are zero. What it does is among the counters.
  absl::StrAppend(&text, Buckets("hop_count_buckets", std::vector<uint64_t>(16)),
                  Buckets("lock_buckets", Waits(locks)),
                  Latency("locks_latency", locks.getMinSeconds(), locks.getAverageSeconds(),
                          locks.getMaxSeconds(), locks.getTaken()),
                  Latency("vacuum_latency", 0, 0, 0, 0));
  absl::StrAppendFormat(&text, " Num Hot Keys:     %u\n", database.getHotRecords().size());
  for (const auto record : database.getHotRecords()) {
    absl::StrAppendFormat(&text, "     Count:%u Key:%s\n", record.getMoves(),
                          absl::BytesToHexString(View(record.getKey())));
  }
  for (const auto counter : database.getCounters()) {
    absl::StrAppendFormat(&text, " %-22s    %10u\n", Printable(View(counter.getName())),
                          counter.getValue());
  }
  return text;
}

Table DatabaseStatisticsTable(wire::DatabaseStatus::Reader database) {
  Table table({{"Counter", "Counter"}, {"Value", "Value", Align::kRight}});
  const auto locks = database.getLocks();
  table.AddRow({"db_ro_delegations", database.getCopiesLent()});
  table.AddRow({"db_ro_revokes", database.getCopiesRevoked()});
  table.AddRow({"locks.num_calls", locks.getTaken()});
  table.AddRow({"locks.num_pending", locks.getWaiting()});
  table.AddRow({"locks.num_failed", locks.getPostponed()});
  for (const auto counter : database.getCounters()) {
    table.AddRow({std::string(View(counter.getName())), counter.getValue()});
  }
  for (const auto record : database.getHotRecords()) {
    table.AddRow({absl::StrCat("hot_key.", HexArgument(View(record.getKey()))), record.getMoves()});
  }
  return table;
}

std::string RecordFlags(uint32_t flags) {
  uint32_t known = 0;
  std::string names;
  for (const RecordFlag& flag : kRecordFlags) {
    if ((flags & flag.ours) == 0) continue;
    known |= flag.known;
    absl::StrAppend(&names, " ", flag.name);
  }
  return absl::StrFormat("0x%08x%s", known, names);
}

std::string RecordText(wire::RecordCopy::Reader copy, bool with_epoch) {
  const absl::string_view key = View(copy.getKey());
  const absl::string_view value = View(copy.getValue());
  std::string text = absl::StrFormat("key(%u) = \"%s\"\ndmaster: %u\nrsn: %u\nflags: %s\n",
                                     key.size(), QuotedBytes(key), copy.getOwner(),
                                     copy.getCounter(), RecordFlags(copy.getFlags()));
  if (with_epoch) {
    absl::StrAppendFormat(&text, "epoch: %u\nowned: %s\n", copy.getEpoch(),
                          YesOrNo(copy.getOwned()));
  }
  absl::StrAppendFormat(&text, "data(%u) = \"%s\"\n\n", value.size(), QuotedBytes(value));
  return text;
}

std::string RecordHeaderRow(absl::string_view separator) {
  return MachineRow({"Key", "Owner", "Epoch", "Counter", "Flags", "Owned", "Value"}, separator);
}

std::string RecordRow(wire::RecordCopy::Reader copy, absl::string_view separator) {
  return MachineRow({HexArgument(View(copy.getKey())), absl::StrCat(copy.getOwner()),
                     absl::StrCat(copy.getEpoch()), absl::StrCat(copy.getCounter()),
                     absl::StrFormat("0x%x", copy.getFlags()), OneOrZero(copy.getOwned()),
                     HexArgument(View(copy.getValue()))},
                    separator);
}

void SortByHeat(std::vector<HotRecord>& records) {
  std::stable_sort(records.begin(), records.end(), [](const HotRecord& a, const HotRecord& b) {
    return a.second.getMoves() > b.second.getMoves();
  });
}

Table HotRecordTable(const std::vector<HotRecord>& records) {
  Table table({{"Moves/s", "Moves", Align::kRight},
               {"Database", "Database"},
               {"Home", "Home", Align::kRight},
               {"Key", "Key"}});
  for (const auto& [home, record] : records) {
    table.AddRow({record.getMoves(), std::string(View(record.getDatabase())),
                  uint64_t{home.value()}, KeyCell(record.getKey())});
  }
  return table;
}

Table LockTable(const std::vector<WaitingLock>& locks) {
  Table table({{"Node", "Node", Align::kRight},
               {"Database", "Database"},
               {"Waiting", "Seconds", Align::kRight},
               {"Key", "Key"},
               {"Held by", "Obstacle"}});
  for (const auto& [node, lock] : locks) {
    table.AddRow(
        {uint64_t{node.value()}, std::string(View(lock.getDatabase())),
         Cell(ShortAge(lock.getWaitedSeconds()), absl::StrFormat("%.6f", lock.getWaitedSeconds())),
         KeyCell(lock.getKey()), HolderCell(View(lock.getObstacle()))});
  }
  return table;
}

}  // namespace ctdb::cli
