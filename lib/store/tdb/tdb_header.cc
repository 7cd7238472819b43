// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/tdb/tdb_header.h"

#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/store/loan.h"

namespace ctdb::store {
namespace {

// Of the rsn, from its lowest bit on.
constexpr uint32_t kSambaBits = 8;
constexpr uint32_t kCounterBits = 40;
// What else fits: of the epoch.
constexpr uint32_t kEpochLowerBits = 16;
static_assert(kSambaBits + kCounterBits + kEpochLowerBits == 64);

// Ours, Samba's: each takes the other's place.
constexpr std::pair<uint32_t, uint32_t> kSwapped[] = {
    {kTombstone, kTdbRevoking},
    {kReadOnly, kTdbHaveReadOnly},
    {kLentOut, kTdbHaveDelegations},
    {kWasReadOnly, kTdbRevokeComplete},
};

uint32_t Swap(uint32_t flags) {
  uint32_t swapped = flags;
  for (const auto& [mine, theirs] : kSwapped) {
    swapped &= ~(mine | theirs);
    if ((flags & mine) != 0) swapped |= theirs;
    if ((flags & theirs) != 0) swapped |= mine;
  }
  return swapped;
}

template <typename Integer>
Integer ReadAt(absl::string_view bytes, size_t offset) {
  Integer value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

template <typename Integer>
void WriteAt(TdbHeaderBytes& bytes, size_t offset, Integer value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(value));
}

}  // namespace

uint32_t TdbFlagsOf(uint32_t flags) { return Swap(flags & ~kTombstone); }
uint32_t FlagsOfTdb(uint32_t tdb_flags) { return Swap(tdb_flags & ~kTdbRevoking); }

absl::StatusOr<TdbHeaderBytes> EncodeTdbHeader(const RecordHeader& header) {
  if (header.epoch.value() > kTdbEpochMax || header.counter > kTdbCounterMax) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "a record of epoch ", header.epoch.value(), " and counter ", header.counter,
        " does not fit a TDB file, which has 48 and 40 bits for them: stop all nodes, remove the "
        "files of votes, and start them again"));
  }
  TdbHeaderBytes bytes{};
  const uint64_t epoch_lower = header.epoch.value() << (kSambaBits + kCounterBits);
  WriteAt<uint64_t>(bytes, 0, epoch_lower | header.counter << kSambaBits);
  WriteAt<uint32_t>(bytes, 8, header.owner.value());
  WriteAt<uint32_t>(bytes, 12, static_cast<uint32_t>(header.epoch.value() >> kEpochLowerBits));
  WriteAt<uint32_t>(bytes, 16, TdbFlagsOf(header.flags));
  return bytes;
}

TdbHeaderBytes PlainTdbHeader(uint64_t rsn, NodeNumber owner) {
  TdbHeaderBytes bytes{};
  WriteAt<uint64_t>(bytes, 0, rsn);
  WriteAt<uint32_t>(bytes, 8, owner.value());
  return bytes;
}

std::optional<RecordHeader> DecodeTdbHeader(absl::string_view stored) {
  if (stored.size() < kTdbHeaderBytes) return std::nullopt;
  const auto rsn = ReadAt<uint64_t>(stored, 0);
  const uint64_t epoch_upper = ReadAt<uint32_t>(stored, 12);
  RecordHeader header;
  header.owner = NodeNumber(ReadAt<uint32_t>(stored, 8));
  header.epoch = Epoch(epoch_upper << kEpochLowerBits | rsn >> (kSambaBits + kCounterBits));
  header.counter = rsn >> kSambaBits & kTdbCounterMax;
  header.flags = FlagsOfTdb(ReadAt<uint32_t>(stored, 16));
  if (stored.size() == kTdbHeaderBytes) header.flags |= kTombstone;
  return header;
}

}  // namespace ctdb::store
