// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/backup/format.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/backup/little_endian.h"
#include "lib/base/status_macros.h"
#include "lib/store/record.h"
#include "lib/store/siphash.h"

namespace ctdb::backup {
namespace {

constexpr absl::string_view kHead = "HEAD";
constexpr absl::string_view kRecords = "RECS";
constexpr absl::string_view kTail = "TAIL";
constexpr size_t kBlockHeadBytes = 8;
constexpr size_t kChecksumBytes = 8;
constexpr size_t kHeadBytes = 36;  // Without the name.
constexpr size_t kNameBytesMax = 4096;

// The older format, of CTDB 4.17: docs/internals/backup-format.md.
constexpr uint64_t kLegacyVersion = 3;
constexpr size_t kLegacyHeaderBytes = 104;
constexpr size_t kLegacyNameBytes = 64;
constexpr size_t kLegacyBufferHeadBytes = 16;
constexpr size_t kLegacyRecordHeadBytes = 16;
constexpr size_t kLegacyRecordHeaderBytes = 24;
constexpr uint64_t kLegacyPersistent = 1;
constexpr uint64_t kLegacyReplicated = 8;

// With its place: blocks that are missing or in another order are noticed.
uint64_t Checksum(uint64_t index, absl::string_view bytes) {
  return store::SipHash13({index, 0x6374646262616b31}, bytes);
}

}  // namespace

absl::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kVolatile:
      return "volatile";
    case Kind::kPersistent:
      return "persistent";
    case Kind::kReplicated:
      return "replicated";
  }
  return "unknown";
}

Encoder::Encoder(const Header& header) : out_(kMagic) {
  std::string head;
  AppendNumber(head, kVersion);
  AppendNumber(head, static_cast<uint32_t>(header.kind));
  AppendNumber(head, static_cast<uint64_t>(absl::ToUnixMicros(header.time)));
  AppendNumber(head, header.epoch);
  AppendNumber(head, header.sequence);
  AppendNumber(head, static_cast<uint32_t>(header.name.size()));
  AppendBlock(kHead, absl::StrCat(head, header.name));
}

void Encoder::AppendBlock(absl::string_view type, absl::string_view content) {
  std::string block(type);
  AppendNumber(block, static_cast<uint32_t>(content.size()));
  block.append(content.data(), content.size());
  AppendNumber(block, Checksum(blocks_++, block));
  out_ += block;
}

void Encoder::Add(absl::string_view key, absl::string_view value) {
  AppendNumber(block_, static_cast<uint32_t>(key.size()));
  AppendNumber(block_, static_cast<uint32_t>(value.size()));
  block_.append(key.data(), key.size());
  block_.append(value.data(), value.size());
  ++records_;
  if (block_.size() >= kBlockBytes) EndBlock();
}

void Encoder::EndBlock() {
  if (block_.empty()) return;
  AppendBlock(kRecords, block_);
  block_.clear();
}

std::string Encoder::Take() { return std::exchange(out_, ""); }

std::string Encoder::Finish() {
  EndBlock();
  std::string tail;
  AppendNumber(tail, records_);
  AppendBlock(kTail, tail);
  return Take();
}

absl::Status Reader::Damaged(absl::string_view what) const {
  return absl::DataLossError(
      absl::StrCat("the backup is damaged before byte ", offset_, ": ", what, "; use another one"));
}

absl::StatusOr<std::string> Reader::Bytes(size_t bytes) {
  CTDB_ASSIGN_OR_RETURN(std::string result, read_(bytes));
  offset_ += result.size();
  if (result.size() == bytes) return result;
  return Damaged(absl::StrCat("it ends there, and ", bytes - result.size(), " bytes are missing"));
}

absl::StatusOr<Reader> Reader::Open(ReadBytes read) {
  Reader reader(std::move(read));
  CTDB_ASSIGN_OR_RETURN(const std::string begin, reader.read_(kMagic.size()));
  reader.offset_ = begin.size();
  if (begin == kMagic) {
    CTDB_RETURN_IF_ERROR(reader.ReadHeader());
  } else {
    CTDB_RETURN_IF_ERROR(reader.ReadLegacyHeader(begin));
  }
  return reader;
}

absl::Status Reader::ReadHeader() {
  std::string type;
  CTDB_RETURN_IF_ERROR(ReadBlock(type));
  if (type != kHead || rest_.size() < kHeadBytes) return Damaged("it does not begin as one");
  const auto version = TakeNumber<uint32_t>(rest_);
  if (version != kVersion) {
    return absl::InvalidArgumentError(
        absl::StrCat("a backup of version ", version, ": this program reads version ", kVersion,
                     "; use the program that has written it, or a newer one"));
  }
  const auto kind = TakeNumber<uint32_t>(rest_);
  if (kind > static_cast<uint32_t>(Kind::kReplicated)) {
    return Damaged(absl::StrCat("there is no kind of database with number ", kind));
  }
  header_.kind = static_cast<Kind>(kind);
  header_.time = absl::FromUnixMicros(static_cast<int64_t>(TakeNumber<uint64_t>(rest_)));
  header_.epoch = TakeNumber<uint64_t>(rest_);
  header_.sequence = TakeNumber<uint64_t>(rest_);
  const auto name_bytes = TakeNumber<uint32_t>(rest_);
  if (name_bytes != rest_.size() || name_bytes == 0 || name_bytes > kNameBytesMax) {
    return Damaged("the database has no name");
  }
  header_.name = std::string(rest_);
  rest_ = {};
  return absl::OkStatus();
}

absl::Status Reader::ReadBlock(std::string& type) {
  CTDB_ASSIGN_OR_RETURN(block_, Bytes(kBlockHeadBytes));
  type = block_.substr(0, kHead.size());
  absl::string_view length = absl::string_view(block_).substr(kHead.size());
  const auto bytes = TakeNumber<uint32_t>(length);
  if (bytes > kBlockBytesMax) return Damaged(absl::StrCat("a block of ", bytes, " bytes"));
  CTDB_ASSIGN_OR_RETURN(const std::string content, Bytes(bytes));
  block_ += content;
  CTDB_ASSIGN_OR_RETURN(const std::string checksum, Bytes(kChecksumBytes));
  absl::string_view expected = checksum;
  if (TakeNumber<uint64_t>(expected) != Checksum(blocks_++, block_)) {
    return Damaged("a checksum is wrong");
  }
  rest_ = absl::string_view(block_).substr(kBlockHeadBytes);
  return absl::OkStatus();
}

absl::StatusOr<bool> Reader::Next(absl::string_view& key, absl::string_view& value) {
  while (!is_over_ && rest_.empty()) {
    if (is_legacy_) {
      if (legacy_in_buffer_ > 0) return Damaged("a buffer has fewer records than it says");
      if (legacy_buffers_ == 0) {
        CTDB_RETURN_IF_ERROR(CheckEnd(legacy_records_));
      } else {
        CTDB_RETURN_IF_ERROR(ReadLegacyBuffer());
      }
      continue;
    }
    std::string type;
    CTDB_RETURN_IF_ERROR(ReadBlock(type));
    if (type == kTail && rest_.size() == sizeof(uint64_t)) {
      CTDB_RETURN_IF_ERROR(CheckEnd(TakeNumber<uint64_t>(rest_)));
    } else if (type != kRecords) {
      return Damaged("a block of no known type");
    }
  }
  if (is_over_) return false;
  CTDB_RETURN_IF_ERROR(is_legacy_ ? TakeLegacyRecord(key, value) : TakeRecord(key, value));
  ++records_;
  return true;
}

absl::Status Reader::CheckEnd(uint64_t records) {
  if (records != records_) {
    return Damaged(absl::StrCat("it has ", records_, " records and should have ", records));
  }
  CTDB_ASSIGN_OR_RETURN(const std::string more, read_(1));
  if (!more.empty()) return Damaged("something else follows its end");
  is_over_ = true;
  return absl::OkStatus();
}

absl::Status Reader::TakeRecord(absl::string_view& key, absl::string_view& value) {
  if (rest_.size() < 2 * sizeof(uint32_t)) return Damaged("half a record");
  const size_t key_bytes = TakeNumber<uint32_t>(rest_);
  const size_t value_bytes = TakeNumber<uint32_t>(rest_);
  if (key_bytes + value_bytes > rest_.size()) return Damaged("half a record");
  key = rest_.substr(0, key_bytes);
  value = rest_.substr(key_bytes, value_bytes);
  rest_.remove_prefix(key_bytes + value_bytes);
  if (store::CheckKey(key).ok()) return absl::OkStatus();
  return Damaged(absl::StrCat("a key of ", key_bytes, " bytes"));
}

absl::Status Reader::ReadLegacyHeader(absl::string_view begin) {
  absl::string_view rest = begin;
  const uint64_t version = begin.size() == sizeof(uint64_t) ? TakeNumber<uint64_t>(rest) : 0;
  if (version != kLegacyVersion) {
    return absl::InvalidArgumentError(
        "this is no backup: it does not begin as \"ctdb backupdb\" writes it");
  }
  is_legacy_ = true;
  CTDB_ASSIGN_OR_RETURN(const std::string bytes, Bytes(kLegacyHeaderBytes - sizeof(uint64_t)));
  rest = bytes;
  header_.time = absl::FromUnixSeconds(static_cast<int64_t>(TakeNumber<uint64_t>(rest)));
  const uint64_t flags = TakeNumber<uint64_t>(rest);
  header_.kind = (flags & kLegacyPersistent) != 0   ? Kind::kPersistent
                 : (flags & kLegacyReplicated) != 0 ? Kind::kReplicated
                                                    : Kind::kVolatile;
  legacy_buffers_ = TakeNumber<uint64_t>(rest);
  legacy_records_ = TakeNumber<uint64_t>(rest);
  header_.name = std::string(rest.substr(0, rest.substr(0, kLegacyNameBytes).find('\0')));
  if (header_.name.empty()) return Damaged("the database has no name");
  return absl::OkStatus();
}

absl::Status Reader::ReadLegacyBuffer() {
  CTDB_ASSIGN_OR_RETURN(const std::string head, Bytes(kLegacyBufferHeadBytes));
  absl::string_view rest = head;
  TakeNumber<uint32_t>(rest);  // The database, unreliable.
  legacy_in_buffer_ = TakeNumber<uint32_t>(rest);
  const auto bytes = TakeNumber<uint64_t>(rest);
  if (bytes > kBlockBytesMax) return Damaged(absl::StrCat("a buffer of ", bytes, " bytes"));
  CTDB_ASSIGN_OR_RETURN(block_, Bytes(bytes));
  rest_ = block_;
  --legacy_buffers_;
  return absl::OkStatus();
}

absl::Status Reader::TakeLegacyRecord(absl::string_view& key, absl::string_view& value) {
  if (legacy_in_buffer_ == 0) return Damaged("a buffer has more records than it says");
  --legacy_in_buffer_;
  if (rest_.size() < kLegacyRecordHeadBytes) return Damaged("half a record");
  absl::string_view head = rest_;
  const size_t length = TakeNumber<uint32_t>(head);
  TakeNumber<uint32_t>(head);  // A number of a request.
  const size_t key_bytes = TakeNumber<uint32_t>(head);
  const size_t data_bytes = TakeNumber<uint32_t>(head);
  if (length > rest_.size() || length != kLegacyRecordHeadBytes + key_bytes + data_bytes ||
      data_bytes < kLegacyRecordHeaderBytes) {
    return Damaged("half a record");
  }
  key = head.substr(0, key_bytes);
  value = head.substr(key_bytes, data_bytes).substr(kLegacyRecordHeaderBytes);
  rest_.remove_prefix(length);
  if (store::CheckKey(key).ok()) return absl::OkStatus();
  return Damaged(absl::StrCat("a key of ", key_bytes, " bytes"));
}

}  // namespace ctdb::backup
