// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/quick_wakeups.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace ctdb {
namespace {

namespace fs = std::filesystem;

class QuickWakeupsTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(root_);
    Write(options_.device, "");
  }

  static void Write(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  void AddState(int number, const std::string& name, const std::string& latency) {
    const fs::path folder = root_ / "cpu/cpu0/cpuidle" / ("state" + std::to_string(number));
    Write(folder / "name", name + "\n");
    Write(folder / "latency", latency + "\n");
  }
  void SetDriver(const std::string& name) {
    Write(root_ / "cpu/cpuidle/current_driver", name + "\n");
  }
  // What a reader of the device sees.
  static int32_t Asked(const std::string& device) {
    int32_t latency_us = -1;
    const UniqueFd fd(::open(device.c_str(), O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(::read(fd.get(), &latency_us, sizeof(latency_us)), ssize_t{sizeof(latency_us)});
    return latency_us;
  }

  // What it sees once somebody has asked here.
  int32_t AskedHere() const {
    auto wakeups = QuickWakeups::Open(options_);
    EXPECT_TRUE(wakeups.ok()) << wakeups.status();
    if (!wakeups.ok()) return -1;
    EXPECT_TRUE(wakeups->Ask().ok());
    return Asked(options_.device);
  }

  const fs::path root_ = fs::path(testing::TempDir()) / "quick_wakeups";
  const QuickWakeups::Options options_{root_ / "cpu_dma_latency", root_ / "cpu"};
};

TEST_F(QuickWakeupsTest, OnHardwareItAsksForTheLightestStateOfSleep) {
  SetDriver("intel_idle");
  AddState(0, "POLL", "0");
  AddState(1, "C1", "2");
  AddState(2, "C6", "133");
  EXPECT_EQ(AskedHere(), 2);
}

TEST_F(QuickWakeupsTest, InAVirtualMachineItAsksForNoSleepAtAll) {
  SetDriver("haltpoll");
  AddState(0, "POLL", "0");
  AddState(1, "haltpoll", "1");
  EXPECT_EQ(AskedHere(), 0);
}

TEST_F(QuickWakeupsTest, WithdrawnItDoesNotMatterHowLongTheyTake) {
  SetDriver("haltpoll");
  auto wakeups = QuickWakeups::Open(options_);
  ASSERT_TRUE(wakeups.ok()) << wakeups.status();
  EXPECT_TRUE(wakeups->Ask().ok());
  EXPECT_TRUE(wakeups->Withdraw().ok());
  EXPECT_EQ(Asked(options_.device), 2'000'000'000);
}

TEST_F(QuickWakeupsTest, WhereTheKernelDoesNotDecideItSaysSo) {
  EXPECT_EQ(QuickWakeups::Open(options_).status().code(), absl::StatusCode::kUnavailable);
  SetDriver("none");
  EXPECT_EQ(QuickWakeups::Open(options_).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(QuickWakeupsTest, WithoutTheDeviceItSaysWhatIsMissing) {
  SetDriver("haltpoll");
  fs::remove(options_.device);
  const absl::Status status = QuickWakeups::Open(options_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find(options_.device), std::string::npos) << status;
}

// The strictest wish of all processes counts, so others may have asked for the same.
TEST_F(QuickWakeupsTest, TheKernelHearsOfItUntilTheProcessLetsGo) {
  auto wakeups = QuickWakeups::Open();
  if (!wakeups.ok()) GTEST_SKIP() << wakeups.status();
  const std::string device = QuickWakeups::Options().device;
  EXPECT_TRUE(wakeups->Ask().ok());
  EXPECT_LE(Asked(device), wakeups->latency_us());
  EXPECT_TRUE(wakeups->Withdraw().ok());
}

}  // namespace
}  // namespace ctdb
