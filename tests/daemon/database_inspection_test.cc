// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/database_inspection.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/store/loan.h"
#include "lib/store/model_store.h"

namespace ctdb::daemon {
namespace {

constexpr NodeNumber kLocal(1);
constexpr NodeNumber kOther(2);

capnp::Data::Reader Data(absl::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}

class DatabaseInspectionTest : public testing::Test {
 protected:
  ~DatabaseInspectionTest() noexcept override = default;

  void Put(const std::string& key, const store::RecordHeader& header, absl::string_view value) {
    ASSERT_TRUE(store_.Lock(key, {})->Store(header, value).ok());
  }
  absl::Status Look(const std::vector<std::string>& keys) {
    auto list = params_.initRoot<wire::DatabaseService::LookAtRecordsParams>().initKeys(
        static_cast<uint32_t>(keys.size()));
    for (uint32_t i = 0; i < list.size(); ++i) list.set(i, Data(keys[i]));
    return LookAtRecords({store_, home_, kLocal}, list.asReader(),
                         message_.initRoot<wire::DatabaseService::LookAtRecordsResults>());
  }
  wire::RecordLook::Reader At(uint32_t i) {
    return message_.getRoot<wire::DatabaseService::LookAtRecordsResults>().asReader().getLooks()[i];
  }

  store::ModelStore store_{[] { return int64_t{0}; }};
  database::Directory home_{{.local = kLocal, .database = database::DatabaseId(5)}};
  capnp::MallocMessageBuilder params_;
  capnp::MallocMessageBuilder message_;
};

TEST_F(DatabaseInspectionTest, CopiesAreAsTheStoreHasThem) {
  Put("mine", {kLocal, 0, Epoch(3), 7}, "value");
  Put("other's", {kOther, 0, Epoch(3), 9}, "old");
  ASSERT_TRUE(Look({"mine", "other's", "none"}).ok());
  EXPECT_TRUE(At(0).getIsThere());
  EXPECT_TRUE(At(0).getCopy().getOwned());
  EXPECT_EQ(At(0).getCopy().getCounter(), 7u);
  EXPECT_EQ(At(0).getCopy().getValue().size(), 0u);
  EXPECT_NE(At(0).getValueHash(), 0u);
  EXPECT_NE(At(0).getValueHash(), At(1).getValueHash());
  EXPECT_FALSE(At(1).getCopy().getOwned());
  EXPECT_EQ(At(1).getCopy().getOwner(), kOther.value());
  EXPECT_FALSE(At(2).getIsThere());
  EXPECT_EQ(At(2).getCopy().getKey(), Data("none"));
}

TEST_F(DatabaseInspectionTest, ALentCopyIsLookedAtWithoutItsLoan) {
  Put("lent", {kLocal, store::kReadOnly, Epoch(3), 7}, store::WithLoan({3, 1}, "value"));
  Put("other", {kLocal, 0, Epoch(3), 7}, "value");
  Put("deleted", {kLocal, store::kTombstone, Epoch(3), 7}, "");
  ASSERT_TRUE(Look({"lent", "other", "deleted"}).ok());
  EXPECT_FALSE(At(0).getCopy().getOwned());
  EXPECT_EQ(At(0).getValueHash(), At(1).getValueHash());
  EXPECT_EQ(At(2).getValueHash(), 0u);
}

TEST_F(DatabaseInspectionTest, TheHomeSaysWhoOwnsIt) {
  ASSERT_TRUE(Look({"mine"}).ok());
  EXPECT_FALSE(At(0).getIsHome());
  EXPECT_LT(At(0).getHomeOwner(), 0);
  cluster::View view;
  view.epoch = Epoch(3);
  view.members = {kLocal};
  view.joined = {Epoch(3)};
  view.homes = {kLocal};
  home_.OnView(view, std::make_shared<database::Placement>(view.homes), Instant{});
  home_.OnReported("mine", {.node = kLocal, .is_owner = true, .order = {}});
  home_.OnSlotReady(database::SlotOf("mine"), Instant{});
  ASSERT_TRUE(Look({"mine"}).ok());
  EXPECT_TRUE(At(0).getIsHome());
  EXPECT_EQ(At(0).getHomeOwner(), kLocal.value());
}

TEST_F(DatabaseInspectionTest, TooManyOrBadKeysAreRefused) {
  EXPECT_TRUE(
      absl::IsInvalidArgument(Look(std::vector<std::string>(kLooksMax + 1, std::string("key")))));
  EXPECT_TRUE(absl::IsInvalidArgument(Look({""})));
}

}  // namespace
}  // namespace ctdb::daemon
