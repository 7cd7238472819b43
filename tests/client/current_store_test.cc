// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/current_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ctdb {
namespace {

class CurrentStoreTest : public ::testing::Test {
 protected:
  ~CurrentStoreTest() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<store::NativeStore> Open() {
    store::StoreOptions options;
    options.directory = directory_;
    options.name = absl::StrCat("store", ++stores_);
    options.mode = store::OpenMode::kReplace;
    auto store = store::NativeStore::Open(options);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

  const std::string directory_ = [] {
    std::string name = absl::StrCat(::testing::TempDir(), "/current_store_XXXXXX");
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    return name;
  }();
  int stores_ = 0;
};

TEST_F(CurrentStoreTest, WhoHasTheOldStoreKeepsIt) {
  CurrentStore current;
  current.Replace(Open());
  PinnedStore old = current.Pin();
  store::NativeStore* const first = old.get();
  current.Replace(Open());
  EXPECT_EQ(old.get(), first);
  EXPECT_TRUE(old->Statistics().ok());
  EXPECT_NE(current.Pin().get(), first);
}

TEST_F(CurrentStoreTest, NobodyIsInAStoreThatIsClosed) {
  CurrentStore current;
  current.Replace(Open());
  std::atomic<bool> is_over = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!is_over) {
        const PinnedStore store = current.Pin();
        EXPECT_TRUE(store->Statistics().ok());
      }
    });
  }
  for (int i = 0; i < 20; ++i) current.Replace(Open());
  is_over = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace ctdb
