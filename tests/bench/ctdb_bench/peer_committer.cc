// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/peer_committer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <tdb.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/samba/commit.h"
#include "lib/samba/record.h"
#include "lib/samba/record_buffer.h"

namespace ctdb::bench {
namespace {

TDB_DATA AsTdb(absl::string_view bytes) {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data())), bytes.size()};
}

class PeerCommitter final : public BenchCommitter {
 public:
  PeerCommitter(const PeerDatabasePlace& place, tdb_context* tdb,
                std::unique_ptr<BenchDatabase> locks)
      : place_(place),
        tdb_(tdb),
        locks_(std::move(locks)),
        lock_key_(samba::TransactionLockKey(place.id)) {}
  ~PeerCommitter() override { tdb_close(tdb_); }

  absl::Status Increment(absl::string_view key) override {
    CTDB_ASSIGN_OR_RETURN(LockedRecord * lock, locks_->FetchLock(lock_key_));
    const absl::Status status = IncrementLocked(key);
    CTDB_RETURN_IF_ERROR(lock->Unlock());
    return status;
  }
  absl::StatusOr<uint64_t> Read(absl::string_view key) override {
    return samba::SequenceNumber(Get(key).value);
  }

 private:
  struct Number {
    uint64_t rsn = 0;
    std::string value;
  };

  Number Get(absl::string_view key) const {
    Number number;
    const auto copy = [](TDB_DATA, TDB_DATA data, void* to) {
      const auto stored = samba::ReadStored(
          absl::string_view(reinterpret_cast<const char*>(data.dptr), data.dsize));
      if (!stored.has_value()) return 0;
      auto& number = *static_cast<Number*>(to);
      number.rsn = stored->header.rsn;
      number.value = std::string(stored->value);
      return 0;
    };
    tdb_parse_record(tdb_, AsTdb(key), copy, &number);
    return number;
  }
  // One more than it is, in its next version.
  void AddNext(absl::string_view key, samba::RecordBufferBuilder& buffer) const {
    const Number number = Get(key);
    const uint64_t next = samba::SequenceNumber(number.value) + 1;
    const std::string data = samba::Encode(samba::StoredRecord{
        .header = {.rsn = number.rsn + 1, .dmaster = place_.node},
        .value = absl::string_view(reinterpret_cast<const char*>(&next), sizeof(next))});
    buffer.Add({.key = key, .data = data});
  }
  absl::Status IncrementLocked(absl::string_view key) {
    samba::RecordBufferBuilder buffer(place_.id);
    AddNext(key, buffer);
    AddNext(samba::kSequenceKey, buffer);
    CTDB_ASSIGN_OR_RETURN(const int32_t status,
                          place_.connection.ControlStatus(
                              {.opcode = samba::Opcode::kTrans3Commit, .data = buffer.bytes()}));
    if (status == 0) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat("ctdb answers a commit with ", status));
  }

  const PeerDatabasePlace place_;
  tdb_context* const tdb_;
  const std::unique_ptr<BenchDatabase> locks_;
  const std::string lock_key_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BenchCommitter>> OpenPeerCommitter(
    const PeerDatabasePlace& place, std::unique_ptr<BenchDatabase> locks) {
  tdb_context* const tdb = tdb_open(place.tdb_path.c_str(), 0, place.tdb_flags, O_RDWR, 0600);
  if (tdb == nullptr) return ErrnoStatus(errno, "open", place.tdb_path);
  return std::make_unique<PeerCommitter>(place, tdb, std::move(locks));
}

}  // namespace ctdb::bench
