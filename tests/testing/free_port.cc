// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/testing/free_port.h"

#include <cstdlib>
#include <random>
#include <string>

#include "lib/transport/io/socket.h"

namespace ctdb::test {

uint16_t FreePort() {
  std::random_device random;
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const auto port = static_cast<uint16_t>(20000 + random() % 12000);
    bool is_free = true;
    for (int host = 1; host <= 9 && is_free; ++host) {
      is_free = ListenTcp("127.0.0." + std::to_string(host), port).ok();
    }
    if (is_free) return port;
  }
  std::abort();
}

}  // namespace ctdb::test
