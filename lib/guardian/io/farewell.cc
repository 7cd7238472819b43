// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/guardian/io/farewell.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/io/unique_fd.h"
#include "lib/base/version.h"
#include "lib/protocol/packet.h"
#include "lib/transport/greeting.h"
#include "lib/transport/io/socket.h"

namespace ctdb::guardian {
namespace {

// One peer.
class Call {
 public:
  Call(const Will& will, const Will::Peer& peer) : will_(will), peer_(peer) {
    absl::StatusOr<UniqueFd> fd = DialTcp(will.address, peer.address, will.port);
    if (fd.ok()) {
      fd_ = *std::move(fd);
    } else {
      state_ = State::kOver;
    }
  }

  NodeNumber node() const { return peer_.node; }
  bool is_over() const { return state_ == State::kTold || state_ == State::kOver; }
  bool is_told() const { return state_ == State::kTold; }
  pollfd Wanted() const {
    return {fd_.get(), static_cast<short>(state_ == State::kConnecting ? POLLOUT : POLLIN), 0};
  }

  void OnReady() {
    if (state_ == State::kConnecting) return OnConnected();
    size_t old = in_.size();
    in_.resize(old + kReadWords);
    const ssize_t got = ::read(fd_.get(), in_.data() + old, kReadWords * sizeof(uint64_t));
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return in_.resize(old);
    // Greetings are whole words, and short: they come in one piece, or never.
    if (got <= 0 || got % static_cast<ssize_t>(sizeof(uint64_t)) != 0) return End();
    in_.resize(old + static_cast<size_t>(got) / sizeof(uint64_t));
    OnBytes();
  }

 private:
  enum class State { kConnecting, kGreeting, kTelling, kTold, kOver };
  static constexpr size_t kReadWords = 512;

  void End() { state_ = State::kOver; }

  void OnConnected() {
    if (!FinishConnect(fd_.get(), peer_.address).ok()) return End();
    TuneNodeLink(fd_.get());
    state_ = State::kGreeting;
    Send(NodeHello{.software = absl::StrCat("guardian ", kSoftwareVersion),
                   .node = will_.node,
                   .expected_node = peer_.node,
                   .parts = true});
  }

  void OnBytes() {
    const Bytes received(reinterpret_cast<const std::byte*>(in_.data()),
                         in_.size() * sizeof(uint64_t));
    const absl::StatusOr<size_t> size = FrameBytes(received);
    if (!size.ok()) return End();
    if (*size == 0 || *size > received.size()) return;
    const absl::StatusOr<Greeting> greeting = ReadGreeting(received.subspan(0, *size));
    in_.erase(in_.begin(), in_.begin() + static_cast<ptrdiff_t>(*size / sizeof(uint64_t)));
    const auto* welcome = greeting.ok() ? std::get_if<Welcome>(&*greeting) : nullptr;
    if (welcome == nullptr || !CheckNodeWelcome(*welcome, peer_.node).ok()) return End();
    if (state_ == State::kTelling) {
      state_ = State::kTold;
      return;
    }
    state_ = State::kTelling;
    Send(Parting{will_.parting_token});
  }

  void Send(const Greeting& greeting) {
    const absl::StatusOr<Bytes> frame = WriteGreeting(&writer_, greeting);
    const ssize_t sent =
        frame.ok() ? ::send(fd_.get(), frame->data(), frame->size(), MSG_NOSIGNAL) : -1;
    if (sent < 0 || static_cast<size_t>(sent) != frame->size()) End();
  }

  const Will& will_;
  const Will::Peer& peer_;
  UniqueFd fd_;
  State state_ = State::kConnecting;
  PacketWriter writer_;
  std::vector<uint64_t> in_;
};

}  // namespace

std::vector<NodeNumber> SayFarewell(const Will& will, absl::Time deadline) {
  std::vector<std::unique_ptr<Call>> calls;
  for (const Will::Peer& peer : will.peers) calls.push_back(std::make_unique<Call>(will, peer));
  while (true) {
    std::vector<Call*> open;
    std::vector<pollfd> fds;
    for (const auto& call : calls) {
      if (call->is_over()) continue;
      open.push_back(call.get());
      fds.push_back(call->Wanted());
    }
    const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
    if (open.empty() || left <= 0) break;
    if (::poll(fds.data(), fds.size(), static_cast<int>(left)) <= 0) continue;
    for (size_t i = 0; i < open.size(); ++i) {
      if (fds[i].revents != 0) open[i]->OnReady();
    }
  }
  std::vector<NodeNumber> told;
  for (const auto& call : calls) {
    if (call->is_told()) told.push_back(call->node());
  }
  return told;
}

}  // namespace ctdb::guardian
