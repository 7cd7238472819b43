// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/progress.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace ctdb::cli {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(100);
// Records between two looks at the clock.
constexpr uint64_t kStride = 64;

}  // namespace

Progress::Progress(Context& context, std::string what) : context_(context), what_(std::move(what)) {
  context_.CatchInterrupt();
}

Progress::~Progress() {
  if (shown_ != absl::InfinitePast()) context_.Err("\r\x1b[K");
}

absl::Status Progress::Step() {
  ++records_;
  if (context_.interrupted()) return absl::CancelledError(absl::StrCat(what_, ": interrupted"));
  if (!context_.environment().error_is_terminal || records_ % kStride != 1) return absl::OkStatus();
  const absl::Time now = absl::Now();
  if (now - shown_ < kInterval) return absl::OkStatus();
  shown_ = now;
  context_.Err(absl::StrCat("\r\x1b[K", what_, ": ", records_, " records"));
  return absl::OkStatus();
}

}  // namespace ctdb::cli
