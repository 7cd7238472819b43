// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// man_page: the manual pages of the configuration files, made from the same tables as the parsers,
// so that they cannot disagree with the program.
//
//   Ownership:  results are values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   std::cout << ConfManPage();  // for `man -l`

#ifndef LIB_CONFIG_MAN_PAGE_H_
#define LIB_CONFIG_MAN_PAGE_H_

#include <string>

namespace ctdb::config {

// Each returns man(7) source.
std::string ConfManPage();      // ctdb.conf(5)
std::string NodesManPage();     // ctdb-nodes(5)
std::string TunablesManPage();  // ctdb-tunables(7)

}  // namespace ctdb::config

#endif  // LIB_CONFIG_MAN_PAGE_H_
