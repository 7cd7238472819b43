// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/messages.h"

namespace ctdb::database {

absl::string_view RefusalReasonName(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::kNotReady:
      return "not ready";
    case RefusalReason::kNotHome:
      return "not the home";
    case RefusalReason::kBusy:
      return "too much waits";
    case RefusalReason::kAlreadyOwner:
      return "already the owner";
    case RefusalReason::kNotOwner:
      return "not the owner";
    case RefusalReason::kNotNewer:
      return "not newer than what is stored";
    case RefusalReason::kAbsent:
      return "nobody has it";
    case RefusalReason::kInUse:
      return "in use";
    case RefusalReason::kNotErased:
      return "not erased";
  }
  return "unknown";
}

const Head& HeadOf(const Message& message) {
  return std::visit([](const auto& m) -> const Head& { return m.head; }, message);
}

bool IsForHome(const Message& message) {
  if (const auto* refusal = std::get_if<Refusal>(&message)) {
    return refusal->reason == RefusalReason::kNotOwner ||
           refusal->reason == RefusalReason::kNotNewer ||
           refusal->reason == RefusalReason::kNotErased;
  }
  return std::holds_alternative<Request>(message) || std::holds_alternative<Confirm>(message) ||
         std::holds_alternative<Abandon>(message) || std::holds_alternative<GaveUp>(message) ||
         std::holds_alternative<Revoked>(message) || std::holds_alternative<Forget>(message) ||
         std::holds_alternative<Erased>(message);
}

bool IsForOwner(const Message& message) {
  const bool is_for_spares = IsForSpares(message) && !std::holds_alternative<Drop>(message);
  return !is_for_spares && !IsForHome(message);
}

bool IsForSpares(const Message& message) {
  return std::holds_alternative<Offer>(message) || std::holds_alternative<Accept>(message) ||
         std::holds_alternative<Spare>(message) || std::holds_alternative<Kept>(message) ||
         std::holds_alternative<Drop>(message);
}

}  // namespace ctdb::database
