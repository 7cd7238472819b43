// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// quick_wakeups: asks the kernel not to let processors sleep so deeply that waking them takes long.
// A packet that takes a few microseconds to handle otherwise waits for tens of them until a
// processor is awake: most of all in a virtual machine, where to sleep is to leave the machine.
//
// This is the kernel's "PM QoS" (Documentation/power/pm_qos_interface.rst of Linux): the strictest
// wish of all processes counts, for all processors, and ends with the process at the latest. In a
// virtual machine (cpuidle driver "haltpoll") processors with nothing to do look for work all the
// time meanwhile; elsewhere they use the lightest state of sleep.
//
//   Ownership:  owns the descriptor by which the kernel knows of the wish.
//   Threading:  not thread-safe.
//   Errors:     Open(): PermissionDenied without the right to open the device, Unavailable where
//               the kernel does not decide how processors sleep (in many containers, and in virtual
//               machines without cpuidle).
//   Blocking:   Ask() and Withdraw() wake all processors that sleep: tens of microseconds.
//   Limits:     none.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(QuickWakeups wakeups, QuickWakeups::Open());
//   wakeups.Ask();  ...much traffic...  wakeups.Withdraw();

#ifndef LIB_BASE_IO_QUICK_WAKEUPS_H_
#define LIB_BASE_IO_QUICK_WAKEUPS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/io/unique_fd.h"

namespace ctdb {

class QuickWakeups {
 public:
  struct Options {
    std::string device = "/dev/cpu_dma_latency";
    std::string processors = "/sys/devices/system/cpu";  // With cpuidle/ and cpu0/cpuidle/.
  };

  static absl::StatusOr<QuickWakeups> Open(const Options& options);
  static absl::StatusOr<QuickWakeups> Open() { return Open(Options()); }

  absl::Status Ask() { return Write(latency_us_); }
  absl::Status Withdraw();

  // How long a processor may take to wake up while it is asked for, in microseconds.
  int32_t latency_us() const { return latency_us_; }

 private:
  QuickWakeups(UniqueFd device, int32_t latency_us);
  absl::Status Write(int32_t latency_us);

  UniqueFd device_;
  int32_t latency_us_;
};

}  // namespace ctdb

#endif  // LIB_BASE_IO_QUICK_WAKEUPS_H_
