// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Measures the record store beside Debian's TDB, opened as ctdb opens its volatile databases. Both
// get the same work in turn, round after round; rates, their ratio and its spread are printed.
//
// Where others use the processors too, the ratio by processor time says more than that by the
// clock.
//
//   store_bench [DIRECTORY [ROUNDS [RECORDS_MAX]]]    /dev/shm, 15, 1000000

#include <fcntl.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tdb.h>
#include <time.h>
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
constexpr auto kRunTime = std::chrono::milliseconds(200);

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

template <typename T>
T& SharedMemory() {
  void* memory =
      ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return *new (memory) T{};
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

int64_t Nanoseconds(clockid_t clock) {
  timespec now;
  ::clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// Operations per second: by the clock, and by the processor time that all processes together had.
struct Rates {
  double clock = 0;
  double processor = 0;
};

// Processes that have one database open, and work on it whenever they are told to.
class Team {
 public:
  Team(const Opener& open, int processes, uint64_t records, bool update) : processes_(processes) {
    ::sem_init(&shared_.begin, 1, 0);
    ::sem_init(&shared_.ended, 1, 0);
    for (int i = 0; i < processes; ++i) {
      children_.push_back(Fork([&] { Work(open, static_cast<uint64_t>(i), records, update); }));
    }
    for (int i = 0; i < processes; ++i) AwaitOne();
  }
  ~Team() {
    shared_.quit = true;
    for (int i = 0; i < processes_; ++i) ::sem_post(&shared_.begin);
    for (const pid_t child : children_) WaitFor(child);
    ::munmap(&shared_, sizeof(shared_));
  }

  Rates Run() {
    shared_.stop = false;
    shared_.operations = 0;
    shared_.processor_ns = 0;
    const int64_t begin = Nanoseconds(CLOCK_MONOTONIC);
    for (int i = 0; i < processes_; ++i) ::sem_post(&shared_.begin);
    ::usleep(std::chrono::microseconds(kRunTime).count());
    shared_.stop = true;
    const int64_t end = Nanoseconds(CLOCK_MONOTONIC);
    for (int i = 0; i < processes_; ++i) AwaitOne();
    const double operations = 1e9 * static_cast<double>(shared_.operations);
    return {operations / static_cast<double>(end - begin),
            operations / static_cast<double>(shared_.processor_ns)};
  }

 private:
  struct Shared {
    sem_t begin, ended;
    std::atomic<bool> stop, quit;
    std::atomic<uint64_t> operations;
    std::atomic<int64_t> processor_ns;
  };

  void AwaitOne() {
    while (::sem_trywait(&shared_.ended) != 0) {
      Check(::waitpid(-1, nullptr, WNOHANG) == 0, "a process failed");
      ::usleep(100);
    }
  }

  void Work(const Opener& open, uint64_t number, uint64_t records, bool update) {
    const std::unique_ptr<Subject> subject = open(false);
    Random random(number + 1);
    std::vector<std::string> keys;
    for (int k = 0; k < 65536; ++k) keys.push_back(KeyOf(random.Below(records)));
    // What is measured is not the first touch of each page.
    for (const std::string& key : keys) subject->Read(key);
    uint64_t next = 0;
    while (true) {
      ::sem_post(&shared_.ended);
      while (::sem_wait(&shared_.begin) != 0) {
      }
      if (shared_.quit) return;
      const int64_t before = Nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
      const uint64_t first = next;
      for (; !shared_.stop.load(std::memory_order_relaxed); ++next) {
        const std::string& key = keys[next % keys.size()];
        update ? subject->Update(key) : subject->Read(key);
      }
      shared_.operations += next - first;
      shared_.processor_ns += Nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - before;
    }
  }

  const int processes_;
  Shared& shared_ = SharedMemory<Shared>();
  std::vector<pid_t> children_;
};

// Fills it in a process that has it open until `work` is done.
uint64_t WithDatabase(const Opener& open, uint64_t records, const std::function<void()>& work) {
  struct Shared {
    std::atomic<bool> ready, end;
    std::atomic<uint64_t> memory;
  };
  Shared& shared = SharedMemory<Shared>();
  const pid_t holder = Fork([&] {
    const std::unique_ptr<Subject> subject = open(true);
    for (uint64_t i = 0; i < records; ++i) subject->Update(KeyOf(i));
    shared.memory = subject->MemoryBytes();
    shared.ready = true;
    while (!shared.end && ::getppid() != 1) ::usleep(10000);
  });
  while (!shared.ready) {
    Check(::waitpid(holder, nullptr, WNOHANG) == 0, "the database could not be filled");
    ::usleep(1000);
  }
  work();
  shared.end = true;
  WaitFor(holder);
  return shared.memory;
}

struct Measured {
  std::vector<double> ours, theirs, ratios, processor_ratios;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string Spread(const std::vector<double>& ratios) {
  const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
  return absl::StrFormat("%5.2f (%.2f to %.2f)", Median(ratios), *low, *high);
}

void Print(const std::string& what, const Measured& measured) {
  std::printf("%-40s %10.0f %10.0f  %-22s %-22s\n", what.c_str(), Median(measured.ours),
              Median(measured.theirs), Spread(measured.ratios).c_str(),
              Spread(measured.processor_ratios).c_str());
  std::fflush(stdout);
}

Measured Alternate(const Opener& ours, const Opener& theirs, int processes, uint64_t records,
                   bool update, int rounds) {
  Team our_team(ours, processes, records, update);
  Team their_team(theirs, processes, records, update);
  Measured measured;
  for (int round = 0; round < rounds; ++round) {
    const Rates our_rates = our_team.Run();
    const Rates their_rates = their_team.Run();
    measured.ours.push_back(our_rates.clock);
    measured.theirs.push_back(their_rates.clock);
    measured.ratios.push_back(our_rates.clock / their_rates.clock);
    measured.processor_ratios.push_back(our_rates.processor / their_rates.processor);
  }
  return measured;
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
        Print(absl::StrCat(records, " records, ", processes, " processes, ",
                           update ? "update" : "read"),
              Alternate(ours, theirs, processes, records, update, rounds));
      }
    }
  };
  const uint64_t their_memory =
      WithDatabase(theirs, records, [&] { our_memory = WithDatabase(ours, records, measure); });
  std::printf(
      "%-40s %10.1f %10.1f  %5.2f\n", absl::StrCat(records, " records, bytes per record").c_str(),
      static_cast<double>(our_memory) / records, static_cast<double>(their_memory) / records,
      static_cast<double>(our_memory) / their_memory);
}

}  // namespace
}  // namespace ctdb::store

int main(int argc, char** argv) {
  const std::string directory = argc > 1 ? argv[1] : "/dev/shm";
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 15;
  const uint64_t records_max = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1000000;
  const std::string own = absl::StrCat(directory, "/store_bench.", ::getpid());
  ctdb::store::Check(::mkdir(own.c_str(), 0700) == 0, "cannot make " + own);
  std::printf("%-40s %10s %10s  %-22s %-22s\n", "operations per second, medians", "ours", "TDB",
              "ratio (spread)", "by processor time");
  for (const uint64_t records : {1000u, 100000u, 1000000u}) {
    if (records <= records_max) ctdb::store::Compare(own, records, rounds);
  }
  return std::system(("rm -rf " + own).c_str());
}
