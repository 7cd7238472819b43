// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// uploads: bodies of large transactions that this node's clients send, part by part, before they
// commit them.
//
//   Ownership:  the bodies, until they are taken.
//   Threading:  not thread-safe.
//   Errors:     ResourceExhausted: no room now, try again. InvalidArgument: beyond the limits.
//               FailedPrecondition: a part is missing; begin anew.
//   Blocking:   never.
//   Limits:     kUploadsMax, and what BodyMemory is given. One that does not go on for kUploadKept
//               is forgotten.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(uint64_t taken, uploads.Add({client, token}, part, now));
//   std::shared_ptr<const Body> body = uploads.Take({client, token});

#ifndef LIB_REPLICA_IO_UPLOADS_H_
#define LIB_REPLICA_IO_UPLOADS_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/instant.h"
#include "lib/protocol/address.h"
#include "lib/replica/body.h"
#include "lib/replica/transaction.h"

namespace ctdb::replica {

class Uploads {
 public:
  static constexpr size_t kUploadsMax = 64;
  static constexpr absl::Duration kUploadKept = absl::Seconds(10);

  struct Name {
    Address client;
    Token token;
    friend auto operator<=>(const Name&, const Name&) = default;
  };
  struct Part {
    uint64_t total = 0;  // Bytes of all of the body.
    uint64_t offset = 0;
    absl::string_view bytes;
  };

  explicit Uploads(std::shared_ptr<BodyMemory> memory) : memory_(std::move(memory)) {}

  // How many bytes there are now. A part at 0 begins anew.
  absl::StatusOr<uint64_t> Add(const Name& name, const Part& part, Instant now);
  // Null: not all of it is here.
  std::shared_ptr<const Body> Take(const Name& name);
  void OnTick(Instant now);
  Instant NextDeadline() const;

 private:
  struct Upload {
    std::shared_ptr<Body> body;
    Instant expires;
  };

  const std::shared_ptr<BodyMemory> memory_;
  std::map<Name, Upload> uploads_;
};

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_IO_UPLOADS_H_
