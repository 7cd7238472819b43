// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ports: whether addresses of this machine are free.
//
//   Ownership:  none.
//   Threading:  any thread.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef CLI_LOCAL_IO_PORTS_H_
#define CLI_LOCAL_IO_PORTS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace ctdb::cli::local {

// Whether a TCP server could listen on this port of every one of these IPv4 addresses now.
bool AreFree(const std::vector<std::string>& addresses, uint16_t port);

}  // namespace ctdb::cli::local

#endif  // CLI_LOCAL_IO_PORTS_H_
