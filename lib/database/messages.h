// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// messages: what nodes say to each other about the records of a database.
//
//   requester --Request--> home --Forward--> owner --Transfer--> requester --Confirm--> home
//
// and of a record whose owner is gone, first
//
//   home --Promote--> node with the newest copy --Confirm--> home
//
// Of a record that is mostly read
//
//   reader --Request--> home --Share--> owner --Copy--> reader
//
// and before it is written again
//
//   writer --Request--> home --Revoke--> each reader --Revoked--> home, and on as above.
//
// Of a record that is empty and that nobody wants
//
//   owner --Forget--> home --Allow--> owner --Drop--> each other node --Dropped--> owner
//   --Forget--> home --Erase--> owner --Erased--> home
//
// Of a record that is to outlive its owner
//
//   owner --Offer--> each other node --Accept--> owner --Spare--> that node --Kept--> owner
//
// docs/decisions/0014-home-serialised-directory.md, 0017-lent-copies.md,
// 0021-deleted-records-are-forgotten.md and 0032-spare-copies.md have the reasons.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none here; who decodes them limits lengths.
//
// Example:
//   Request request{{database, epoch, RequestId(7), "key"}};
//   directory.OnMessage(from, request, now);

#ifndef LIB_DATABASE_MESSAGES_H_
#define LIB_DATABASE_MESSAGES_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/database/record_version.h"

namespace ctdb::database {

// A hash of the database's name.
using DatabaseId = Id<struct DatabaseIdTag, uint32_t>;

struct Head {
  DatabaseId database;
  Epoch epoch;
  RequestId request;  // The requester's, in every message that its request causes.
  std::string key;

  friend bool operator==(const Head&, const Head&) = default;
};

// Requester to home: make me the owner, or a reader.
struct Request {
  Head head;
  bool is_read = false;  // A read-only copy would do.
  bool is_once = false;  // Of a reader: what it is now would do, without a loan.
  friend bool operator==(const Request&, const Request&) = default;
};

// Home to owner: give the record to `to`. May be said again, and the answer is the same.
struct Forward {
  Head head;
  NodeNumber to;
  RecordVersion version;  // Of the ownership that ends; void when the owner has another one.
  absl::Duration stay;    // How long it is to stay from when it came: others want it, too.
  friend bool operator==(const Forward&, const Forward&) = default;
};

// Owner to requester: it is yours. From the home itself for a record that nobody has.
struct Transfer {
  Head head;
  RecordVersion version;  // Of the new ownership.
  std::string value;
  bool is_watched = false;   // Goes with the record.
  uint32_t other_flags = 0;  // So do these.
  friend bool operator==(const Transfer&, const Transfer&) = default;
};

// Home to the node with the newest copy of a record that nobody owns: it is yours.
struct Promote {
  Head head;
  RecordVersion version;  // Of the copy.
  RecordVersion next;     // Of the new ownership.
  friend bool operator==(const Promote&, const Promote&) = default;
};

// Home to a node whose claim contradicts a better one: it is not yours.
struct GiveUp {
  Head head;
  RecordVersion version;  // Of the ownership that it claims.
  NodeNumber owner;       // Whose it is.
  friend bool operator==(const GiveUp&, const GiveUp&) = default;
};

// The answer: I do not claim it, or not any more.
struct GaveUp {
  Head head;
  RecordVersion version;
  friend bool operator==(const GaveUp&, const GaveUp&) = default;
};

// Home to owner: lend `to` a read-only copy, and from now on ask before you write. Loan 0: show it
// what the record is, and write as before.
struct Share {
  Head head;
  NodeNumber to;
  RecordVersion version;  // Of the ownership.
  uint64_t loan = 0;      // Its number in this epoch.
  friend bool operator==(const Share&, const Share&) = default;
};

// Owner to reader: you may read it. Void unless it answers the reader's last request. Loan 0: now.
struct Copy {
  Head head;
  RecordVersion version;
  uint64_t loan = 0;
  std::string value;
  friend bool operator==(const Copy&, const Copy&) = default;
};

// Home to reader: this loan and those before are over.
struct Revoke {
  Head head;
  uint64_t loan = 0;
  friend bool operator==(const Revoke&, const Revoke&) = default;
};

// The answer: nobody here reads it any more.
struct Revoked {
  Head head;
  uint64_t loan = 0;
  friend bool operator==(const Revoked&, const Revoked&) = default;
};

// New owner to home: I have stored it.
struct Confirm {
  Head head;
  RecordVersion version;
  friend bool operator==(const Confirm&, const Confirm&) = default;
};

// Requester to home: nobody here wants it any more.
struct Abandon {
  Head head;
  friend bool operator==(const Abandon&, const Abandon&) = default;
};

// Owner to any other node: it is empty now. First each older copy becomes an empty one of this
// version, and when none is left with a value, they are removed.
struct Drop {
  Head head;
  RecordVersion version;  // Of the ownership.
  bool is_last = false;   // Remove it.
  friend bool operator==(const Drop&, const Drop&) = default;
};

// The answer.
struct Dropped {
  Head head;
  RecordVersion version;
  bool has_copy = false;  // To be removed.
  friend bool operator==(const Dropped&, const Dropped&) = default;
};

// Owner to home: it is empty, may it be forgotten? Also of a node with an empty copy that nobody
// may own.
struct Forget {
  Head head;
  RecordVersion version;
  bool is_alone = false;  // Nobody else has a copy.
  friend bool operator==(const Forget&, const Forget&) = default;
};

// Home to owner: it is yours, and nobody else reads it or waits for it.
struct Allow {
  Head head;
  RecordVersion version;
  friend bool operator==(const Allow&, const Allow&) = default;
};

// Home to owner: erase it, unless that has changed. Nobody gets it before the answer.
struct Erase {
  Head head;  // The request of the Forget.
  RecordVersion version;
  friend bool operator==(const Erase&, const Erase&) = default;
};

// The answer: it is gone.
struct Erased {
  Head head;
  RecordVersion version;
  friend bool operator==(const Erased&, const Erased&) = default;
};

// Owner to any other node: keep a spare copy.
struct Offer {
  Head head;
  friend bool operator==(const Offer&, const Offer&) = default;
};

// The answer: send it.
struct Accept {
  Head head;
  RequestId ticket;  // Whoever accepts, of a Spare.
  friend bool operator==(const Accept&, const Accept&) = default;
};

// Owner to who has accepted. Void unless it has the last ticket that was given for this record.
struct Spare {
  Head head;
  RequestId ticket;
  RecordVersion version;  // Of the ownership.
  std::string value;
  uint32_t other_flags = 0;
  friend bool operator==(const Spare&, const Spare&) = default;
};

// The answer: it is stored, or there is a newer one.
struct Kept {
  Head head;
  friend bool operator==(const Kept&, const Kept&) = default;
};

enum class RefusalReason : uint8_t {
  // Of a home, to a requester.
  kNotReady = 0,      // Not yet in this epoch, or the slot is being rebuilt: ask again.
  kNotHome = 1,       // Another node is the key's home.
  kBusy = 2,          // Too much waits already.
  kAlreadyOwner = 3,  // The requester owns it. If it wants to write: nobody else reads it.
  // Of an owner or a requester, to the home: what it said does not fit what is stored here.
  kNotOwner = 4,
  kNotNewer = 5,
  // Of a home, to a requester that wants to read.
  kAbsent = 6,  // Nobody has it.
  // Of a home, to an owner that would forget it, and of an owner that was to erase it.
  kInUse = 7,
  kNotErased = 8,
};
absl::string_view RefusalReasonName(RefusalReason reason);

struct Refusal {
  Head head;
  RefusalReason reason = RefusalReason::kNotReady;
  RecordVersion version;  // What the sender has; of kAlreadyOwner, kNotOwner, kNotNewer.
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

using Message = std::variant<Request, Forward, Transfer, Confirm, Abandon, Refusal, Promote, GiveUp,
                             GaveUp, Share, Copy, Revoke, Revoked, Drop, Dropped, Forget, Allow,
                             Erase, Erased, Offer, Accept, Spare, Kept>;
const Head& HeadOf(const Message& message);

// Who gets it: the home's side (Directory), or the node's, which are Spares and Owner, in this
// order if both do.
bool IsForHome(const Message& message);
bool IsForOwner(const Message& message);
bool IsForSpares(const Message& message);

struct Send {
  NodeNumber to;
  Message message;
  friend bool operator==(const Send&, const Send&) = default;
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_MESSAGES_H_
