// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// replica_model: a database of which each node has a copy, in memory, for fake_replicas.h: what is
// in it, and what is to be answered instead of the truth.
//
//   Ownership:  values.
//   Threading:  locked by who uses it.
//   Errors:     those that the test asks for.
//   Blocking:   never.
//   Limits:     none.

#ifndef TESTS_CLIENT_REPLICA_MODEL_H_
#define TESTS_CLIENT_REPLICA_MODEL_H_

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "capnp/database.capnp.h"
#include "lib/client/transaction.h"

namespace ctdb::test {

// What a commit or a question is answered with instead of the truth.
struct FakeAnswer {
  std::optional<wire::TransactionVerdict> verdict = {};  // Nothing: no answer at all.
  std::string why = {};
  bool happens = false;       // The transaction does, whatever is said.
  absl::Status failure = {};  // Instead of a verdict.
};

struct ReplicaModel {
  using Token = std::pair<uint64_t, uint64_t>;
  static constexpr uint32_t kId = 77;

  std::mutex mutex;
  std::map<std::string, ReplicaRecord> records;
  ReplicaPosition position = {5, 10};
  std::set<Token> done;
  std::map<Token, std::string> bodies;
  std::deque<absl::Status> parts;    // What the next ones of bodies are answered with.
  std::deque<FakeAnswer> commits;    // For the next ones.
  std::deque<FakeAnswer> questions;  // For the next ones.
  std::map<Token, int> sent;         // How often each transaction came.
  int asked = 0;                     // Questions.
  int attaches = 0;
  int lost_attaches = 0;  // So many get no answer.
  int unknown = 0;        // So many requests are answered with "no such database".
  wire::DatabaseKind kind = wire::DatabaseKind::PERSISTENT;
  ReplicaPosition asked_since;

  void Next(const FakeAnswer& answer) {
    const std::lock_guard<std::mutex> lock(mutex);
    commits.push_back(answer);
  }
  void NextQuestion(const FakeAnswer& answer) {
    const std::lock_guard<std::mutex> lock(mutex);
    questions.push_back(answer);
  }
  // As another client would.
  void Put(const std::string& key, const std::string& value) {
    const std::lock_guard<std::mutex> lock(mutex);
    ++position.sequence;
    records[key] = {value, position};
  }
};

}  // namespace ctdb::test

#endif  // TESTS_CLIENT_REPLICA_MODEL_H_
