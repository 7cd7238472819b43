// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// last_clients: makes sure that no client uses the databases of a daemon that has ended. Their
// leases are taken back, and whoever has found one in time is waited for until he lets go of his
// record.
//
// A client locks a record, says so in the lock's `holder`, looks at the lease, and only then uses
// the record. So once all processors have seen the lease taken back (membarrier(2)), whoever still
// may use a record can be seen by its `holder`.
//
//   Ownership:  none.
//   Threading:  any thread.
//   Errors:     DeadlineExceeded with who holds a record of what; what HotFile::OpenAll() says;
//               Unimplemented when the kernel has no membarrier. Then nothing is known of clients,
//               but all leases that could be taken back are.
//   Blocking:   some 10 ms for the kernel, and until `deadline`.
//   Limits:     none.
//
// Example:
//   CTDB_RETURN_IF_ERROR(StopClients(directory, ".3", absl::Now() + absl::Milliseconds(300)));

#ifndef LIB_STORE_IO_LAST_CLIENTS_H_
#define LIB_STORE_IO_LAST_CLIENTS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ctdb::store {

// Of databases in `directory` whose names end so; OK when there are none.
absl::Status StopClients(const std::string& directory, absl::string_view name_end,
                         absl::Time deadline);

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_LAST_CLIENTS_H_
