// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// world: virtual time. Everything that happens in a simulation is an event in one queue, ordered by
// time and then by who asked first, and every random number comes from one seed: the same seed is
// the same run, to the last bit, as fast as the machine can go.
//
//   Ownership:  refers to actors, which must live as long as their events.
//   Threading:  not thread-safe.
//   Errors:     none; an event in the past happens now.
//   Blocking:   RunUntil() runs as many events as there are.
//   Limits:     memory, 2^63 nanoseconds.
//
// Example:
//   World world(seed);
//   world.In(absl::Seconds(1), actor, 7);
//   world.RunUntil(After(Instant(), absl::Minutes(1)));

#ifndef LIB_SIM_WORLD_H_
#define LIB_SIM_WORLD_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/instant.h"
#include "lib/base/random.h"

namespace ctdb::sim {

// Whatever waits for events; `what` is its own number for each.
class Actor {
 public:
  virtual ~Actor() = default;
  virtual void OnEvent(uint64_t what) = 0;
};

class World {
 public:
  explicit World(uint64_t seed) : random_(seed), hash_(seed) {}

  Instant now() const { return now_; }
  Random& random() { return random_; }
  // Between the two, both included.
  absl::Duration Between(absl::Duration least, absl::Duration most);
  // True in `share` of the calls.
  bool Chance(double share) { return share > 0 && random_.Fraction() < share; }

  void At(Instant when, Actor& actor, uint64_t what);
  void In(absl::Duration delay, Actor& actor, uint64_t what) {
    At(After(now_, delay), actor, what);
  }
  // Runs what is due until `end`, which is the time then; sooner after Stop().
  void RunUntil(Instant end);
  void Stop() { is_stopped_ = true; }
  bool is_stopped() const { return is_stopped_; }

  uint64_t events() const { return events_; }
  // Of everything that has happened; actors add what matters to them.
  uint64_t hash() const { return hash_; }
  void Mix(uint64_t value) { hash_ = (hash_ ^ value) * 0x9e3779b97f4a7c15 + (hash_ >> 29); }

 private:
  struct Event {
    Instant at;
    uint64_t sequence;
    Actor* actor;
    uint64_t what;
  };
  struct IsLater {
    bool operator()(const Event& a, const Event& b) const {
      return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
    }
  };

  Random random_;
  Instant now_{};
  uint64_t hash_;
  uint64_t events_ = 0;
  uint64_t sequence_ = 0;
  bool is_stopped_ = false;
  std::vector<Event> queue_;  // A heap; the next one is in front.
};

}  // namespace ctdb::sim

#endif  // LIB_SIM_WORLD_H_
