// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/io/uploads.h"

#include <algorithm>

namespace ctdb::replica {

absl::StatusOr<uint64_t> Uploads::Add(const Name& name, const Part& part, Instant now) {
  if (part.total > store::kTransactionBytesMax) return store::TransactionTooLarge(part.total);
  auto it = uploads_.find(name);
  if (part.offset == 0) {
    if (it != uploads_.end()) uploads_.erase(it);
    std::shared_ptr<Body> body =
        uploads_.size() < kUploadsMax ? Body::Make(memory_, part.total) : nullptr;
    if (body == nullptr) {
      return absl::ResourceExhaustedError("too many large transactions are on their way here");
    }
    it = uploads_.emplace(name, Upload{std::move(body), now}).first;
  }
  if (it == uploads_.end() || !it->second.body->Append(part.offset, part.bytes)) {
    return absl::FailedPreconditionError(
        "the part of a transaction does not continue what came before: begin anew");
  }
  it->second.expires = After(now, kUploadKept);
  return it->second.body->size();
}

std::shared_ptr<const Body> Uploads::Take(const Name& name) {
  const auto it = uploads_.find(name);
  if (it == uploads_.end() || !it->second.body->IsWhole()) return nullptr;
  std::shared_ptr<const Body> body = std::move(it->second.body);
  uploads_.erase(it);
  return body;
}

void Uploads::OnTick(Instant now) {
  std::erase_if(uploads_, [now](const auto& upload) { return now >= upload.second.expires; });
}

Instant Uploads::NextDeadline() const {
  Instant deadline = kNever;
  for (const auto& [name, upload] : uploads_) deadline = std::min(deadline, upload.expires);
  return deadline;
}

}  // namespace ctdb::replica
