// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/io/replica_driver.h"

#include <capnp/message.h>
#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <stdlib.h>

#include <array>
#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/replica/codec.h"

namespace ctdb::replica {
namespace {

constexpr Address kClient = {NodeNumber(0), ServiceId::kClient, InstanceNumber(7)};
constexpr absl::Duration kPatience = absl::Seconds(20);

struct Answered {
  absl::Status failure;
  Verdict verdict = Verdict::kUnknown;
  std::optional<std::string> value;
  Position version;
  std::map<std::string, std::string> records;
  std::string changed_key;
  bool is_last = false;
};

// One node's database, with the files of a real one, among others in this process.
class Node final : public database::ReplicatedDatabase::Outlet {
 public:
  using Deliver = std::function<void(NodeNumber from, NodeNumber to,
                                     std::shared_ptr<capnp::MallocMessageBuilder> message)>;
  Node(NodeNumber number, std::string directory, Deliver deliver)
      : number_(number), directory_(std::move(directory)), deliver_(std::move(deliver)) {}

  std::string Path() const { return absl::StrCat(directory_, "/test.", number_.value(), ".mdb"); }
  void Start(bool is_durable = true) {
    auto make = OpenReplica(
        {.local = number_, .id = 5, .name = "test", .path = Path(), .is_durable = is_durable});
    ASSERT_TRUE(make.ok()) << make.status();
    database = (*make)(*this);
  }
  void Stop() { database.reset(); }

  Instant Now() override {
    return Instant(std::chrono::duration_cast<CoreClock::duration>(
        std::chrono::steady_clock::now().time_since_epoch()));
  }
  bool HasLease() const override { return has_lease; }
  void SendReplica(NodeNumber to,
                   absl::FunctionRef<void(wire::ReplicaMessage::Builder)> fill) override {
    auto message = std::make_shared<capnp::MallocMessageBuilder>();
    fill(message->initRoot<wire::ReplicaMessage>());
    deliver_(number_, to, std::move(message));
  }
  void AnswerClient(const Address&, RequestId request,
                    absl::FunctionRef<void(wire::ClientAnswer::Builder)> fill) override {
    capnp::MallocMessageBuilder message;
    fill(message.initRoot<wire::ClientAnswer>());
    const auto in = message.getRoot<wire::ClientAnswer>().asReader();
    Answered& answer = answers[request];
    const auto text = [](capnp::Data::Reader data) {
      return std::string(reinterpret_cast<const char*>(data.begin()), data.size());
    };
    if (in.isOutcome()) {
      answer.verdict = static_cast<Verdict>(in.getOutcome().getVerdict());
      answer.version = DecodePosition(in.getOutcome().getAt());
      answer.changed_key = text(in.getOutcome().getChangedKey());
    } else if (in.isCopy()) {
      if (in.getCopy().getIsThere()) answer.value = text(in.getCopy().getValue());
      answer.version = DecodePosition(in.getCopy().getVersion());
    } else if (in.isPosition()) {
      answer.version = DecodePosition(in.getPosition());
    } else if (in.isPage()) {
      for (const auto record : in.getPage().getRecords()) {
        answer.records[text(record.getKey())] = text(record.getValue());
      }
      answer.is_last = in.getPage().getLast();
    }
  }
  void FailClient(const Address&, RequestId request, const absl::Status& status) override {
    answers[request].failure = status;
  }
  void Wake() override {}
  void OnTrouble(const absl::Status& status) override { troubles.push_back(status); }

  std::unique_ptr<database::ReplicatedDatabase> database;
  std::map<RequestId, Answered> answers;
  std::vector<absl::Status> troubles;
  bool has_lease = true;

 private:
  const NodeNumber number_;
  const std::string directory_;
  const Deliver deliver_;
};

class ReplicaDriverTest : public ::testing::Test {
 protected:
  ReplicaDriverTest() : io_(kj::setupAsyncIo()) {
    std::string name = absl::StrCat(::testing::TempDir(), "/replica_driver_XXXXXX");
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    for (uint32_t i = 0; i < nodes_.size(); ++i) {
      nodes_[i] = std::make_unique<Node>(NodeNumber(i), directory_,
                                         [this](NodeNumber from, NodeNumber to, auto message) {
                                           on_the_way_.push_back({from, to, std::move(message)});
                                         });
    }
  }
  ~ReplicaDriverTest() noexcept override {
    for (auto& node : nodes_) node->Stop();
    std::filesystem::remove_all(directory_);
  }

  void StartAll(bool is_durable = true) {
    for (auto& node : nodes_) node->Start(is_durable);
    View({0, 1, 2});
  }
  void View(const std::vector<uint32_t>& members) {
    ++epoch_;
    cluster::View view;
    view.epoch = Epoch(epoch_);
    for (const uint32_t member : members) {
      view.members.push_back(NodeNumber(member));
      view.joined.push_back(Epoch(1));
    }
    view.leader = view.members.front();
    view.homes = view.members;
    for (const uint32_t member : members) {
      nodes_[member]->database->OnView(view, nodes_[member]->Now());
    }
  }
  // Until it is so.
  void Await(const std::function<bool()>& is_so) {
    const absl::Time limit = absl::Now() + kPatience;
    while (!is_so()) {
      ASSERT_LT(absl::Now(), limit) << "it did not happen";
      while (!on_the_way_.empty()) {
        const Parcel parcel = std::move(on_the_way_.front());
        on_the_way_.pop_front();
        Node& to = *nodes_[parcel.to.value()];
        if (to.database == nullptr) continue;
        const absl::Status status = to.database->OnMessage(
            parcel.from, parcel.message->getRoot<wire::ReplicaMessage>().asReader(), to.Now());
        EXPECT_TRUE(status.ok()) << status;
      }
      io_.provider->getTimer().afterDelay(kj::MILLISECONDS).wait(io_.waitScope);
      for (auto& node : nodes_) {
        if (node->database == nullptr) continue;
        if (node->database->NextDeadline() <= node->Now()) node->database->OnTick(node->Now());
      }
    }
  }
  RequestId Ask(uint32_t node, const std::function<void(wire::ClientRequest::Builder)>& fill) {
    capnp::MallocMessageBuilder message;
    fill(message.initRoot<wire::ClientRequest>());
    const RequestId request(++last_request_);
    const absl::Status status = nodes_[node]->database->OnRequest(
        kClient, request, message.getRoot<wire::ClientRequest>().asReader(), nodes_[node]->Now());
    if (!status.ok()) nodes_[node]->answers[request].failure = status;
    return request;
  }
  Answered Get(uint32_t node, const std::function<void(wire::ClientRequest::Builder)>& fill) {
    const RequestId request = Ask(node, fill);
    Await([&] { return nodes_[node]->answers.contains(request); });
    return nodes_[node]->answers[request];
  }
  // As clients do, which wait for a database that is about to open.
  Answered GetServed(uint32_t node, const std::function<void(wire::ClientRequest::Builder)>& fill) {
    Answered answered;
    const absl::Time limit = absl::Now() + kPatience;
    do {
      answered = Get(node, fill);
      if (absl::IsUnavailable(answered.failure))
        Await([pause = 3]() mutable { return --pause < 0; });
    } while (absl::IsUnavailable(answered.failure) && absl::Now() < limit);
    EXPECT_TRUE(answered.failure.ok()) << answered.failure;
    return answered;
  }
  static capnp::Data::Reader Data(const std::string& text) {
    return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
  }
  std::optional<std::string> Read(uint32_t node, const std::string& key) {
    return GetServed(
               node,
               [&](wire::ClientRequest::Builder out) { out.initRead().setReadKey(Data(key)); })
        .value;
  }
  Answered Write(uint32_t node, const std::string& key, const std::string& value,
                 std::optional<Position> if_version = std::nullopt) {
    return GetServed(node, [&](wire::ClientRequest::Builder out) {
      auto transaction = out.initCommit().initTransaction();
      transaction.initToken().setHigh(++last_token_);
      if (if_version.has_value()) {
        auto read = transaction.initReads(1)[0];
        read.setKey(Data(key));
        EncodePosition(*if_version, read.initVersion());
      }
      auto write = transaction.initWrites(1)[0];
      write.setKey(Data(key));
      write.setValue(Data(value));
    });
  }
  std::map<std::string, std::string> List(uint32_t node) {
    return GetServed(node, [](wire::ClientRequest::Builder out) { out.initList(); }).records;
  }

  struct Parcel {
    NodeNumber from;
    NodeNumber to;
    std::shared_ptr<capnp::MallocMessageBuilder> message;
  };

  kj::AsyncIoContext io_;
  std::string directory_;
  std::array<std::unique_ptr<Node>, 3> nodes_;
  std::deque<Parcel> on_the_way_;
  uint64_t epoch_ = 0;
  uint64_t last_request_ = 0;
  uint64_t last_token_ = 0;
};

TEST_F(ReplicaDriverTest, WhatOneNodeCommitsAllNodesRead) {
  StartAll();
  EXPECT_EQ(Write(0, "key", "value").verdict, Verdict::kCommitted);
  for (uint32_t node = 0; node < 3; ++node) EXPECT_EQ(Read(node, "key"), "value");
  EXPECT_EQ(Read(1, "other"), std::nullopt);
  EXPECT_EQ(List(2), (std::map<std::string, std::string>{{"key", "value"}}));
}

// database-and-cluster INV-32: at one position all copies are equal.
TEST_F(ReplicaDriverTest, AllNodesTellTheSameOfAPosition) {
  StartAll();
  const Position first = Write(0, "key", "1").version;
  const Position second = Write(1, "key", "2").version;
  for (const Position& at : {first, second}) {
    std::set<std::pair<uint64_t, uint64_t>> digests;
    int told = 0;
    for (auto& node : nodes_) {
      for (const auto& mark : node->database->Marks()) {
        if (mark.position.epoch != at.epoch.value() || mark.position.sequence != at.sequence) {
          continue;
        }
        ++told;
        digests.insert({mark.digest_high, mark.digest_low});
      }
    }
    EXPECT_EQ(told, 3);
    EXPECT_EQ(digests.size(), 1u);
  }
  for (auto& node : nodes_) EXPECT_TRUE(node->database->FileCheck()().ok());
}

TEST_F(ReplicaDriverTest, ASnapshotOutlivesTheDatabaseAndIsNotForWhoHasNoLease) {
  StartAll();
  Write(0, "key", "value");
  auto snapshot = nodes_[0]->database->TakeSnapshot();
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  Write(1, "key", "later");
  nodes_[0]->Stop();
  std::vector<database::ReplicatedDatabase::Snapshot::Record> records;
  const auto goes_on = (*snapshot)->Next(records);
  ASSERT_TRUE(goes_on.ok()) << goes_on.status();
  EXPECT_FALSE(*goes_on);
  EXPECT_EQ(records, (decltype(records){{"key", "value"}}));
  nodes_[1]->has_lease = false;
  EXPECT_TRUE(absl::IsUnavailable(nodes_[1]->database->TakeSnapshot().status()));
}

TEST_F(ReplicaDriverTest, ATransactionThatHasReadSomethingOldIsAborted) {
  StartAll();
  const Position first = Write(0, "key", "1").version;
  EXPECT_EQ(Write(1, "key", "2", first).verdict, Verdict::kCommitted);
  const Answered answered = Write(2, "key", "3", first);
  EXPECT_EQ(answered.verdict, Verdict::kAborted);
  EXPECT_EQ(answered.changed_key, "key");
  EXPECT_EQ(Read(2, "key"), "2");
}

TEST_F(ReplicaDriverTest, ANodeThatWasAwayGetsWhatItMissed) {
  StartAll();
  Write(0, "before", "1");
  nodes_[2]->Stop();
  View({0, 1});
  EXPECT_EQ(Write(0, "meanwhile", "2").verdict, Verdict::kCommitted);
  nodes_[2]->Start();
  View({0, 1, 2});
  EXPECT_EQ(Read(2, "meanwhile"), "2");
  EXPECT_EQ(Read(2, "before"), "1");
}

TEST_F(ReplicaDriverTest, WhatIsPersistentIsThereWhenAllNodesStartAgain) {
  StartAll();
  Write(0, "key", "value");
  for (auto& node : nodes_) node->Stop();
  StartAll();
  EXPECT_EQ(Read(1, "key"), "value");
}

TEST_F(ReplicaDriverTest, AReplicatedDatabaseIsEmptyWhenAllNodesStartAgain) {
  StartAll(/*is_durable=*/false);
  Write(0, "key", "value");
  for (auto& node : nodes_) node->Stop();
  StartAll(/*is_durable=*/false);
  EXPECT_EQ(Read(1, "key"), std::nullopt);
}

TEST_F(ReplicaDriverTest, ADamagedCopyIsFilledFromAnotherOneAndKeptAside_Ps41) {
  StartAll();
  Write(0, "key", "value");
  nodes_[1]->Stop();
  std::ofstream(nodes_[1]->Path(), std::ios::trunc) << "no database";
  nodes_[1]->Start();
  View({0, 1, 2});
  EXPECT_EQ(Read(1, "key"), "value");
  ASSERT_FALSE(nodes_[1]->troubles.empty());
  EXPECT_TRUE(absl::IsDataLoss(nodes_[1]->troubles.front())) << nodes_[1]->troubles.front();
  int kept = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory_)) {
    kept += file.path().string().find(".corrupted.") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(kept, 1);
}

TEST_F(ReplicaDriverTest, ANodeWithoutALeaseServesNobody_Inv24) {
  StartAll();
  Write(0, "key", "value");
  nodes_[0]->has_lease = false;
  const Answered answered =
      Get(0, [](wire::ClientRequest::Builder out) { out.initRead().setReadKey(Data("key")); });
  EXPECT_TRUE(absl::IsUnavailable(answered.failure)) << answered.failure;
  EXPECT_NE(answered.failure.message().find("out of the cluster"), absl::string_view::npos);
}

TEST_F(ReplicaDriverTest, AMinorityCommitsNothing_Ps52) {
  StartAll();
  Write(0, "key", "1");
  // The others go on without node 2, which does not know yet.
  View({0, 1});
  nodes_[2]->has_lease = false;
  const RequestId lost = Ask(2, [](wire::ClientRequest::Builder out) {
    auto transaction = out.initCommit().initTransaction();
    transaction.initToken().setHigh(99);
    auto write = transaction.initWrites(1)[0];
    write.setKey(Data("key"));
    write.setValue(Data("2"));
  });
  EXPECT_EQ(Write(0, "key", "3").verdict, Verdict::kCommitted);
  EXPECT_FALSE(nodes_[2]->answers.contains(lost));
  nodes_[2]->has_lease = true;
  View({0, 1, 2});
  Await([&] { return nodes_[2]->answers.contains(lost); });
  // It is done now, after the others' or not at all: but never before.
  const auto value = Read(1, "key");
  EXPECT_EQ(value, nodes_[2]->answers[lost].verdict == Verdict::kCommitted ? "2" : "3");
  EXPECT_EQ(Read(2, "key"), value);
}

}  // namespace
}  // namespace ctdb::replica
