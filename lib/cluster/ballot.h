// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ballot: the number of one attempt to lead, and the epochs that its winner may begin.
//
// A ballot is a round with the candidate's number below it (Lamport, "Paxos made simple", 2001):
// two nodes never use the same ballot, and a later round is higher. An epoch is a ballot with a
// counter below it, so epochs of different leaders are never equal and those of a later leader are
// higher. docs/decisions/0009-ballots-leases-epochs.md has the reasons.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     node numbers below 4096, 4096 epochs per ballot, 2^40 rounds.
//
// Example:
//   Ballot mine = MakeBallot(RoundOf(highest) + 1, local);
//   Epoch first = MakeEpoch(mine, 0);

#ifndef LIB_CLUSTER_BALLOT_H_
#define LIB_CLUSTER_BALLOT_H_

#include <cstdint>

#include "lib/base/ids.h"

namespace ctdb::cluster {

// 0 is no ballot.
using Ballot = Id<struct BallotTag, uint64_t>;

inline constexpr int kBallotNodeBits = 12;
inline constexpr int kEpochCounterBits = 12;
inline constexpr uint32_t kEpochsPerBallot = uint32_t{1} << kEpochCounterBits;
inline constexpr uint64_t kRoundMax = (uint64_t{1} << 40) - 1;

constexpr Ballot MakeBallot(uint64_t round, NodeNumber node) {
  return Ballot(round << kBallotNodeBits | node.value());
}
constexpr uint64_t RoundOf(Ballot ballot) { return ballot.value() >> kBallotNodeBits; }
constexpr NodeNumber NodeOf(Ballot ballot) {
  return NodeNumber(static_cast<uint32_t>(ballot.value() & ((1u << kBallotNodeBits) - 1)));
}

constexpr Epoch MakeEpoch(Ballot ballot, uint32_t counter) {
  return Epoch(ballot.value() << kEpochCounterBits | counter);
}
constexpr Ballot BallotOf(Epoch epoch) { return Ballot(epoch.value() >> kEpochCounterBits); }
constexpr uint32_t CounterOf(Epoch epoch) {
  return static_cast<uint32_t>(epoch.value() & (kEpochsPerBallot - 1));
}

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_BALLOT_H_
