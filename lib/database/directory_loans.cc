// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The part of Directory that lends records to readers, and takes them back.

#include <algorithm>
#include <utility>

#include "lib/database/directory.h"

namespace ctdb::database {

Directory::Traffic& Directory::Record::InDemand() {
  if (!traffic) traffic = std::make_unique<Traffic>();
  return *traffic;
}

void Directory::Record::ForgetReaders(uint64_t loans_until) {
  if (!traffic) return;
  std::erase_if(traffic->readers, [&](const Reader& reader) {
    return reader.loan <= loans_until || (!is_copy && reader.node == owner);
  });
}

void Directory::Record::Rest() {
  if (traffic && !traffic->transit && !traffic->forgetting && traffic->queue.empty() &&
      traffic->readers.empty()) {
    traffic.reset();
  }
}

void Directory::CountUse(Record& record, bool is_read) const {
  record.reads = is_read ? std::min<uint8_t>(record.reads + 1, kReadsMax) : (record.reads + 1) / 2;
}

bool Directory::IsLendable(const Record& record) const {
  if (!record.owner || options_.lending == Lending::kOff) return false;
  return options_.lending == Lending::kOn || record.reads >= kLendAt;
}

// The reader is in the list from the moment that its copy may be on its way. If the copy gets lost
// it asks again.
void Directory::Lend(const std::string& key, Record& record, Waiting reader) {
  ++loans_;
  record.reads = std::min<uint8_t>(record.reads + 1, kReadsMax);
  std::vector<Reader>& readers = record.InDemand().readers;
  std::erase_if(readers, [&](const Reader& other) { return other.node == reader.node; });
  readers.push_back({reader.node, ++last_loan_});
  output_.sends.push_back({*record.owner, Share{HeadFor(key, reader.request), reader.node,
                                                record.version, last_loan_}});
}

// Whether anybody has to be waited for. The next owner's copy is replaced by the record itself.
bool Directory::AskReaders(const std::string& key, const Record& record, Instant now) {
  const Transit& transit = *record.transit();
  if (!transit.is_revoking) return false;
  bool has_readers = false;
  for (const Reader& reader : record.traffic->readers) {
    if (reader.node == transit.to.node) continue;
    has_readers = true;
    output_.sends.push_back({reader.node, Revoke{HeadFor(key, transit.to.request), reader.loan}});
  }
  if (has_readers) timers_.Set(key, After(now, options_.resend));
  return has_readers;
}

void Directory::OnRevoked(NodeNumber from, const Revoked& revoked, Instant now) {
  auto it = Seek(revoked.head.key);
  size_t gone = it == records_.end() || !it->second.traffic
                    ? 0
                    : std::erase_if(it->second.traffic->readers, [&](const Reader& reader) {
                        return reader.node == from && reader.loan <= revoked.loan;
                      });
  if (gone == 0) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  Record& record = it->second;
  const Transit* transit = record.transit();
  if (!transit || !transit->is_revoking) return record.Rest();
  bool is_last = std::all_of(record.traffic->readers.begin(), record.traffic->readers.end(),
                             [&](const Reader& reader) { return reader.node == transit->to.node; });
  if (is_last) EndRevoke(it, now);
}

// Nobody else reads the record any more.
void Directory::EndRevoke(Records::iterator it, Instant now) {
  auto& [key, record] = *it;
  Transit& transit = *record.traffic->transit;
  transit.is_revoking = false;
  if (record.is_copy || record.owner != transit.to.node) return AskForTransfer(key, record, now);
  Refuse(transit.to.node, HeadFor(key, transit.to.request), RefusalReason::kAlreadyOwner,
         record.version);
  record.traffic->transit.reset();
  timers_.Set(key, kNever);
  ServeNext(it, now);
}

std::vector<NodeNumber> Directory::Readers(const std::string& key) const {
  std::vector<NodeNumber> nodes;
  auto it = records_.find(key);
  if (it == records_.end() || !it->second.traffic || IsOver(key, it->second)) return nodes;
  for (const Reader& reader : it->second.traffic->readers) {
    if (HasStayed(reader.node, it->second)) nodes.push_back(reader.node);
  }
  return nodes;
}

}  // namespace ctdb::database
