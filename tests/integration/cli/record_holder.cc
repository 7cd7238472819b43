// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// A program that locks a record, stores and unlocks it when stdin says so, and prints what came of
// it, a line each:
//
//   record_holder SOCKET DATABASE KEY

#include <iostream>
#include <optional>
#include <string>

#include "lib/client/client.h"

namespace ctdb {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

absl::Status Do(const std::string& word, Database& database, const std::string& key,
                std::optional<Record>& record) {
  if (word == "lock") {
    auto locked = database.Lock(key, kPatience);
    if (!locked.ok()) return locked.status();
    record.emplace(*std::move(locked));
    return absl::OkStatus();
  }
  if (!record.has_value()) return absl::FailedPreconditionError("lock it first");
  if (word == "store") return record->Store("stored by a program");
  record.reset();
  return absl::OkStatus();
}

int Main(const std::string& socket, const std::string& name, const std::string& key) {
  auto client = Client::Open({.socket_path = socket, .software = "record_holder"});
  auto database = client.ok() ? (*client)->Attach(name, kPatience) : client.status();
  if (!database.ok()) {
    std::cerr << database.status() << std::endl;
    return 1;
  }
  std::optional<Record> record;
  for (std::string word; std::getline(std::cin, word);) {
    std::cout << Do(word, **database, key, record) << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace ctdb

int main(int argc, char** argv) { return argc == 4 ? ctdb::Main(argv[1], argv[2], argv[3]) : 2; }
