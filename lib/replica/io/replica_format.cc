// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/io/replica_format.h"

#include <concepts>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/store/io/lmdb.h"
#include "lib/store/siphash.h"

namespace ctdb::replica {
namespace {

constexpr size_t kHashBytes = 16;
constexpr size_t kPositionBytes = 16;
constexpr size_t kLongNameBytes = 2 + kPrefixBytes + kHashBytes;
static_assert(kLongNameBytes == store::kLmdbKeyBytesMax);
constexpr absl::string_view kMagic = "ctdbcopy";
constexpr size_t kMetaChecksumEnd = 8 + 16;
constexpr size_t kMetaTableBegin = kMetaChecksumEnd + 4;

template <std::unsigned_integral T>
void Append(std::string& bytes, T number) {
  for (size_t i = 0; i < sizeof(T); ++i) bytes.push_back(static_cast<char>(number >> (8 * i)));
}
void AppendBig(std::string& bytes, uint64_t number, int count) {
  for (int i = count; i-- > 0;) bytes.push_back(static_cast<char>(number >> (8 * i)));
}
void Append(std::string& bytes, const Digest& digest) {
  Append(bytes, digest.high);
  Append(bytes, digest.low);
}
void Append(std::string& bytes, absl::string_view part) { bytes.append(part.data(), part.size()); }

// Takes things off the front; after one that is not there, all are 0 and it is not ok.
class Parser {
 public:
  explicit Parser(absl::string_view bytes) : rest_(bytes) {}
  absl::string_view Bytes(size_t count) {
    is_ok_ = is_ok_ && count <= rest_.size();
    if (!is_ok_) return {};
    const absl::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  template <typename T>
  T Number() {
    const absl::string_view bytes = Bytes(sizeof(T));
    T number = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
      number |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i));
    }
    return number;
  }
  uint64_t Big(size_t count) {
    uint64_t number = 0;
    for (const char byte : Bytes(count)) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
  }
  // Their order matters, so each on its own line.
  Digest TakeDigest() {
    const uint64_t high = Number<uint64_t>();
    return {high, Number<uint64_t>()};
  }
  Position TakePosition() {
    const Epoch epoch(Number<uint64_t>());
    return {epoch, Number<uint64_t>()};
  }
  absl::string_view rest() const { return rest_; }
  bool is_ok() const { return is_ok_; }
  bool is_end() const { return is_ok_ && rest_.empty(); }

 private:
  absl::string_view rest_;
  bool is_ok_ = true;
};

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat(what, " is damaged"));
}

std::string ItemBytes(const LogIndex::Item& item, absl::string_view entry) {
  std::string checked;
  checked.reserve(24 + entry.size());
  Append(checked, item.token.high);
  Append(checked, item.token.low);
  Append(checked, item.bytes);
  Append(checked, entry);
  std::string bytes;
  bytes.reserve(16 + checked.size());
  Append(bytes, FingerprintOf(PositionName(item.position), {}, checked));
  Append(bytes, checked);
  return bytes;
}

}  // namespace

std::string SlotName(uint32_t slot) {
  std::string name;
  AppendBig(name, slot, 2);
  return name;
}

std::string RecordName(absl::string_view key) {
  std::string name = SlotName(SlotNumberOf(key));
  Append(name, key.substr(0, kPrefixBytes));
  if (key.size() <= kPrefixBytes) return name;
  const Digest hash = FingerprintOf(key, {}, "");
  AppendBig(name, hash.high, 8);
  AppendBig(name, hash.low, 8);
  return name;
}

bool IsLongName(absl::string_view name) { return name.size() == kLongNameBytes; }

absl::string_view GroupOf(absl::string_view long_name) {
  return long_name.substr(0, 2 + kPrefixBytes);
}

std::string RecordBytes(absl::string_view key, Position version, absl::string_view value) {
  const bool is_long = key.size() > kPrefixBytes;
  std::string bytes;
  bytes.reserve(36 + (is_long ? key.size() : 0) + value.size());
  Append(bytes, version.epoch.value());
  Append(bytes, version.sequence);
  Append(bytes, FingerprintOf(key, version, value));
  Append(bytes, is_long ? static_cast<uint32_t>(key.size()) : uint32_t{0});
  if (is_long) Append(bytes, key);
  Append(bytes, value);
  return bytes;
}

absl::StatusOr<RecordView> ParseRecord(absl::string_view name, absl::string_view bytes) {
  Parser parser(bytes);
  RecordView record;
  record.info.version = parser.TakePosition();
  record.info.fingerprint = parser.TakeDigest();
  const uint32_t key_size = parser.Number<uint32_t>();
  record.key = parser.Bytes(key_size);
  record.value = parser.rest();
  if (!parser.is_ok() || name.size() <= 2 || IsLongName(name) != (key_size > kPrefixBytes)) {
    return Damaged("a record");
  }
  if (key_size == 0) record.key = name.substr(2);
  record.slot = static_cast<uint32_t>(Parser(name).Big(2));
  return record;
}

absl::Status Verify(const RecordView& record) {
  if (record.info.fingerprint == FingerprintOf(record.key, record.info.version, record.value) &&
      record.slot == SlotNumberOf(record.key)) {
    return absl::OkStatus();
  }
  return Damaged(absl::StrCat("a record of slot ", record.slot));
}

std::string PositionName(Position position) {
  std::string name;
  AppendBig(name, position.epoch.value(), 8);
  AppendBig(name, position.sequence, 8);
  return name;
}

absl::StatusOr<Position> ParsePosition(absl::string_view name) {
  Parser parser(name);
  const Epoch epoch(parser.Big(8));
  const Position position{epoch, parser.Big(8)};
  if (!parser.is_end()) return Damaged("the log");
  return position;
}

std::string TokenBytes(const LogIndex::Item& item) { return ItemBytes(item, ""); }

std::string EntryBytes(const Entry& entry) {
  std::string bytes;
  bytes.reserve(BytesOf(entry));
  bytes.push_back(entry.is_wipe ? 1 : 0);
  for (const Write& write : entry.writes) {
    Append(bytes, static_cast<uint32_t>(write.key.size()));
    Append(bytes, write.value ? static_cast<uint32_t>(write.value->size() + 1) : uint32_t{0});
    Append(bytes, write.key);
    if (write.value) Append(bytes, *write.value);
  }
  return ItemBytes({entry.position, entry.token, BytesOf(entry)}, bytes);
}

absl::StatusOr<LogIndex::Item> ParseItem(absl::string_view name, absl::string_view bytes) {
  LogIndex::Item item;
  CTDB_ASSIGN_OR_RETURN(item.position, ParsePosition(name));
  Parser parser(bytes);
  const Digest checksum = parser.TakeDigest();
  if (!parser.is_ok() || checksum != FingerprintOf(name, {}, parser.rest())) {
    return Damaged("the log");
  }
  item.token.high = parser.Number<uint64_t>();
  item.token.low = parser.Number<uint64_t>();
  item.bytes = parser.Number<uint64_t>();
  if (!parser.is_ok()) return Damaged("the log");
  return item;
}

absl::StatusOr<Entry> ParseEntry(absl::string_view name, absl::string_view bytes) {
  CTDB_ASSIGN_OR_RETURN(const LogIndex::Item item, ParseItem(name, bytes));
  Parser parser(bytes.substr(kHashBytes + 24));
  Entry entry{item.position, item.token, parser.Number<uint8_t>() == 1, {}};
  while (parser.is_ok() && !parser.rest().empty()) {
    const uint32_t key_size = parser.Number<uint32_t>();
    const uint32_t value_size = parser.Number<uint32_t>();
    Write& write = entry.writes.emplace_back();
    write.key = std::string(parser.Bytes(key_size));
    if (value_size != 0) write.value = std::string(parser.Bytes(value_size - 1));
  }
  if (!parser.is_end() || BytesOf(entry) != item.bytes) return Damaged("the log");
  return entry;
}

std::string DigestBytes(const Digest& digest) {
  std::string bytes;
  Append(bytes, digest);
  return bytes;
}

absl::StatusOr<Digest> ParseDigest(absl::string_view bytes) {
  Parser parser(bytes);
  const Digest digest = parser.TakeDigest();
  if (!parser.is_end()) return Damaged("a digest");
  return digest;
}

std::string BlockBytes(const JournalBlock& block) {
  std::string bytes;
  Append(bytes, block.database);
  Append(bytes, block.previous.epoch.value());
  Append(bytes, block.previous.sequence);
  Append(bytes, static_cast<uint32_t>(block.entries.size()));
  for (const Entry& entry : block.entries) {
    const std::string item = EntryBytes(entry);
    Append(bytes, PositionName(entry.position));
    Append(bytes, static_cast<uint32_t>(item.size()));
    Append(bytes, item);
  }
  Append(bytes, static_cast<uint32_t>(block.digests.size()));
  for (const auto& [slot, digest] : block.digests) {
    Append(bytes, slot);
    Append(bytes, digest);
  }
  return bytes;
}

absl::StatusOr<JournalBlock> ParseBlock(absl::string_view bytes) {
  Parser parser(bytes);
  JournalBlock block;
  block.database = parser.Number<uint32_t>();
  block.previous = parser.TakePosition();
  for (uint32_t left = parser.Number<uint32_t>(); parser.is_ok() && left > 0; --left) {
    const absl::string_view name = parser.Bytes(kPositionBytes);
    const uint32_t size = parser.Number<uint32_t>();
    const absl::string_view item = parser.Bytes(size);
    if (!parser.is_ok()) break;
    CTDB_ASSIGN_OR_RETURN(Entry entry, ParseEntry(name, item));
    block.entries.push_back(std::move(entry));
  }
  for (uint32_t left = parser.Number<uint32_t>(); parser.is_ok() && left > 0; --left) {
    const uint32_t slot = parser.Number<uint32_t>();
    block.digests[slot] = parser.TakeDigest();
    if (slot >= kSlots) return Damaged("the journal");
  }
  if (!parser.is_end() || block.entries.empty()) return Damaged("the journal");
  return block;
}

std::string MetaBytes(const Meta& meta) {
  std::string checked;
  Append(checked, kFormat);
  Append(checked, meta.table);
  Append(checked, meta.transaction);
  for (const Position& position : {meta.position, meta.tokens_base}) {
    Append(checked, position.epoch.value());
    Append(checked, position.sequence);
  }
  Append(checked, meta.database);
  Append(checked, static_cast<uint32_t>(meta.name.size()));
  Append(checked, meta.name);
  Append(checked, meta.problem);
  std::string bytes(kMagic);
  Append(bytes, FingerprintOf(kMetaName, {}, checked));
  Append(bytes, checked);
  return bytes;
}

absl::StatusOr<Meta> ParseMeta(absl::string_view bytes) {
  Parser parser(bytes);
  if (parser.Bytes(kMagic.size()) != kMagic) {
    return absl::DataLossError("it is no copy of a database");
  }
  const Digest checksum = parser.TakeDigest();
  if (!parser.is_ok() || checksum != FingerprintOf(kMetaName, {}, parser.rest())) {
    return Damaged("what says where it stands");
  }
  const uint32_t format = parser.Number<uint32_t>();
  if (format != kFormat) {
    return absl::DataLossError(
        absl::StrCat("its format is ", format, ", and only ", kFormat, " is known"));
  }
  Meta meta;
  meta.table = parser.Number<uint32_t>();
  meta.transaction = parser.Number<uint64_t>();
  meta.position = parser.TakePosition();
  meta.tokens_base = parser.TakePosition();
  meta.database = parser.Number<uint32_t>();
  const uint32_t name_size = parser.Number<uint32_t>();
  meta.name = std::string(parser.Bytes(name_size));
  meta.problem = std::string(parser.rest());
  if (!parser.is_ok() || meta.table > 1) return Damaged("what says where it stands");
  return meta;
}

uint32_t TableOf(absl::string_view meta) {
  return meta.size() > kMetaTableBegin && meta[kMetaTableBegin] == 1 ? 1 : 0;
}

}  // namespace ctdb::replica
