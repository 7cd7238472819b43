// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/readiness.h"

#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "lib/base/io/unique_fd.h"

namespace ctdb {
namespace {

using FdObserver = kj::UnixEventPort::FdObserver;

class ReadinessTest : public testing::Test {
 protected:
  ReadinessTest() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    near_ = UniqueFd(ends[0]);
    far_ = UniqueFd(ends[1]);
  }
  ~ReadinessTest() noexcept override = default;

  void Fill() {
    const std::string much(1 << 16, 'x');
    while (::send(near_.get(), much.data(), much.size(), 0) > 0) {
    }
  }
  void Empty() {
    std::string much(1 << 20, 'x');
    while (::read(far_.get(), much.data(), much.size()) > 0) {
    }
  }
  size_t Read(size_t wanted) {
    std::string bytes(wanted, '\0');
    const ssize_t got = ::read(near_.get(), bytes.data(), wanted);
    return got < 0 ? 0 : static_cast<size_t>(got);
  }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  UniqueFd near_;
  UniqueFd far_;
};

TEST_F(ReadinessTest, ASocketWithRoomIsWritableAtOnce) {
  WhenWritable(io_.unixEventPort, near_.get()).wait(io_.waitScope);
}

TEST_F(ReadinessTest, AFullSocketIsWritableWhenItsPeerHasRead) {
  Fill();
  auto writable = WhenWritable(io_.unixEventPort, near_.get());
  EXPECT_FALSE(writable.poll(io_.waitScope));
  Empty();
  writable.wait(io_.waitScope);
}

TEST_F(ReadinessTest, TheSameSocketIsObservedForReadingMeanwhile) {
  FdObserver reader(io_.unixEventPort, near_.get(), FdObserver::OBSERVE_READ);
  Fill();
  auto writable = WhenWritable(io_.unixEventPort, near_.get());
  ASSERT_EQ(::send(far_.get(), "hello", 5, 0), 5);
  reader.whenBecomesReadable().wait(io_.waitScope);
  EXPECT_FALSE(writable.poll(io_.waitScope));
}

TEST_F(ReadinessTest, WhoWaitsNoMoreLeavesNoDescriptorBehind) {
  Fill();
  const UniqueFd before(::dup(near_.get()));
  { auto writable = WhenWritable(io_.unixEventPort, near_.get()); }
  const UniqueFd after(::dup(near_.get()));
  EXPECT_EQ(after.get(), before.get() + 1);
}

TEST_F(ReadinessTest, WithoutADescriptorItIsTriedAgainAfterAWhile) {
  Fill();
  // A sanitizer that sees its type for the first time needs a descriptor to look at it.
  io_.unixEventPort.getTimer();
  rlimit limit = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none = {0, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  auto writable = WhenWritable(io_.unixEventPort, near_.get());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  writable.wait(io_.waitScope);
}

TEST_F(ReadinessTest, WhatFilledTheBufferMayHaveMore) {
  FdObserver reader(io_.unixEventPort, near_.get(), FdObserver::OBSERVE_READ);
  ASSERT_EQ(::send(far_.get(), "hello", 5, 0), 5);
  reader.whenBecomesReadable().wait(io_.waitScope);
  EXPECT_TRUE(MayHaveMore(reader, Read(4), 4));
  EXPECT_FALSE(MayHaveMore(reader, Read(4), 4));
}

TEST_F(ReadinessTest, BeforeTheFirstEventNobodyKnows) {
  FdObserver reader(io_.unixEventPort, near_.get(), FdObserver::OBSERVE_READ);
  EXPECT_TRUE(MayHaveMore(reader, 1, 4));
}

TEST_F(ReadinessTest, TheEndOfTheStreamIsNotOverlooked) {
  FdObserver reader(io_.unixEventPort, near_.get(), FdObserver::OBSERVE_READ);
  ASSERT_EQ(::send(far_.get(), "hello", 5, 0), 5);
  far_.Reset();
  reader.whenBecomesReadable().wait(io_.waitScope);
  EXPECT_TRUE(MayHaveMore(reader, Read(100), 100)) << "the end came with the bytes";
}

TEST_F(ReadinessTest, AnEndThatComesAfterTheEventIsAnEventOfItsOwn) {
  FdObserver reader(io_.unixEventPort, near_.get(), FdObserver::OBSERVE_READ);
  ASSERT_EQ(::send(far_.get(), "hello", 5, 0), 5);
  reader.whenBecomesReadable().wait(io_.waitScope);
  far_.Reset();
  ASSERT_FALSE(MayHaveMore(reader, Read(100), 100));
  reader.whenBecomesReadable().wait(io_.waitScope);
  EXPECT_TRUE(MayHaveMore(reader, Read(100), 100));
}

}  // namespace
}  // namespace ctdb
