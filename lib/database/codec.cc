// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/codec.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/protocol/address.h"
#include "lib/protocol/bytes_text.h"
#include "lib/store/record.h"

namespace ctdb::database {
namespace {

absl::Status Invalid(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("a message about a record: ", what));
}

RecordVersion ReadVersion(wire::RecordVersion::Reader in) {
  return {Epoch(in.getEpoch()), in.getCounter()};
}

class Encoder {
 public:
  explicit Encoder(wire::RecordMessage::Builder out) : out_(out) {}

  void operator()(const Request& message) {
    WriteHead(message.head);
    out_.setWanted(message.is_read);
    out_.setOnce(message.is_once);
  }
  void operator()(const Forward& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    auto forward = out_.initForward();
    forward.setTo(message.to.value());
    forward.setStayNanoseconds(absl::ToInt64Nanoseconds(message.stay));
  }
  void operator()(const Transfer& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    out_.setTransfer(ToData(message.value));
    out_.setWatched(message.is_watched);
    out_.setOtherFlags(message.other_flags);
  }
  void operator()(const Confirm& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    out_.setConfirm();
  }
  void operator()(const Abandon& message) {
    WriteHead(message.head);
    out_.setAbandon();
  }
  void operator()(const Promote& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    auto next = out_.initPromote();
    next.setEpoch(message.next.epoch.value());
    next.setCounter(message.next.counter);
  }
  void operator()(const GiveUp& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    out_.setGiveUp(message.owner.value());
  }
  void operator()(const GaveUp& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    out_.setGaveUp();
  }
  void operator()(const Share& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    auto share = out_.initShare();
    share.setShareTo(message.to.value());
    share.setShareLoan(message.loan);
  }
  void operator()(const Copy& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    auto copy = out_.initCopy();
    copy.setCopyLoan(message.loan);
    copy.setCopyValue(ToData(message.value));
  }
  void operator()(const Revoke& message) {
    WriteHead(message.head);
    out_.setRevoke(message.loan);
  }
  void operator()(const Revoked& message) {
    WriteHead(message.head);
    out_.setRevoked(message.loan);
  }
  void operator()(const Drop& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    out_.setDrop(message.is_last);
  }
  void operator()(const Dropped& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    out_.setDropped(message.has_copy);
  }
  void operator()(const Forget& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    out_.setForget(message.is_alone);
  }
  void operator()(const Allow& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    out_.setAllow();
  }
  void operator()(const Erase& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    out_.setErase();
  }
  void operator()(const Erased& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    out_.setErased();
  }
  void operator()(const Offer& message) {
    WriteHead(message.head);
    out_.setOffer();
  }
  void operator()(const Accept& message) {
    WriteHead(message.head);
    out_.setAccept(message.ticket.value());
  }
  void operator()(const Spare& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    auto spare = out_.initSpare();
    spare.setSpareTicket(message.ticket.value());
    spare.setSpareValue(ToData(message.value));
    out_.setOtherFlags(message.other_flags);
  }
  void operator()(const Kept& message) {
    WriteHead(message.head);
    out_.setKept();
  }
  void operator()(const Refusal& message) {
    WriteHead(message.head);
    WriteVersion(message.version);
    out_.setRefused(static_cast<wire::RefusalReason>(message.reason));
  }

 private:
  void WriteHead(const Head& head) {
    out_.setDatabase(head.database.value());
    out_.setEpoch(head.epoch.value());
    out_.setRequest(head.request.value());
    out_.setKey(ToData(head.key));
  }
  void WriteVersion(RecordVersion version) {
    auto out = out_.initVersion();
    out.setEpoch(version.epoch.value());
    out.setCounter(version.counter);
  }

  wire::RecordMessage::Builder out_;
};

absl::StatusOr<Message> ReadForward(Head head, wire::RecordMessage::Reader in) {
  const auto forward = in.getForward();
  if (forward.getTo() >= kNodesMax) return Invalid("a node that cannot be");
  if (forward.getStayNanoseconds() < 0) return Invalid("a time below zero");
  return Message(Forward{std::move(head), NodeNumber(forward.getTo()), ReadVersion(in.getVersion()),
                         absl::Nanoseconds(forward.getStayNanoseconds())});
}

absl::StatusOr<Message> ReadTransfer(Head head, wire::RecordMessage::Reader in) {
  std::string value = FromData(in.getTransfer());
  CTDB_RETURN_IF_ERROR(store::CheckValue(value));
  return Message(Transfer{std::move(head), ReadVersion(in.getVersion()), std::move(value),
                          in.getWatched(), in.getOtherFlags()});
}

absl::StatusOr<Message> ReadShare(Head head, wire::RecordMessage::Reader in) {
  const auto share = in.getShare();
  if (share.getShareTo() >= kNodesMax) return Invalid("a node that cannot be");
  return Message(Share{std::move(head), NodeNumber(share.getShareTo()),
                       ReadVersion(in.getVersion()), share.getShareLoan()});
}

absl::StatusOr<Message> ReadCopy(Head head, wire::RecordMessage::Reader in) {
  std::string value = FromData(in.getCopy().getCopyValue());
  CTDB_RETURN_IF_ERROR(store::CheckValue(value));
  return Message(Copy{std::move(head), ReadVersion(in.getVersion()), in.getCopy().getCopyLoan(),
                      std::move(value)});
}

absl::StatusOr<Message> ReadSpare(Head head, wire::RecordMessage::Reader in) {
  std::string value = FromData(in.getSpare().getSpareValue());
  CTDB_RETURN_IF_ERROR(store::CheckValue(value));
  return Message(Spare{std::move(head), RequestId(in.getSpare().getSpareTicket()),
                       ReadVersion(in.getVersion()), std::move(value), in.getOtherFlags()});
}

absl::StatusOr<Message> ReadRefusal(Head head, wire::RecordMessage::Reader in) {
  const auto reason = static_cast<uint16_t>(in.getRefused());
  if (reason > static_cast<uint16_t>(RefusalReason::kNotErased)) return Invalid("unknown refusal");
  return Message(
      Refusal{std::move(head), static_cast<RefusalReason>(reason), ReadVersion(in.getVersion())});
}

}  // namespace

void EncodeMessage(const Message& message, wire::RecordMessage::Builder out) {
  Encoder encoder(out);
  std::visit(encoder, message);
}

absl::StatusOr<Message> DecodeMessage(wire::RecordMessage::Reader in) {
  Head head{DatabaseId(in.getDatabase()), Epoch(in.getEpoch()), RequestId(in.getRequest()),
            FromData(in.getKey())};
  CTDB_RETURN_IF_ERROR(store::CheckKey(head.key));
  switch (in.which()) {
    case wire::RecordMessage::WANTED:
      return Message(Request{std::move(head), in.getWanted(), in.getOnce()});
    case wire::RecordMessage::FORWARD:
      return ReadForward(std::move(head), in);
    case wire::RecordMessage::TRANSFER:
      return ReadTransfer(std::move(head), in);
    case wire::RecordMessage::CONFIRM:
      return Message(Confirm{std::move(head), ReadVersion(in.getVersion())});
    case wire::RecordMessage::ABANDON:
      return Message(Abandon{std::move(head)});
    case wire::RecordMessage::REFUSED:
      return ReadRefusal(std::move(head), in);
    case wire::RecordMessage::PROMOTE:
      return Message(
          Promote{std::move(head), ReadVersion(in.getVersion()), ReadVersion(in.getPromote())});
    case wire::RecordMessage::GIVE_UP:
      if (in.getGiveUp() >= kNodesMax) return Invalid("a node that cannot be");
      return Message(
          GiveUp{std::move(head), ReadVersion(in.getVersion()), NodeNumber(in.getGiveUp())});
    case wire::RecordMessage::SHARE:
      return ReadShare(std::move(head), in);
    case wire::RecordMessage::COPY:
      return ReadCopy(std::move(head), in);
    case wire::RecordMessage::REVOKE:
      return Message(Revoke{std::move(head), in.getRevoke()});
    case wire::RecordMessage::REVOKED:
      return Message(Revoked{std::move(head), in.getRevoked()});
    case wire::RecordMessage::GAVE_UP:
      return Message(GaveUp{std::move(head), ReadVersion(in.getVersion())});
    case wire::RecordMessage::DROP:
      return Message(Drop{std::move(head), ReadVersion(in.getVersion()), in.getDrop()});
    case wire::RecordMessage::DROPPED:
      return Message(Dropped{std::move(head), ReadVersion(in.getVersion()), in.getDropped()});
    case wire::RecordMessage::FORGET:
      return Message(Forget{std::move(head), ReadVersion(in.getVersion()), in.getForget()});
    case wire::RecordMessage::ALLOW:
      return Message(Allow{std::move(head), ReadVersion(in.getVersion())});
    case wire::RecordMessage::ERASE:
      return Message(Erase{std::move(head), ReadVersion(in.getVersion())});
    case wire::RecordMessage::ERASED:
      return Message(Erased{std::move(head), ReadVersion(in.getVersion())});
    case wire::RecordMessage::OFFER:
      return Message(Offer{std::move(head)});
    case wire::RecordMessage::ACCEPT:
      return Message(Accept{std::move(head), RequestId(in.getAccept())});
    case wire::RecordMessage::SPARE:
      return ReadSpare(std::move(head), in);
    case wire::RecordMessage::KEPT:
      return Message(Kept{std::move(head)});
  }
  return Invalid("of an unknown kind");
}

}  // namespace ctdb::database
