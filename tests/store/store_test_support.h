// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What tests of the native store share: a directory, short ways to store and read, processes.

#ifndef TESTS_STORE_STORE_TEST_SUPPORT_H_
#define TESTS_STORE_STORE_TEST_SUPPORT_H_

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lib/store/io/native_store.h"

namespace ctdb::store {

// Ends when the test does.
class TestDirectory {
 public:
  TestDirectory() {
    std::string pattern = std::string(::getenv("TEST_TMPDIR")) + "/store.XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~TestDirectory() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  const std::string& path() const { return path_; }
  StoreOptions Options(OpenMode mode = OpenMode::kCreate, uint64_t memory = kMemoryMin) const {
    StoreOptions options;
    options.directory = path_;
    options.name = "test";
    options.mode = mode;
    options.memory_bytes = memory;
    options.cold_bytes = 256 * 1024 * 1024;
    return options;
  }

 private:
  std::string path_;
};

inline std::unique_ptr<NativeStore> MustOpen(const StoreOptions& options) {
  absl::StatusOr<std::unique_ptr<NativeStore>> store = NativeStore::Open(options);
  if (!store.ok()) ADD_FAILURE() << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

inline absl::Status Put(RecordStore& store, const std::string& key, const std::string& value,
                        uint64_t counter = 1) {
  absl::StatusOr<LockedRecord> record = store.Lock(key, {.wait = absl::Seconds(10)});
  if (!record.ok()) return record.status();
  RecordHeader header;
  header.counter = counter;
  return record->Store(header, value);
}

inline absl::Status Delete(RecordStore& store, const std::string& key) {
  absl::StatusOr<LockedRecord> record = store.Lock(key, {.wait = absl::Seconds(10)});
  return record.ok() ? record->Delete() : record.status();
}

inline std::optional<std::string> Get(RecordStore& store, const std::string& key) {
  RecordCopy copy;
  const absl::StatusOr<bool> found = store.Read(key, copy);
  if (!found.ok()) ADD_FAILURE() << found.status();
  if (!found.ok() || !*found) return std::nullopt;
  return copy.value;
}

// Memory that this process and its children share.
template <typename T>
T& SharedWithChildren() {
  void* memory =
      ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return *new (memory) T{};
}

// Runs `work` in a process that ends with it, without the test's exit handlers.
inline pid_t Fork(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  work();
  ::_exit(0);
}

inline int WaitForEnd(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// Gives the processor away until it is so; false after a minute.
inline bool WaitUntil(const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    ::usleep(200);
  }
  return true;
}

}  // namespace ctdb::store

#endif  // TESTS_STORE_STORE_TEST_SUPPORT_H_
