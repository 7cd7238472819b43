// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/watch_channel.h"

#include "lib/store/siphash.h"

namespace ctdb::store {

ChannelId WatchChannel(uint32_t database, absl::string_view key) {
  constexpr uint64_t kHashBits = (uint64_t{1} << 56) - 1;
  // No secret: others have to find it, too.
  const uint64_t hash = SipHash13({database, 0}, key) & kHashBits;
  return ChannelId(kViewChannel.value() | (hash == 0 ? 1 : hash));
}

}  // namespace ctdb::store
