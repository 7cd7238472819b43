// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Writes one manual page to standard output: man_page ctdb.conf|ctdb-nodes|ctdb-tunables

#include <iostream>
#include <string>

#include "lib/config/man_page.h"

int main(int argc, char** argv) {
  const std::string name = argc == 2 ? argv[1] : "";
  if (name == "ctdb.conf") {
    std::cout << ctdb::config::ConfManPage();
  } else if (name == "ctdb-nodes") {
    std::cout << ctdb::config::NodesManPage();
  } else if (name == "ctdb-tunables") {
    std::cout << ctdb::config::TunablesManPage();
  } else {
    std::cerr << "usage: man_page ctdb.conf|ctdb-nodes|ctdb-tunables\n";
    return 1;
  }
  return std::cout.flush() ? 0 : 1;
}
