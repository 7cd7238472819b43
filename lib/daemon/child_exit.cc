// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/child_exit.h"

#include <cstring>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace ctdb::daemon {

std::string Describe(const ChildExit& how) {
  switch (how.kind) {
    case ChildExit::Kind::kExited:
      return absl::StrCat("exited with code ", how.value);
    case ChildExit::Kind::kSignalled: {
      // Not strsignal(): its text follows the locale and its buffer is shared.
      const char* text = ::sigdescr_np(how.value);
      return absl::StrCat("was killed by signal ", how.value, text ? " (" : "", text ? text : "",
                          text ? ")" : "");
    }
    case ChildExit::Kind::kNotStarted:
      return absl::StrCat("could not be started: ", std::generic_category().message(how.value));
  }
  return "ended";
}

}  // namespace ctdb::daemon
