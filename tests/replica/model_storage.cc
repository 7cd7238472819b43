// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/replica/model_storage.h"

#include <variant>

namespace ctdb::replica {
namespace {

absl::Status Broken() { return absl::DataLossError("the disk is broken"); }

}  // namespace

absl::StatusOr<std::optional<RecordInfo>> ModelStorage::Find(absl::string_view key) const {
  if (is_broken_) return Broken();
  std::optional<Stored> stored = Get(std::string(key));
  if (!stored) return std::optional<RecordInfo>();
  return RecordInfo{stored->version, stored->fingerprint};
}

absl::StatusOr<std::optional<uint64_t>> ModelStorage::ValueBytes(absl::string_view key) const {
  if (is_broken_) return Broken();
  std::optional<Stored> stored = Get(std::string(key));
  if (!stored) return std::optional<uint64_t>();
  return stored->value.size();
}

absl::StatusOr<ReplicaReader::Page> ModelStorage::Scan(uint32_t slot, absl::string_view after,
                                                       const PageOptions& options) const {
  if (is_broken_) return Broken();
  Page page;
  size_t bytes = 0;
  for (auto it = records_.upper_bound({slot, std::string(after)});
       it != records_.end() && it->first.first == slot; ++it) {
    if (page.items.size() >= options.items_max || bytes >= options.bytes_max) return page;
    const auto& [key, stored] = *it;
    page.items.push_back({key.second, {stored.version, stored.fingerprint}, ""});
    if (options.needs_values) page.items.back().value = stored.value;
    bytes += key.second.size() + page.items.back().value.size();
  }
  page.is_end = true;
  return page;
}

absl::StatusOr<std::vector<Entry>> ModelStorage::ReadLog(Position after, size_t bytes_max) const {
  if (is_broken_) return Broken();
  std::vector<Entry> entries;
  size_t bytes = 0;
  for (auto it = entries_.upper_bound(after); it != entries_.end() && bytes < bytes_max; ++it) {
    entries.push_back(it->second);
    bytes += BytesOf(it->second);
  }
  return entries;
}

void ModelStorage::Apply(const Replica::Output::Store& store) {
  std::visit([this](const auto& what) { Do(what); }, store.what);
}

void ModelStorage::Do(const Replica::Output::Append& append) {
  staged_.clear();
  for (const Entry& entry : append.entries) {
    if (entry.is_wipe) {
      records_.clear();
      kept_.Clear();
    }
    for (const replica::Write& write : entry.writes) {
      Write(write.key, write.value ? std::optional(Make(write.key, entry.position, *write.value))
                                   : std::nullopt);
    }
    entries_[entry.position] = entry;
    log_.Add({entry.position, entry.token, BytesOf(entry)});
  }
  entries_.erase(entries_.begin(), entries_.upper_bound(append.log_base));
}

Entry ModelStorage::EntryOf(const Replica::Output::AppendBody& append) {
  Entry entry = append.entry;
  entry.body.reset();
  store::BodyReader reader(append.body->bytes());
  for (store::BodyWrite write; reader.Next(write);) {
    std::optional<std::string> value;
    if (write.value) value = std::string(*write.value);
    entry.writes.push_back({std::string(write.key), value});
  }
  return entry;
}

void ModelStorage::Do(const Replica::Output::AppendBody& append) {
  Do(Replica::Output::Append{{EntryOf(append)}, {}, {}, false});
  // The log does not keep what it writes.
  const LogIndex before(log_.tokens_base(), {log_.items().begin(), log_.items().end() - 1});
  log_.Become(before);
  log_.Add({append.entry.position, append.entry.token, LogBytesOf(append.entry)});
  entries_.clear();
  *append.digests = kept_;
}

void ModelStorage::Do(const Replica::Output::Stage& stage) {
  if (stage.is_first) staged_.clear();
  staged_.push_back(stage);
}

void ModelStorage::Do(const Replica::Output::Adopt& adopt) {
  if (staged_.front().is_from_scratch) {
    records_.clear();
    kept_.Clear();
    is_broken_ = false;
  }
  for (const Replica::Output::Stage& stage : staged_) {
    for (const std::string& key : stage.deletes) Write(key, std::nullopt);
    for (const Record& record : stage.puts) {
      Write(record.key, Make(record.key, record.version, record.value));
    }
  }
  staged_.clear();
  entries_.clear();
  log_.Become(adopt.log);
}

void ModelStorage::Put(const std::string& key, Position version, const std::string& value) {
  Write(key, Make(key, version, value));
}

void ModelStorage::Write(const std::string& key, std::optional<Stored> stored) {
  auto it = records_.find({SlotNumberOf(key), key});
  if (it != records_.end()) {
    kept_.Remove(key, it->second.fingerprint);
    records_.erase(it);
  }
  if (!stored) return;
  kept_.Add(key, stored->fingerprint);
  records_[{SlotNumberOf(key), key}] = std::move(*stored);
}

std::optional<ModelStorage::Stored> ModelStorage::Get(const std::string& key) const {
  auto it = records_.find({SlotNumberOf(key), key});
  if (it == records_.end()) return std::nullopt;
  return it->second;
}

Digests ModelStorage::digests() const {
  Digests digests;
  for (const auto& [key, stored] : records_) {
    digests.Add(key.second, stored.fingerprint);
  }
  return digests;
}

}  // namespace ctdb::replica
