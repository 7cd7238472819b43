// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/source.h"

#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "lib/base/status_macros.h"

namespace ctdb::replica {

absl::StatusOr<Entries> AnswerPull(const Pull& pull, const LogIndex& log,
                                   const ReplicaReader& reader) {
  Entries answer{pull.head, pull.after, log.Continues(pull.after), {}};
  const std::optional<Position> next = log.Next(pull.after);
  if (!answer.is_known || !next) return answer;
  CTDB_ASSIGN_OR_RETURN(answer.entries, reader.ReadLog(pull.after, kPageBytesMax));
  // The storage may have forgotten more already than is known here: it works on another thread.
  if (answer.entries.empty() || answer.entries.front().position != *next) {
    answer.entries.clear();
    answer.is_known = false;
  }
  return answer;
}

DigestList AnswerDigestsWanted(const DigestsWanted& wanted, const Digests& digests,
                               const LogIndex& log) {
  DigestList list{wanted.head, log.end(), digests.slots(), log.tokens_base(), {}};
  for (const LogIndex::Item& item : log.items()) {
    list.tokens.push_back({item.position, item.token, 0});
  }
  return list;
}

absl::StatusOr<Page> AnswerFetch(const Fetch& fetch, const ReplicaReader& reader) {
  Page page{fetch.head, fetch.slot, fetch.after, false, "", {}, {}};
  page.kept.resize(fetch.fingerprints.size());
  absl::flat_hash_map<uint64_t, size_t> index_of;
  for (size_t i = 0; i < fetch.fingerprints.size(); ++i) index_of[fetch.fingerprints[i]] = i;

  CTDB_ASSIGN_OR_RETURN(ReplicaReader::Page scanned, reader.Scan(fetch.slot, fetch.after,
                                                                 {.items_max = kPageRecordsMax,
                                                                  .bytes_max = kPageBytesMax,
                                                                  .needs_values = true}));
  page.is_complete = scanned.is_end;
  for (ReplicaReader::Item& item : scanned.items) {
    if (!fetch.until.empty() && item.key > fetch.until) {
      page.is_complete = true;
      break;
    }
    page.covered = item.key;
    auto it = index_of.find(fetch.NameOf(item.info.fingerprint));
    if (it != index_of.end()) {
      page.kept[it->second] = true;
    } else {
      page.records.push_back({std::move(item.key), item.info.version, std::move(item.value)});
    }
  }
  if (page.is_complete) page.covered.clear();
  return page;
}

}  // namespace ctdb::replica
