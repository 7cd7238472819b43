// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Measures the record store beside Debian's TDB, opened as ctdb opens its volatile databases. Both
// get the same work in turn, round after round; rates, their ratio and its spread are printed.
//
//   store_bench [DIRECTORY [ROUNDS [RECORDS_MAX]]]    /dev/shm, 5, 1000000

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tdb.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/base/random.h"
#include "lib/store/io/native_store.h"

namespace ctdb::store {
namespace {

constexpr size_t kValueBytes = 100;
constexpr auto kRunTime = std::chrono::milliseconds(400);

void Check(bool good, absl::string_view what) {
  if (good) return;
  std::fprintf(stderr, "store_bench: %.*s\n", static_cast<int>(what.size()), what.data());
  std::_Exit(1);
}

void Check(const absl::Status& status) {
  if (!status.ok()) Check(false, status.message());
}

std::string KeyOf(uint64_t number) { return absl::StrFormat("record-%09d", number); }

// One process's view of a database under test.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual void Update(const std::string& key) = 0;
  virtual void Read(const std::string& key) = 0;
  virtual uint64_t MemoryBytes() = 0;
};

class OurSubject final : public Subject {
 public:
  OurSubject(const std::string& directory, uint64_t records, bool make) {
    StoreOptions options;
    options.directory = directory;
    options.name = "bench";
    options.mode = make ? OpenMode::kReplace : OpenMode::kExisting;
    options.memory_bytes = std::max<uint64_t>(32 << 20, records * 256);
    auto store = NativeStore::Open(options);
    Check(store.status());
    store_ = *std::move(store);
  }
  void Update(const std::string& key) override {
    auto record = store_->Lock(key, {.wait = absl::Seconds(10)});
    if (!record.ok()) Check(record.status());
    RecordHeader header = record->header();
    ++header.counter;
    char value[kValueBytes] = {};
    if (record->exists()) std::copy_n(record->value().data(), kValueBytes, value);
    ++value[0];
    Check(record->Store(header, absl::string_view(value, sizeof(value))));
  }
  void Read(const std::string& key) override {
    Check(store_->Read(key, copy_).value_or(false), "record is missing");
  }
  uint64_t MemoryBytes() override { return store_->Statistics()->memory_bytes; }

 private:
  std::unique_ptr<NativeStore> store_;
  RecordCopy copy_;
};

struct TdbHeader {
  uint64_t rsn = 0;
  uint32_t owner = 0;
  uint32_t reserved = 0;
  uint32_t flags = 0;
  uint32_t padding = 0;
};

class TdbSubject final : public Subject {
 public:
  TdbSubject(const std::string& directory, bool make) : path_(directory + "/bench.tdb") {
    if (make) ::unlink(path_.c_str());
    tdb_ = tdb_open(path_.c_str(), 100001,
                    TDB_MUTEX_LOCKING | TDB_CLEAR_IF_FIRST | TDB_INCOMPATIBLE_HASH | TDB_NOSYNC,
                    O_RDWR | O_CREAT, 0600);
    Check(tdb_ != nullptr, "cannot open " + path_);
    tdb_set_max_dead(tdb_, 5);
  }
  ~TdbSubject() override { tdb_close(tdb_); }
  void Update(const std::string& key) override {
    TDB_DATA name = {reinterpret_cast<unsigned char*>(const_cast<char*>(key.data())), key.size()};
    Check(tdb_chainlock(tdb_, name) == 0, "cannot lock");
    Value value = {};
    tdb_parse_record(tdb_, name, Copy, &value);
    ++value.header.rsn;
    ++value.bytes[0];
    TDB_DATA data = {reinterpret_cast<unsigned char*>(&value), sizeof(value)};
    Check(tdb_store(tdb_, name, data, TDB_REPLACE) == 0, "cannot store");
    tdb_chainunlock(tdb_, name);
  }
  void Read(const std::string& key) override {
    TDB_DATA name = {reinterpret_cast<unsigned char*>(const_cast<char*>(key.data())), key.size()};
    Value value;
    Check(tdb_parse_record(tdb_, name, Copy, &value) == 0, "record is missing");
  }
  uint64_t MemoryBytes() override {
    struct stat info;
    ::stat(path_.c_str(), &info);
    return static_cast<uint64_t>(info.st_blocks) * 512;
  }

 private:
  struct Value {
    TdbHeader header;
    char bytes[kValueBytes];
    char padding[4];
  };
  static int Copy(TDB_DATA, TDB_DATA data, void* to) {
    std::copy_n(data.dptr, std::min(data.dsize, sizeof(Value)), static_cast<unsigned char*>(to));
    return 0;
  }

  const std::string path_;
  tdb_context* tdb_;
};

using Opener = std::function<std::unique_ptr<Subject>(bool make)>;

struct Shared {
  std::atomic<int> ready;
  std::atomic<bool> go;
  std::atomic<bool> stop;
  std::atomic<uint64_t> operations;
};

Shared& SharedMemory() {
  static Shared& shared = *new (
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Shared{};
  return shared;
}

// In a process of its own, since both libraries want it so.
pid_t Fork(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  work();
  std::_Exit(0);
}

void WaitFor(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  Check(status == 0, "a process failed");
}

// Operations per second of so many processes together.
double Rate(const Opener& open, int processes, uint64_t records, bool update) {
  Shared& shared = SharedMemory();
  shared.ready = 0;
  shared.go = false;
  shared.stop = false;
  shared.operations = 0;
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    children.push_back(Fork([&] {
      const std::unique_ptr<Subject> subject = open(false);
      Random random(static_cast<uint64_t>(i) + 1);
      std::vector<std::string> keys;
      for (int k = 0; k < 65536; ++k) keys.push_back(KeyOf(random.Below(records)));
      // What is measured is not the first touch of each page.
      for (const std::string& key : keys) subject->Read(key);
      ++shared.ready;
      while (!shared.go) ::usleep(100);
      uint64_t done = 0;
      for (; !shared.stop.load(std::memory_order_relaxed); ++done) {
        const std::string& key = keys[done % keys.size()];
        update ? subject->Update(key) : subject->Read(key);
      }
      shared.operations += done;
    }));
  }
  while (shared.ready < processes) ::usleep(100);
  const auto begin = std::chrono::steady_clock::now();
  shared.go = true;
  ::usleep(std::chrono::microseconds(kRunTime).count());
  shared.stop = true;
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  for (const pid_t child : children) WaitFor(child);
  return static_cast<double>(shared.operations) / time.count();
}

// Fills it in a process that has it open until `work` is done.
uint64_t WithDatabase(const Opener& open, uint64_t records, const std::function<void()>& work) {
  Shared& shared = SharedMemory();
  shared.ready = 0;
  shared.operations = 0;
  shared.stop = false;
  static std::atomic<bool>& end =
      *new (::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))
          std::atomic<bool>(false);
  end = false;
  const pid_t holder = Fork([&] {
    const std::unique_ptr<Subject> subject = open(true);
    for (uint64_t i = 0; i < records; ++i) subject->Update(KeyOf(i));
    shared.operations = subject->MemoryBytes();
    shared.ready = 1;
    while (!end && ::getppid() != 1) ::usleep(1000);
  });
  while (shared.ready == 0) {
    Check(::waitpid(holder, nullptr, WNOHANG) == 0, "the database could not be filled");
    ::usleep(1000);
  }
  const uint64_t memory = shared.operations;
  work();
  end = true;
  WaitFor(holder);
  return memory;
}

struct Measured {
  std::vector<double> ours, theirs, ratios;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Print(const std::string& what, const Measured& measured) {
  const auto [low, high] = std::minmax_element(measured.ratios.begin(), measured.ratios.end());
  std::printf("%-44s %10.0f %10.0f   %5.2f  %5.2f to %5.2f\n", what.c_str(), Median(measured.ours),
              Median(measured.theirs), Median(measured.ratios), *low, *high);
  std::fflush(stdout);
}

void Compare(const std::string& directory, uint64_t records, int rounds) {
  const Opener ours = [&](bool make) {
    return std::make_unique<OurSubject>(directory, records, make);
  };
  const Opener theirs = [&](bool make) { return std::make_unique<TdbSubject>(directory, make); };
  uint64_t our_memory = 0;
  const auto measure = [&] {
    for (const bool update : {true, false}) {
      for (const int processes : {1, 2, 4}) {
        Measured measured;
        for (int round = 0; round < rounds; ++round) {
          measured.ours.push_back(Rate(ours, processes, records, update));
          measured.theirs.push_back(Rate(theirs, processes, records, update));
          measured.ratios.push_back(measured.ours.back() / measured.theirs.back());
        }
        Print(absl::StrCat(records, " records, ", processes, " processes, ",
                           update ? "update" : "read"),
              measured);
      }
    }
  };
  const uint64_t their_memory =
      WithDatabase(theirs, records, [&] { our_memory = WithDatabase(ours, records, measure); });
  std::printf("%-44s %10.1f %10.1f   %5.2f\n",
              absl::StrCat(records, " records, bytes of memory per record").c_str(),
              static_cast<double>(our_memory) / records,
              static_cast<double>(their_memory) / records,
              static_cast<double>(our_memory) / their_memory);
}

}  // namespace
}  // namespace ctdb::store

int main(int argc, char** argv) {
  const std::string directory = argc > 1 ? argv[1] : "/dev/shm";
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  const uint64_t records_max = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1000000;
  const std::string own = absl::StrCat(directory, "/store_bench.", ::getpid());
  ctdb::store::Check(::mkdir(own.c_str(), 0700) == 0, "cannot make " + own);
  std::printf("%-44s %10s %10s   %5s  %s\n", "operations per second, medians", "ours", "TDB",
              "ratio", "spread of the ratio");
  for (const uint64_t records : {1000u, 100000u, 1000000u}) {
    if (records <= records_max) ctdb::store::Compare(own, records, rounds);
  }
  return std::system(("rm -rf " + own).c_str());
}
