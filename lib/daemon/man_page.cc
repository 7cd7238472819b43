// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/man_page.h"

#include "absl/strings/str_cat.h"
#include "lib/base/man_page.h"
#include "lib/daemon/exit_code.h"

namespace ctdb::daemon {

std::string MasterManPage() {
  ManPage page("ctdbd", 8, "the master daemon of a cluster node");
  page.Heading("SYNOPSIS");
  page.Text("ctdbd [-i|--interactive] [--foreground]");
  page.Heading("DESCRIPTION");
  page.Text(
      "ctdbd runs all parts of a node, in its own process or, with \"process model = multi\" in "
      "section [daemon] of ctdb.conf(5), as processes that it starts again when they fail. "
      "Started by hand it goes to the background and ends with 0 when the node is ready, or with "
      "the code and the words of what went wrong.");
  page.Heading("OPTIONS");
  page.Item("-i, --interactive", "Stay in the foreground and log to standard error.");
  page.Item("--foreground",
            "Stay in the foreground, for a service manager. It is told when the node is ready "
            "(NOTIFY_SOCKET), and as long as all loops make progress (WATCHDOG_USEC).");
  page.Heading("SIGNALS");
  page.Item("SIGTERM, SIGINT", "Stop all parts in order, then end.");
  page.Item("SIGHUP", "Open the log anew and read the nodes list again, in all parts.");
  page.Heading("EXIT STATUS");
  for (const ExitCodeInfo& info : ExitCodes()) {
    page.Item(absl::StrCat(ToInt(info.code), " (", info.name, ")"), info.explanation);
  }
  page.SeeAlso("ctdb(1), ctdb.conf(5), ctdb-nodes(5), ctdb-tunables(7)");
  return page.text();
}

}  // namespace ctdb::daemon
