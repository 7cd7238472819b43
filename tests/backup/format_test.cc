// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/backup/format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/backup/little_endian.h"
#include "lib/base/random.h"
#include "lib/base/status_macros.h"

namespace ctdb::backup {
namespace {

using Map = std::map<std::string, std::string>;

Reader::ReadBytes From(std::string bytes) {
  return [bytes = std::move(bytes), at = size_t{0}](size_t count) mutable {
    const std::string part = bytes.substr(at, count);
    at += part.size();
    return absl::StatusOr<std::string>(part);
  };
}

absl::StatusOr<Map> Read(const std::string& bytes) {
  CTDB_ASSIGN_OR_RETURN(Reader reader, Reader::Open(From(bytes)));
  Map map;
  while (true) {
    absl::string_view key;
    absl::string_view value;
    CTDB_ASSIGN_OR_RETURN(const bool is_there, reader.Next(key, value));
    if (!is_there) return map;
    map[std::string(key)] = std::string(value);
  }
}

std::string Write(const Map& map) {
  Encoder encoder({"a.tdb", Kind::kPersistent, absl::FromUnixSeconds(7), 3, 12});
  std::string bytes;
  for (const auto& [key, value] : map) {
    encoder.Add(key, value);
    bytes += encoder.Take();
  }
  return bytes + encoder.Finish();
}

TEST(BackupFormatTest, WhatIsWrittenIsRead) {
  const Map map = {{"a", "1"}, {std::string(1, '\0'), std::string(700'000, 'x')}, {"empty", ""}};
  const std::string bytes = Write(map);
  EXPECT_EQ(*Read(bytes), map);
  EXPECT_EQ(*Read(Write({})), Map{});
  const Reader reader = *Reader::Open(From(bytes));
  EXPECT_EQ(reader.header().name, "a.tdb");
  EXPECT_EQ(reader.header().kind, Kind::kPersistent);
  EXPECT_EQ(reader.header().time, absl::FromUnixSeconds(7));
  EXPECT_EQ(reader.header().epoch, 3u);
  EXPECT_EQ(reader.header().sequence, 12u);
  EXPECT_FALSE(reader.is_legacy());
}

TEST(BackupFormatTest, HalfABackupIsNoneWhereverItEnds) {
  const std::string bytes = Write({{"a", "1"}, {"b", "2"}});
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Read(bytes.substr(0, size)).ok()) << size;
  }
  EXPECT_TRUE(absl::StrContains(Read(bytes.substr(0, bytes.size() - 1)).status().message(),
                                "1 bytes are missing"));
  EXPECT_FALSE(Read(bytes + "x").ok());
}

TEST(BackupFormatTest, AnyChangedByteIsNoticed) {
  const std::string bytes = Write({{"a", "1"}, {"b", "2"}});
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    EXPECT_FALSE(Read(changed).ok()) << at;
  }
}

TEST(BackupFormatTest, BlocksInAnotherOrderAreNoticed) {
  const std::string one = Write({{"a", std::string(kBlockBytes, '1')}});
  const std::string two = Write({{"a", std::string(kBlockBytes, '1')}, {"b", "2"}});
  // Without its second block: the next one is not the next one.
  const size_t tail = 8 + 8 + 8;
  std::string cut = two;
  cut.erase(one.size() - tail, two.size() - one.size());
  EXPECT_TRUE(absl::IsDataLoss(Read(cut).status()));
}

TEST(BackupFormatTest, OtherFilesAreNoBackups) {
  EXPECT_TRUE(absl::StrContains(Read("hello, world").status().message(), "this is no backup"));
  EXPECT_TRUE(absl::IsInvalidArgument(Read("").status()));
}

TEST(BackupFormatTest, RandomBytesNeverPass) {
  Random random(1);
  const std::string bytes = Write({{"a", "1"}, {"b", "2"}, {"c", "3"}});
  for (int i = 0; i < 2000; ++i) {
    std::string changed = bytes;
    for (uint64_t n = random.Next() % 8 + 1; n > 0; --n) {
      changed[random.Next() % changed.size()] = static_cast<char>(random.Next());
    }
    if (changed != bytes) {
      EXPECT_FALSE(Read(changed).ok());
    }
  }
}

// The format of CTDB 4.17: version 3, 104 bytes of header, buffers of packed records.
std::string Legacy(uint64_t records_told, uint64_t flags = 1) {
  std::string buffer;
  for (const auto& [key, value] : Map{{"a", "1"}, {"bb", ""}}) {
    AppendNumber<uint32_t>(buffer, static_cast<uint32_t>(16 + key.size() + 24 + value.size()));
    AppendNumber<uint32_t>(buffer, 0);
    AppendNumber<uint32_t>(buffer, static_cast<uint32_t>(key.size()));
    AppendNumber<uint32_t>(buffer, static_cast<uint32_t>(24 + value.size()));
    buffer += key + std::string(24, 'h') + value;
  }
  std::string bytes;
  for (const uint64_t number : {uint64_t{3}, uint64_t{1000}, flags, uint64_t{1}, records_told}) {
    AppendNumber(bytes, number);
  }
  bytes += "old.tdb" + std::string(64 - 7, '\0');
  AppendNumber<uint32_t>(bytes, 99);
  AppendNumber<uint32_t>(bytes, 2);
  AppendNumber<uint64_t>(bytes, buffer.size());
  return bytes + buffer;
}

TEST(BackupFormatTest, BackupsOfTheOlderToolAreRead) {
  EXPECT_EQ(*Read(Legacy(2)), (Map{{"a", "1"}, {"bb", ""}}));
  const Reader reader = *Reader::Open(From(Legacy(2)));
  EXPECT_TRUE(reader.is_legacy());
  EXPECT_EQ(reader.header().name, "old.tdb");
  EXPECT_EQ(reader.header().kind, Kind::kPersistent);
  EXPECT_EQ(Reader::Open(From(Legacy(2, 8)))->header().kind, Kind::kReplicated);
  EXPECT_FALSE(Read(Legacy(3)).ok());
  EXPECT_FALSE(Read(Legacy(2) + "x").ok());
  const std::string bytes = Legacy(2);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Read(bytes.substr(0, size)).ok()) << size;
  }
}

}  // namespace
}  // namespace ctdb::backup
