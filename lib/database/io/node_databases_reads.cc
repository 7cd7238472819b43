// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Reading records in files that other programs lock, too: not on the event loop.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_kj.h"
#include "lib/base/status_macros.h"
#include "lib/database/io/node_databases.h"
#include "lib/protocol/bytes_text.h"
#include "lib/store/shared_file_store.h"

namespace ctdb::database {
namespace {

// Nothing: there is no such record, and it is this node's to say so.
absl::StatusOr<std::optional<std::string>> ReadOwned(store::RecordStore& store,
                                                     const std::string& key, NodeNumber local) {
  store::RecordCopy copy;
  CTDB_ASSIGN_OR_RETURN(const bool is_there, store.Read(key, copy));
  if (!is_there || !store::IsOwnedBy(copy.header, local, store.OwnedSince()) || !store.HasLease()) {
    return absl::AbortedError("this node does not own the record any more: get it again");
  }
  if (copy.value.empty()) return std::nullopt;
  return std::move(copy.value);
}

}  // namespace

absl::Status NodeDatabases::HandleSharedRead(const Envelope& envelope, const Entry& entry,
                                             wire::ClientRequest::Read::Reader read) {
  const std::string key = FromData(read.getReadKey());
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  const Address client = envelope.source;
  const RequestId request(envelope.request_id);
  auto result = worker_.Run([store = std::shared_ptr<store::RecordStore>(entry.shared_file), key,
                             local = options_.local] { return ReadOwned(*store, key, local); });
  tasks_.add(result.then(
      [this, client, request](absl::StatusOr<std::optional<std::string>> value) {
        AnswerClient(client, request, value);
      },
      [this, client, request](kj::Exception&& exception) {
        AnswerClient(client, request,
                     absl::StatusOr<std::optional<std::string>>(ToStatus(exception)));
      }));
  return absl::OkStatus();
}

void NodeDatabases::AnswerClient(const Address& client, RequestId request,
                                 const absl::StatusOr<std::optional<std::string>>& value) {
  const auto entered = Enter();
  if (value.ok()) {
    AnswerClient(client, request, [&](wire::ClientAnswer::Builder answer) {
      auto copy = answer.initCopy();
      copy.setIsThere(value->has_value());
      if (value->has_value()) copy.setValue(ToData(**value));
    });
  } else {
    FailClient(client, request, value.status());
  }
  FinishTurn();
}

}  // namespace ctdb::database
