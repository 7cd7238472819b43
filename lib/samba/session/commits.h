// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// commits: transactions of clients on databases of which each node has a copy. Those of a database
// are done one after the other; what cannot be decided now is held, not refused (TXN-6), and an
// answer is given when it is known what has become of the transaction (TXN-5).
//
// The client has counted on in the sequence record that it has read. That this record is still as
// it was is what the transaction is made to depend on.
//
//   Ownership:  owns what waits.
//   Threading:  the proxy's.
//   Errors:     status -1, late enough that a client which tries again at once does no harm.
//   Blocking:   never.
//   Limits:     kWaitingMax transactions of a database.
//
// Example:
//   commits.Begin(asker, request);

#ifndef LIB_SAMBA_SESSION_COMMITS_H_
#define LIB_SAMBA_SESSION_COMMITS_H_

#include <deque>
#include <map>
#include <memory>

#include "lib/samba/packet.h"
#include "lib/samba/session/proxy.h"

namespace ctdb::samba {

class Commits {
 public:
  static constexpr size_t kWaitingMax = 10000;

  explicit Commits(Proxy& proxy);
  ~Commits();

  void Begin(const Asker& asker, const ControlRequest& request);

 private:
  class Attempt;

  void Enqueue(std::shared_ptr<Attempt> attempt);
  void Next(DbId db_id);

  Proxy& proxy_;
  // The first of each is under way.
  std::map<DbId, std::deque<std::shared_ptr<Attempt>>> queues_;
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SESSION_COMMITS_H_
