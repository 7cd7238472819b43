// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/process_memory.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace ctdb::bench {

std::vector<pid_t> ProcessAndChildren(pid_t pid) {
  std::vector<pid_t> all = {pid};
  std::error_code error;
  const std::string tasks = absl::StrCat("/proc/", pid, "/task");
  for (const auto& task : std::filesystem::directory_iterator(tasks, error)) {
    std::ifstream children(task.path() / "children");
    for (pid_t child = 0; children >> child;) {
      for (const pid_t one : ProcessAndChildren(child)) all.push_back(one);
    }
  }
  return all;
}

absl::StatusOr<uint64_t> PrivateBytes(const std::vector<pid_t>& processes) {
  uint64_t kibibytes = 0;
  for (const pid_t pid : processes) {
    std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
    bool is_there = false;
    std::string name;
    uint64_t number = 0;
    for (std::string line; status >> name; std::getline(status, line)) {
      if (name != "RssAnon:" && name != "RssFile:") continue;
      status >> number;
      kibibytes += number;
      is_there = true;
    }
    if (!is_there) return absl::NotFoundError(absl::StrCat("process ", pid, " is gone"));
  }
  return kibibytes * 1024;
}

}  // namespace ctdb::bench
