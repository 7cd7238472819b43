// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// packet_fuzz: any bytes as what comes out of a connection: frames, their envelopes, and the
// payloads that the transport itself reads. Whatever is accepted means the same when it is written
// and read again.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "lib/transport/greeting.h"
#include "lib/transport/router.h"

namespace ctdb {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckEnvelope(const Envelope& envelope) {
  PacketWriter writer;
  writer.Begin(envelope);
  const absl::StatusOr<Envelope> again = DecodeEnvelope(*writer.Finish());
  Require(again.ok() && again->kind == envelope.kind && again->is_bulk == envelope.is_bulk);
  Require(again->source == envelope.source && again->destination == envelope.destination);
  Require(again->channel == envelope.channel && again->request_id == envelope.request_id);
}

void CheckGreeting(Bytes frame) {
  const absl::StatusOr<Greeting> greeting = ReadGreeting(frame);
  if (!greeting.ok()) return;
  PacketWriter writer;
  const absl::StatusOr<Bytes> written = WriteGreeting(&writer, *greeting);
  Require(written.ok());
  const absl::StatusOr<Greeting> again = ReadGreeting(*written);
  Require(again.ok() && again->index() == greeting->index());
}

// Reads all that a transport or an endpoint reads of these payloads.
uint64_t ReadControl(wire::Control::Reader control) {
  switch (control.which()) {
    case wire::Control::SUBSCRIBE:
      return control.getSubscribe();
    case wire::Control::UNSUBSCRIBE:
      return control.getUnsubscribe();
    case wire::Control::SET_GROUP: {
      uint64_t sum = control.getSetGroup().getGroup();
      for (uint32_t member : control.getSetGroup().getMembers()) sum += member;
      return sum;
    }
    case wire::Control::FIND_PROCESS:
      return control.getFindProcess().getPid() + control.getFindProcess().getChannel();
    case wire::Control::PING:
      break;
  }
  return 0;
}
uint64_t ReadNotice(wire::Notice::Reader notice) {
  switch (notice.which()) {
    case wire::Notice::UNDELIVERABLE:
      return Describe(static_cast<UndeliverableReason>(notice.getUndeliverable().getReason()))
                 .size() +
             notice.getUndeliverable().getInstance();
    case wire::Notice::ENDPOINT_GONE:
      return notice.getEndpointGone().getGoneInstance();
    case wire::Notice::NODE_UP:
      return notice.getNodeUp();
    case wire::Notice::NODE_DOWN:
      return notice.getNodeDown();
    case wire::Notice::NODE_PARTED:
      return notice.getNodeParted().getToken();
    case wire::Notice::PROCESS_FOUND:
      return notice.getProcessFound() ? 1 : 0;
    case wire::Notice::PONG:
      break;
  }
  return 0;
}

void CheckPayload(Bytes frame) {
  uint64_t sum = 0;
  const auto check = [&](auto read) {
    (void)ReadPayload([&] {
      PacketReader reader(frame);
      sum += read(reader.payload());
      return absl::OkStatus();
    });
  };
  check([](auto payload) { return ReadControl(payload.template getAs<wire::Control>()); });
  check([](auto payload) { return ReadNotice(payload.template getAs<wire::Notice>()); });
  check([](auto payload) { return payload.template getAs<capnp::Data>().size(); });
  // Kept, so that no reading is left out.
  volatile uint64_t kept = sum;
  (void)kept;
}

void CheckStream(const uint8_t* data, size_t size) {
  // Words, because frames are aligned.
  std::vector<uint64_t> words((size + 7) / 8);
  if (size > 0) std::memcpy(words.data(), data, size);
  Bytes rest(reinterpret_cast<const std::byte*>(words.data()), size);
  while (true) {
    const absl::StatusOr<size_t> bytes = FrameBytes(rest);
    if (!bytes.ok() || *bytes == 0 || *bytes > rest.size()) return;
    Require(*bytes % 8 == 0 && *bytes >= kFrameBytesMin && *bytes <= kFrameBytesMax);
    const Bytes frame = rest.subspan(0, *bytes);
    const absl::StatusOr<Envelope> envelope = DecodeEnvelope(frame);
    if (envelope.ok()) {
      CheckEnvelope(*envelope);
      CheckPayload(frame);
    }
    CheckGreeting(frame);
    rest.remove_prefix(*bytes);
  }
}

}  // namespace
}  // namespace ctdb

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ctdb::CheckStream(data, size);
  return 0;
}
