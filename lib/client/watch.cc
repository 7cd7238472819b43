// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/watch.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/store/siphash.h"
#include "lib/store/watch_channel.h"

namespace ctdb {
namespace {

// A writer holds the record meanwhile.
constexpr absl::Duration kTellLimit = absl::Seconds(1);
// Subscriptions that nobody answers for any more do no harm.
constexpr absl::Duration kStopLimit = absl::Milliseconds(100);
// After a look that did not succeed: growing.
constexpr absl::Duration kPause = absl::Milliseconds(20);
constexpr absl::Duration kPauseMax = absl::Seconds(1);

constexpr TimeLimit kAtOnce;

}  // namespace

// Sets the flag; the record is locked and this node's.
absl::Status Record::MarkWatched() {
  store::RecordHeader header = locked_.header();
  if ((header.flags & store::kWatched) != 0) return absl::OkStatus();
  header.flags |= store::kWatched;
  const std::string value(locked_.value());
  CTDB_RETURN_IF_ERROR(locked_.Store(header, value));
  if (database_->MayWrite(*store_, header) && store_->HasLease()) return absl::OkStatus();
  return absl::AbortedError("this node was out of the cluster while it began to watch a record");
}

// Before it stores: whoever hears it too early waits for the lock.
absl::Status Record::TellWatchers(store::RecordHeader& header) {
  const ChannelId channel = store::WatchChannel(database_->info().id, locked_.key());
  const absl::Status status =
      database_->session_.SendMessage(kConnectedNodes, channel, "", kTellLimit);
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat("nothing was stored: those who watch the "
                                                    "record cannot be told: ",
                                                    status.message()));
  }
  header.flags &= ~store::kWatched;
  return absl::OkStatus();
}

// Nothing: this node may not serve the database now.
std::optional<Epoch> Database::ServingEpoch() const {
  const PinnedStore store = store_.Pin();
  const Epoch epoch = store->ReadEpoch();
  return store->HasLease() ? std::optional<Epoch>(epoch) : std::nullopt;
}

absl::StatusOr<std::unique_ptr<KeyWatch>> Database::Watch(absl::string_view key, OnChange on_change,
                                                          absl::Duration patience) {
  CTDB_RETURN_IF_ERROR(session_.CheckProcess());
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  return WatchTable::Of(session_)->Begin(*this, key, std::move(on_change), LimitIn(patience));
}

KeyWatch::~KeyWatch() {
  if (table_->IsForked()) {
    // Another thread of the parent may have been in it.
    new std::shared_ptr<WatchTable>(std::move(table_));
  } else {
    table_->End(number_);
  }
}

std::shared_ptr<WatchTable> WatchTable::Of(Session& session) {
  return std::static_pointer_cast<WatchTable>(session.SharedAttendant(
      [&session] { return std::shared_ptr<WatchTable>(new WatchTable(session)); }));
}

absl::StatusOr<WatchTable::EntryPtr> WatchTable::Add(Database& database, absl::string_view key,
                                                     Database::OnChange on_change) {
  auto entry = std::make_shared<Entry>();
  entry->database = &database;
  entry->key = std::string(key);
  entry->channel = store::WatchChannel(database.info().id, key);
  entry->on_change = std::move(on_change);
  entry->pause = kPause;
  entry->in_hand = std::this_thread::get_id();
  const Lock lock(mutex_);
  if (entries_.size() >= kWatchesMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat("this client watches ", kWatchesMax,
                     " records already: end some watches, or watch one record that changes with "
                     "the others"));
  }
  entry->number = ++last_number_;
  entries_.emplace(entry->number, entry);
  by_channel_.emplace(entry->channel, entry->number);
  return entry;
}

absl::StatusOr<std::unique_ptr<KeyWatch>> WatchTable::Begin(Database& database,
                                                            absl::string_view key,
                                                            Database::OnChange on_change,
                                                            TimeLimit limit) {
  CTDB_ASSIGN_OR_RETURN(const EntryPtr entry, Add(database, key, std::move(on_change)));
  absl::Status status = Listen(entry->channel, limit);
  const bool is_listening = status.ok();
  std::optional<std::string> changed;
  if (status.ok()) status = Look(*entry, Left(limit), &changed);
  if (status.ok()) {
    PutBack(*entry, status);
    return std::unique_ptr<KeyWatch>(new KeyWatch(shared_from_this(), entry->number));
  }
  if (is_listening) {
    End(entry->number);
  } else {
    const Lock lock(mutex_);
    by_channel_.erase({entry->channel, entry->number});
    entries_.erase(entry->number);
  }
  return status;
}

absl::Status WatchTable::Listen(ChannelId channel, TimeLimit limit) {
  const Lock lock(listening_);
  for (const ChannelId wanted : {store::kViewChannel, channel}) {
    if (listeners_.contains(wanted)) continue;
    CTDB_RETURN_IF_ERROR(session_.Subscribe(
        wanted, [this](const ClientMessage& message) { OnMessage(message.channel); }, Left(limit)));
    if (wanted == store::kViewChannel) listeners_.emplace(wanted, 1);  // For good.
  }
  ++listeners_[channel];
  return absl::OkStatus();
}

void WatchTable::StopListening(ChannelId channel) {
  const Lock lock(listening_);
  const auto it = listeners_.find(channel);
  if (it == listeners_.end() || --it->second > 0) return;
  listeners_.erase(it);
  session_.Unsubscribe(channel, kStopLimit).IgnoreError();
}

void WatchTable::End(uint64_t number) {
  Lock lock(mutex_);
  const auto it = entries_.find(number);
  if (it == entries_.end()) return;
  const EntryPtr entry = it->second;
  SetDue(*entry, std::nullopt);
  by_channel_.erase({entry->channel, number});
  entries_.erase(it);
  put_back_.wait(lock,
                 [&] { return !entry->in_hand || *entry->in_hand == std::this_thread::get_id(); });
  lock.unlock();
  StopListening(entry->channel);
}

void WatchTable::OnMessage(ChannelId channel) {
  const Lock lock(mutex_);
  if (channel == store::kViewChannel) {
    for (const auto& [number, entry] : entries_) Mark(*entry);
    return;
  }
  for (auto it = by_channel_.lower_bound({channel, 0});
       it != by_channel_.end() && it->first == channel; ++it) {
    Mark(*entries_.at(it->second));
  }
}

void WatchTable::Mark(Entry& entry) {
  if (entry.in_hand) {
    entry.is_marked = true;
  } else {
    SetDue(entry, kAtOnce);
  }
}

void WatchTable::SetDue(Entry& entry, std::optional<TimeLimit> due) {
  if (entry.due) due_.erase({*entry.due, entry.number});
  entry.due = due;
  if (due) due_.emplace(*due, entry.number);
}

// Messages may have been missed. Looks make sense when all subscriptions are in force: the answer
// to one more comes after all of them.
bool WatchTable::CloseGaps() {
  const uint64_t gaps = session_.gaps();
  if (gaps == gaps_closed_) return true;
  const absl::Status status = session_.Subscribe(
      store::kViewChannel, [this](const ClientMessage& message) { OnMessage(message.channel); },
      kTurn);
  const Lock lock(mutex_);
  close_gaps_again_.reset();
  if (!status.ok()) {
    close_gaps_again_ = LimitIn(kPauseMax);
    return false;
  }
  gaps_closed_ = gaps;
  for (const auto& [number, entry] : entries_) Mark(*entry);
  return true;
}

void WatchTable::CheckDatabases() {
  const Lock lock(mutex_);
  if (!IsOver(next_check_)) return;
  next_check_ = LimitIn(kCheckInterval);
  std::map<const Database*, std::optional<Epoch>> epochs;
  for (const auto& [number, entry] : entries_) {
    const auto [it, is_new] = epochs.try_emplace(entry->database);
    if (is_new) it->second = entry->database->ServingEpoch();
    const auto before = epochs_.find(entry->database);
    if (before != epochs_.end() && before->second != it->second && !entry->due) Mark(*entry);
  }
  epochs_ = std::move(epochs);
}

int WatchTable::Attend() {
  const TimeLimit end = LimitIn(kTurn);
  if (!CloseGaps()) return 0;
  CheckDatabases();
  int count = 0;
  while (!IsOver(end)) {
    const EntryPtr entry = TakeDue();
    if (entry == nullptr) break;
    std::optional<std::string> changed;
    const absl::Status status = Look(*entry, std::max(Left(end), absl::Milliseconds(1)), &changed);
    if (changed.has_value()) {
      ++count;
      entry->on_change(*changed);
    }
    PutBack(*entry, status);
  }
  return count;
}

TimeLimit WatchTable::NextTurn() {
  const Lock lock(mutex_);
  // No look makes sense before that.
  if (close_gaps_again_) return *close_gaps_again_;
  if (entries_.empty()) return TimeLimit::max();
  return due_.empty() ? next_check_ : std::min(next_check_, due_.begin()->first);
}

WatchTable::EntryPtr WatchTable::TakeDue() {
  const Lock lock(mutex_);
  if (due_.empty() || !IsOver(due_.begin()->first)) return nullptr;
  EntryPtr entry = entries_.at(due_.begin()->second);
  SetDue(*entry, std::nullopt);
  entry->in_hand = std::this_thread::get_id();
  return entry;
}

void WatchTable::PutBack(Entry& entry, const absl::Status& status) {
  bool is_for_dispatcher = false;
  {
    const Lock lock(mutex_);
    entry.in_hand.reset();
    const bool is_marked = std::exchange(entry.is_marked, false);
    if (status.ok()) entry.pause = kPause;
    if (entries_.contains(entry.number)) {
      if (is_marked) {
        SetDue(entry, kAtOnce);
        is_for_dispatcher = true;
      } else if (!status.ok()) {
        SetDue(entry, LimitIn(entry.pause));
        entry.pause = std::min(2 * entry.pause, kPauseMax);
      }
    }
    put_back_.notify_all();
  }
  if (is_for_dispatcher) session_.CallAttendant();
}

absl::Status WatchTable::Look(Entry& entry, absl::Duration patience,
                              std::optional<std::string>* changed) {
  CTDB_ASSIGN_OR_RETURN(Record record, entry.database->Lock(entry.key, patience));
  CTDB_RETURN_IF_ERROR(record.MarkWatched());
  const Fingerprint seen = {store::SipHash13({1, 2}, record.value()),
                            store::SipHash13({3, 4}, record.value())};
  if (entry.seen.has_value() && *entry.seen != seen) changed->emplace(record.value());
  entry.seen = seen;
  return absl::OkStatus();
}

}  // namespace ctdb
