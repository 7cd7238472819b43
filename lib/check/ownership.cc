// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/check/ownership.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace ctdb::check {
namespace {

std::string NodeNames(const std::vector<NodeNumber>& nodes) {
  const auto name = [](std::string* out, NodeNumber node) { absl::StrAppend(out, node.value()); };
  return absl::StrCat(nodes.size() == 1 ? "node " : "nodes ", absl::StrJoin(nodes, ", ", name));
}

std::string RestartAdvice(NodeNumber node) {
  return absl::StrCat("\"ctdb stop -n ", node.value(), "\" and \"ctdb continue -n ", node.value(),
                      "\" have it give up what it holds wrongly");
}

// Who owns it; the newest of several.
const Copy* OwnerOf(const Look& look) {
  const Copy* owner = nullptr;
  for (const Copy& copy : look.copies) {
    if (copy.is_owned && (owner == nullptr || copy.version > owner->version)) owner = &copy;
  }
  return owner;
}

void AddHomeFaults(const Look& look, const Copy* owner, std::vector<Fault>& faults) {
  if (!look.home.has_value()) return;
  const std::string home = absl::StrCat("its home, node ", look.home->value(), ",");
  if (owner == nullptr && look.home_says.has_value()) {
    faults.push_back({{*look.home, *look.home_says},
                      absl::StrCat(home, " says that node ", look.home_says->value(),
                                   " owns it, and nobody does"),
                      RestartAdvice(*look.home)});
  } else if (owner != nullptr && look.home_says != owner->node) {
    faults.push_back(
        {{owner->node, *look.home},
         absl::StrCat("node ", owner->node.value(), " owns it, and ", home, " says that ",
                      look.home_says.has_value() ? absl::StrCat("node ", look.home_says->value())
                                                 : std::string("nobody"),
                      " does"),
         RestartAdvice(owner->node)});
  }
}

}  // namespace

void FirstLook::Add(const backup::KeyHash& key, const Copy& copy) {
  Seen& seen = records_[key];
  if (copy.is_lent) return;
  seen.newest = std::max(seen.newest, copy.version);
  if (copy.is_owned) {
    ++seen.owner_count;
    seen.owners = copy.version;
    seen.owners_value = copy.value_hash;
  } else if (copy.version >= seen.others) {
    seen.others = copy.version;
    seen.others_value = copy.value_hash;
  }
}

absl::flat_hash_set<backup::KeyHash> FirstLook::Suspects() const {
  absl::flat_hash_set<backup::KeyHash> suspects;
  for (const auto& [key, seen] : records_) {
    const bool is_other = seen.others == seen.owners && seen.others_value != 0 &&
                          seen.owners_value != 0 && seen.others_value != seen.owners_value;
    if (seen.owner_count > 1 ||
        (seen.owner_count == 1 && (seen.newest > seen.owners || is_other))) {
      suspects.insert(key);
    }
  }
  return suspects;
}

std::vector<Fault> Faults(const Look& look) {
  std::vector<Fault> faults;
  const Copy* const owner = OwnerOf(look);
  std::vector<NodeNumber> owners;
  for (const Copy& copy : look.copies) {
    if (copy.is_owned) owners.push_back(copy.node);
  }
  if (owners.size() > 1) {
    for (const NodeNumber node : owners) {
      if (node == owner->node) continue;
      faults.push_back({owners,
                        absl::StrCat(NodeNames(owners),
                                     " all own it; the newest copy is "
                                     "that of node ",
                                     owner->node.value()),
                        RestartAdvice(node)});
      break;
    }
  }
  AddHomeFaults(look, owner, faults);
  for (const Copy& copy : look.copies) {
    if (owner == nullptr || copy.is_owned || copy.is_lent) continue;
    if (copy.version > owner->version) {
      faults.push_back(
          {{copy.node},
           absl::StrCat("node ", copy.node.value(), " has a newer copy than its owner, node ",
                        owner->node.value()),
           RestartAdvice(copy.node)});
    } else if (copy.version == owner->version && copy.value_hash != 0 && owner->value_hash != 0 &&
               copy.value_hash != owner->value_hash) {
      faults.push_back({{copy.node},
                        absl::StrCat("node ", copy.node.value(),
                                     " has another value of the same version than its owner, node ",
                                     owner->node.value()),
                        RestartAdvice(copy.node)});
    }
  }
  return faults;
}

void SecondLooks::Add(Look look) {
  same_ = same_ > 0 && look == last_ ? same_ + 1 : 1;
  last_ = std::move(look);
}

}  // namespace ctdb::check
