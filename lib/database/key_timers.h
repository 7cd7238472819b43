// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// key_timers: at most one deadline per key, and which comes next.
//
//   Ownership:  copies the keys.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     one entry per key; O(log keys).
//
// Example:
//   timers.Set("key", now + ToChrono(limit));
//   while (std::optional<std::string> key = timers.TakeDue(now)) Work(*key);

#ifndef LIB_DATABASE_KEY_TIMERS_H_
#define LIB_DATABASE_KEY_TIMERS_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "lib/base/instant.h"

namespace ctdb::database {

class KeyTimers {
 public:
  // Instead of the one it had; kNever for none.
  void Set(const std::string& key, Instant at) {
    auto it = of_key_.find(key);
    if (it != of_key_.end()) {
      if (it->second == at) return;
      order_.erase({it->second, key});
      of_key_.erase(it);
    }
    if (at == kNever) return;
    of_key_.emplace(key, at);
    order_.emplace(at, key);
  }

  Instant Next() const { return order_.empty() ? kNever : order_.begin()->first; }

  // The key whose deadline is longest over, without its deadline from now on.
  std::optional<std::string> TakeDue(Instant now) {
    if (order_.empty() || order_.begin()->first > now) return std::nullopt;
    std::string key = order_.begin()->second;
    order_.erase(order_.begin());
    of_key_.erase(key);
    return key;
  }

  void Clear() {
    of_key_.clear();
    order_.clear();
  }

 private:
  std::map<std::string, Instant> of_key_;
  std::set<std::pair<Instant, std::string>> order_;
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_KEY_TIMERS_H_
