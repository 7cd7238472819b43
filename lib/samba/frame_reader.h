// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// frame_reader: cuts what a stream socket gives into packets of Samba's client protocol.
//
// A packet announces its length in its first four bytes. What is shorter than a header is skipped
// where a daemon reads (its clients have always been treated like this), and ends the connection
// where a client reads.
//
//   Ownership:  owns the bytes; a packet it gives is valid until the next Space().
//   Threading:  not thread-safe.
//   Errors:     InvalidArgument for a length that ends the connection: close it. Once it failed it
//               stays so.
//   Blocking:   never.
//   Limits:     Options::packet_bytes_max and kReadBytesMin; half as much again for a moment while
//               the buffer grows. It grows with the bytes that arrived and not with what a length
//               announces, and shrinks when a large packet is done.
//
// Example:
//   size_t size;
//   char* space = reader.Space(&size);
//   reader.Added(read(fd, space, size));
//   while (true) {
//     CTDB_ASSIGN_OR_RETURN(const std::optional<absl::string_view> frame, reader.Next());
//     if (!frame.has_value()) break;
//     ... DecodePacket(*frame) ...
//   }

#ifndef LIB_SAMBA_FRAME_READER_H_
#define LIB_SAMBA_FRAME_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctdb::samba {

// What is less than a header.
enum class ShortFrames { kSkip, kRefuse };

class FrameReader {
 public:
  struct Options {
    // Samba sends messages and commits of many MiB, and takes the end of its connection for the end
    // of the cluster.
    size_t packet_bytes_max = size_t{256} << 20;
    ShortFrames short_frames = ShortFrames::kSkip;
  };
  // What a read finds room for, at least.
  static constexpr size_t kReadBytesMin = 4096;

  FrameReader() : FrameReader(Options()) {}
  explicit FrameReader(const Options& options) : options_(options) {}

  // Where the next bytes go, and how many fit; none if Next() has not been asked for the packets
  // that are there.
  char* Space(size_t* size);
  void Added(size_t size);

  // The next whole packet; nothing when more bytes are needed.
  absl::StatusOr<std::optional<absl::string_view>> Next();

  // How many times something shorter than a header was skipped; for the log.
  uint64_t skipped_count() const { return skipped_count_; }

  size_t memory_bytes() const { return capacity_; }

 private:
  size_t waiting() const { return filled_ - begin_; }
  // What is enough for the largest packet and a read behind all of it but its last byte.
  size_t capacity_max() const { return options_.packet_bytes_max + kReadBytesMin; }
  void MakeRoom();
  void Grow();

  Options options_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;   // Of the first packet that was not given yet.
  size_t filled_ = 0;  // Behind the last byte that arrived.
  uint64_t skipped_count_ = 0;
  absl::Status failure_;
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_FRAME_READER_H_
