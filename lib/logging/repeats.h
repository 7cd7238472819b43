// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// repeats: keeps a trouble that goes on, such as a full disk, from filling the log: the same text
// is told once in an interval, with how often it was left out.
//
//   Ownership:  values.
//   Threading:  one thread at a time.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     kTextsMax texts are known at a time; of more, the oldest one is forgotten.
//
// Example:
//   if (auto text = repeats_.Tell(status.message(), now)) logger.Warning("database", *text);

#ifndef LIB_LOGGING_REPEATS_H_
#define LIB_LOGGING_REPEATS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/instant.h"

namespace ctdb {

class Repeats {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(30);
  static constexpr size_t kTextsMax = 32;

  // What to log now; nothing while the same was told less than kInterval ago.
  std::optional<std::string> Tell(absl::string_view text, Instant now);

 private:
  struct Known {
    Instant told;
    uint64_t left_out = 0;
  };
  std::map<std::string, Known, std::less<>> known_;
};

}  // namespace ctdb

#endif  // LIB_LOGGING_REPEATS_H_
