// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What tests of copies in files share: a directory, and a file beside the model of what is in it.

#ifndef TESTS_REPLICA_REPLICA_FILE_SUPPORT_H_
#define TESTS_REPLICA_REPLICA_FILE_SUPPORT_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/replica/io/replica_file.h"
#include "tests/replica/model_storage.h"

namespace ctdb::replica {

using Store = Replica::Output::Store;
using AppendStore = Replica::Output::Append;
using StageStore = Replica::Output::Stage;
using AdoptStore = Replica::Output::Adopt;

// Ends when the test does.
class FileDirectory {
 public:
  FileDirectory() {
    std::string pattern = std::string(::getenv("TEST_TMPDIR")) + "/replica.XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~FileDirectory() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  ReplicaFile::Options Options() const {
    return {path_ + "/file", database::DatabaseId(7), "secrets.tdb", uint64_t{1} << 30, true};
  }
  const std::string& path() const { return path_; }
  // That were moved aside.
  std::vector<std::string> Aside() const {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      if (entry.path().string().find(".corrupted.") != std::string::npos) {
        paths.push_back(entry.path().string());
      }
    }
    return paths;
  }

 private:
  std::string path_;
};

inline ReplicaFile::Opened MustOpen(const ReplicaFile::Options& options) {
  absl::StatusOr<ReplicaFile::Opened> opened = ReplicaFile::Open(options);
  if (!opened.ok()) ADD_FAILURE() << opened.status();
  return opened.ok() ? *std::move(opened) : ReplicaFile::Opened{};
}

inline Position At(uint64_t epoch, uint64_t sequence) { return {Epoch(epoch), sequence}; }
inline Entry EntryAt(Position position, std::vector<Write> writes, bool is_wipe = false) {
  return {position, {position.epoch.value(), position.sequence}, is_wipe, std::move(writes)};
}

// The request, with its digests, and what the model is after it.
inline std::pair<Store, ModelStorage> AppendTo(const ModelStorage& model,
                                               std::vector<Entry> entries) {
  AppendStore append;
  append.entries = std::move(entries);
  append.log_base = model.log().entries_base();
  ModelStorage after = model;
  after.Apply({StoreTicket(1), append});
  const Digests old_digests = model.digests(), new_digests = after.digests();
  for (const Entry& entry : append.entries) append.has_wipe = append.has_wipe || entry.is_wipe;
  for (const Entry& entry : append.entries) {
    for (const Write& write : entry.writes) {
      const uint32_t slot = SlotNumberOf(write.key);
      append.digests[slot] = new_digests.of(slot);
    }
  }
  return {Store{StoreTicket(1), std::move(append)}, std::move(after)};
}

inline std::vector<std::pair<uint32_t, std::string>> Describe(const LogIndex& log) {
  std::vector<std::pair<uint32_t, std::string>> texts = {
      {0, absl::StrCat(Text(log.tokens_base()), " ", Text(log.entries_base()))}};
  for (const LogIndex::Item& item : log.items()) {
    texts.push_back({1, absl::StrCat(Text(item.position), " ", item.token.high, " ", item.token.low,
                                     " ", item.bytes)});
  }
  return texts;
}

// Everything that a reader can see is as in the model, by small pages.
inline void ExpectEqual(const ReplicaFile& file, const ModelStorage& model, size_t items_max = 3) {
  ReplicaFile::Cursor cursor;
  auto wanted = model.records().begin();
  for (bool is_end = false; !is_end;) {
    const absl::StatusOr<ReplicaReader::Page> page =
        file.Next(cursor, {items_max, 1 << 20, /*needs_values=*/true});
    ASSERT_TRUE(page.ok()) << page.status();
    is_end = page->is_end;
    for (const ReplicaReader::Item& item : page->items) {
      ASSERT_NE(wanted, model.records().end()) << item.key;
      EXPECT_EQ(item.key, wanted->first.second);
      EXPECT_EQ(item.value, wanted->second.value);
      EXPECT_EQ(item.info, (RecordInfo{wanted->second.version, wanted->second.fingerprint}));
      ++wanted;
    }
  }
  EXPECT_EQ(wanted, model.records().end());
  const absl::StatusOr<std::vector<Entry>> log = file.ReadLog(model.log().entries_base(), 1 << 30);
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ(*log, *model.ReadLog(model.log().entries_base(), 1 << 30));
  const absl::StatusOr<ReplicaFile::Statistics> statistics = file.GetStatistics();
  ASSERT_TRUE(statistics.ok()) << statistics.status();
  EXPECT_EQ(statistics->position, model.position());
  EXPECT_EQ(statistics->records, model.records().size());
  EXPECT_EQ(file.Check(), absl::OkStatus());
}

}  // namespace ctdb::replica

#endif  // TESTS_REPLICA_REPLICA_FILE_SUPPORT_H_
