// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/attach.h"

#include <memory>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "lib/samba/plain_payloads.h"

namespace ctdb::samba {
namespace {

constexpr uint32_t kRunStateStartup = 4;
constexpr absl::Duration kPause = absl::Milliseconds(100);

class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(Proxy& proxy, const Asker& asker, std::string name, DatabaseKind kind)
      : proxy_(proxy),
        asker_(asker),
        name_(std::move(name)),
        kind_(kind),
        tried_(kind),
        deadline_(After(proxy.now(), absl::Seconds(proxy.Tunable("DeferredAttachTO")))) {}

  void Try() {
    const ClusterState& cluster = proxy_.cluster();
    if (proxy_.Tunable("AllowClientDBAttach") == 0) {
      return Fail("the tunable AllowClientDBAttach is 0");
    }
    if (!cluster.IsActive(cluster.own)) return Fail("this node is not active");
    if (cluster.is_recovering || cluster.run_state < kRunStateStartup) {
      return Wait("the cluster recovers");
    }
    proxy_.Ask(
        AttachDatabase{.name = name_, .kind = tried_, .counts_changes = false},
        [self = shared_from_this()](const DatabaseAnswer& answer) { self->OnAnswer(answer); });
  }

 private:
  void OnAnswer(const DatabaseAnswer& answer) {
    if (const auto* info = std::get_if<DatabaseInfo>(&answer)) {
      proxy_.KeepDatabase(*info);
      return proxy_.Answer(asker_, {.data = Encode(DbIdPayload{info->id})});
    }
    const auto* status = std::get_if<absl::Status>(&answer);
    if (status == nullptr) return Fail("the database service gave another answer");
    if (absl::IsUnavailable(*status)) return Wait(status->message());
    // DB-7: who asks for a volatile database is content with one that can do more.
    if (absl::IsFailedPrecondition(*status) && kind_ == DatabaseKind::kVolatile &&
        tried_ != DatabaseKind::kReplicated) {
      tried_ =
          tried_ == DatabaseKind::kVolatile ? DatabaseKind::kPersistent : DatabaseKind::kReplicated;
      return Try();
    }
    Fail(status->message());
  }

  void Wait(absl::string_view why) {
    if (proxy_.now() >= deadline_) return Fail(absl::StrCat(why, ", for too long"));
    proxy_.Later(kPause, [self = shared_from_this()] { self->Try(); });
  }

  void Fail(absl::string_view why) {
    proxy_.outlet().Log(LogLevel::kWarning,
                        absl::StrCat("A client cannot attach database ", name_, ": ", why));
    proxy_.Answer(asker_, Failure());
  }

  Proxy& proxy_;
  const Asker asker_;
  const std::string name_;
  const DatabaseKind kind_;
  DatabaseKind tried_;
  const Instant deadline_;
};

}  // namespace

void Attach(Proxy& proxy, const Asker& asker, std::string name, DatabaseKind kind) {
  std::make_shared<Attempt>(proxy, asker, std::move(name), kind)->Try();
}

}  // namespace ctdb::samba
