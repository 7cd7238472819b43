// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/traverses.h"

#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "lib/samba/record.h"

namespace ctdb::samba {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(100);

}  // namespace

class Traverses::Traverse : public std::enable_shared_from_this<Traverses::Traverse> {
 public:
  Traverse(Traverses& traverses, uint64_t id, ClientId client, const TraverseStart& start,
           std::vector<NodeNumber> nodes)
      : traverses_(traverses),
        proxy_(traverses.proxy_),
        id_(id),
        client_(client),
        start_(start),
        nodes_(std::move(nodes)),
        give_up_waiting_(After(proxy_.now(), absl::Seconds(proxy_.Tunable("TraverseTimeout")))) {}

  ClientId client() const { return client_; }

  void Ask() {
    if (is_over_ || is_asking_) return;
    // Who owns what is being found out: what is listed now may be missing.
    if (proxy_.cluster().is_recovering && proxy_.now() < give_up_waiting_) {
      return proxy_.Later(kPause, [self = shared_from_this()] { self->Ask(); });
    }
    if (at_ >= nodes_.size()) return End();
    if (proxy_.outlet().QueuedBytes(client_) > kQueueBytesMax) return;  // Until OnDrained().
    is_asking_ = true;
    proxy_.Ask(
        ListRecords{nodes_[at_], start_.db_id, bucket_, after_},
        [self = shared_from_this()](const DatabaseAnswer& answer) { self->OnAnswer(answer); });
  }

  void Stop() { is_over_ = true; }

 private:
  void OnAnswer(const DatabaseAnswer& answer) {
    is_asking_ = false;
    if (is_over_) return;
    const auto* page = std::get_if<RecordPage>(&answer);
    if (page == nullptr) return OnFailed(answer);
    failing_since_ = kNever;
    for (const RecordPage::Record& record : page->records) SendRecord(record);
    bucket_ = page->bucket;
    after_ = page->after;
    if (page->is_last) NextNode();
    Ask();
  }

  void OnFailed(const DatabaseAnswer& answer) {
    const auto* status = std::get_if<absl::Status>(&answer);
    const bool has_none = status != nullptr && absl::IsNotFound(*status);
    if (failing_since_ == kNever) failing_since_ = proxy_.now();
    if (has_none || !proxy_.cluster().IsConnected(nodes_[at_]) ||
        proxy_.now() >= After(failing_since_, kPatience)) {
      NextNode();
      return Ask();
    }
    proxy_.Later(kPause, [self = shared_from_this()] { self->Ask(); });
  }

  void NextNode() {
    ++at_;
    bucket_ = 0;
    after_.clear();
    failing_since_ = kNever;
  }

  void SendRecord(const RecordPage::Record& record) {
    if (key_bytes_ < kKeyBytesMax) {
      if (!seen_.insert(record.key).second) return;
      key_bytes_ += record.key.size() + sizeof(record.key);
    } else if (seen_.contains(record.key)) {
      return;
    }
    const RecordHeader header{.rsn = 1, .dmaster = nodes_[at_]};
    const std::string stored = Encode(StoredRecord{header, record.value});
    Send({start_.reqid, record.key, stored});
  }

  // TRV-10: to this client and nobody else, whatever is registered.
  void Send(const RecordData& record) {
    const std::string data = Encode(TraverseRecord{record});
    proxy_.SendTo(client_, ReqId(0), Message{start_.srvid, data});
  }

  void End() {
    is_over_ = true;
    Send({start_.reqid, "", ""});
    traverses_.traverses_.erase(id_);  // The caller still holds it.
  }

  Traverses& traverses_;
  Proxy& proxy_;
  const uint64_t id_;
  const ClientId client_;
  const TraverseStart start_;
  const std::vector<NodeNumber> nodes_;
  const Instant give_up_waiting_;  // For the end of a recovery (TRV-9).
  size_t at_ = 0;
  uint64_t bucket_ = 0;
  std::string after_;
  bool is_asking_ = false;
  bool is_over_ = false;
  Instant failing_since_ = kNever;
  std::set<std::string> seen_;
  size_t key_bytes_ = 0;
};

Traverses::Traverses(Proxy& proxy) : proxy_(proxy) {}
Traverses::~Traverses() = default;

void Traverses::Begin(const Asker& asker, const TraverseStart& start) {
  proxy_.WithDatabase(start.db_id, [this, asker, start](const DatabaseInfo* info) {
    if (info == nullptr) return proxy_.Answer(asker, Failure());
    // TRV-1: before any record.
    proxy_.Answer(asker, {});
    std::vector<NodeNumber> nodes = {proxy_.options().own};
    if (info->kind == DatabaseKind::kVolatile && !proxy_.cluster().members.empty()) {
      nodes = proxy_.cluster().members;
    }
    const uint64_t id = ++last_;
    const auto traverse =
        std::make_shared<Traverse>(*this, id, asker.client, start, std::move(nodes));
    if (proxy_.clients().Find(asker.client) == nullptr) return;
    traverses_[id] = traverse;
    traverse->Ask();
  });
}

void Traverses::OnDrained(ClientId client) {
  std::vector<std::shared_ptr<Traverse>> ready;
  for (const auto& [id, traverse] : traverses_) {
    if (traverse->client() == client) ready.push_back(traverse);
  }
  for (const auto& traverse : ready) traverse->Ask();
}

void Traverses::OnDisconnected(ClientId client) {
  std::erase_if(traverses_, [client](const auto& entry) {
    if (entry.second->client() != client) return false;
    entry.second->Stop();
    return true;
  });
}

}  // namespace ctdb::samba
