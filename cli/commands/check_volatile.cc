// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/cluster_query.h"
#include "cli/commands/check.h"
#include "cli/commands/database_records.h"
#include "cli/observe.h"
#include "cli/progress.h"
#include "lib/backup/difference.h"
#include "lib/base/status_macros.h"
#include "lib/check/ownership.h"
#include "lib/database/placement.h"
#include "lib/protocol/bytes_text.h"
#include "lib/store/loan.h"

namespace ctdb::cli {
namespace {

// Keys in memory; of more, several looks at all records.
constexpr uint64_t kKeysMax = 1 << 20;
// That one request asks for.
constexpr size_t kBatchKeys = 500;
constexpr size_t kBatchBytes = 128 * 1024;
// Records that are looked at again.
constexpr size_t kSuspectsMax = 10'000;
// Longer than a message that was lost takes to be sent again, in SecondLooks::kSameMin looks.
constexpr absl::Duration kPause = absl::Milliseconds(250);
constexpr int kLooksMax = 20;

using LooksReply = capnp::Response<wire::DatabaseService::LookAtRecordsResults>;

check::Copy ToCopy(NodeNumber node, wire::RecordCopy::Reader copy, uint64_t value_hash) {
  const bool is_lent = (copy.getFlags() & (store::kReadOnly | store::kWasReadOnly)) != 0;
  return {node, {copy.getEpoch(), copy.getCounter()}, copy.getOwned(), is_lent, value_hash};
}

uint64_t HashOfValue(wire::RecordCopy::Reader copy) {
  const std::string value = FromData(copy.getValue());
  return value.empty() ? 0 : backup::HashOf(value).high | 1;
}

class VolatileCheck {
 public:
  VolatileCheck(Context& context, const DatabaseEntry& entry, CheckResult& result)
      : context_(context),
        session_(context.session()),
        entry_(entry),
        result_(result),
        progress_(context, absl::StrCat("checking ", entry.name)) {}

  absl::Status Run() {
    CTDB_RETURN_IF_ERROR(FindMembers());
    result_.nodes = members_.size();
    CTDB_ASSIGN_OR_RETURN(const uint64_t copies, CountCopies(session_, entry_.name, members_));
    const uint64_t parts = copies / kKeysMax + 1;
    for (uint64_t part = 0; part < parts; ++part) {
      CTDB_RETURN_IF_ERROR(LookAtPart(part, parts));
    }
    CTDB_RETURN_IF_ERROR(LookAgain());
    const uint64_t epoch = epoch_;
    CTDB_RETURN_IF_ERROR(FindMembers());
    if (epoch_ == epoch) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat("the members of the cluster changed while database ",
                                               entry_.name, " was checked: check it again"));
  }

 private:
  absl::Status FindMembers() {
    CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context_.TargetNode());
    CTDB_ASSIGN_OR_RETURN(const ClusterReply reply, GetClusterOverview(session_, local));
    const auto view = reply.getOverview().getView();
    epoch_ = view.getEpoch();
    members_.clear();
    for (const uint32_t node : view.getMembers()) members_.push_back(NodeNumber(node));
    std::vector<NodeNumber> homes;
    for (const uint32_t node : view.getHomes()) homes.push_back(NodeNumber(node));
    placement_ = database::Placement(homes);
    if (!members_.empty()) return absl::OkStatus();
    return absl::UnavailableError(
        absl::StrCat("node ", local.value(), " has not joined the cluster (\"ctdb status\")"));
  }

  void Suspect(std::string key) {
    if (suspects_.size() < kSuspectsMax) {
      suspects_.emplace(std::move(key), check::SecondLooks());
    } else {
      result_.has_more = true;
    }
  }

  absl::Status LookAtPart(uint64_t part, uint64_t parts) {
    check::FirstLook first;
    std::map<NodeNumber, std::map<std::string, NodeNumber>> of_homes;
    const auto each = [&](auto visit) -> absl::Status {
      for (const NodeNumber node : members_) {
        CTDB_RETURN_IF_ERROR(ForEachCopy(
            session_, node, entry_.name, [&](wire::RecordCopy::Reader copy) -> absl::Status {
              CTDB_RETURN_IF_ERROR(progress_.Step());
              const std::string key = FromData(copy.getKey());
              const backup::KeyHash hash = backup::HashOf(key);
              return hash.high % parts == part ? visit(node, key, hash, copy) : absl::OkStatus();
            }));
      }
      return absl::OkStatus();
    };
    CTDB_RETURN_IF_ERROR(
        each([&](NodeNumber node, const std::string& key, const backup::KeyHash& hash,
                 wire::RecordCopy::Reader copy) -> absl::Status {
          first.Add(hash, ToCopy(node, copy, HashOfValue(copy)));
          const auto home = placement_.HomeOf(database::SlotOf(key));
          if (!copy.getOwned() || !home.has_value()) return absl::OkStatus();
          auto& batch = of_homes[*home];
          batch[key] = node;
          batch_bytes_ += key.size();
          if (batch.size() < kBatchKeys && batch_bytes_ < kBatchBytes) return absl::OkStatus();
          batch_bytes_ = 0;
          return AskHome(*home, std::exchange(batch, {}));
        }));
    for (auto& [home, batch] : of_homes) CTDB_RETURN_IF_ERROR(AskHome(home, batch));
    result_.records += first.records();
    const auto hashes = first.Suspects();
    if (hashes.empty()) return absl::OkStatus();
    return each([&](NodeNumber, const std::string& key, const backup::KeyHash& hash,
                    wire::RecordCopy::Reader) -> absl::Status {
      if (hashes.contains(hash)) Suspect(key);
      return absl::OkStatus();
    });
  }

  // Whether it knows who owns these.
  absl::Status AskHome(NodeNumber home, const std::map<std::string, NodeNumber>& batch) {
    std::vector<std::string> keys;
    for (const auto& [key, owner] : batch) keys.push_back(key);
    if (keys.empty()) return absl::OkStatus();
    const absl::StatusOr<LooksReply> reply = Ask(home, keys);
    CTDB_RETURN_IF_ERROR(reply.status());
    const auto looks = reply->getLooks();
    for (uint32_t i = 0; i < looks.size() && i < keys.size(); ++i) {
      if (looks[i].getIsHome() && looks[i].getHomeOwner() != batch.at(keys[i]).value()) {
        Suspect(keys[i]);
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<LooksReply> Ask(NodeNumber node, const std::vector<std::string>& keys) {
    auto request = session_.database(node).lookAtRecordsRequest();
    request.setName(entry_.name.c_str());
    auto list = request.initKeys(static_cast<uint32_t>(keys.size()));
    for (uint32_t i = 0; i < list.size(); ++i) list.set(i, ToData(keys[i]));
    return session_.Call(kj::mv(request), absl::StrCat("look at records of database ", entry_.name,
                                                       " on node ", node.value()));
  }

  // What was moving is not wrong.
  absl::Status LookAgain() {
    for (int look = 0; look < kLooksMax && !suspects_.empty(); ++look) {
      if (look > 0) Pause(session_, kPause);
      if (context_.interrupted()) return absl::CancelledError("interrupted");
      std::vector<std::string> keys;
      size_t bytes = 0;
      std::vector<std::string> all;
      for (const auto& [key, looks] : suspects_) all.push_back(key);
      for (const std::string& key : all) {
        keys.push_back(key);
        bytes += key.size();
        if (keys.size() < kBatchKeys && bytes < kBatchBytes) continue;
        CTDB_RETURN_IF_ERROR(LookOnce(keys));
        keys.clear();
        bytes = 0;
      }
      CTDB_RETURN_IF_ERROR(LookOnce(keys));
    }
    return absl::OkStatus();
  }

  absl::Status LookOnce(const std::vector<std::string>& keys) {
    if (keys.empty()) return absl::OkStatus();
    std::vector<check::Look> looks(keys.size());
    for (const NodeNumber node : members_) {
      CTDB_ASSIGN_OR_RETURN(const LooksReply reply, Ask(node, keys));
      for (uint32_t i = 0; i < reply.getLooks().size() && i < looks.size(); ++i) {
        const auto seen = reply.getLooks()[i];
        if (seen.getIsThere()) {
          looks[i].copies.push_back(ToCopy(node, seen.getCopy(), seen.getValueHash()));
        }
        if (!seen.getIsHome()) continue;
        looks[i].home = node;
        if (seen.getHomeOwner() >= 0) {
          looks[i].home_says = NodeNumber(static_cast<uint32_t>(seen.getHomeOwner()));
        }
      }
    }
    for (size_t i = 0; i < keys.size(); ++i) Judge(keys[i], std::move(looks[i]));
    return absl::OkStatus();
  }

  void Judge(const std::string& key, check::Look look) {
    const auto it = suspects_.find(key);
    std::vector<check::Fault> faults = check::Faults(look);
    it->second.Add(std::move(look));
    if (!faults.empty() && !it->second.IsStable()) return;
    for (check::Fault& fault : faults) {
      result_.Add({std::move(fault.nodes), key, std::move(fault.what), std::move(fault.advice)});
    }
    suspects_.erase(it);
  }

  Context& context_;
  Session& session_;
  const DatabaseEntry& entry_;
  CheckResult& result_;
  Progress progress_;
  std::vector<NodeNumber> members_;
  uint64_t epoch_ = 0;
  database::Placement placement_;
  size_t batch_bytes_ = 0;
  std::map<std::string, check::SecondLooks> suspects_;
};

}  // namespace

absl::Status CheckVolatile(Context& context, const DatabaseEntry& entry, CheckResult& result) {
  return VolatileCheck(context, entry, result).Run();
}

}  // namespace ctdb::cli
