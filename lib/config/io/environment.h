// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// environment: the process's environment variables that decide about paths.
//
//   Ownership:  values.
//   Threading:  not while another thread changes the environment.
//   Errors:     those of Paths::Make.
//   Blocking:   never.
//   Limits:     none.

#ifndef LIB_CONFIG_IO_ENVIRONMENT_H_
#define LIB_CONFIG_IO_ENVIRONMENT_H_

#include "absl/status/statusor.h"
#include "lib/config/paths.h"

namespace ctdb::config {

Environment ReadEnvironment();

// The paths that this process shall use.
absl::StatusOr<Paths> PathsFromEnvironment();

}  // namespace ctdb::config

#endif  // LIB_CONFIG_IO_ENVIRONMENT_H_
