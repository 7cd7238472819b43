// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/peer_watch_run.h"

#include <algorithm>

#include "lib/base/random.h"
#include "lib/cluster/peer_watch.h"

namespace ctdb::sim {
namespace {

constexpr NodeNumber kPeer(1);
constexpr int64_t kMillisecond = 1000000;
constexpr int64_t kSecond = 1000 * kMillisecond;
constexpr int64_t kHour = 3600 * kSecond;
constexpr absl::Duration kNoticeLimit = absl::Seconds(3);

class Run {
 public:
  explicit Run(uint64_t seed)
      : random_(seed),
        watch_(cluster::PeerWatch::Options(), /*incarnation=*/1, /*parting_token=*/0, At(0)) {
    watch_.SetPeers({kPeer}, At(0));
    alive_.incarnation = 1;
    alive_.hears = {NodeNumber(0)};
  }

  // The peer lives from `begin` to `end`, and then never says anything again.
  void LiveAndDie(int64_t begin, int64_t end) {
    ++alive_.incarnation;
    watch_.OnLinkUp(kPeer, At(begin));
    int64_t sent = begin;
    int64_t arrival = begin;
    while (sent < end) {
      // Half of the keepalives come after a pause.
      const uint64_t draw = random_.Next();
      arrival = std::max(
          arrival, sent + static_cast<int64_t>((draw & 0x7ffffff) * 100 >> 27) * kMillisecond);
      ListenUntil(arrival, /*is_alive=*/true);
      watch_.OnAlive(kPeer, alive_, /*hears_us=*/true, At(Handled(arrival)));
      Answer();
      ++report_.keepalives;
      const bool has_pause = (draw >> 63) != 0;
      const auto pause = static_cast<int64_t>((draw >> 30 & 0x7ffffff) * kSecond >> 27);
      died_ = std::max(sent + 1, std::min(end, sent + kSecond));
      sent += kSecond + (has_pause ? pause : 0);
      if ((draw >> 57 & 63) == 0) busy_until_ = Handled(arrival) + pause;
    }
    // Nothing but its own pause may delay the one that listens now.
    busy_until_ = 0;
    ListenUntil(died_ + 10 * kSecond, /*is_alive=*/false);
    ++report_.deaths;
    if (!watch_.up().empty()) ++report_.not_noticed;
    watch_.OnLinkDown(kPeer, "", At(died_ + 10 * kSecond));
    watch_.TakeChanges();
  }

  const PeerWatchReport& report() const { return report_; }

 private:
  static Instant At(int64_t nanoseconds) { return Instant(CoreClock::duration(nanoseconds)); }
  int64_t Handled(int64_t at) const { return std::max(at, busy_until_); }

  // Ticks that are due before. What has arrived comes first when both are late.
  void ListenUntil(int64_t arrival, bool is_alive) {
    while (true) {
      const int64_t due = Handled(watch_.NextDeadline().time_since_epoch().count());
      if (due >= Handled(arrival)) return;
      const bool was_up = !watch_.up().empty();
      watch_.OnTick(At(due));
      Answer();
      if (!was_up || !watch_.up().empty()) continue;
      watch_.TakeChanges();
      if (is_alive) {
        ++report_.false_alarms;
        continue;
      }
      const absl::Duration notice = absl::Nanoseconds(due - died_);
      report_.slowest_notice = std::max(report_.slowest_notice, notice);
      if (notice > kNoticeLimit) ++report_.not_noticed;
    }
  }
  void Answer() { watch_.TakeKeepalive(&answer_); }

  Random random_;
  cluster::PeerWatch watch_;
  cluster::Alive alive_;
  cluster::Alive answer_;
  int64_t busy_until_ = 0;
  int64_t died_ = 0;
  PeerWatchReport report_;
};

}  // namespace

void PeerWatchReport::Add(const PeerWatchReport& other) {
  hours += other.hours;
  keepalives += other.keepalives;
  false_alarms += other.false_alarms;
  deaths += other.deaths;
  not_noticed += other.not_noticed;
  slowest_notice = std::max(slowest_notice, other.slowest_notice);
}

PeerWatchReport RunPeerWatch(double hours, uint64_t seed) {
  Run run(seed);
  int64_t now = 0;
  const auto end = static_cast<int64_t>(hours * kHour);
  while (now < end) {
    run.LiveAndDie(now, now + kHour);
    now += kHour + 20 * kSecond;
  }
  PeerWatchReport report = run.report();
  report.hours = static_cast<double>(now) / kHour;
  return report;
}

}  // namespace ctdb::sim
