// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/transaction_body.h"

#include <algorithm>

#include "lib/base/status_macros.h"
#include "lib/store/record.h"
#include "lib/store/siphash.h"

namespace ctdb::store {
namespace {

constexpr size_t kHeadBytes = 8;

void AppendNumber(std::string& body, uint32_t number) {
  for (int i = 0; i < 4; ++i) body.push_back(static_cast<char>(number >> (8 * i)));
}

uint32_t NumberAt(absl::string_view bytes, size_t at) {
  uint32_t number = 0;
  for (size_t i = 0; i < 4; ++i) {
    number |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return number;
}

}  // namespace

void BodyDigest::Update(absl::string_view bytes, bool is_complete) {
  while (counted_ < bytes.size()) {
    const size_t left = bytes.size() - counted_;
    if (left < kBodyBlockBytes && !is_complete) return;
    const size_t block = std::min(left, kBodyBlockBytes);
    value_ = SipHash13({value_, counted_}, bytes.substr(counted_, block));
    counted_ += block;
  }
}

BodySeal SealOf(absl::string_view body) {
  BodyDigest digest;
  digest.Update(body, /*is_complete=*/true);
  return {body.size(), digest.value()};
}

void AppendBodyWrite(std::string& body, absl::string_view key,
                     const std::optional<absl::string_view>& value) {
  AppendNumber(body, static_cast<uint32_t>(key.size()));
  AppendNumber(body, value ? static_cast<uint32_t>(value->size() + 1) : 0);
  body.append(key.data(), key.size());
  if (value) body.append(value->data(), value->size());
}

bool BodyReader::Next(BodyWrite& write) {
  if (rest_.size() < kHeadBytes) return false;
  const size_t key_bytes = NumberAt(rest_, 0);
  const size_t value_number = NumberAt(rest_, 4);
  const size_t value_bytes = value_number == 0 ? 0 : value_number - 1;
  if (key_bytes + value_bytes > rest_.size() - kHeadBytes) return false;
  write.key = rest_.substr(kHeadBytes, key_bytes);
  write.value.reset();
  if (value_number > 0) write.value = rest_.substr(kHeadBytes + key_bytes, value_bytes);
  rest_.remove_prefix(kHeadBytes + key_bytes + value_bytes);
  return true;
}

absl::Status CheckTransactionValue(absl::string_view value) {
  if (value.size() <= kTransactionValueBytesMax) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("value of ", value.size(), " bytes: at most ",
                                                 kTransactionValueBytesMax,
                                                 " fit into one record; use several records"));
}

absl::Status CheckBody(absl::string_view body) {
  if (body.size() > kTransactionBytesMax) return TransactionTooLarge(body.size());
  BodyReader reader(body);
  BodyWrite write;
  size_t writes = 0;
  while (reader.Next(write)) {
    CTDB_RETURN_IF_ERROR(CheckKey(write.key));
    if (write.value) CTDB_RETURN_IF_ERROR(CheckTransactionValue(*write.value));
    if (++writes <= kTransactionWritesMax) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "transaction with more than ", kTransactionWritesMax, " writes: make several of it"));
  }
  return reader.is_end() ? absl::OkStatus()
                         : absl::InvalidArgumentError("the body of a transaction is malformed");
}

}  // namespace ctdb::store
