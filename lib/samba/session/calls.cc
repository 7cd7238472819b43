// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/calls.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "lib/samba/record.h"
#include "lib/samba/session/turns.h"

namespace ctdb::samba {
namespace {

constexpr absl::Duration kPauseMin = absl::Milliseconds(2);
constexpr absl::Duration kPauseMax = absl::Milliseconds(200);

class Call : public std::enable_shared_from_this<Call> {
 public:
  Call(Proxy& proxy, ClientId client, ReqId reqid, const CallRequest& request)
      : proxy_(proxy),
        client_(client),
        reqid_(reqid),
        db_id_(request.db_id),
        function_(request.function),
        key_(request.key),
        began_(proxy.now()) {}

  void Begin() {
    proxy_.WithDatabase(
        db_id_, [self = shared_from_this()](const DatabaseInfo* info) { self->OnDatabase(info); });
  }

 private:
  void OnDatabase(const DatabaseInfo* info) {
    if (info == nullptr) {
      const std::string text =
          absl::StrCat("this node has no database 0x", absl::Hex(db_id_.value(), absl::kZeroPad8));
      return proxy_.SendTo(client_, reqid_, ErrorReply{kStatusFailed, text});
    }
    info_ = *info;
    if (key_.empty()) return Finish("");
    // A full copy is here anyway.
    info_.kind == DatabaseKind::kVolatile ? Get() : Execute();
  }

  void Get() {
    proxy_.Ask(GetRecord{db_id_, key_, WantsData()},
               [self = shared_from_this()](const DatabaseAnswer& answer) { self->OnGot(answer); });
  }

  void OnGot(const DatabaseAnswer& answer) {
    if (std::holds_alternative<RecordIsAbsent>(answer)) return Finish("");
    const auto* read = std::get_if<RecordRead>(&answer);
    if (read != nullptr) return Finish(read->value.value_or(""));
    const auto* here = std::get_if<RecordIsHere>(&answer);
    if (here == nullptr) return OnFailed(answer);
    if (here->in_turn && !WantsData()) proxy_.turns().OnReady(client_, db_id_, key_);
    Execute();
  }

  // The record need not come for that.
  bool WantsData() const {
    return function_ == CallFunction::kFetch || function_ == CallFunction::kFetchWithHeader;
  }

  // CALL-5
  void Execute() {
    if (!WantsData()) return Finish("");
    proxy_.Ask(ReadRecord{db_id_, key_}, [self = shared_from_this()](const DatabaseAnswer& answer) {
      const auto* read = std::get_if<RecordRead>(&answer);
      if (read == nullptr) return self->OnFailed(answer);
      self->Finish(read->value.value_or(""));
      // Who only reads has had it; who locks it shows that in the file.
      if (self->info_.kind != DatabaseKind::kVolatile) return;
      self->proxy_.Tell(UsedRecord{self->db_id_, self->key_});
    });
  }

  void Finish(absl::string_view value) {
    ++proxy_.statistics().total_calls;
    AddLatency();
    if (function_ != CallFunction::kFetchWithHeader || key_.empty()) {
      return proxy_.SendTo(client_, reqid_, CallReply{0, value});
    }
    const RecordHeader header{.rsn = 1, .dmaster = proxy_.options().own};
    const std::string stored = Encode(StoredRecord{header, value});
    proxy_.SendTo(client_, reqid_, CallReply{0, stored});
  }

  void OnFailed(const DatabaseAnswer& answer) {
    if (proxy_.clients().Find(client_) == nullptr) return;
    const auto* status = std::get_if<absl::Status>(&answer);
    if (status != nullptr && absl::IsInvalidArgument(*status)) return Finish("");
    const bool is_unknown = status != nullptr && absl::IsNotFound(*status);
    pause_ = std::min(2 * pause_, kPauseMax);
    proxy_.Later(pause_, [self = shared_from_this(), is_unknown] {
      is_unknown ? self->AttachAgain() : self->OnDatabase(&self->info_);
    });
  }

  // A service that was started again may not have heard of the database.
  void AttachAgain() {
    proxy_.Ask(AttachDatabase{info_.name, info_.kind, false},
               [self = shared_from_this()](const DatabaseAnswer&) {
                 const DatabaseInfo info = self->info_;
                 self->OnDatabase(&info);
               });
  }

  void AddLatency() {
    LatencyCounter& latency = proxy_.statistics().call_latency;
    const double seconds = absl::ToDoubleSeconds(ToAbsl(proxy_.now() - began_));
    latency.min_seconds = latency.count == 0 ? seconds : std::min(latency.min_seconds, seconds);
    latency.max_seconds = std::max(latency.max_seconds, seconds);
    latency.total_seconds += seconds;
    ++latency.count;
  }

  Proxy& proxy_;
  const ClientId client_;
  const ReqId reqid_;
  const DbId db_id_;
  const CallFunction function_;
  const std::string key_;
  const Instant began_;
  DatabaseInfo info_;
  absl::Duration pause_ = kPauseMin;
};

}  // namespace

void Calls::OnCall(ClientId client, ReqId reqid, const CallRequest& call) {
  std::make_shared<Call>(proxy_, client, reqid, call)->Begin();
}

}  // namespace ctdb::samba
