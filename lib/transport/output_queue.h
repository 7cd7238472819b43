// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// output_queue: what waits to be written to one connection, in two lanes: bulk goes only when
// nothing else waits, and a bulk frame that has begun is finished first.
//
// Frames are borrowed from the buffer that they were received in and usually leave it with the next
// write: nothing is copied. What the connection did not take at once is copied by Settle(), so that
// a slow receiver holds no buffer but its own.
//
//   Ownership:  borrows frames from Add() to Settle(); owns copies after it.
//   Threading:  not thread-safe.
//   Errors:     none; the owner watches bytes().
//   Blocking:   never; allocates nothing while its connection keeps up.
//   Limits:     the owner's, by bytes().
//
// Example:
//   queue.Add(frame, /*is_bulk=*/false);
//   iovec parts[64];
//   int count = queue.Gather(parts);
//   queue.OnWritten(writev(fd, parts, count));
//   queue.Settle();

#ifndef LIB_TRANSPORT_OUTPUT_QUEUE_H_
#define LIB_TRANSPORT_OUTPUT_QUEUE_H_

#include <sys/uio.h>

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "lib/protocol/envelope.h"

namespace ctdb {

class OutputQueue {
 public:
  // A whole frame; must stay where it is until Settle().
  void Add(Bytes frame, bool is_bulk);

  // Fills `parts` with what is to be written next, in order; returns how many.
  size_t Gather(absl::Span<iovec> parts) const;

  // The first `bytes` of what Gather() said are written.
  void OnWritten(size_t bytes);

  // Copies what is still borrowed.
  void Settle();

  size_t bytes() const { return normal_.bytes() + bulk_.bytes(); }
  bool empty() const { return bytes() == 0; }

 private:
  // First what was copied, then what is borrowed.
  class Lane {
   public:
    void Add(Bytes frame);
    void Settle();
    void Consume(size_t bytes);
    // Appends at most `bytes_max` bytes of the lane's start, skipping `skip` bytes.
    size_t Gather(size_t skip, size_t bytes_max, absl::Span<iovec> parts) const;
    // The size of the frame at the lane's start.
    size_t FirstFrameBytes() const;
    size_t bytes() const { return bytes_; }

   private:
    std::vector<std::byte> copied_;
    size_t copied_begin_ = 0;
    std::vector<Bytes> borrowed_;
    size_t borrowed_begin_ = 0;
    size_t bytes_ = 0;
  };

  Lane normal_;
  Lane bulk_;
  size_t bulk_frame_rest_ = 0;  // Bytes of a begun bulk frame that are still to be written.
};

}  // namespace ctdb

#endif  // LIB_TRANSPORT_OUTPUT_QUEUE_H_
