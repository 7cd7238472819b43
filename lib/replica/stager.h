// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// stager: gets the body of one large transaction from its sender to this node, so that a small
// batch can have it happen, or not.
//
// It asks for a few parts at a time, so that others get their turns on the way, and keeps what it
// has for as long as the coordinator goes on saying that it wants to.
//
//   Ownership:  the body, until it is taken.
//   Threading:  not thread-safe.
//   Errors:     told to the coordinator.
//   Blocking:   never.
//   Limits:     kBodyWindowParts parts on their way.
//
// Example:
//   Stager stager(stage, coordinator, body, options, now);
//   stager.OnPart(part, now);
//   if (std::shared_ptr<const Body> body = stager.Take(token, seal)) ...

#ifndef LIB_REPLICA_STAGER_H_
#define LIB_REPLICA_STAGER_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/replica/body.h"
#include "lib/replica/messages.h"

namespace ctdb::replica {

class Stager {
 public:
  struct Options {
    uint64_t part_bytes = kBodyPartBytes;
    absl::Duration resend = absl::Milliseconds(200);
    // Without a word from the coordinator. Shorter: memory is free sooner after a lost message; and
    // who is only slow begins anew.
    absl::Duration keep = absl::Seconds(5);
  };

  // `body`: an empty one of the size in `stage`.
  Stager(const Stage& stage, NodeNumber coordinator, std::shared_ptr<Body> body,
         const Options& options, Instant now);

  const Token& token() const { return stage_.token; }
  // The coordinator has said it again.
  void OnStage(Instant now);
  // From the sender, of this epoch and round.
  void OnPart(NodeNumber from, const BodyPart& part, Instant now);
  void OnTick(Instant now);
  Instant NextDeadline() const;

  std::vector<Send> TakeSends() { return std::exchange(sends_, {}); }
  // Nobody wants it any more, or it cannot be had.
  bool IsOver(Instant now) const { return is_refused_ || now >= expires_; }
  // Null: it is another one, or not all of it is here.
  std::shared_ptr<const Body> Take(const Token& token, const store::BodySeal& seal);

 private:
  void WantMore(Instant now);
  void SayStaged(const std::string& problem);

  const Stage stage_;
  const NodeNumber coordinator_;
  const Options options_;
  std::shared_ptr<Body> body_;
  uint64_t wanted_ = 0;  // Up to here.
  bool is_refused_ = false;
  Instant next_;  // To ask again.
  Instant expires_;
  std::vector<Send> sends_;
};

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_STAGER_H_
