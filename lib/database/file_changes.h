// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// file_changes: which changes of a file that counts them other nodes are told, and which they told
// this one (SEQ-3): what is counted because another node said so is not told again.
//
//   Ownership:  values.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   if (changes.OnLook(store.Sequence())) Tell(others);

#ifndef LIB_DATABASE_FILE_CHANGES_H_
#define LIB_DATABASE_FILE_CHANGES_H_

#include <cstdint>
#include <optional>

namespace ctdb::database {

class FileChanges {
 public:
  // Now and then, with the file's number. True: others are to be told.
  bool OnLook(uint32_t sequence) {
    const bool has_changed = seen_.has_value() && *seen_ != sequence;
    seen_ = sequence;
    return has_changed;
  }
  // Another node said so. The file is to count one more, as soon as it can.
  void OnTold() { is_owed_ = true; }
  bool is_owed() const { return is_owed_; }
  // It did.
  void OnCounted() {
    is_owed_ = false;
    if (seen_.has_value()) ++*seen_;
  }

 private:
  std::optional<uint32_t> seen_;
  bool is_owed_ = false;
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_FILE_CHANGES_H_
