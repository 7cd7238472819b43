// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// limits: how large anything on the wire may be. Both sides check: the sender before it sends, the
// receiver before it believes.
//
//   Ownership:  none.
//   Threading:  constants.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     these.

#ifndef LIB_PROTOCOL_LIMITS_H_
#define LIB_PROTOCOL_LIMITS_H_

#include <cstddef>

namespace ctdb {

// The prefix in front of a packet: segment count and size (packet.capnp).
inline constexpr size_t kFramePrefixBytes = 8;

// A whole packet with its prefix. What is larger goes as a stream.
inline constexpr size_t kFrameBytesMax = size_t{1} << 20;

// Root pointer and the fields of the envelope: a packet cannot be smaller.
inline constexpr size_t kFrameBytesMin = kFramePrefixBytes + 8;

// Payload of a message on a channel; leaves room for any envelope of a later version.
inline constexpr size_t kMessageBytesMax = kFrameBytesMax - 1024;

// One step of a stream: large enough to be cheap per byte, small enough to delay nobody.
inline constexpr size_t kStreamChunkBytesMax = size_t{64} << 10;

// How deep a payload may nest, and how often its bytes may be read through different pointers: a
// small packet must not make its reader do much work.
inline constexpr int kNestingMax = 32;
inline constexpr size_t kTraversalFactor = 4;
// What the largest packet may cost, any packet may: honest readers look at small ones again and
// again.
inline constexpr size_t kTraversalBytesMin = kFrameBytesMax;

// Text that a peer sends about itself or its errors.
inline constexpr size_t kPeerTextBytesMax = 1024;

static_assert(kFrameBytesMax % 8 == 0, "frames are whole words");
static_assert(kStreamChunkBytesMax + 1024 < kFrameBytesMax, "a chunk fits in a packet");

}  // namespace ctdb

#endif  // LIB_PROTOCOL_LIMITS_H_
