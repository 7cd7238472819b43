// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// reporter: tells homes which records of one database lie on this node: all of some slots, or
// single ones.
//
// Single ones are looked up, which takes as long as they are many, and does not wait for what is
// read of slots. Of slots there is one page for each Survey, and nothing is remembered between
// pages: the home says where to go on. A Survey of an epoch that this node did not take over yet
// waits until it has. The records are read for one home or for many alike: whoever comes while they
// are being read waits, and what waits with the same place to go on from is read for together. So
// however many homes there are after a change of view, a node reads its records a few times. The
// records are read without their locks, while local clients go on. That is enough:
//
//   - A client changes a value, never an owner or a version.
//   - Owners and versions change by order of the record's home only, and orders of an older epoch
//     are void once this node has taken over the new one. A home gives no orders for a record that
//     is undecided, and decides none before it has heard of it from everybody. So from the moment
//     that this node took over the epoch, which is before it answers any Survey of it, what it is
//     asked for stands still until that is decided; what it says of that later is not looked at.
//   - What is removed meanwhile is older than its owner's copy, which stays, or void.
//   - What moves meanwhile are records that nobody asked for. The home leaves them out.
//
// Copies from before this node was away are left out; see lib/database/absence.h.
//
//   Ownership:  copies what it is told.
//   Threading:  not thread-safe.
//   Errors:     none; what does not fit is ignored and counted by reason.
//   Blocking:   never.
//   Limits:     one page and one survey of single records at a time for each member, kEarlyMax
//               early surveys; O(records of the scan).
//
// Example:
//   reporter.OnSurvey(from, survey);
//   for (const Reporter::Output::Scan& scan : reporter.TakeOutput().scans) ...
//   reporter.OnScanned(ticket, records, next_cursor, is_end);

#ifndef LIB_RECOVERY_REPORTER_H_
#define LIB_RECOVERY_REPORTER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/base/ids.h"
#include "lib/cluster/node_state.h"
#include "lib/database/ignored.h"
#include "lib/database/messages.h"
#include "lib/database/placement.h"
#include "lib/database/record_version.h"
#include "lib/recovery/messages.h"

namespace ctdb::recovery {

// One scan; never used again.
using ScanTicket = Id<struct ScanTicketTag, uint64_t>;

// What a node says that has no such database, nothing unless it is in the survey's epoch.
std::optional<Report> ReportNothing(const Survey& survey, Epoch adopted);

// What a record takes in a report, about: key, lengths, version, flag, loan.
inline size_t EntryBytes(absl::string_view key) { return key.size() + 72; }

class Reporter {
 public:
  struct Options {
    NodeNumber local;
    database::DatabaseId database;
    // Of EntryBytes() in one report, which has to fit a packet. Larger: fewer messages, and others
    // wait behind each: a thousand records take a home a millisecond.
    size_t page_bytes_max = 64 * 1024;
  };

  struct ScannedRecord {
    std::string key;
    database::RecordVersion version;
    NodeNumber owner;
    database::Loan loan{};
  };

  struct Output {
    // Read on from `cursor`, "" for the beginning. A record that is there all the time must come
    // once at least, whatever comes and goes beside it. Records of other slots may be left out.
    struct Scan {
      ScanTicket ticket;
      std::string cursor;
      database::SlotSet slots;
      size_t bytes_max = 0;  // Of EntryBytes() of all together; one record may be larger.
    };
    // Whether these records are here.
    struct Lookup {
      ScanTicket ticket;
      std::vector<std::string> keys;
    };
    std::vector<Scan> scans;
    std::vector<Lookup> lookups;
    std::vector<Send> sends;
  };

  static constexpr size_t kEarlyMax = 4096;

  explicit Reporter(const Options& options) : options_(options) {}

  // After Owner::OnView() of the same view, and after all that Owner wanted stored is stored. Older
  // views are ignored.
  void OnView(const cluster::View& view);
  void OnSurvey(NodeNumber from, const Survey& survey);
  // What a scan found, where the next one goes on, and whether there is nothing left. It looked at
  // `scanned` records of `stored`, about.
  void OnScanned(ScanTicket ticket, const std::vector<ScannedRecord>& records,
                 const std::string& next_cursor, bool is_end, uint64_t scanned = 0,
                 uint64_t stored = 0);
  // Those that are here.
  void OnLookedUp(ScanTicket ticket, const std::vector<ScannedRecord>& records);
  // It could not be done: the homes ask again.
  void OnScanFailed(ScanTicket ticket);

  Output TakeOutput();
  const database::IgnoredCounts& ignored() const { return ignored_; }

 private:
  struct Job {
    enum class State { kWaiting, kInPass, kDone };
    Survey survey;
    Report report;
    size_t bytes = 0;
    State state = State::kWaiting;
  };
  // A pass over the store, from `cursor` on until nobody wants more of it.
  struct Pass {
    ScanTicket ticket;
    std::string cursor;
    std::vector<NodeNumber> homes;
  };

  struct Search {
    Survey survey;
    ScanTicket ticket;
  };

  std::optional<database::Ignored> WhyIgnored(NodeNumber from, const Survey& survey) const;
  std::optional<database::Ignored> WhyIgnored(const Survey& survey, const Survey& running) const;
  void Accept(NodeNumber from, const Survey& survey);
  std::optional<Report::Entry> EntryOf(const ScannedRecord& record) const;
  void BeginPass();
  void ScanOn();
  void Take(const ScannedRecord& record);
  void Finish(NodeNumber home, bool is_last);

  const Options options_;
  Epoch epoch_;
  std::optional<Epoch> owned_since_;
  Epoch void_before_;
  std::vector<NodeNumber> members_;
  std::map<NodeNumber, Job> jobs_;
  std::vector<NodeNumber> waiting_;  // Of these, who is not part of the pass, in order.
  std::optional<Pass> pass_;
  // Of each slot: whose jobs want it, or did when the pass began; until it ends no job goes. Kept
  // between passes for its memory.
  std::vector<std::vector<Job*>> wanted_ = std::vector<std::vector<Job*>>(database::kSlots);
  std::map<NodeNumber, Search> searches_;                // For single records.
  std::map<std::pair<NodeNumber, bool>, Survey> early_;  // True: for single records.
  uint64_t last_ticket_ = 0;
  database::IgnoredCounts ignored_;
  Output output_;
};

}  // namespace ctdb::recovery

#endif  // LIB_RECOVERY_REPORTER_H_
