// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What smbd does with the file of a volatile database (section 9.2 of its protocol's description),
// with plain libtdb. In a process of its own: no process opens a file twice (DB-17).

#ifndef TESTS_STORE_SMBD_PART_H_
#define TESTS_STORE_SMBD_PART_H_

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <tdb.h>

#include <cstring>
#include <functional>
#include <optional>
#include <string>

namespace ctdb::store {

inline constexpr int kPersistentFlags = 0x400;

class SmbdPart {
 public:
  static constexpr size_t kHeaderBytes = 24;

  // As section 8.5 says: without O_CREAT, the hash size is the file's.
  SmbdPart(const std::string& path, int flags, uint32_t node) : node_(node) {
    tdb_ = tdb_open(path.c_str(), 0, flags, O_RDWR, 0);
  }
  ~SmbdPart() {
    if (tdb_ != nullptr) tdb_close(tdb_);
  }
  bool is_open() const { return tdb_ != nullptr; }

  void Lock(const std::string& key) { tdb_chainlock(tdb_, Data(key)); }
  bool TryLock(const std::string& key) { return tdb_chainlock_nonblock(tdb_, Data(key)) == 0; }
  void Unlock(const std::string& key) { tdb_chainunlock(tdb_, Data(key)); }

  // Everything, with the header.
  std::optional<std::string> Stored(const std::string& key) {
    const TDB_DATA data = tdb_fetch(tdb_, Data(key));
    if (data.dptr == nullptr) return std::nullopt;
    std::string stored(reinterpret_cast<char*>(data.dptr), data.dsize);
    ::free(data.dptr);
    return stored;
  }
  // REC-3a, of a writer.
  bool IsUsable(const std::optional<std::string>& stored) const {
    if (!stored.has_value() || stored->size() < kHeaderBytes) return false;
    uint32_t owner = 0;
    uint32_t flags = 0;
    std::memcpy(&owner, stored->data() + 8, sizeof(owner));
    std::memcpy(&flags, stored->data() + 16, sizeof(flags));
    return owner == node_ && (flags & 0x01000000) == 0;
  }
  // REC-2: the header's bytes as they were found.
  bool Store(const std::string& key, const std::string& stored, const std::string& value) {
    const std::string bytes = stored.substr(0, kHeaderBytes) + value;
    return tdb_store(tdb_, Data(key), Data(bytes), TDB_REPLACE) == 0;
  }
  uint32_t Sequence() { return static_cast<uint32_t>(tdb_get_seqnum(tdb_)); }

  // Locked access: `ask` makes this node the owner. The record is locked when it returns its bytes.
  std::string FetchLocked(const std::string& key, const std::function<void()>& ask) {
    for (;;) {
      Lock(key);
      std::optional<std::string> stored = Stored(key);
      if (IsUsable(stored)) return *stored;
      Unlock(key);
      ask();
    }
  }

 private:
  static TDB_DATA Data(const std::string& bytes) {
    return {reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data())), bytes.size()};
  }

  const uint32_t node_;
  tdb_context* tdb_;
};

}  // namespace ctdb::store

#endif  // TESTS_STORE_SMBD_PART_H_
