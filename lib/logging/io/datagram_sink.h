// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// datagram_sink: log records as datagrams to a local socket or by UDP.
//
// Connects when the first record is written, and anew after every failure, so the receiver may
// start later than we do and may be restarted. Whether a UDP receiver got a datagram cannot be
// known; that nobody listens on the port of this machine usually can, and is an error.
//
//   Ownership:  owns its socket.
//   Threading:  as Sink.
//   Errors:     those of the system, naming the address; DeadlineExceeded if the receiver's queue
//               is full; InvalidArgument for a record larger than the socket takes.
//   Blocking:   kSinkWait.
//   Limits:     one record.
//
// Example:
//   auto sink = MakeUnixDatagramSink("/dev/log", FormatRfc3164);

#ifndef LIB_LOGGING_IO_DATAGRAM_SINK_H_
#define LIB_LOGGING_IO_DATAGRAM_SINK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "lib/logging/sink.h"

namespace ctdb::logging {

// InvalidArgument if the path is too long for a socket.
absl::StatusOr<std::unique_ptr<Sink>> MakeUnixDatagramSink(const std::string& path,
                                                           Sink::Format format);

// `address` is numeric, IPv4 or IPv6; InvalidArgument otherwise.
absl::StatusOr<std::unique_ptr<Sink>> MakeUdpSink(const std::string& address, uint16_t port,
                                                  Sink::Format format);

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_IO_DATAGRAM_SINK_H_
