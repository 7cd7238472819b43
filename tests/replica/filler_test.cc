// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/filler.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "lib/replica/source.h"
#include "tests/replica/model_storage.h"

namespace ctdb::replica {
namespace {

const NodeNumber kSource(1);
const Position kOld{Epoch(1), 1};
const Position kNew{Epoch(2), 9};

// A copy, and one that it is to become.
class FillerTest : public testing::Test {
 protected:
  FillerTest() { source_.SetLog(LogIndex(kNew, {})); }

  Filler Make(bool is_from_scratch) {
    return Filler({}, kSource, own_.digests(), is_from_scratch, own_, absl::Milliseconds(100),
                  Instant{});
  }

  Page Answer(const Fetch& fetch) const {
    Page page = *AnswerFetch(fetch, source_);
    if (!fetch.is_short || !do_short_ones_collide_) return page;
    page.kept.assign(page.kept.size(), true);
    page.records.clear();
    return page;
  }

  // Until nothing happens any more.
  void Run(Filler& filler) {
    for (;;) {
      size_t pages = 0;
      std::vector<Send> sends = filler.TakeSends();
      for (const Send& send : sends) {
        if (const auto* wanted = std::get_if<DigestsWanted>(&send.message)) {
          filler.OnDigestList(AnswerDigestsWanted(*wanted, source_.digests(), source_.log()), {});
        } else {
          ++pages;
          filler.OnPage(Answer(std::get<Fetch>(send.message)), {});
        }
      }
      most_pages_ = std::max(most_pages_, pages);
      pages_ += pages;
      bool is_staging = false;
      while (std::optional<Filler::Staging> staging = filler.TakeStaging({})) {
        is_staging = true;
        own_.Apply({StoreTicket(1), *staging});
      }
      if (sends.empty() && !is_staging) return;
    }
  }

  void Adopt(const Filler& filler) {
    own_.Apply({StoreTicket(1), Replica::Output::Adopt{filler.log(), filler.digests()}});
  }

  ModelStorage own_;
  ModelStorage source_;
  // As if each record of a slot had the same short fingerprint as one of the other copy.
  bool do_short_ones_collide_ = false;
  size_t pages_ = 0;
  size_t most_pages_ = 0;
};

TEST_F(FillerTest, OnlySlotsThatDifferAreFetched) {
  for (int i = 0; i < 1000; ++i) {
    own_.Put(absl::StrCat("key", i), kOld, "value");
    source_.Put(absl::StrCat("key", i), kOld, "value");
  }
  source_.Put("key7", kNew, "new");
  own_.Put("only here", kOld, "value");
  Filler filler = Make(/*is_from_scratch=*/false);
  Run(filler);
  EXPECT_EQ(filler.problem(), "");
  ASSERT_TRUE(filler.IsComplete());
  EXPECT_EQ(filler.position(), kNew);
  EXPECT_LE(pages_, 2u);
  EXPECT_TRUE(own_.Get("only here")) << "nothing changes before all is there";
  Adopt(filler);
  EXPECT_EQ(own_.records(), source_.records());
  EXPECT_EQ(filler.digests(), own_.digests());
}

TEST_F(FillerTest, RecordsWithTheSameShortFingerprintAreToldApartByTheWholeOnes) {
  for (int i = 0; i < 100; ++i) {
    own_.Put(absl::StrCat("key", i), kOld, "value");
    source_.Put(absl::StrCat("key", i), i % 2 == 0 ? kOld : kNew, "value");
  }
  own_.Put("only here", kOld, "value");
  source_.Put("only there", kOld, "value");
  do_short_ones_collide_ = true;
  Filler filler = Make(/*is_from_scratch=*/false);
  Run(filler);
  ASSERT_TRUE(filler.IsComplete()) << filler.problem();
  Adopt(filler);
  EXPECT_EQ(own_.records(), source_.records());
  EXPECT_EQ(filler.digests(), own_.digests());
}

TEST_F(FillerTest, AnEmptyCopyGetsEverythingAFewPagesAtATime) {
  for (int i = 0; i < 3000; ++i) source_.Put(absl::StrCat("key", i), kOld, "value");
  Filler filler = Make(/*is_from_scratch=*/false);
  Run(filler);
  ASSERT_TRUE(filler.IsComplete());
  EXPECT_LE(most_pages_, kFetchesMax);
  Adopt(filler);
  EXPECT_EQ(own_.records(), source_.records());
}

TEST_F(FillerTest, ASlotNumberOfManyPagesIsFilledPageByPage) {
  int count = 0;
  for (int i = 0; count < 9; ++i) {
    const std::string key = absl::StrCat("key", i);
    if (SlotNumberOf(key) != SlotNumberOf("key0")) continue;
    ++count;
    source_.Put(key, kOld, std::string(kPageBytesMax / 2, 'v'));
    own_.Put(key, count % 3 == 0 ? kOld : kNew, std::string(kPageBytesMax / 2, 'v'));
  }
  Filler filler = Make(/*is_from_scratch=*/false);
  Run(filler);
  ASSERT_TRUE(filler.IsComplete()) << filler.problem();
  EXPECT_GT(pages_, 3u);
  Adopt(filler);
  EXPECT_EQ(own_.records(), source_.records());
}

TEST_F(FillerTest, FromScratchNothingOwnIsReadOrKept) {
  own_.Put("broken", kOld, "value");
  own_.Break();
  source_.Put("good", kNew, "value");
  Filler filler = Make(/*is_from_scratch=*/true);
  Run(filler);
  ASSERT_TRUE(filler.IsComplete()) << filler.problem();
  Adopt(filler);
  EXPECT_EQ(own_.records(), source_.records());
}

TEST_F(FillerTest, WhatIsNotAnsweredIsAskedAgain) {
  Filler filler = Make(/*is_from_scratch=*/false);
  EXPECT_EQ(filler.TakeSends().size(), 1u);
  filler.OnTick(filler.NextDeadline() - std::chrono::nanoseconds(1));
  EXPECT_TRUE(filler.TakeSends().empty());
  filler.OnTick(filler.NextDeadline());
  EXPECT_EQ(filler.TakeSends(), (std::vector<Send>{{kSource, DigestsWanted{}}}));
}

TEST_F(FillerTest, APageThatComesTwiceCountsOnce) {
  source_.Put("a", kNew, "value");
  Filler filler = Make(/*is_from_scratch=*/false);
  filler.OnDigestList(AnswerDigestsWanted({}, source_.digests(), source_.log()), {});
  const Page page = *AnswerFetch({{}, SlotNumberOf("a"), "", "", {}}, source_);
  filler.OnPage(page, {});
  filler.OnPage(page, {});
  EXPECT_EQ(filler.digests(), source_.digests());
}

TEST_F(FillerTest, ARecordThatDoesNotBelongThereIsTheSourcesFault) {
  source_.Put("a", kNew, "value");
  Filler filler = Make(/*is_from_scratch=*/false);
  filler.OnDigestList(AnswerDigestsWanted({}, source_.digests(), source_.log()), {});
  filler.OnPage({{}, SlotNumberOf("a"), "", true, "", {}, {{"b", kNew, "value"}}}, {});
  EXPECT_NE(filler.problem(), "");
  EXPECT_TRUE(filler.is_source_to_blame());
}

TEST_F(FillerTest, DigestsThatLieAreFoundInTheEnd) {
  source_.Put("a", kNew, "value");
  own_.Put("a", kOld, "value");
  Digests lie = own_.digests();
  lie.Add("a", {1, 1});
  Filler filler({}, kSource, lie, /*is_from_scratch=*/false, own_, absl::Milliseconds(100), {});
  Run(filler);
  EXPECT_NE(filler.problem(), "");
  EXPECT_FALSE(filler.is_source_to_blame()) << "the own copy has to be filled from scratch";
}

}  // namespace
}  // namespace ctdb::replica
