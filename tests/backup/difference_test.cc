// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/backup/difference.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "lib/base/random.h"
#include "tests/backup/model_records.h"

namespace ctdb::backup {
namespace {

using Kind = Difference::Kind;
using Map = ModelRecords::Map;

// What is told, applied to what there is.
DifferenceCounts Mend(const Map& wanted, Map& present, const CompareOptions& options = {}) {
  ModelRecords from(wanted);
  ModelRecords to(present);
  const auto counts = Compare(from, to, options, [&](const Difference& difference) {
    const std::string key(difference.key);
    const bool is_there = present.count(key) > 0;
    EXPECT_EQ(difference.kind == Kind::kAdded, !is_there) << key;
    if (difference.kind == Kind::kRemoved) {
      present.erase(key);
    } else {
      present[key] = std::string(difference.value);
    }
    return absl::OkStatus();
  });
  EXPECT_TRUE(counts.ok()) << counts.status();
  return *counts;
}

TEST(DifferenceTest, EachKindIsToldAndCounted) {
  Map present = {{"same", "1"}, {"other", "old"}, {"gone", "3"}};
  const DifferenceCounts counts =
      Mend({{"same", "1"}, {"other", "new"}, {"added", "4"}, {"nothing", ""}}, present);
  EXPECT_EQ(present, (Map{{"same", "1"}, {"other", "new"}, {"added", "4"}}));
  EXPECT_EQ(counts.same, 1u);
  EXPECT_EQ(counts.changed, 1u);
  EXPECT_EQ(counts.added, 1u);
  EXPECT_EQ(counts.removed, 1u);
}

TEST(DifferenceTest, WhatIsOnlyInTheDatabaseMayStay) {
  Map present = {{"mine", "1"}};
  Mend({{"a", "2"}}, present, {.removes = false});
  EXPECT_EQ(present, (Map{{"mine", "1"}, {"a", "2"}}));
}

TEST(DifferenceTest, WhatIsIgnoredStays) {
  Map present = {{"marker", "1"}};
  Mend({}, present, {.ignored_key = "marker"});
  EXPECT_EQ(present, (Map{{"marker", "1"}}));
}

TEST(DifferenceTest, AnErrorEndsIt) {
  ModelRecords wanted(Map{{"a", "1"}});
  ModelRecords present;
  EXPECT_TRUE(absl::IsCancelled(Compare(wanted, present, {}, [](const Difference&) {
                                  return absl::CancelledError("enough");
                                }).status()));
}

// A source that has a key twice.
class Twice final : public RecordSource {
 public:
  absl::Status ForEach(VisitRecord visit) override {
    CTDB_RETURN_IF_ERROR(visit("a", "first"));
    return visit("a", "second");
  }
};

TEST(DifferenceTest, OfTwoRecordsWithOneKeyTheLastCounts) {
  Twice twice;
  ModelRecords present(Map{{"a", "first"}});
  std::string told;
  const auto counts = Compare(twice, present, {}, [&](const Difference& difference) {
    absl::StrAppend(&told, difference.value, ";");
    return absl::OkStatus();
  });
  EXPECT_EQ(told, "second;");
  EXPECT_EQ(counts->changed, 1u);
  // And a database that tells of one twice while it changes.
  ModelRecords wanted(Map{{"a", "second"}});
  EXPECT_EQ(Compare(wanted, twice, {}, [](const Difference&) { return absl::OkStatus(); })->same,
            1u);
}

TEST(DifferencePropertyTest, ManyPartsFindTheSameAsOne) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    Map wanted;
    Map present;
    for (int i = 0; i < 300; ++i) {
      const std::string key = absl::StrCat("key ", random.Next() % 400);
      if (random.Next() % 3 != 0) wanted[key] = absl::StrCat(random.Next() % 2);
      if (random.Next() % 3 != 0) present[key] = absl::StrCat(random.Next() % 2);
    }
    for (const size_t keys_max : {size_t{1}, size_t{7}, size_t{1000}}) {
      Map mended = present;
      const DifferenceCounts counts = Mend(wanted, mended, {.keys_max = keys_max});
      EXPECT_EQ(mended, wanted) << "seed " << seed;
      EXPECT_EQ(counts.same + counts.changed + counts.added, wanted.size()) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace ctdb::backup
