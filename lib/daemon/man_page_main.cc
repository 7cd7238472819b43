// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// man_page: prints the manual page of the master daemon, for the build.

#include <iostream>

#include "lib/daemon/man_page.h"

int main() {
  std::cout << ctdb::daemon::MasterManPage();
  return std::cout.flush() ? 0 : 1;
}
