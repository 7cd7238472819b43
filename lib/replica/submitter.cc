// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/submitter.h"

#include <algorithm>
#include <utility>

namespace ctdb::replica {
namespace {

Outcome Refusal(const std::string& reason) {
  Outcome outcome;
  outcome.reason = reason;
  return outcome;
}

}  // namespace

void Submitter::OnTransaction(ClientTicket ticket, const Transaction& transaction,
                              Position position, Instant now, std::shared_ptr<const Body> body) {
  Item item{ticket, {}, position, {}, After(now, options_.patience), now, std::move(body)};
  item.commit.transaction = transaction;
  Add(std::move(item), now);
}

void Submitter::OnQuestion(ClientTicket ticket, const Token& token, Position since, Instant now) {
  Item item{ticket, {}, since, {}, After(now, options_.patience), now};
  item.commit.is_question = true;
  item.commit.since = since;
  item.commit.transaction.token = token;
  Add(std::move(item), now);
}

void Submitter::Add(Item item, Instant now) {
  if (next_request_ - Oldest() >= kWindow) {
    return AnswerOne(item, Verdict::kBusy, Refusal("too many transactions wait"));
  }
  const uint64_t request = next_request_++;
  SendOne(request, items_[request] = std::move(item), now);
}

// A transaction that has happened did so in the epoch in which it was sent first or later, and
// after what the replica had then.
void Submitter::SendOne(uint64_t request, Item& item, Instant now) {
  item.next = After(now, options_.resend);
  if (!coordinator_) return;
  Commit& commit = item.commit;
  if (!item.first && !commit.is_question) {
    commit.since = std::max(item.position, Position{epoch_, 0});
  }
  if (!item.first) item.first = epoch_;
  commit.head = {options_.database, epoch_, 0};
  commit.run = options_.run;
  commit.request = request;
  commit.oldest = Oldest();
  output_.sends.push_back({*coordinator_, commit});
}

void Submitter::OnView(const cluster::View& view, std::optional<NodeNumber> coordinator,
                       Instant now) {
  if (view.epoch <= epoch_) {
    ignored_.Add(Ignored::kOldEpoch);
    return;
  }
  epoch_ = view.epoch;
  const bool is_member =
      std::binary_search(view.members.begin(), view.members.end(), options_.local);
  coordinator_ = is_member ? coordinator : std::nullopt;
  output_.sends.clear();
  for (auto& [request, item] : items_) SendOne(request, item, now);
}

void Submitter::OnMessage(NodeNumber from, const Message& message, Instant now) {
  if (const Outcome* outcome = std::get_if<Outcome>(&message)) OnOutcome(from, *outcome, now);
  if (const PartsWanted* wanted = std::get_if<PartsWanted>(&message)) OnPartsWanted(from, *wanted);
}

void Submitter::OnPartsWanted(NodeNumber from, const PartsWanted& wanted) {
  if (wanted.head.database != options_.database || wanted.head.epoch != epoch_) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  const auto it = std::find_if(items_.begin(), items_.end(), [&](const auto& item) {
    return item.second.body && item.second.commit.transaction.token == wanted.token;
  });
  if (it == items_.end()) {
    output_.sends.push_back({from, BodyPart{wanted.head, wanted.token, 0, /*is_gone=*/true, ""}});
    return;
  }
  const absl::string_view body = it->second.body->bytes();
  const uint64_t until = std::min<uint64_t>(
      {wanted.until, body.size(), wanted.from + kBodyWindowParts * options_.part_bytes});
  for (uint64_t from_byte = wanted.from; from_byte < until;) {
    const uint64_t bytes = std::min(options_.part_bytes, until - from_byte);
    output_.sends.push_back({from, BodyPart{wanted.head, wanted.token, from_byte, false,
                                            std::string(body.substr(from_byte, bytes))}});
    from_byte += bytes;
  }
}

void Submitter::OnOutcome(NodeNumber from, const Outcome& outcome, Instant now) {
  const bool is_current = outcome.head.database == options_.database &&
                          outcome.head.epoch == epoch_ && outcome.run == options_.run;
  auto it = items_.find(outcome.request);
  if (!is_current || from != coordinator_ || it == items_.end()) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  Item item = std::move(it->second);
  items_.erase(it);
  const bool is_refused = outcome.verdict == Verdict::kBusy || outcome.verdict == Verdict::kClosed;
  const bool may_be_done = item.commit.is_question || item.first < epoch_;
  if (!is_refused || !may_be_done) return AnswerOne(item, outcome.verdict, outcome);
  // A refusal says nothing about what happened before. Later, as another request: this one has its
  // answer.
  item.next = After(now, options_.resend);
  items_[next_request_++] = std::move(item);
}

void Submitter::AnswerOne(const Item& item, Verdict verdict, const Outcome& outcome) {
  output_.answers.push_back(
      {item.ticket, verdict, outcome.position, outcome.key, outcome.reason, item.commit.since});
}

void Submitter::OnTick(Instant now) {
  for (auto it = items_.begin(); it != items_.end();) {
    Item& item = it->second;
    if (now >= item.give_up) {
      const bool may_be_done = item.first || item.commit.is_question;
      AnswerOne(item, may_be_done ? Verdict::kUnknown : Verdict::kClosed,
                Refusal("no answer came in time"));
      it = items_.erase(it);
      continue;
    }
    if (now >= item.next) SendOne(it->first, item, now);
    ++it;
  }
}

Instant Submitter::NextDeadline() const {
  Instant deadline = kNever;
  for (const auto& [request, item] : items_) {
    deadline = std::min({deadline, item.give_up, item.next});
  }
  return deadline;
}

Submitter::Output Submitter::TakeOutput() { return std::exchange(output_, {}); }

}  // namespace ctdb::replica
