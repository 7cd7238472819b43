// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/ignored.h"

namespace ctdb::database {

absl::string_view IgnoredName(Ignored reason) {
  switch (reason) {
    case Ignored::kOldEpoch:
      return "old epoch";
    case Ignored::kNewerEpoch:
      return "newer epoch";
    case Ignored::kOtherDatabase:
      return "other database";
    case Ignored::kNotForThisSide:
      return "not for this side";
    case Ignored::kNotMember:
      return "not a member";
    case Ignored::kDuplicate:
      return "duplicate";
    case Ignored::kLate:
      return "late";
    case Ignored::kNotFromHome:
      return "not from the home";
    case Ignored::kStoring:
      return "storing";
    case Ignored::kUnknownTicket:
      return "unknown ticket";
  }
  return "unknown";
}

}  // namespace ctdb::database
