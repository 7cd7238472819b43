// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// format: backups as bytes: docs/internals/backup-format.md. Also reads, and does not write, the
// backups of the CTDB that sites have today.
//
//   Ownership:  the reader owns its way to the bytes.
//   Threading:  belongs to one thread.
//   Errors:     Reader: DataLoss: the bytes are not what was written, or not all of it; it says
//               where. InvalidArgument: no backup, or of a version that this program cannot read.
//               Otherwise what the way to the bytes says.
//   Blocking:   as the way to the bytes.
//   Limits:     one block in memory; a block has at most kBlockBytesMax.
//
// Example:
//   Encoder encoder({.name = "registry.tdb", .kind = Kind::kPersistent});
//   encoder.Add(key, value);
//   file.Append(encoder.Take());
//   ...
//   file.Append(encoder.Finish());

#ifndef LIB_BACKUP_FORMAT_H_
#define LIB_BACKUP_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ctdb::backup {

inline constexpr absl::string_view kMagic = "ctdbbkup";
inline constexpr uint32_t kVersion = 1;
// A block ends with the record that fills it.
inline constexpr size_t kBlockBytes = 256 * 1024;
inline constexpr size_t kBlockBytesMax = 72 * 1024 * 1024;

enum class Kind : uint32_t { kVolatile, kPersistent, kReplicated };
absl::string_view KindName(Kind kind);

struct Header {
  std::string name;  // Of the database.
  Kind kind = Kind::kVolatile;
  absl::Time time = {};
  // Of the last transaction that is in it. Of volatile databases only the epoch of the cluster.
  uint64_t epoch = 0;
  uint64_t sequence = 0;
};

class Encoder {
 public:
  explicit Encoder(const Header& header);

  void Add(absl::string_view key, absl::string_view value);
  // The blocks that are full.
  std::string Take();
  // The others, and the end.
  std::string Finish();
  uint64_t records() const { return records_; }

 private:
  void EndBlock();
  void AppendBlock(absl::string_view type, absl::string_view content);

  std::string out_;
  std::string block_;
  uint64_t blocks_ = 0;
  uint64_t records_ = 0;
};

class Reader {
 public:
  // Up to so many bytes, fewer at the end only.
  using ReadBytes = std::function<absl::StatusOr<std::string>(size_t bytes)>;
  static absl::StatusOr<Reader> Open(ReadBytes read);

  const Header& header() const { return header_; }
  // Where it came from: this format, or the older one.
  bool is_legacy() const { return is_legacy_; }
  // False: that was the last one, and everything was as it was written. Views are good until the
  // next call.
  absl::StatusOr<bool> Next(absl::string_view& key, absl::string_view& value);

 private:
  explicit Reader(ReadBytes read) : read_(std::move(read)) {}

  absl::StatusOr<std::string> Bytes(size_t bytes);
  absl::Status ReadHeader();
  absl::Status ReadBlock(std::string& type);
  absl::Status ReadLegacyHeader(absl::string_view begin);
  absl::Status ReadLegacyBuffer();
  absl::Status TakeRecord(absl::string_view& key, absl::string_view& value);
  absl::Status TakeLegacyRecord(absl::string_view& key, absl::string_view& value);
  absl::Status CheckEnd(uint64_t records);
  absl::Status Damaged(absl::string_view what) const;

  ReadBytes read_;
  Header header_;
  bool is_legacy_ = false;
  std::string block_;
  absl::string_view rest_;  // Of the block.
  uint64_t offset_ = 0;
  uint64_t blocks_ = 0;
  uint64_t records_ = 0;
  bool is_over_ = false;
  uint64_t legacy_buffers_ = 0;  // That are left.
  uint64_t legacy_records_ = 0;  // In all.
  uint64_t legacy_in_buffer_ = 0;
};

}  // namespace ctdb::backup

#endif  // LIB_BACKUP_FORMAT_H_
