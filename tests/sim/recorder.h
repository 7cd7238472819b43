// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// recorder: processes whose program only notes what arrives, for tests of what they stand on.

#ifndef TESTS_SIM_RECORDER_H_
#define TESTS_SIM_RECORDER_H_

#include <memory>
#include <utility>
#include <vector>

#include "lib/sim/process.h"
#include "lib/sim/world.h"

namespace ctdb::sim {

// What the programs of one process saw, over all its runs; times are those of its own clock.
struct Record {
  std::vector<std::pair<Instant, Input>> inputs;
  std::vector<Instant> ticks;
  Instant deadline = kNever;  // A tick is due then; it is not due again after that.

  template <typename T>
  std::vector<T> All() const {
    std::vector<T> found;
    for (const auto& [at, input] : inputs) {
      if (const T* match = std::get_if<T>(&input)) found.push_back(*match);
    }
    return found;
  }
};

class RecordingProgram final : public Program {
 public:
  explicit RecordingProgram(Record& record) : record_(record) {}
  void Handle(const Input& input, Instant now) override { record_.inputs.emplace_back(now, input); }
  void Tick(Instant now) override {
    record_.ticks.push_back(now);
    record_.deadline = kNever;
  }
  Instant NextDeadline() const override { return record_.deadline; }

 private:
  Record& record_;
};

inline Process::StartProgram RecordTo(Record& record) {
  return [&record](Instant) { return std::make_unique<RecordingProgram>(record); };
}

}  // namespace ctdb::sim

#endif  // TESTS_SIM_RECORDER_H_
