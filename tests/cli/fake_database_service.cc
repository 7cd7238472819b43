// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/cli/fake_database_service.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "capnp/database_service.capnp.h"
#include "lib/base/status_kj.h"
#include "tests/cli/fake_daemon.h"

namespace ctdb::cli {
namespace {

capnp::Data::Reader Data(absl::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}

class FakeSnapshot final : public wire::Snapshot::Server {
 public:
  explicit FakeSnapshot(std::map<std::string, std::string> records)
      : records_(std::move(records)) {}
  kj::Promise<void> next(NextContext context) override {
    auto results = context.getResults();
    results.setLast(true);
    auto out = results.initRecords(static_cast<uint32_t>(records_.size()));
    uint32_t i = 0;
    for (const auto& [key, value] : records_) {
      out[i].setKey(Data(key));
      out[i++].setValue(Data(value));
    }
    return kj::READY_NOW;
  }

 private:
  const std::map<std::string, std::string> records_;
};

class FakeDatabaseService final : public FakeDaemon<wire::DatabaseService> {
 public:
  using FakeDaemon::FakeDaemon;

  kj::Promise<void> list(ListContext context) override {
    if (Fails("list")) return Failure();
    auto out = context.getResults().initDatabases(static_cast<uint32_t>(names().size()));
    uint32_t i = 0;
    for (const std::string& name : names()) Fill(name, out[i++]);
    return kj::READY_NOW;
  }
  kj::Promise<void> databaseStatus(DatabaseStatusContext context) override {
    if (Fails("databaseStatus")) return Failure();
    auto status = context.getResults().initStatus();
    Fill(context.getParams().getName().cStr(), status.initInfo());
    status.setReadOnlyCopies("off");
    if (status.getInfo().getKind() != wire::DatabaseKind::VOLATILE) {
      status.setReason(model().reason.c_str());
    }
    status.setRecords(model().records.size());
    status.initLocks().setTaken(model().locks_taken);
    return kj::READY_NOW;
  }
  kj::Promise<void> attach(AttachContext context) override {
    const auto params = context.getParams();
    if (Fails("attach")) return Failure();
    if (params.getKind() != wire::DatabaseKind::VOLATILE) {
      return ToException(absl::UnimplementedError("not this kind"));
    }
    names().insert(params.getName().cStr());
    return Told(absl::StrCat("attach ", params.getName().cStr()));
  }
  kj::Promise<void> detach(DetachContext context) override {
    if (Fails("detach")) return Failure();
    const std::string name = context.getParams().getName().cStr();
    if (names().erase(name) == 0) return ToException(absl::NotFoundError("no such database"));
    return Told(absl::StrCat("detach ", name));
  }
  kj::Promise<void> setReadOnlyCopies(SetReadOnlyCopiesContext context) override {
    if (Fails("setReadOnlyCopies")) return Failure();
    return Told(absl::StrCat("setReadOnlyCopies ", context.getParams().getMode().cStr()));
  }
  kj::Promise<void> locks(LocksContext context) override {
    if (Fails("locks")) return Failure();
    const bool waits = node_ == 1 && !model().lock_obstacle.empty();
    auto out = context.getResults().initLocks(waits ? 1 : 0);
    if (!waits) return kj::READY_NOW;
    out[0].setDatabase("counters.tdb");
    out[0].setKey(Data("visitors"));
    out[0].setWaitedSeconds(5);
    out[0].setObstacle(model().lock_obstacle.c_str());
    return kj::READY_NOW;
  }
  // A page has one record.
  kj::Promise<void> copies(CopiesContext context) override {
    if (Fails("copies")) return Failure();
    const uint64_t at = context.getParams().getBucket();
    auto results = context.getResults();
    results.setBucket(at + 1);
    results.setLast(at + 1 >= model().records.size());
    if (at >= model().records.size()) return kj::READY_NOW;
    const FakeDatabases::Record& record = model().records[at];
    auto copy = results.initCopies(1)[0];
    copy.setKey(Data(record.key));
    copy.setValue(Data(record.value));
    copy.setOwner(record.owner);
    copy.setCounter(record.counter);
    copy.setFlags(record.flags);
    copy.setOwned(Owns(record));
    return kj::READY_NOW;
  }
  kj::Promise<void> lookAtRecords(LookAtRecordsContext context) override {
    if (Fails("lookAtRecords")) return Failure();
    const auto keys = context.getParams().getKeys();
    auto looks = context.getResults().initLooks(keys.size());
    for (uint32_t i = 0; i < looks.size(); ++i) {
      looks[i].setIsHome(node_ == 0);
      looks[i].setHomeOwner(-1);
      auto copy = looks[i].initCopy();
      copy.setKey(keys[i]);
      for (const FakeDatabases::Record& record : model().records) {
        if (Data(record.key) != keys[i]) continue;
        looks[i].setIsThere(true);
        copy.setCounter(record.counter);
        copy.setOwned(Owns(record));
        const auto told = model().home_says.find(record.key);
        looks[i].setHomeOwner(told == model().home_says.end() ? record.owner : told->second);
      }
    }
    return kj::READY_NOW;
  }
  kj::Promise<void> copyMarks(CopyMarksContext context) override {
    if (Fails("copyMarks")) return Failure();
    const auto& marks = model().marks[node_];
    auto out = context.getResults().initMarks(static_cast<uint32_t>(marks.size()));
    uint32_t i = 0;
    for (const auto& [sequence, digest] : marks) {
      out[i].setEpoch(1);
      out[i].setSequence(sequence);
      out[i++].setDigestLow(digest);
    }
    return kj::READY_NOW;
  }
  kj::Promise<void> checkFile(CheckFileContext context) override {
    if (Fails("checkFile")) return Failure();
    context.getResults().setProblem(model().file_problems[node_].c_str());
    return kj::READY_NOW;
  }
  kj::Promise<void> snapshot(SnapshotContext context) override {
    if (Fails("snapshot")) return Failure();
    context.getResults().setSnapshot(kj::heap<FakeSnapshot>(model().copies[node_]));
    return kj::READY_NOW;
  }
  kj::Promise<void> recovery(RecoveryContext context) override {
    if (Fails("recovery")) return Failure();
    if (model().unsettled.empty()) return kj::READY_NOW;
    auto out = context.getResults().initDatabases(1)[0];
    out.setDatabase(model().unsettled.c_str());
    out.setSeconds(1);
    out.setScanned(100);
    out.setStored(400);
    return kj::READY_NOW;
  }
  kj::Promise<void> hotRecords(HotRecordsContext context) override {
    if (Fails("hotRecords")) return Failure();
    auto out = context.getResults().initRecords(1)[0];
    out.setDatabase("counters.tdb");
    out.setKey(Data(absl::StrCat("key of ", node_)));
    out.setMoves(10 + node_);
    return kj::READY_NOW;
  }

 private:
  bool Owns(const FakeDatabases::Record& record) {
    return record.owner == node_ || model().claimed.count(record.key) > 0;
  }
  FakeDatabases& model() { return cluster_.databases; }
  std::set<std::string>& names() { return model().names[node_]; }
  bool Fails(const std::string& method) {
    return model().failing.count(absl::StrCat(node_, ": ", method)) > 0;
  }
  kj::Promise<void> Failure() { return ToException(absl::InternalError("it cannot")); }
  void Fill(const std::string& name, wire::DatabaseInfo::Builder info) {
    info.setId(0x1000 + static_cast<uint32_t>(name.size()));
    info.setName(name.c_str());
    info.setPath(absl::StrCat("/v/", name, ".", node_).c_str());
    if (name == "kept.tdb") info.setKind(wire::DatabaseKind::PERSISTENT);
  }
};

}  // namespace

capnp::Capability::Client MakeFakeDatabaseService(FakeCluster& cluster, NodeNumber node) {
  return kj::heap<FakeDatabaseService>(cluster, node);
}

}  // namespace ctdb::cli
