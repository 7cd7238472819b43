// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// turns: whether clients have had the records that came for them, which they do not say: they lock
// the record in the file. A client has had its turn when it has sent something else since, or when
// it has read the answer and had the moment that it takes from there to the lock. Who still holds
// the lock then is waited for anyway. Should it come too late all the same, it asks again.
//
//   Ownership:  borrows the proxy.
//   Threading:  the proxy's.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     one turn for each client: it asks for one record at a time. Whoever asks for
//               several is taken to have had all but the last.
//
// Example:
//   turns.OnReady(client, db_id, key);     // And then the answer.
//   turns.OnAwaited(db_id, key, 1);        // Tells UsedRecord, now or later.

#ifndef LIB_SAMBA_SESSION_TURNS_H_
#define LIB_SAMBA_SESSION_TURNS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "lib/samba/session/proxy.h"

namespace ctdb::samba {

class Turns {
 public:
  // How often clients that others wait for are looked at.
  static constexpr absl::Duration kLook = absl::Microseconds(50);
  // From reading the answer to having the lock: reading is the last thing before it.
  static constexpr absl::Duration kMoment = absl::Microseconds(100);

  explicit Turns(Proxy& proxy) : proxy_(proxy) {}

  // The client is about to be told that the record is here.
  void OnReady(ClientId client, DbId db_id, const std::string& key);
  // It has sent something, or gone.
  void OnHeard(ClientId client);
  // Another node wants the record, for which so many clients were told that it is their turn.
  void OnAwaited(const AwaitedRecord& awaited);

 private:
  struct Turn {
    DbId db_id = {};
    std::string key = {};
    bool is_awaited = false;
    std::optional<Instant> read = {};  // When the answer was seen to have been read.
  };

  bool HasHad(ClientId client, Turn& turn);
  void Look();
  void LookSoon();

  Proxy& proxy_;
  std::map<ClientId, Turn> turns_;
  bool is_looking_ = false;
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SESSION_TURNS_H_
