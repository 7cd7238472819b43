// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// traverses: clients that want to see every record of a database. The records of each node are
// asked for page by page, and the next page not before the client has read what it got (TRV-5).
//
//   Ownership:  owns the traverses.
//   Threading:  the proxy's.
//   Errors:     status -1 for a database that this node does not have. A node that leaves meanwhile
//               has no records any more; the end mark always comes (TRV-9).
//   Blocking:   never.
//   Limits:     kQueueBytesMax and a page wait for a client; each key comes once as long as the
//               keys that came have less than kKeyBytesMax.
//
// Example:
//   traverses.Begin(asker, start, /*with_empty_records=*/false);

#ifndef LIB_SAMBA_SESSION_TRAVERSES_H_
#define LIB_SAMBA_SESSION_TRAVERSES_H_

#include <cstdint>
#include <map>
#include <memory>

#include "lib/samba/database_payloads.h"
#include "lib/samba/session/proxy.h"

namespace ctdb::samba {

class Traverses {
 public:
  static constexpr size_t kQueueBytesMax = 1024 * 1024;
  static constexpr size_t kKeyBytesMax = size_t{64} << 20;
  // A node that is in the cluster and cannot be read for so long is passed over.
  static constexpr absl::Duration kPatience = absl::Seconds(60);

  explicit Traverses(Proxy& proxy);
  ~Traverses();

  void Begin(const Asker& asker, const TraverseStart& start);
  // Whoever is behind may go on.
  void OnDrained(ClientId client);
  void OnDisconnected(ClientId client);
  size_t size() const { return traverses_.size(); }

 private:
  class Traverse;

  Proxy& proxy_;
  uint64_t last_ = 0;
  std::map<uint64_t, std::shared_ptr<Traverse>> traverses_;
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SESSION_TRAVERSES_H_
