// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// poll: asks each member the same, and turns the pages of their answers, until all have told
// everything. A page that does not come is asked for again, and one that comes twice is not taken.
//
//   Ownership:  copies what it is told.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     one page at a time from each member.
//
// Example:
//   Poll poll(absl::Milliseconds(200));
//   poll.Begin(view.members, Survey{database, epoch, 1, 0, "", slots}, now);
//   for (Send& send : poll.TakeSends()) ...
//   if (poll.OnReport(from, report, now)) Use(report);
//   if (poll.IsOver()) ...

#ifndef LIB_RECOVERY_POLL_H_
#define LIB_RECOVERY_POLL_H_

#include <map>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/recovery/messages.h"

namespace ctdb::recovery {

class Poll {
 public:
  // `resend`: of a page that did not come.
  explicit Poll(absl::Duration resend) : resend_(resend) {}

  // Whatever was asked before is void.
  void Begin(const std::vector<NodeNumber>& members, const Survey& survey, Instant now);
  void Stop();
  // Whether `from` was asked for this page; then for its next one, if there is any.
  bool OnReport(NodeNumber from, const Report& report, Instant now);
  void OnTick(Instant now);

  std::vector<Send> TakeSends();
  Instant NextDeadline() const;
  bool IsOver() const { return asked_.empty(); }
  std::vector<NodeNumber> WaitsFor() const;

 private:
  struct Asked {
    Survey survey;
    Instant ask_again;
  };

  void Ask(NodeNumber member, Asked& asked, Instant now);

  absl::Duration resend_;
  std::map<NodeNumber, Asked> asked_;  // Who has more to tell.
  std::vector<Send> sends_;
};

}  // namespace ctdb::recovery

#endif  // LIB_RECOVERY_POLL_H_
