// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/digests.h"

#include <string>

#include "lib/store/siphash.h"

namespace ctdb::replica {
namespace {

// The digits of pi after the point: not secret, and the same everywhere.
constexpr store::HashSecret kHighSecret{0x243f6a8885a308d3, 0x13198a2e03707344};
constexpr store::HashSecret kLowSecret{0xa4093822299f31d0, 0x082efa98ec4e6c89};

void AppendNumber(std::string& bytes, uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<char>(number >> shift));
}

}  // namespace

Digest FingerprintOf(absl::string_view key, Position version, absl::string_view value) {
  std::string bytes;
  bytes.reserve(24 + key.size() + value.size());
  AppendNumber(bytes, version.epoch.value());
  AppendNumber(bytes, version.sequence);
  AppendNumber(bytes, key.size());
  bytes.append(key.data(), key.size());
  bytes.append(value.data(), value.size());
  return {store::SipHash13(kHighSecret, bytes), store::SipHash13(kLowSecret, bytes)};
}

void Digests::Add(absl::string_view key, const Digest& fingerprint) {
  slots_[SlotNumberOf(key)] += fingerprint;
  whole_ += fingerprint;
}

void Digests::Remove(absl::string_view key, const Digest& fingerprint) {
  slots_[SlotNumberOf(key)] -= fingerprint;
  whole_ -= fingerprint;
}

void Digests::Set(uint32_t slot, const Digest& digest) {
  whole_ -= slots_[slot];
  slots_[slot] = digest;
  whole_ += digest;
}

void Digests::Clear() { *this = Digests(); }

}  // namespace ctdb::replica
