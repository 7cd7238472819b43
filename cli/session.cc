// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/session.h"

namespace ctdb::cli {

absl::StatusOr<Connection*> Session::Open() {
  if (connection_ == nullptr) {
    absl::StatusOr<std::unique_ptr<Connection>> opened = connector_(options_);
    daemon_absent_ = !opened.ok();
    if (!opened.ok()) return opened.status();
    connection_ = *std::move(opened);
  }
  return connection_.get();
}

}  // namespace ctdb::cli
