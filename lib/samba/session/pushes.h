// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// pushes: records of which a client wants a copy on every node (PUSH_RECORD), and what must not
// happen before it is there: a transaction of the same client (PR-3).
//
// The database service sends the copies, of what it finds in the file. It refuses where the record
// has gone to another node meanwhile: then that one has it, and this node a copy.
//
//   Ownership:  owns what waits.
//   Threading:  the proxy's.
//   Errors:     status -1, and a line in the log; what waits goes on.
//   Blocking:   never.
//   Limits:     those of the proxy and of the database service.
//
// Example:
//   pushes.Begin(asker, db_id, std::string(key));
//   pushes.After(asker.client, [this] { Commit(); });

#ifndef LIB_SAMBA_SESSION_PUSHES_H_
#define LIB_SAMBA_SESSION_PUSHES_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lib/samba/session/proxy.h"

namespace ctdb::samba {

class Pushes {
 public:
  explicit Pushes(Proxy& proxy) : proxy_(proxy) {}

  // Of a client of this node.
  void Begin(const Asker& asker, DbId db_id, const std::string& key);
  // Acts when nothing is under way that the client has pushed.
  void After(ClientId client, std::function<void()> action);

 private:
  struct OfClient {
    size_t under_way = 0;
    std::vector<std::function<void()>> waiting;
  };

  Reply ReplyTo(DbId db_id, const DatabaseAnswer& answer);
  void Finish(const Asker& asker, const Reply& reply);

  Proxy& proxy_;
  std::map<ClientId, OfClient> clients_;
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SESSION_PUSHES_H_
