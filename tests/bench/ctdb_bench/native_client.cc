// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "lib/base/status_macros.h"
#include "lib/client/client.h"
#include "tests/bench/ctdb_bench/native_cluster.h"

namespace ctdb::bench {
namespace {

class NativeRecord final : public LockedRecord {
 public:
  void Hold(Record record) { record_.emplace(std::move(record)); }

  absl::string_view value() const override { return record_->value(); }
  absl::Status Store(absl::string_view value) override { return record_->Store(value); }
  absl::Status Unlock() override {
    record_.reset();
    return absl::OkStatus();
  }

 private:
  std::optional<Record> record_;
};

class NativeDatabase final : public BenchDatabase {
 public:
  explicit NativeDatabase(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  absl::StatusOr<LockedRecord*> FetchLock(absl::string_view key) override {
    CTDB_ASSIGN_OR_RETURN(Record record, database_->Lock(key, kPatience));
    record_.Hold(std::move(record));
    return &record_;
  }
  absl::StatusOr<bool> Read(absl::string_view key, std::string* value) override {
    CTDB_RETURN_IF_ERROR(database_->Read(key, *value, kPatience));
    return !value->empty();
  }
  absl::StatusOr<uint64_t> Traverse(const RecordCallback& on_record) override {
    uint64_t count = 0;
    CTDB_RETURN_IF_ERROR(database_->VisitAll([&](absl::string_view key, absl::string_view value) {
      ++count;
      on_record(key, value);
      return true;
    }));
    return count;
  }
  absl::Status Fill(const std::vector<std::string>& keys, absl::string_view value) override {
    for (const std::string& key : keys) {
      CTDB_ASSIGN_OR_RETURN(Record record, database_->Lock(key, kPatience));
      CTDB_RETURN_IF_ERROR(record.Store(value));
    }
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<Database> database_;
  NativeRecord record_;
};

class NativeCommitter final : public BenchCommitter {
 public:
  explicit NativeCommitter(std::unique_ptr<ReplicatedDatabase> database)
      : database_(std::move(database)) {}

  absl::Status Increment(absl::string_view key) override {
    return database_->Run(
        [key](Transaction& transaction) -> absl::Status {
          CTDB_ASSIGN_OR_RETURN(const std::optional<std::string> value, transaction.Read(key));
          const uint64_t next = NumberIn(value) + 1;
          return transaction.Write(
              key, absl::string_view(reinterpret_cast<const char*>(&next), sizeof(next)));
        },
        kPatience);
  }
  absl::StatusOr<uint64_t> Read(absl::string_view key) override {
    CTDB_ASSIGN_OR_RETURN(const std::optional<std::string> value, database_->Read(key, kPatience));
    return NumberIn(value);
  }
  absl::Status Store(const std::vector<std::string>& keys, absl::string_view value) override {
    Transaction transaction = database_->Begin();
    for (const std::string& key : keys) CTDB_RETURN_IF_ERROR(transaction.Write(key, value));
    return transaction.Commit(5 * kPatience);
  }

 private:
  static uint64_t NumberIn(const std::optional<std::string>& value) {
    uint64_t number = 0;
    if (value.has_value() && value->size() == sizeof(number)) {
      std::memcpy(&number, value->data(), sizeof(number));
    }
    return number;
  }

  const std::unique_ptr<ReplicatedDatabase> database_;
};

class NativeClient final : public BenchClient {
 public:
  explicit NativeClient(std::unique_ptr<Client> client) : client_(std::move(client)) {}

  absl::StatusOr<std::unique_ptr<BenchDatabase>> Attach(absl::string_view name,
                                                        const AttachOptions& options) override {
    CTDB_ASSIGN_OR_RETURN(auto database, client_->Attach(std::string(name), kPatience));
    return std::make_unique<NativeDatabase>(std::move(database));
  }
  absl::StatusOr<std::unique_ptr<BenchCommitter>> AttachPersistent(
      absl::string_view name) override {
    CTDB_ASSIGN_OR_RETURN(
        auto database, client_->AttachReplicated(std::string(name),
                                                 ReplicatedDatabase::Kind::kPersistent, kPatience));
    return std::make_unique<NativeCommitter>(std::move(database));
  }
  absl::Status Subscribe(ChannelId channel) override {
    return client_->session().Subscribe(channel, [this](const ClientMessage& message) {
      messages_.push_back({message.channel, std::string(message.payload)});
    });
  }
  absl::Status SendMessage(NodeNumber node, ChannelId channel, absl::string_view bytes) override {
    return client_->session().SendMessage(node, channel, bytes);
  }
  absl::StatusOr<std::optional<Message>> WaitMessage(absl::Duration limit) override {
    if (messages_.empty()) {
      CTDB_RETURN_IF_ERROR(client_->session().Dispatch(absl::Now() + limit));
    }
    if (messages_.empty()) return std::nullopt;
    Message message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }

 private:
  std::unique_ptr<Client> client_;
  std::deque<Message> messages_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BenchClient>> ConnectToNative(const std::string& socket_path) {
  CTDB_ASSIGN_OR_RETURN(auto client, Client::Open({.socket_path = socket_path}));
  return std::make_unique<NativeClient>(std::move(client));
}

}  // namespace ctdb::bench
