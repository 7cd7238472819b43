// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/bulk_streams.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ctdb {
namespace {

constexpr uint64_t kReceiverBit = uint64_t{1} << 63;

absl::Status ReadAbort(wire::StreamFrame::Abort::Reader abort) {
  const auto reason = abort.getReason();
  const int code = std::clamp<int>(abort.getCode(), 1, 16);
  return absl::Status(static_cast<absl::StatusCode>(code),
                      absl::string_view(reason.begin(), reason.size()).substr(0, kPeerTextBytesMax));
}

}  // namespace

// The sending half of one stream.
class BulkStreams::Outgoing {
 public:
  Outgoing(BulkStreams& streams, const Address& to, uint64_t channel, kj::AsyncInputStream& source)
      : streams_(streams), to_(to), channel_(channel), source_(source) {
    streams_.outgoing_[channel_] = this;
    auto done = kj::newPromiseAndFulfiller<void>();
    done_ = kj::mv(done.promise);
    done_fulfiller_ = kj::mv(done.fulfiller);
  }
  ~Outgoing() {
    streams_.outgoing_.erase(channel_);
    // Dropped by its caller in the middle: the receiver must not wait for the rest.
    if (!is_ended_) {
      streams_.SendAbort(to_, channel_, absl::CancelledError("the sender gave the stream up"));
    }
  }

  const Address& to() const { return to_; }

  kj::Promise<void> Run() {
    // Whatever ends the stream ends the pumping too, also while it waits for its source.
    return Pump().then([this] { return kj::mv(done_); }).exclusiveJoin(failed_.promise.addBranch());
  }

  void OnFrame(const Envelope& envelope, wire::StreamFrame::Reader frame) {
    // Only whom the stream was offered to may answer.
    const bool is_first = to_.instance.value() == 0;
    if (envelope.source.service != to_.service ||
        (!is_first && envelope.source.instance != to_.instance)) {
      return;
    }
    to_ = envelope.source;
    if (frame.isCredit()) {
      sender_.OnCredit(frame.getCredit());
      if (credit_waiter_.get() != nullptr && sender_.SendableBytes() > 0) {
        auto waiter = kj::mv(credit_waiter_);
        waiter->fulfill();
      }
    } else if (frame.isDone()) {
      is_ended_ = true;
      done_fulfiller_->fulfill();
    } else if (frame.isAbort()) {
      End(ReadAbort(frame.getAbort()));
    }
  }

  void End(const absl::Status& why) {
    is_ended_ = true;
    failed_.fulfiller->reject(ToException(why));
  }

 private:
  struct Failure {
    Failure() : promise(nullptr) {
      auto pair = kj::newPromiseAndFulfiller<void>();
      promise = pair.promise.fork();
      fulfiller = kj::mv(pair.fulfiller);
    }
    kj::ForkedPromise<void> promise;
    kj::Own<kj::PromiseFulfiller<void>> fulfiller;
  };

  kj::Promise<void> Pump() {
    if (sender_.SendableBytes() == 0) {
      auto credit = kj::newPromiseAndFulfiller<void>();
      credit_waiter_ = kj::mv(credit.fulfiller);
      return credit.promise.then([this] { return Pump(); });
    }
    return source_.tryRead(buffer_, 1, sender_.SendableBytes()).then([this](size_t size) {
      const absl::Status status = size == 0 ? SendEnd() : SendChunk(size);
      if (!status.ok()) return kj::Promise<void>(ToException(status));
      return size == 0 ? kj::Promise<void>(kj::READY_NOW) : Pump();
    });
  }

  absl::Status SendChunk(size_t size) {
    const absl::Status status = streams_.SendFrame(
        to_, channel_, /*is_bulk=*/true, [&](wire::StreamFrame::Builder frame) {
          auto chunk = frame.initChunk();
          chunk.setOffset(sender_.offset());
          chunk.setBytes(kj::arrayPtr(buffer_, size));
        });
    sender_.OnSent(size);
    return status;
  }

  absl::Status SendEnd() {
    // In the same lane as the data, so that it comes after it.
    return streams_.SendFrame(to_, channel_, /*is_bulk=*/true, [&](auto frame) {
      frame.setEnd(sender_.offset());
    });
  }

  BulkStreams& streams_;
  Address to_;
  const uint64_t channel_;
  kj::AsyncInputStream& source_;
  StreamSender sender_;
  bool is_ended_ = false;
  kj::byte buffer_[kStreamChunkBytesMax];
  kj::Own<kj::PromiseFulfiller<void>> credit_waiter_;
  kj::Promise<void> done_ = nullptr;
  kj::Own<kj::PromiseFulfiller<void>> done_fulfiller_;
  Failure failed_;
};

// The receiving half of one stream.
class BulkStreams::Incoming {
 public:
  Incoming(BulkStreams& streams, IncomingKey key, Sink sink)
      : streams_(streams), key_(std::move(key)), sink_(std::move(sink)) {}

  const Address& from() const { return key_.first; }

  void Grant(uint64_t credit) {
    Send([&](auto frame) { frame.setCredit(credit); });
  }
  void Start() { Grant(receiver_.credit()); }

  absl::Status OnFrame(wire::StreamFrame::Reader frame) {
    if (frame.isChunk()) {
      const auto bytes = frame.getChunk().getBytes();
      absl::Status status = receiver_.OnChunk(frame.getChunk().getOffset(), bytes.size());
      if (status.ok()) Write(kj::heapArray<kj::byte>(bytes));
      return status;
    }
    if (frame.isEnd()) {
      absl::Status status = receiver_.OnEnd(frame.getEnd());
      is_at_end_ = status.ok();
      if (status.ok() && !is_writing_) Finish();
      return status;
    }
    if (frame.isAbort()) return ReadAbort(frame.getAbort());
    return absl::OkStatus();
  }

  // `why` is not OK: the stream ends here.
  void OnEnd(const absl::Status& why) {
    if (sink_.on_end) sink_.on_end(why);
  }

 private:
  template <typename Fill>
  void Send(Fill&& fill) {
    // A failure to send is the loss of the transport, which ends the stream by itself.
    streams_.SendFrame(key_.first, key_.second | kReceiverBit, false, std::forward<Fill>(fill))
        .IgnoreError();
  }

  void Write(kj::Array<kj::byte> bytes) {
    queue_.push_back(kj::mv(bytes));
    if (!is_writing_) WriteNext();
  }

  void WriteNext() {
    is_writing_ = true;
    const kj::ArrayPtr<const kj::byte> bytes = queue_.front();
    writing_ = sink_.output->write(bytes.begin(), bytes.size())
                   .then([this] { OnWritten(); },
                         [this](kj::Exception&& exception) { OnWriteFailed(ToStatus(exception)); })
                   .eagerlyEvaluate(nullptr);
  }

  void OnWritten() {
    const size_t size = queue_.front().size();
    queue_.pop_front();
    is_writing_ = false;
    if (const auto credit = receiver_.OnConsumed(size)) Grant(*credit);
    if (!queue_.empty()) return LaterWriteNext();
    if (is_at_end_) Finish();
  }

  // Not from inside the promise that is being replaced.
  void LaterWriteNext() {
    is_writing_ = true;
    streams_.tasks_.add(kj::evalLater([&streams = streams_, key = key_] {
      const auto found = streams.incoming_.find(key);
      if (found != streams.incoming_.end()) found->second->WriteNext();
    }));
  }

  void OnWriteFailed(const absl::Status& why) {
    const absl::Status status(why.code(), absl::StrCat("cannot write: ", why.message()));
    streams_.SendAbort(key_.first, key_.second | kReceiverBit, status);
    LaterDrop(status);
  }

  void Finish() {
    Send([](auto frame) { frame.setDone(); });
    LaterDrop(absl::OkStatus());
  }

  void LaterDrop(const absl::Status& why) {
    streams_.tasks_.add(
        kj::evalLater([&streams = streams_, key = key_, why] { streams.Drop(key, why); }));
  }

  BulkStreams& streams_;
  const IncomingKey key_;
  Sink sink_;
  StreamReceiver receiver_;
  std::deque<kj::Array<kj::byte>> queue_;  // Never more than the window.
  bool is_writing_ = false;
  bool is_at_end_ = false;
  kj::Promise<void> writing_ = nullptr;
};

BulkStreams::BulkStreams(Endpoint& endpoint) : endpoint_(endpoint), tasks_(*this) {
  endpoint_.AddObserver(this);
  endpoint_.OnPacket(PacketKind::kStream, [this](const Envelope& envelope, Bytes frame) {
    OnPacket(envelope, frame);
  });
}

BulkStreams::~BulkStreams() noexcept {
  endpoint_.OnPacket(PacketKind::kStream, nullptr);
  endpoint_.RemoveObserver(this);
  EndStreams([](const Address&) { return true; }, absl::CancelledError("the endpoint closes"));
}

// Tasks end in Drop() and WriteNext(), which handle their errors.
void BulkStreams::taskFailed(kj::Exception&& exception) {
  OnDisconnected(ToStatus(exception));
}

void BulkStreams::OnOffer(std::function<absl::StatusOr<Sink>(const Offer&)> accept) {
  accept_ = std::move(accept);
}

kj::Promise<void> BulkStreams::Send(const Address& to, absl::string_view name, uint64_t bytes_total,
                                    kj::AsyncInputStream& source) {
  const uint64_t channel = next_channel_++;
  auto stream = kj::heap<Outgoing>(*this, to, channel, source);
  const absl::Status status =
      SendFrame(to, channel, /*is_bulk=*/false, [&](wire::StreamFrame::Builder frame) {
        auto open = frame.initOpen();
        open.setName(std::string(name).c_str());
        open.setBytesTotal(bytes_total);
      });
  if (!status.ok()) {
    stream->End(status);
    return ToException(status);
  }
  auto promise = stream->Run();
  return promise.attach(kj::mv(stream));
}

template <typename Fill>
absl::Status BulkStreams::SendFrame(const Address& to, uint64_t channel, bool is_bulk,
                                    Fill&& fill) {
  Envelope envelope = endpoint_.To(to, PacketKind::kStream);
  envelope.channel = channel;
  envelope.is_bulk = is_bulk;
  return endpoint_.Send(envelope, [&](capnp::AnyPointer::Builder payload) {
    fill(payload.initAs<wire::StreamFrame>());
  });
}

void BulkStreams::SendAbort(const Address& to, uint64_t channel, const absl::Status& why) {
  SendFrame(to, channel, /*is_bulk=*/false, [&](wire::StreamFrame::Builder frame) {
    auto abort = frame.initAbort();
    abort.setCode(static_cast<uint16_t>(why.code()));
    abort.setReason(std::string(why.message()).c_str());
  }).IgnoreError();
}

void BulkStreams::OnPacket(const Envelope& envelope, Bytes frame) {
  const IncomingKey key{envelope.source, envelope.channel};
  const absl::Status status = ReadPayload([&] {
    PacketReader reader(frame);
    const auto stream_frame = reader.payload().getAs<wire::StreamFrame>();
    if ((envelope.channel & kReceiverBit) != 0) {
      const auto found = outgoing_.find(envelope.channel & ~kReceiverBit);
      if (found != outgoing_.end()) found->second->OnFrame(envelope, stream_frame);
      return absl::OkStatus();
    }
    if (stream_frame.isOpen()) {
      OnOpen(envelope, stream_frame);
      return absl::OkStatus();
    }
    const auto found = incoming_.find(key);
    return found == incoming_.end() ? absl::OkStatus() : found->second->OnFrame(stream_frame);
  });
  if (status.ok() || (envelope.channel & kReceiverBit) != 0) return;
  SendAbort(envelope.source, envelope.channel | kReceiverBit, status);
  Drop(key, status);
}

void BulkStreams::OnOpen(const Envelope& envelope, wire::StreamFrame::Reader frame) {
  const IncomingKey key{envelope.source, envelope.channel};
  const auto name = frame.getOpen().getName();
  absl::StatusOr<Sink> sink = absl::UnimplementedError("no streams are taken here");
  if (incoming_.size() >= kBulkStreamsMax) {
    sink = absl::ResourceExhaustedError(
        absl::StrCat("there are already ", kBulkStreamsMax, " streams"));
  } else if (accept_ && !incoming_.contains(key)) {
    sink = accept_({envelope.source, std::string(name.cStr()), frame.getOpen().getBytesTotal()});
  }
  if (!sink.ok()) return SendAbort(envelope.source, envelope.channel | kReceiverBit, sink.status());
  auto stream = kj::heap<Incoming>(*this, key, *std::move(sink));
  stream->Start();
  incoming_[key] = kj::mv(stream);
}

void BulkStreams::Drop(const IncomingKey& key, const absl::Status& why) {
  const auto found = incoming_.find(key);
  if (found == incoming_.end()) return;
  auto stream = kj::mv(found->second);
  incoming_.erase(found);
  stream->OnEnd(why);
}

template <typename Predicate>
void BulkStreams::EndStreams(Predicate predicate, const absl::Status& why) {
  for (const auto& [channel, stream] : std::map<uint64_t, Outgoing*>(outgoing_)) {
    if (predicate(stream->to())) stream->End(why);
  }
  std::vector<IncomingKey> ended;
  for (const auto& [key, stream] : incoming_) {
    if (predicate(stream->from())) ended.push_back(key);
  }
  for (const IncomingKey& key : ended) Drop(key, why);
}

void BulkStreams::OnDisconnected(const absl::Status& why) {
  EndStreams([](const Address&) { return true; },
             absl::UnavailableError(
                 absl::StrCat("lost the transport of this node: ", why.message())));
}

void BulkStreams::OnUndeliverable(const Endpoint::Undeliverable& report) {
  if (report.kind != PacketKind::kStream) return;
  const absl::Status why = absl::UnavailableError(absl::StrCat(
      "cannot reach ", ToString(report.destination), ": ", Describe(report.reason)));
  if ((report.channel & kReceiverBit) != 0) {
    Drop({report.destination, report.channel & ~kReceiverBit}, why);
  } else if (const auto found = outgoing_.find(report.channel); found != outgoing_.end()) {
    found->second->End(why);
  }
}

void BulkStreams::OnEndpointGone(const Address& address) {
  EndStreams([&](const Address& peer) { return peer == address; },
             absl::UnavailableError(absl::StrCat("lost ", ToString(address), ": it ended")));
}

void BulkStreams::OnNodeDown(NodeNumber node) {
  EndStreams([&](const Address& peer) { return peer.node == node; },
             absl::UnavailableError(
                 absl::StrCat("lost node ", node.value(), ": the link to it is down")));
}

}  // namespace ctdb
