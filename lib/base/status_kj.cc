// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/status_kj.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace ctdb {
namespace {

// Cap'n Proto carries an exception as type and text only, and its receiver puts this in front.
constexpr absl::string_view kRemotePrefix = "remote exception: ";

kj::Exception::Type TypeFor(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
      return kj::Exception::Type::DISCONNECTED;
    case absl::StatusCode::kResourceExhausted:
      return kj::Exception::Type::OVERLOADED;
    case absl::StatusCode::kUnimplemented:
      return kj::Exception::Type::UNIMPLEMENTED;
    default:
      return kj::Exception::Type::FAILED;
  }
}

absl::StatusCode CodeFor(kj::Exception::Type type) {
  switch (type) {
    case kj::Exception::Type::DISCONNECTED:
      return absl::StatusCode::kUnavailable;
    case kj::Exception::Type::OVERLOADED:
      return absl::StatusCode::kResourceExhausted;
    case kj::Exception::Type::UNIMPLEMENTED:
      return absl::StatusCode::kUnimplemented;
    case kj::Exception::Type::FAILED:
      break;
  }
  return absl::StatusCode::kInternal;
}

}  // namespace

kj::Exception ToException(const absl::Status& status) {
  // The text starts with the name of the code, so that the code survives the crossing.
  const std::string text =
      absl::StrCat(absl::StatusCodeToString(status.code()), ": ", status.message());
  return kj::Exception(TypeFor(status.code()), "", 0, kj::heapString(text.data(), text.size()));
}

absl::Status ToStatus(const kj::Exception& exception) {
  const kj::StringPtr description = exception.getDescription();
  absl::string_view text(description.begin(), description.size());
  while (absl::ConsumePrefix(&text, kRemotePrefix)) {
  }
  for (int code = 1; code <= static_cast<int>(absl::StatusCode::kUnauthenticated); ++code) {
    const auto status_code = static_cast<absl::StatusCode>(code);
    absl::string_view message = text;
    if (absl::ConsumePrefix(&message, absl::StatusCodeToString(status_code)) &&
        absl::ConsumePrefix(&message, ": ")) {
      return absl::Status(status_code, message);
    }
  }
  return absl::Status(CodeFor(exception.getType()), text);
}

}  // namespace ctdb
