// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// How many requests to a copy's file a disk takes, beside how many writes with fdatasync() it takes
// at all.
//
//   replica_file_bench DIRECTORY [SECONDS]

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "lib/base/io/unique_fd.h"
#include "lib/replica/io/replica_file.h"

namespace ctdb::replica {
namespace {

void Must(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

// Times per second.
double Measure(absl::Duration duration, const std::function<void()>& work) {
  const absl::Time begin = absl::Now();
  int times = 0;
  while (absl::Now() - begin < duration) {
    work();
    ++times;
  }
  return times / absl::ToDoubleSeconds(absl::Now() - begin);
}

class Bench {
 public:
  Bench(std::string directory, absl::Duration duration)
      : directory_(std::move(directory)), duration_(duration) {}

  void MeasureDisk() {
    const std::string path = directory_ + "/replica_file_bench.disk";
    const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const std::string page(4096, 'x');
    const double rate = Measure(duration_, [&] {
      if (::pwrite(fd.get(), page.data(), page.size(), 0) < 0 || ::fdatasync(fd.get()) != 0) {
        Must(absl::InternalError("cannot write"));
      }
    });
    std::printf("%-24s %9.0f writes of 4 KiB with fdatasync() per second\n", "disk", rate);
    ::unlink(path.c_str());
  }

  void MeasureFile(bool is_durable) {
    const std::string path = directory_ + "/replica_file_bench.copy";
    ::unlink(path.c_str());
    absl::StatusOr<ReplicaFile::Opened> opened =
        ReplicaFile::Open({path, database::DatabaseId(1), "bench", uint64_t{1} << 32, is_durable});
    Must(opened.status());
    sequence_ = 0;
    digests_ = Digests();
    // A log as long as it becomes, and as many records as a large database of secrets has.
    for (int i = 0; i < 40; ++i) Append(*opened->file, 256);
    for (const int entries : {1, 64, 256}) {
      const double rate = Measure(duration_, [&] { Append(*opened->file, entries); });
      std::printf("%-24s %9.0f requests per second of %3d entries: %9.0f entries per second\n",
                  is_durable ? "durable" : "not durable", rate, entries, rate * entries);
    }
    opened->file.reset();
    ::unlink(path.c_str());
    ::unlink((path + "-lock").c_str());
  }

 private:
  void Append(ReplicaFile& file, int count) {
    Replica::Output::Append append;
    for (int i = 0; i < count; ++i) {
      const Position position{Epoch(1), ++sequence_};
      const std::string key = absl::StrCat("key", sequence_ * 7919 % 10'000);
      const std::string value(100, static_cast<char>('a' + sequence_ % 26));
      absl::StatusOr<std::optional<RecordInfo>> before = file.Find(key);
      Must(before.status());
      if (*before) digests_.Remove(key, (*before)->fingerprint);
      digests_.Add(key, FingerprintOf(key, position, value));
      append.digests[SlotNumberOf(key)] = digests_.of(SlotNumberOf(key));
      append.entries.push_back({position, {sequence_, 1}, false, {{key, value}}});
    }
    Must(file.Apply({StoreTicket(1), std::move(append)}));
  }

  const std::string directory_;
  const absl::Duration duration_;
  uint64_t sequence_ = 0;
  Digests digests_;
};

}  // namespace
}  // namespace ctdb::replica

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s DIRECTORY [SECONDS]\n", argv[0]);
    return 1;
  }
  ctdb::replica::Bench bench(argv[1], absl::Seconds(argc > 2 ? std::atof(argv[2]) : 3));
  bench.MeasureDisk();
  bench.MeasureFile(/*is_durable=*/true);
  bench.MeasureFile(/*is_durable=*/false);
}
