// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/transaction.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/client/replicated_database.h"
#include "lib/protocol/bytes_text.h"
#include "lib/protocol/limits.h"
#include "lib/store/record.h"

namespace ctdb {
namespace {

// What a packet has besides keys and values for each of them, at most.
constexpr size_t kReadBytes = 48;
constexpr size_t kWriteBytes = 40;

static_assert(2 * store::kWholeTransactionBytesMax <= kFrameBytesMax,
              "what has no body fits into a packet to the service, and into one to the "
              "coordinator");

size_t BytesOf(absl::string_view key, const std::optional<std::string>& value) {
  return kWriteBytes + key.size() + (value.has_value() ? value->size() : 0);
}

}  // namespace

absl::Status Transaction::CheckOpen() const {
  if (!is_over_) return absl::OkStatus();
  return absl::FailedPreconditionError("this transaction has been committed: begin another one");
}

// Nothing is changed when it would be too large.
absl::Status Transaction::Grow(size_t less, size_t more) {
  const size_t bytes = bytes_ - less + more;
  if (bytes > kBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "database \"", database_.info().name, "\": ", store::TransactionTooLarge(bytes).message()));
  }
  bytes_ = bytes;
  return absl::OkStatus();
}

absl::Status Transaction::GrowReads(size_t more) {
  if (read_bytes_ + more > kReadBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a transaction on database \"", database_.info().name,
                     "\" reads too many records: at most ", kReadBytesMax, " bytes of keys, with ",
                     kReadBytes, " for each"));
  }
  read_bytes_ += more;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> Transaction::Read(absl::string_view key,
                                                             absl::Duration patience) {
  CTDB_RETURN_IF_ERROR(CheckOpen());
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  if (const auto written = writes_.find(key); written != writes_.end()) return written->second;
  if (is_wipe_) return std::nullopt;
  auto found = reads_.find(key);
  if (found == reads_.end()) {
    CTDB_ASSIGN_OR_RETURN(std::optional<ReplicaRecord> record,
                          database_.ReadRecord(key, std::min(patience, Left(limit_))));
    CTDB_RETURN_IF_ERROR(GrowReads(kReadBytes + key.size()));
    found = reads_.emplace(std::string(key), std::move(record)).first;
  }
  const std::optional<ReplicaRecord>& record = found->second;
  if (!record.has_value() || record->value.empty()) return std::nullopt;
  return record->value;
}

absl::Status Transaction::Put(absl::string_view key, std::optional<std::string> value) {
  CTDB_RETURN_IF_ERROR(CheckOpen());
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  if (writes_.size() >= store::kTransactionWritesMax && !writes_.contains(key)) {
    return absl::InvalidArgumentError(absl::StrCat("transaction with more than ",
                                                   store::kTransactionWritesMax,
                                                   " writes: make several of it"));
  }
  const auto old = writes_.find(key);
  CTDB_RETURN_IF_ERROR(
      Grow(old == writes_.end() ? 0 : BytesOf(key, old->second), BytesOf(key, value)));
  writes_.insert_or_assign(std::string(key), std::move(value));
  return absl::OkStatus();
}

absl::Status Transaction::Write(absl::string_view key, absl::string_view value) {
  if (value.empty()) return Delete(key);
  CTDB_RETURN_IF_ERROR(store::CheckTransactionValue(value));
  return Put(key, std::string(value));
}

absl::Status Transaction::Delete(absl::string_view key) { return Put(key, std::nullopt); }

absl::Status Transaction::Wipe() {
  CTDB_RETURN_IF_ERROR(CheckOpen());
  for (const auto& [key, value] : writes_) bytes_ -= BytesOf(key, value);
  writes_.clear();
  is_wipe_ = true;
  return absl::OkStatus();
}

absl::Status Transaction::Commit(absl::Duration patience) {
  CTDB_RETURN_IF_ERROR(CheckOpen());
  is_over_ = true;
  return database_.Commit(*this, patience);
}

bool Transaction::HasBody() const {
  return bytes_ + read_bytes_ > store::kWholeTransactionBytesMax;
}

std::string Transaction::Body() const {
  std::string body;
  body.reserve(bytes_);
  for (const auto& [key, value] : writes_) store::AppendBodyWrite(body, key, value);
  return body;
}

void Transaction::Fill(wire::ClientTransaction::Builder out) const {
  out.setIsWipe(is_wipe_);
  uint32_t i = 0;
  auto reads = out.initReads(static_cast<uint32_t>(reads_.size()));
  for (const auto& [key, record] : reads_) {
    auto read = reads[i++];
    read.setKey(ToData(key));
    if (!record.has_value()) continue;
    auto version = read.initVersion();
    version.setEpoch(record->version.epoch);
    version.setSequence(record->version.sequence);
  }
  if (HasBody()) return;
  i = 0;
  auto writes = out.initWrites(static_cast<uint32_t>(writes_.size()));
  for (const auto& [key, value] : writes_) {
    auto write = writes[i++];
    write.setKey(ToData(key));
    if (value.has_value()) write.setValue(ToData(*value));
  }
}

}  // namespace ctdb
