// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// found_copy: a copy of a record that a node has told its home of, and which one counts.
//
// Who owns the record goes on owning it, whatever copies others have; without an owner the newest
// copy is what is left.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   if (found.IsBetterThan(best)) best = found;

#ifndef LIB_DATABASE_FOUND_COPY_H_
#define LIB_DATABASE_FOUND_COPY_H_

#include <tuple>

#include "lib/base/ids.h"
#include "lib/database/record_version.h"

namespace ctdb::database {

struct FoundCopy {
  NodeNumber node;
  bool is_owner = false;
  CopyOrder order;

  // Of equal ones the lower node's, so that the order in which reports come does not matter.
  bool IsBetterThan(const FoundCopy& other) const {
    return std::tie(is_owner, order, other.node) > std::tie(other.is_owner, other.order, node);
  }
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_FOUND_COPY_H_
