// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// peer_link: one proxy's side of what it exchanges with the proxy of one other node: items of any
// size arrive in order and once, although the transport loses packets where a queue is full or when
// it is started again.
//
// Each item is cut into chunks with consecutive numbers. The receiver takes the next number only
// and says how far it has got; the sender keeps a chunk until it was taken, and sends from there
// again when nothing moves. Mostly something goes the other way soon, and says so along with it: it
// is said alone after kAcknowledgeAfter, or when the sender has to know sooner. A process that was
// started again has another `run`: what was meant for its predecessor is forgotten, as is what was
// queued for a node that left the cluster.
//
//   Ownership:  owns what waits.
//   Threading:  not thread-safe.
//   Errors:     ResourceExhausted from Send(): the node has not taken kQueueBytesMax.
//   Blocking:   never.
//   Limits:     kWindowBytes on the way, kQueueBytesMax waiting, kItemBytesMax of an item.
//
// Example:
//   link.Send(item_bytes, now);
//   for (const Chunk& chunk : link.TakeOutput(now)) ... send it ...
//   for (std::string& item : link.OnChunk(chunk, now)) ... handle it ...

#ifndef LIB_SAMBA_SESSION_PEER_LINK_H_
#define LIB_SAMBA_SESSION_PEER_LINK_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/instant.h"

namespace ctdb::samba {

struct Chunk {
  uint64_t run = 0;           // Of the sender; a later start has a greater one.
  uint64_t to_run = 0;        // Of the receiver; 0: not known.
  uint64_t acknowledged = 0;  // Up to here the receiver's chunks of `to_run` were taken.
  uint64_t sequence = 0;      // 0: it only acknowledges.
  uint64_t oldest = 0;        // Those before are never sent again.
  bool begins = false;        // An item.
  bool ends = false;
  std::string bytes;

  friend bool operator==(const Chunk&, const Chunk&) = default;
};

class PeerLink {
 public:
  static constexpr size_t kChunkBytesMax = 64 * 1024;
  static constexpr size_t kWindowBytes = 4 * 1024 * 1024;
  static constexpr size_t kQueueBytesMax = size_t{512} << 20;
  static constexpr size_t kItemBytesMax = size_t{300} << 20;
  static constexpr absl::Duration kRetryAfter = absl::Milliseconds(250);
  static constexpr absl::Duration kAcknowledgeAfter = absl::Milliseconds(20);
  // Of chunks that were taken and not acknowledged.
  static constexpr size_t kAcknowledgeBytes = kWindowBytes / 8;

  // `run` must be greater than at every start before.
  explicit PeerLink(uint64_t run) : run_(run) {}

  absl::Status Send(absl::string_view item);
  // The items that it completes.
  std::vector<std::string> OnChunk(Chunk chunk);
  // What to send now.
  std::vector<Chunk> TakeOutput(Instant now);
  // Whatever is on its way may be lost: it is sent again.
  void Resend() { next_ = 0; }
  // Forgets what waits.
  void Drop();
  void OnTick(Instant now);
  Instant NextDeadline() const { return std::min(retry_at_, acknowledge_at_); }

  // Whether the other proxy was started again since this was asked last.
  bool TakeRestarted();
  size_t queued_bytes() const { return queued_bytes_; }

 private:
  enum class Owes : uint8_t { kNothing, kSoon, kNow };

  void Owe(Owes what) { owes_ = std::max(owes_, what); }
  void OnPeerRun(const Chunk& chunk);
  void OnAcknowledged(uint64_t sequence);
  void Take(Chunk& chunk, std::vector<std::string>& items);
  Chunk Begin() const;

  const uint64_t run_;
  uint64_t peer_run_ = 0;
  bool was_restarted_ = false;

  std::deque<Chunk> queue_;  // Not acknowledged yet; the first has the number `oldest_`.
  size_t queued_bytes_ = 0;
  uint64_t oldest_ = 1;
  size_t next_ = 0;  // Of `queue_`: what was not sent yet, or is to be sent again.
  Instant retry_at_ = kNever;

  uint64_t expected_ = 1;  // The next chunk of the other side.
  bool is_inside_item_ = false;
  std::string item_;
  Owes owes_ = Owes::kNothing;  // Acknowledgements.
  Instant acknowledge_at_ = kNever;
  size_t unacknowledged_bytes_ = 0;
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SESSION_PEER_LINK_H_
