// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ownership: what must be true of a record of a volatile database, on all nodes together: one node
// owns it, its home knows who, and nobody has a newer copy than the owner.
//
// Nodes are asked one after the other while records move, so a first look shows faults that are
// none. Those records are looked at again, until one look is as the one before on every node:
// versions only grow, so everything in it was true at the same moment.
//
//   Ownership:  values.
//   Threading:  belongs to one thread.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     some 80 bytes for each key of FirstLook.
//
// Example:
//   FirstLook first;
//   first.Add(backup::HashOf(key), copy);
//   for (const backup::KeyHash& suspect : first.Suspects()) ...
//   SecondLooks looks;
//   looks.Add(look);
//   if (looks.IsStable()) Print(Faults(looks.last()));

#ifndef LIB_CHECK_OWNERSHIP_H_
#define LIB_CHECK_OWNERSHIP_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "lib/backup/difference.h"
#include "lib/base/ids.h"

namespace ctdb::check {

// A later epoch beats any counter.
struct Version {
  uint64_t epoch = 0;
  uint64_t counter = 0;
  friend constexpr auto operator<=>(const Version&, const Version&) = default;
};

// What one node has of a record.
struct Copy {
  NodeNumber node;
  Version version;
  bool is_owned = false;    // By this node.
  bool is_lent = false;     // To be read only: it is as old as its loan.
  uint64_t value_hash = 0;  // 0: it is empty.
  friend bool operator==(const Copy&, const Copy&) = default;
};

class FirstLook {
 public:
  void Add(const backup::KeyHash& key, const Copy& copy);
  // Of which something seems wrong.
  absl::flat_hash_set<backup::KeyHash> Suspects() const;
  size_t records() const { return records_.size(); }

 private:
  struct Seen {
    Version newest;
    Version owners;
    uint64_t owners_value = 0;
    uint64_t others_value = 0;  // Of the newest other copy.
    Version others;
    uint32_t owner_count = 0;
  };
  absl::flat_hash_map<backup::KeyHash, Seen> records_;
};

// One record on all nodes, as far as it can be known.
struct Look {
  std::vector<Copy> copies;             // Of nodes that have one.
  std::optional<NodeNumber> home;       // Nothing: it has not settled, or did not answer.
  std::optional<NodeNumber> home_says;  // Who owns it.
  friend bool operator==(const Look&, const Look&) = default;
};

struct Fault {
  std::vector<NodeNumber> nodes;  // Where.
  std::string what;
  std::string advice;
};
std::vector<Fault> Faults(const Look& look);

class SecondLooks {
 public:
  // As often in a row, so that messages that were lost meanwhile are sent again.
  static constexpr int kSameMin = 4;

  void Add(Look look);
  // The last looks were all the same: what they show is so.
  bool IsStable() const { return same_ >= kSameMin; }
  const Look& last() const { return last_; }

 private:
  Look last_;
  int same_ = 0;
};

}  // namespace ctdb::check

#endif  // LIB_CHECK_OWNERSHIP_H_
