// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/commands/open_database.h"

#include <utility>

#include "lib/base/status_macros.h"

namespace ctdb::cli {

absl::StatusOr<OpenedCopies> OpenCopies(Context& context, const DatabaseEntry& entry) {
  const Invocation& invocation = context.invocation();
  CTDB_ASSIGN_OR_RETURN(auto client, Client::Open({.socket_path = invocation.socket,
                                                   .software = "ctdb",
                                                   .timeout = invocation.time_limit}));
  const auto kind = entry.is_persistent ? ReplicatedDatabase::Kind::kPersistent
                                        : ReplicatedDatabase::Kind::kReplicated;
  CTDB_ASSIGN_OR_RETURN(auto database,
                        client->AttachReplicated(entry.name, kind, invocation.time_limit));
  return OpenedCopies{std::move(client), std::move(database), entry.name};
}

}  // namespace ctdb::cli
