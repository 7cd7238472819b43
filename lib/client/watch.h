// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// watch: a program is told when a record's value has changed, whichever node changed it.
//
//   watcher: subscribe to the key's channel -> lock the record, set kWatched, look at the value
//   writer:  locks the record, finds kWatched -> message to the channel -> stores, kWatched cleared
//   watcher: hears it -> in Dispatch(): lock, set kWatched again, look; another value: on_change
//
// The writer tells before it stores, and the watcher can look only when the writer has unlocked. So
// a writer that is killed wakes watchers for nothing at worst. They look again also when a message
// may have been missed (Session::gaps()) and after each change of view, since then a record may
// have been rebuilt from an older copy. This node's database service sends a message then; should
// that be lost with the service, epoch and lease in shared memory are looked at now and then.
//
// Changes that follow each other closely may be told as one, and one that was taken back meanwhile
// not at all. The program's own changes are told like those of others. What is to be known at the
// beginning, read after Watch() has returned: later changes are told.
//
//   Ownership:  a KeyWatch refers to its Database and must not outlive it. Destroying it ends the
//               watch: on_change is not running in another thread then, and does not run again.
//   Threading:  on_change runs in the dispatching thread, one at a time, with nothing locked; it
//               may use the database and end or begin watches, its own as well.
//   Errors:     of Watch(): those of Database::Lock(), those of Session::Subscribe(), and
//               ResourceExhausted beyond kWatchesMax. Later ones are tried again. A writer that
//               cannot tell (no transport) stores nothing: Unavailable.
//   Blocking:   Watch() until its patience; Dispatch() for kTurn beyond its own when records have
//               to come from other nodes or are locked, then it goes on in the next one. Destroying
//               waits for a running on_change.
//   Limits:     kWatchesMax for each session. After each change of a record it moves to each node
//               that watches it: what changes a thousand times in a second should have no watcher.
//               A change of view makes all watched records move.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto watch, database->Watch("visitors", [](absl::string_view value) {
//     std::cout << value << "\n";  // Empty: there is no record.
//   }));
//   while (client->session().Dispatch(absl::InfiniteDuration()).ok()) continue;

#ifndef LIB_CLIENT_WATCH_H_
#define LIB_CLIENT_WATCH_H_

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/client/database.h"
#include "lib/client/session.h"

namespace ctdb {

// One watch; it ends when this is destroyed.
class KeyWatch {
 public:
  ~KeyWatch();
  KeyWatch(const KeyWatch&) = delete;
  KeyWatch& operator=(const KeyWatch&) = delete;

 private:
  friend class WatchTable;
  KeyWatch(std::shared_ptr<WatchTable> table, uint64_t number)
      : table_(std::move(table)), number_(number) {}

  std::shared_ptr<WatchTable> table_;
  const uint64_t number_;
};

// All watches of a session. Programs use Database::Watch().
class WatchTable final : public Session::Attendant,
                         public std::enable_shared_from_this<WatchTable> {
 public:
  static constexpr size_t kWatchesMax = 10'000;
  // How long it may keep a Dispatch().
  static constexpr absl::Duration kTurn = absl::Milliseconds(100);
  // How often it looks whether this node still serves the databases, in the same epoch.
  static constexpr absl::Duration kCheckInterval = absl::Seconds(2);

  static std::shared_ptr<WatchTable> Of(Session& session);

  absl::StatusOr<std::unique_ptr<KeyWatch>> Begin(Database& database, absl::string_view key,
                                                  Database::OnChange on_change, TimeLimit limit);
  void End(uint64_t number);
  bool IsForked() const { return session_.IsForked(); }

  int Attend() override;
  TimeLimit NextTurn() override;

 private:
  using Fingerprint = std::pair<uint64_t, uint64_t>;
  struct Entry {
    uint64_t number = 0;
    Database* database = nullptr;
    std::string key;
    ChannelId channel;
    Database::OnChange on_change;
    // Who has it in hand uses these.
    std::optional<Fingerprint> seen;
    absl::Duration pause;
    // With the lock.
    std::optional<std::thread::id> in_hand;
    bool is_marked = false;  // While it was in hand.
    std::optional<TimeLimit> due;
  };
  using EntryPtr = std::shared_ptr<Entry>;
  using Lock = std::unique_lock<std::mutex>;

  explicit WatchTable(Session& session) : session_(session) {}

  absl::StatusOr<EntryPtr> Add(Database& database, absl::string_view key,
                               Database::OnChange on_change);
  absl::Status Listen(ChannelId channel, TimeLimit limit);
  void StopListening(ChannelId channel);
  void OnMessage(ChannelId channel);
  bool CloseGaps();
  void CheckDatabases();
  void Mark(Entry& entry);
  void SetDue(Entry& entry, std::optional<TimeLimit> due);
  EntryPtr TakeDue();
  void PutBack(Entry& entry, const absl::Status& status);
  static absl::Status Look(Entry& entry, absl::Duration patience,
                           std::optional<std::string>* changed);

  Session& session_;

  std::mutex listening_;  // Held while channels are subscribed to; never with the one below.
  std::map<ChannelId, size_t> listeners_;

  std::mutex mutex_;
  std::condition_variable put_back_;
  std::map<uint64_t, EntryPtr> entries_;
  std::set<std::pair<ChannelId, uint64_t>> by_channel_;
  std::set<std::pair<TimeLimit, uint64_t>> due_;
  uint64_t last_number_ = 0;
  uint64_t gaps_closed_ = 0;  // The dispatcher's.
  std::optional<TimeLimit> close_gaps_again_;
  TimeLimit next_check_;
  std::map<const Database*, std::optional<Epoch>> epochs_;  // As of the last check.
};

}  // namespace ctdb

#endif  // LIB_CLIENT_WATCH_H_
