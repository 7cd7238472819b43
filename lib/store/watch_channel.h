// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// watch_channel: on which message channels programs hear that a record has changed, or that this
// node's view of the cluster has. The same on all nodes, whatever their byte order or release.
//
// Two keys may share a channel: who hears something looks at the record.
//
//   Ownership:  none.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     the highest byte of all these channels is 0xdb; the rest is a hash.
//
// Example:
//   session.SendMessage(kConnectedNodes, WatchChannel(database, "visitors"), "");

#ifndef LIB_STORE_WATCH_CHANNEL_H_
#define LIB_STORE_WATCH_CHANNEL_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "lib/base/ids.h"

namespace ctdb::store {

// A message without content, by this node's database service to this node, after each new view: it
// and this node's epochs in shared memory are in force.
inline constexpr ChannelId kViewChannel = ChannelId(0xdb00'0000'0000'0000);

// A message without content, by whoever changes a record that has kWatched, before the change.
ChannelId WatchChannel(uint32_t database, absl::string_view key);

}  // namespace ctdb::store

#endif  // LIB_STORE_WATCH_CHANNEL_H_
