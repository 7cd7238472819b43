// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/c_edge.h"

#include <cstdlib>
#include <cstring>

namespace ctdb {

std::string& LastError() {
  thread_local std::string text;
  return text;
}

int CodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return CTDB_OK;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kAlreadyExists:  // Another database has the number: choose a name.
    case absl::StatusCode::kOutOfRange:
      return CTDB_INVALID;
    case absl::StatusCode::kFailedPrecondition:
      return CTDB_MISUSE;
    case absl::StatusCode::kNotFound:
      return CTDB_NOT_FOUND;
    case absl::StatusCode::kDeadlineExceeded:
      return CTDB_TIMEOUT;
    case absl::StatusCode::kCancelled:
      return CTDB_CANCELLED;
    case absl::StatusCode::kUnavailable:
      return CTDB_UNAVAILABLE;
    case absl::StatusCode::kAborted:
      return CTDB_LOST;
    case absl::StatusCode::kResourceExhausted:
      return CTDB_FULL;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return CTDB_DENIED;
    case absl::StatusCode::kDataLoss:
      return CTDB_DAMAGED;
    case absl::StatusCode::kUnimplemented:
      return CTDB_UNSUPPORTED;
    case absl::StatusCode::kUnknown:
      return CTDB_IN_DOUBT;
    default:
      return CTDB_INTERNAL;
  }
}

int Fail(int code, absl::string_view text) noexcept {
  try {
    LastError().assign(text.data(), text.size());
  } catch (const std::bad_alloc&) {
    LastError().clear();
  }
  return code;
}

absl::Status Missing(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(what, " is NULL"));
}

absl::StatusOr<absl::Duration> Patience(int timeout_ms) {
  if (timeout_ms == CTDB_FOREVER) return absl::InfiniteDuration();
  if (timeout_ms >= 0) return absl::Milliseconds(timeout_ms);
  return absl::InvalidArgumentError(absl::StrCat(
      "timeout of ", timeout_ms, " ms: 0 does not wait, CTDB_FOREVER (-1) has no limit"));
}

absl::StatusOr<absl::string_view> View(const void* data, size_t size, absl::string_view what) {
  if (data == nullptr && size != 0) return Missing(what);
  return absl::string_view(static_cast<const char*>(data), size);
}

void GiveOut(absl::string_view value, void** memory, size_t* size) {
  void* copy = std::malloc(value.size());
  if (copy == nullptr) throw std::bad_alloc();
  std::memcpy(copy, value.data(), value.size());
  *memory = copy;
  *size = value.size();
}

}  // namespace ctdb
