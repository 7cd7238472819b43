// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/io/replica_tables.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/store/io/file_space.h"

namespace ctdb::replica {

using store::LmdbCursor;
using store::LmdbTransaction;
using store::LmdbView;

namespace {

constexpr store::LmdbAdvice kAdvice = {
    "the limit of its size is reached; delete records, or raise the limit and restart",
    "restart this node: it then gets the database from the others"};
constexpr unsigned int kTablesMax = 6;

}  // namespace

absl::Status Tables::Status(int result, absl::string_view action) const {
  return store::LmdbStatus(result, action, path_, kAdvice);
}

absl::Status Tables::Open(uint64_t map_bytes, unsigned int flags, bool is_new) {
  CTDB_RETURN_IF_ERROR(store::AllocateLmdbLockFile(path_, kReadersMax));
  const store::WithoutSizeSignal guard;
  int result = mdb_env_create(&env_);
  if (result == MDB_SUCCESS) result = mdb_env_set_mapsize(env_, map_bytes);
  if (result == MDB_SUCCESS) result = mdb_env_set_maxreaders(env_, kReadersMax);
  if (result == MDB_SUCCESS) result = mdb_env_set_maxdbs(env_, kTablesMax);
  if (result == MDB_SUCCESS) {
    result = mdb_env_open(env_, path_.c_str(), MDB_NOSUBDIR | MDB_NOTLS | flags, 0600);
  }
  LmdbTransaction txn;
  if (result == MDB_SUCCESS) result = txn.Begin(env_, is_new ? 0 : MDB_RDONLY);
  const std::pair<const char*, MDB_dbi*> names[kTablesMax] = {
      {"meta", &meta_},
      {"records0", &records_[0]},
      {"records1", &records_[1]},
      {"staged", &staged_},
      {"log", &log_},
      {"digests", &digests_},
  };
  for (const auto& [name, dbi] : names) {
    if (result != MDB_SUCCESS) break;
    result = mdb_dbi_open(txn.get(), name, is_new ? MDB_CREATE : 0, dbi);
    if (result == MDB_NOTFOUND || result == MDB_INCOMPATIBLE) {
      return absl::DataLossError(absl::StrCat(path_, " has no table \"", name, "\""));
    }
  }
  if (result == MDB_SUCCESS) result = txn.Commit();
  return Status(result, "open");
}

absl::StatusOr<bool> Tables::Get(const LmdbTransaction& txn, MDB_dbi dbi, absl::string_view name,
                                 absl::string_view& bytes) const {
  MDB_val key = LmdbView(name);
  MDB_val value;
  const int result = mdb_get(txn.get(), dbi, &key, &value);
  if (result == MDB_NOTFOUND) return false;
  CTDB_RETURN_IF_ERROR(Status(result, "read"));
  bytes = LmdbView(value);
  return true;
}

absl::Status Tables::Put(const LmdbTransaction& txn, MDB_dbi dbi, absl::string_view name,
                         absl::string_view bytes) const {
  MDB_val key = LmdbView(name);
  MDB_val value = LmdbView(bytes);
  return Status(mdb_put(txn.get(), dbi, &key, &value, 0), "write");
}

absl::Status Tables::Delete(const LmdbTransaction& txn, MDB_dbi dbi, absl::string_view name) const {
  MDB_val key = LmdbView(name);
  const int result = mdb_del(txn.get(), dbi, &key, nullptr);
  return Status(result == MDB_NOTFOUND ? MDB_SUCCESS : result, "write");
}

absl::Status Tables::Clear(const LmdbTransaction& txn, MDB_dbi dbi) const {
  MDB_stat stat;
  CTDB_RETURN_IF_ERROR(Status(mdb_stat(txn.get(), dbi, &stat), "read"));
  if (stat.ms_entries == 0) return absl::OkStatus();
  return Status(mdb_drop(txn.get(), dbi, 0), "write");
}

absl::StatusOr<MDB_dbi> Tables::Records(const LmdbTransaction& txn) const {
  absl::string_view bytes;
  CTDB_ASSIGN_OR_RETURN(const bool is_there, Get(txn, meta_, kMetaName, bytes));
  return records_[is_there ? TableOf(bytes) : 0];
}

absl::Status RecordCursor::Seek(const Tables& tables, const LmdbTransaction& txn, uint32_t slot,
                                absl::string_view after) {
  tables_ = &tables;
  slot_ = slot;
  after_ = std::string(after);
  CTDB_ASSIGN_OR_RETURN(const MDB_dbi dbi, tables.Records(txn));
  CTDB_RETURN_IF_ERROR(tables.Status(cursor_.Open(txn, dbi), "read"));
  const std::string begin = SlotName(slot) + after_.substr(0, kPrefixBytes);
  name_ = begin;
  return Step(MDB_SET_RANGE);
}

absl::Status RecordCursor::Step(MDB_cursor_op operation) {
  const int result = cursor_.Get(name_, bytes_, operation);
  is_end_ = result == MDB_NOTFOUND;
  return is_end_ ? absl::OkStatus() : tables_->Status(result, "read");
}

absl::Status RecordCursor::Load() {
  group_.clear();
  next_ = 0;
  const absl::string_view first = name_;
  do {
    CTDB_ASSIGN_OR_RETURN(const RecordView record, ParseRecord(name_, bytes_));
    group_.push_back(record);
    CTDB_RETURN_IF_ERROR(Step(MDB_NEXT));
  } while (!is_end_ && IsLongName(first) && IsLongName(name_) && GroupOf(first) == GroupOf(name_));
  if (group_.size() > 1) {
    std::sort(group_.begin(), group_.end(),
              [](const RecordView& a, const RecordView& b) { return a.key < b.key; });
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> RecordCursor::Next(RecordView& record) {
  while (true) {
    if (next_ == group_.size()) {
      if (is_end_) return false;
      CTDB_RETURN_IF_ERROR(Load());
    }
    record = group_[next_++];
    if (record.slot != slot_ || record.key > after_) return true;
  }
}

absl::Status ReadMeta(const Tables& tables, const LmdbTransaction& txn, Meta& meta) {
  absl::string_view bytes;
  CTDB_ASSIGN_OR_RETURN(const bool is_there, tables.Get(txn, tables.meta(), kMetaName, bytes));
  if (!is_there) return absl::DataLossError("it is no copy of a database");
  CTDB_ASSIGN_OR_RETURN(meta, ParseMeta(bytes));
  return absl::OkStatus();
}

namespace {

absl::Status ReadItems(const Tables& tables, const LmdbTransaction& txn, Contents& contents) {
  std::vector<LogIndex::Item> items;
  LmdbCursor cursor;
  CTDB_RETURN_IF_ERROR(tables.Status(cursor.Open(txn, tables.log()), "read"));
  absl::string_view name, bytes;
  int result = cursor.Get(name, bytes, MDB_FIRST);
  Position last = contents.meta.tokens_base;
  for (; result == MDB_SUCCESS; result = cursor.Get(name, bytes, MDB_NEXT)) {
    CTDB_ASSIGN_OR_RETURN(const LogIndex::Item item, ParseItem(name, bytes));
    if (item.position <= last) return absl::DataLossError("the log has no order");
    last = item.position;
    items.push_back(item);
  }
  if (result != MDB_NOTFOUND) return tables.Status(result, "read");
  if (last != contents.meta.position) {
    return absl::DataLossError(absl::StrCat("the log ends at ", Text(last), " and the copy at ",
                                            Text(contents.meta.position)));
  }
  contents.log.Become(LogIndex(contents.meta.tokens_base, items));
  return absl::OkStatus();
}

absl::Status ReadDigests(const Tables& tables, const LmdbTransaction& txn, Digests& digests) {
  LmdbCursor cursor;
  CTDB_RETURN_IF_ERROR(tables.Status(cursor.Open(txn, tables.digests()), "read"));
  absl::string_view name, bytes;
  int result = cursor.Get(name, bytes, MDB_FIRST);
  uint32_t slot = 0;
  for (; result == MDB_SUCCESS; result = cursor.Get(name, bytes, MDB_NEXT)) {
    CTDB_ASSIGN_OR_RETURN(const Digest digest, ParseDigest(bytes));
    while (slot < kSlots && SlotName(slot) < name) ++slot;
    if (slot == kSlots || SlotName(slot) != name) {
      return absl::DataLossError("a digest is of no slot");
    }
    digests.Set(slot, digest);
  }
  return result == MDB_NOTFOUND ? absl::OkStatus() : tables.Status(result, "read");
}

absl::Status CountDigests(const Tables& tables, const LmdbTransaction& txn, Digests& counted) {
  RecordCursor cursor;
  CTDB_RETURN_IF_ERROR(cursor.Seek(tables, txn, 0, ""));
  RecordView record, last;
  while (true) {
    CTDB_ASSIGN_OR_RETURN(const bool is_there, cursor.Next(record));
    if (!is_there) return absl::OkStatus();
    CTDB_RETURN_IF_ERROR(Verify(record));
    if (record.slot < last.slot || (record.slot == last.slot && record.key <= last.key)) {
      return absl::DataLossError("the records have no order");
    }
    counted.Add(record.key, record.info.fingerprint);
    last = record;
  }
}

}  // namespace

absl::Status ReadContents(const Tables& tables, const LmdbTransaction& txn, Contents& contents) {
  CTDB_RETURN_IF_ERROR(ReadMeta(tables, txn, contents.meta));
  // LMDB numbers a compacted copy anew.
  const uint64_t number = mdb_txn_id(txn.get());
  if (number != contents.meta.transaction && number != 1) {
    return absl::DataLossError(absl::StrCat("what says where it stands is of transaction ",
                                            contents.meta.transaction, ", the file of ", number));
  }
  CTDB_RETURN_IF_ERROR(ReadItems(tables, txn, contents));
  CTDB_RETURN_IF_ERROR(ReadDigests(tables, txn, contents.digests));
  Digests counted;
  CTDB_RETURN_IF_ERROR(CountDigests(tables, txn, counted));
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    if (counted.of(slot) != contents.digests.of(slot)) {
      return absl::DataLossError(
          absl::StrCat("the records of slot ", slot, " contradict its digest"));
    }
  }
  return absl::OkStatus();
}

}  // namespace ctdb::replica
