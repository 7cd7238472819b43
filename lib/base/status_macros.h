// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// status_macros: pass an absl::Status on to the caller in one line.
//
//   Ownership:  none.
//   Threading:  as the expression given.
//   Errors:     returns them from the enclosing function.
//   Blocking:   as the expression given.
//   Limits:     none.
//
// Example:
//   CTDB_RETURN_IF_ERROR(file.Write(text));
//   CTDB_ASSIGN_OR_RETURN(std::string text, ReadFile(path));

#ifndef LIB_BASE_STATUS_MACROS_H_
#define LIB_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define CTDB_RETURN_IF_ERROR(expression)       \
  do {                                         \
    ::absl::Status ctdb_status = (expression); \
    if (!ctdb_status.ok()) return ctdb_status; \
  } while (false)

#define CTDB_STATUS_CONCAT_INNER(a, b) a##b
#define CTDB_STATUS_CONCAT(a, b) CTDB_STATUS_CONCAT_INNER(a, b)
#define CTDB_ASSIGN_OR_RETURN(target, expression) \
  CTDB_ASSIGN_OR_RETURN_INNER(CTDB_STATUS_CONCAT(ctdb_result_, __LINE__), target, expression)
#define CTDB_ASSIGN_OR_RETURN_INNER(result, target, expression) \
  auto result = (expression);                                   \
  if (!result.ok()) return std::move(result).status();          \
  target = *std::move(result)

#endif  // LIB_BASE_STATUS_MACROS_H_
