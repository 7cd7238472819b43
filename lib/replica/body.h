// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// body: the writes of a large transaction in a node's memory, while they come and until they are
// stored (lib/store/transaction_body.h), and how much memory all of them may take.
//
//   Ownership:  shared; the memory is free for others when the last owner lets go.
//   Threading:  BodyMemory is thread-safe. A Body belongs to one thread until it is whole, and
//               never changes afterwards.
//   Errors:     Check(): InvalidArgument.
//   Blocking:   never.
//   Limits:     what BodyMemory is given.
//
// Example:
//   std::shared_ptr<Body> body = Body::Make(memory, seal.bytes);
//   if (body != nullptr && body->Append(0, part) && body->IsWhole()) ... body->Check(seal);

#ifndef LIB_REPLICA_BODY_H_
#define LIB_REPLICA_BODY_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/store/transaction_body.h"

namespace ctdb::replica {

class BodyMemory {
 public:
  explicit BodyMemory(uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // False: there is no room for so much.
  bool Take(uint64_t bytes) {
    uint64_t used = used_.load();
    do {
      if (bytes > bytes_max_ - used) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes));
    return true;
  }
  void Give(uint64_t bytes) { used_ -= bytes; }
  uint64_t used() const { return used_; }

 private:
  const uint64_t bytes_max_;
  std::atomic<uint64_t> used_ = 0;
};

class Body {
 public:
  // Of so many bytes that are to come. Null: there is no room.
  static std::shared_ptr<Body> Make(const std::shared_ptr<BodyMemory>& memory, uint64_t bytes) {
    if (!memory->Take(bytes)) return nullptr;
    return std::shared_ptr<Body>(new Body(memory, bytes));
  }
  ~Body() { memory_->Give(bytes_max_); }
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  // False, and nothing is taken: it is not what comes next, or too much.
  bool Append(uint64_t offset, absl::string_view part) {
    if (offset != bytes_.size() || part.size() > bytes_max_ - offset) return false;
    bytes_.append(part.data(), part.size());
    digest_.Update(bytes_, IsWhole());
    return true;
  }
  bool IsWhole() const { return bytes_.size() == bytes_max_; }
  uint64_t size() const { return bytes_.size(); }
  uint64_t size_when_whole() const { return bytes_max_; }
  absl::string_view bytes() const { return bytes_; }

  // Of a whole one: whether it is what was sealed, and may be stored.
  absl::Status Check(const store::BodySeal& seal) const {
    if (!IsWhole() || seal != store::BodySeal{bytes_.size(), digest_.value()}) {
      return absl::InvalidArgumentError("the body of a transaction is not what it was to be");
    }
    return store::CheckBody(bytes_);
  }

 private:
  Body(std::shared_ptr<BodyMemory> memory, uint64_t bytes)
      : memory_(std::move(memory)), bytes_max_(bytes) {
    bytes_.reserve(bytes);
  }

  const std::shared_ptr<BodyMemory> memory_;
  const uint64_t bytes_max_;
  std::string bytes_;
  store::BodyDigest digest_;
};

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_BODY_H_
