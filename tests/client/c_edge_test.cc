// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/c_edge.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <stdexcept>

namespace ctdb {
namespace {

TEST(CEdgeTest, AFailureIsACodeAndATextOfThisThread) {
  EXPECT_EQ(AtTheEdge([] { return absl::OkStatus(); }), CTDB_OK);
  EXPECT_EQ(AtTheEdge([] { return absl::AbortedError("others"); }), CTDB_LOST);
  EXPECT_EQ(LastError(), "others");
  EXPECT_EQ(AtTheEdge([] { return absl::UnknownError("who knows"); }), CTDB_IN_DOUBT);
  EXPECT_EQ(AtTheEdge([] { return absl::DataLossError("torn"); }), CTDB_DAMAGED);
}

TEST(CEdgeTest, NothingIsThrownOverIt) {
  EXPECT_EQ(AtTheEdge([]() -> absl::Status { throw std::bad_alloc(); }), CTDB_NO_MEMORY);
  EXPECT_EQ(AtTheEdge([]() -> absl::Status { throw std::runtime_error("oh"); }), CTDB_INTERNAL);
  EXPECT_EQ(LastError(), "oh");
  EXPECT_EQ(AtTheEdge([]() -> absl::Status { throw 7; }), CTDB_INTERNAL);
}

TEST(CEdgeTest, WhatACallbackThrowsIsKept) {
  CallbackError error;
  error.Run([] {});
  EXPECT_TRUE(error.ok());
  error.Run([] { throw std::runtime_error("oh"); });
  EXPECT_EQ(error.status(), absl::InternalError("a callback has thrown oh"));
}

TEST(CEdgeTest, ArgumentsAreChecked) {
  EXPECT_EQ(*Patience(CTDB_FOREVER), absl::InfiniteDuration());
  EXPECT_EQ(*Patience(20), absl::Milliseconds(20));
  EXPECT_TRUE(absl::IsInvalidArgument(Patience(-2).status()));
  EXPECT_EQ(*View("abc", 2, "it"), "ab");
  EXPECT_EQ(*View(nullptr, 0, "it"), "");
  EXPECT_EQ(View(nullptr, 1, "it").status(), absl::InvalidArgumentError("it is NULL"));
}

TEST(CEdgeTest, WhatIsGivenOutIsACopy) {
  void* memory = nullptr;
  size_t size = 0;
  GiveOut("value", &memory, &size);
  EXPECT_EQ(absl::string_view(static_cast<const char*>(memory), size), "value");
  std::free(memory);
}

}  // namespace
}  // namespace ctdb
