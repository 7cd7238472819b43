// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// man_page: the manual page of the master daemon, with the exit codes of exit_code.h.
//
//   Ownership:  the result is a value.
//   Threading:  a pure function.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   std::cout << MasterManPage();  // for `man -l`

#ifndef LIB_DAEMON_MAN_PAGE_H_
#define LIB_DAEMON_MAN_PAGE_H_

#include <string>

namespace ctdb::daemon {

// ctdbd(8), man(7) source.
std::string MasterManPage();

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_MAN_PAGE_H_
