// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/quick_wakeups.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"

namespace ctdb {
namespace {

// The kernel's word for "any latency will do".
constexpr int32_t kAnyLatencyUs = 2'000'000'000;
constexpr int kSleepStatesMax = 10;  // CPUIDLE_STATE_MAX of Linux.

std::string FirstWord(const std::string& path) {
  std::string word;
  std::ifstream(path) >> word;
  return word;
}

// The lightest state in which a processor does sleep: the first but for "POLL", which looks for
// work all the time.
absl::StatusOr<int32_t> LatencyOfLightestSleep(const std::string& processors) {
  const std::string driver = FirstWord(processors + "/cpuidle/current_driver");
  // Its only state of sleep is to leave the virtual machine, which the kernel takes for a quick
  // one: only the wish for no latency at all keeps a processor from it.
  if (driver == "haltpoll") return 0;
  for (int state = 0; state < kSleepStatesMax; ++state) {
    const std::string folder = absl::StrCat(processors, "/cpu0/cpuidle/state", state, "/");
    int32_t latency_us = 0;
    if (!(std::ifstream(folder + "latency") >> latency_us)) break;
    if (FirstWord(folder + "name") != "POLL") return latency_us;
  }
  return absl::UnavailableError(
      absl::StrCat("the kernel does not decide here how processors sleep: no cpuidle driver with a "
                   "state of sleep in ",
                   processors));
}

}  // namespace

QuickWakeups::QuickWakeups(UniqueFd device, int32_t latency_us)
    : device_(std::move(device)), latency_us_(latency_us) {}

absl::StatusOr<QuickWakeups> QuickWakeups::Open(const Options& options) {
  CTDB_ASSIGN_OR_RETURN(const int32_t latency_us, LatencyOfLightestSleep(options.processors));
  UniqueFd device(::open(options.device.c_str(), O_RDWR | O_CLOEXEC));
  if (!device.is_open()) return ErrnoStatus(errno, "open", options.device);
  return QuickWakeups(std::move(device), latency_us);
}

absl::Status QuickWakeups::Withdraw() { return Write(kAnyLatencyUs); }

absl::Status QuickWakeups::Write(int32_t latency_us) {
  if (::pwrite(device_.get(), &latency_us, sizeof(latency_us), 0) == sizeof(latency_us)) {
    return absl::OkStatus();
  }
  return ErrnoStatus(errno, "ask the kernel for quick wake-ups by", "its device");
}

}  // namespace ctdb
