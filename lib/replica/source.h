// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// source: how a member answers another one that catches up with it.
//
//   Ownership:  none.
//   Threading:  pure functions of what the reader reads.
//   Errors:     of the reader: the copy is damaged.
//   Blocking:   as the reader.
//   Limits:     one page for each call.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(Page page, AnswerFetch(fetch, reader));

#ifndef LIB_REPLICA_SOURCE_H_
#define LIB_REPLICA_SOURCE_H_

#include "absl/status/statusor.h"
#include "lib/replica/digests.h"
#include "lib/replica/log_index.h"
#include "lib/replica/messages.h"
#include "lib/replica/reader.h"

namespace ctdb::replica {

absl::StatusOr<Entries> AnswerPull(const Pull& pull, const LogIndex& log,
                                   const ReplicaReader& reader);
DigestList AnswerDigestsWanted(const DigestsWanted& wanted, const Digests& digests,
                               const LogIndex& log);
absl::StatusOr<Page> AnswerFetch(const Fetch& fetch, const ReplicaReader& reader);

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_SOURCE_H_
