// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// model_storage: the storage of one copy, in memory, that does what Replica asks for, and fails
// when a test wants it to. Its digests are its own, from what it has.

#ifndef TESTS_REPLICA_MODEL_STORAGE_H_
#define TESTS_REPLICA_MODEL_STORAGE_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/replica/digests.h"
#include "lib/replica/reader.h"
#include "lib/replica/replica.h"

namespace ctdb::replica {

class ModelStorage : public ReplicaReader {
 public:
  struct Stored {
    Position version;
    std::string value;
    Digest fingerprint;
    friend bool operator==(const Stored&, const Stored&) = default;
  };
  using Records = std::map<std::pair<uint32_t, std::string>, Stored>;  // By slot and key.

  // As if the writes were in it.
  static Entry EntryOf(const Replica::Output::AppendBody& append);

  static Stored Make(const std::string& key, Position version, const std::string& value) {
    return {version, value, FingerprintOf(key, version, value)};
  }

  absl::StatusOr<std::optional<RecordInfo>> Find(absl::string_view key) const override;
  absl::StatusOr<std::optional<uint64_t>> ValueBytes(absl::string_view key) const override;
  absl::StatusOr<Page> Scan(uint32_t slot, absl::string_view after,
                            const PageOptions& options) const override;
  absl::StatusOr<std::vector<Entry>> ReadLog(Position after, size_t bytes_max) const override;

  void Apply(const Replica::Output::Store& store);
  // What is not applied by then is lost.
  void Crash() { staged_.clear(); }
  // As a driver finds it at the start.
  Replica::Copy Open() const { return {"", log_, digests()}; }
  // A record, as if it had been there for ever.
  void Put(const std::string& key, Position version, const std::string& value);
  void Put(const std::string& key, const Stored& stored) { Write(key, stored); }
  void SetLog(LogIndex log) { log_ = std::move(log); }
  // All reads fail from now on, until the copy is replaced.
  void Break() { is_broken_ = true; }

  std::optional<Stored> Get(const std::string& key) const;
  const Records& records() const { return records_; }
  Position position() const { return log_.end(); }
  const LogIndex& log() const { return log_; }
  // Counted anew.
  Digests digests() const;
  // Kept from write to write.
  const Digest& whole() const { return kept_.whole(); }

 private:
  void Write(const std::string& key, std::optional<Stored> stored);
  void Do(const Replica::Output::Append& append);
  void Do(const Replica::Output::AppendBody& append);
  void Do(const Replica::Output::Stage& stage);
  void Do(const Replica::Output::Adopt& adopt);

  Records records_;
  std::map<Position, Entry> entries_;
  LogIndex log_;
  Digests kept_;
  std::vector<Replica::Output::Stage> staged_;
  bool is_broken_ = false;
};

}  // namespace ctdb::replica

#endif  // TESTS_REPLICA_MODEL_STORAGE_H_
