// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Counts what the transport's threads allocate. All allocation of this program, new and malloc and
// whatever libraries do, passes through the functions at the end of this file.

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cstring>

#include "tests/transport/transport_fixture.h"

namespace ctdb {
namespace {

std::atomic<uint64_t> g_transport_allocations{0};
std::atomic<bool> g_is_counting{false};

bool IsTransportThread() {
  thread_local int answer = -1;
  if (answer < 0) {
    char name[16] = "";
    ::pthread_getname_np(::pthread_self(), name, sizeof(name));
    answer = std::strcmp(name, "ctdb-transport") == 0 ? 1 : 0;
  }
  return answer == 1;
}

void CountAllocation() {
  if (g_is_counting.load(std::memory_order_relaxed) && IsTransportThread()) {
    g_transport_allocations.fetch_add(1, std::memory_order_relaxed);
  }
}

class RoutingAllocationTest : public test::TransportFixture {
 protected:
  // Sends `count` packets, never more on the way than a fast receiver has.
  void Exchange(PlainEndpoint& sender, PlainEndpoint& receiver, int count) {
    constexpr int kBatch = 100;
    writer_.Begin(sender.To(receiver.address(), PacketKind::kData))
        .getPayload()
        .initAs<capnp::Data>(100);
    const Bytes frame = *writer_.Finish();
    for (int done = 0; done < count; done += kBatch) {
      for (int i = 0; i < kBatch; ++i) sender.Queue(frame);
      ASSERT_TRUE(sender.Flush(test::kSoon).ok());
      for (int received = 0; received < kBatch;) {
        const auto arrived = receiver.Receive(test::kSoon);
        ASSERT_TRUE(arrived.ok()) << arrived.status();
        if (DecodeEnvelope(*arrived)->kind == PacketKind::kData) ++received;
      }
    }
  }

  uint64_t AllocationsOf(PlainEndpoint& sender, PlainEndpoint& receiver) {
    Exchange(sender, receiver, 2000);
    g_transport_allocations = 0;
    g_is_counting = true;
    Exchange(sender, receiver, 10000);
    g_is_counting = false;
    return g_transport_allocations;
  }
};

TEST_F(RoutingAllocationTest, TheCounterSeesWhatTheTransportsThreadAllocates) {
  StartNodes(1);
  g_transport_allocations = 0;
  g_is_counting = true;
  (void)loops_[0]->Endpoints().size();
  (void)Connect(0);
  g_is_counting = false;
  EXPECT_GT(g_transport_allocations, 0u);
}

TEST_F(RoutingAllocationTest, APacketBetweenEndpointsOfANodeAllocatesNothing) {
  StartNodes(1);
  auto sender = Connect(0);
  auto receiver = Connect(0);
  EXPECT_EQ(AllocationsOf(*sender, *receiver), 0u);
}

TEST_F(RoutingAllocationTest, APacketBetweenNodesAllocatesNothing) {
  StartNodes(2);
  auto sender = Connect(0);
  auto receiver = Connect(1);
  EXPECT_EQ(AllocationsOf(*sender, *receiver), 0u);
}

}  // namespace
}  // namespace ctdb

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) {
  ctdb::CountAllocation();
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  ctdb::CountAllocation();
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  ctdb::CountAllocation();
  return __libc_realloc(old, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  ctdb::CountAllocation();
  return __libc_memalign(alignment, size);
}
}
