// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/peer_database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <tdb.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/samba/database_payloads.h"
#include "lib/samba/record.h"

namespace ctdb::bench {
namespace {

// Without progress for so long something is wrong; smbd itself would go on for ever.
constexpr int kRoundsMax = 1'000'000;
constexpr size_t kFillCallsMax = 256;

TDB_DATA AsTdb(absl::string_view bytes) {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data())), bytes.size()};
}

class PeerDatabase final : public BenchDatabase, private LockedRecord {
 public:
  PeerDatabase(const PeerDatabasePlace& place, tdb_context* tdb) : place_(place), tdb_(tdb) {}
  ~PeerDatabase() override { tdb_close(tdb_); }

  absl::StatusOr<LockedRecord*> FetchLock(absl::string_view key) override;
  absl::StatusOr<bool> Read(absl::string_view key, std::string* value) override;
  absl::StatusOr<uint64_t> Traverse(const RecordCallback& on_record) override;
  absl::Status Fill(const std::vector<std::string>& keys, absl::string_view value) override;

 private:
  // A value that was copied out of the file, with its header.
  struct Copy {
    std::string bytes;
    std::optional<samba::StoredRecord> record() const { return samba::ReadStored(bytes); }
    absl::string_view value() const {
      return absl::string_view(bytes).substr(samba::RecordHeader::kBytes);
    }
  };

  absl::string_view value() const override { return copy_.value(); }
  absl::Status Store(absl::string_view value) override;
  absl::Status Unlock() override;

  void CopyOut(absl::string_view key);
  bool IsWritable() const {
    const std::optional<samba::StoredRecord> record = copy_.record();
    return record.has_value() && record->header.dmaster == place_.node &&
           (record->header.flags & samba::kRecordHaveDelegations) == 0;
  }
  bool IsReadable() const {
    const std::optional<samba::StoredRecord> record = copy_.record();
    return record.has_value() && (record->header.dmaster == place_.node ||
                                  (record->header.flags & samba::kRecordReadOnlyCopy) != 0);
  }
  absl::Status SendMigration(absl::string_view key) {
    return place_.connection.SendCall({.flags = samba::kCallImmediateMigration,
                                       .db_id = place_.id,
                                       .function = samba::CallFunction::kNull,
                                       .key = key});
  }
  absl::Status TdbError(absl::string_view what) const {
    return absl::InternalError(
        absl::StrCat("cannot ", what, " in ", place_.tdb_path, ": ", tdb_errorstr(tdb_)));
  }

  const PeerDatabasePlace place_;
  tdb_context* const tdb_;
  Copy copy_;
  std::string key_;  // Of the locked record.
};

void PeerDatabase::CopyOut(absl::string_view key) {
  copy_.bytes.clear();
  const auto copy = [](TDB_DATA, TDB_DATA data, void* to) {
    static_cast<std::string*>(to)->assign(reinterpret_cast<const char*>(data.dptr), data.dsize);
    return 0;
  };
  tdb_parse_record(tdb_, AsTdb(key), copy, &copy_.bytes);
}

absl::StatusOr<LockedRecord*> PeerDatabase::FetchLock(absl::string_view key) {
  key_.assign(key.data(), key.size());
  for (int round = 0; round < kRoundsMax; ++round) {
    if (tdb_chainlock(tdb_, AsTdb(key_)) != 0) return TdbError("lock a record");
    CopyOut(key_);
    if (IsWritable()) return static_cast<LockedRecord*>(this);
    if (tdb_chainunlock(tdb_, AsTdb(key_)) != 0) return TdbError("unlock a record");
    CTDB_RETURN_IF_ERROR(SendMigration(key_));
    CTDB_RETURN_IF_ERROR(place_.connection.AwaitCall().status());
  }
  return absl::DeadlineExceededError(
      absl::StrCat("the record was always gone again, ", kRoundsMax, " times"));
}

// The header stays as it was found.
absl::Status PeerDatabase::Store(absl::string_view value) {
  const TDB_DATA parts[] = {
      AsTdb(absl::string_view(copy_.bytes).substr(0, samba::RecordHeader::kBytes)), AsTdb(value)};
  if (tdb_storev(tdb_, AsTdb(key_), parts, 2, TDB_REPLACE) != 0) return TdbError("store a record");
  return absl::OkStatus();
}

absl::Status PeerDatabase::Unlock() {
  if (tdb_chainunlock(tdb_, AsTdb(key_)) != 0) return TdbError("unlock a record");
  return absl::OkStatus();
}

absl::StatusOr<bool> PeerDatabase::Read(absl::string_view key, std::string* value) {
  CopyOut(key);
  if (IsReadable()) {
    const absl::string_view found = copy_.value();
    value->assign(found.data(), found.size());
  } else {
    CTDB_RETURN_IF_ERROR(place_.connection.SendCall(
        {.flags = copy_.record().has_value() ? samba::kCallWantReadOnly : 0,
         .db_id = place_.id,
         .function = samba::CallFunction::kFetch,
         .key = key}));
    CTDB_ASSIGN_OR_RETURN(*value, place_.connection.AwaitCall());
  }
  return !value->empty();
}

absl::StatusOr<uint64_t> PeerDatabase::Traverse(const RecordCallback& on_record) {
  CTDB_ASSIGN_OR_RETURN(const auto connection, PeerConnection::Open(place_.socket_path));
  // Unlike that of any other connection of the tool.
  const ChannelId channel(0xAE01'0000'0000'0000 | static_cast<uint64_t>(::getpid()));
  CTDB_RETURN_IF_ERROR(
      connection->Control({.opcode = samba::Opcode::kRegisterSrvid, .srvid = channel}).status());
  // The first one of this connection.
  const std::string start =
      samba::Encode(samba::TraverseStart{place_.id, samba::ReqId(1), channel});
  CTDB_RETURN_IF_ERROR(
      connection
          ->Control({.opcode = samba::Opcode::kTraverseStart, .srvid = channel, .data = start})
          .status());
  for (uint64_t count = 0;; ++count) {
    CTDB_ASSIGN_OR_RETURN(const std::optional<Message> message, connection->WaitMessage(kPatience));
    if (!message.has_value()) return absl::DeadlineExceededError("ctdb's traverse stands still");
    CTDB_ASSIGN_OR_RETURN(const auto traversed,
                          samba::Decode<samba::TraverseRecord>(message->bytes));
    const samba::RecordData& record = traversed.record;
    if (record.is_end_mark()) return count;
    on_record(record.key, record.data.substr(samba::RecordHeader::kBytes));
  }
}

// Many calls at once, since each waits for the daemon and often for another node.
absl::Status PeerDatabase::Fill(const std::vector<std::string>& keys, absl::string_view value) {
  for (size_t begin = 0; begin < keys.size(); begin += kFillCallsMax) {
    const size_t end = std::min(begin + kFillCallsMax, keys.size());
    for (size_t i = begin; i < end; ++i) CTDB_RETURN_IF_ERROR(SendMigration(keys[i]));
    for (size_t i = begin; i < end; ++i) {
      CTDB_RETURN_IF_ERROR(place_.connection.AwaitCall().status());
    }
    for (size_t i = begin; i < end; ++i) {
      CTDB_ASSIGN_OR_RETURN(LockedRecord * record, FetchLock(keys[i]));
      CTDB_RETURN_IF_ERROR(record->Store(value));
      CTDB_RETURN_IF_ERROR(record->Unlock());
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<BenchDatabase>> OpenPeerDatabase(const PeerDatabasePlace& place) {
  tdb_context* const tdb = tdb_open(place.tdb_path.c_str(), 0, place.tdb_flags, O_RDWR, 0600);
  if (tdb == nullptr) return ErrnoStatus(errno, "open", place.tdb_path);
  return std::make_unique<PeerDatabase>(place, tdb);
}

}  // namespace ctdb::bench
