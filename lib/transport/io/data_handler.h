// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// data_handler: a service of the transport's own process that handles packets of kind data on the
// transport's thread, so that nobody has to be woken for them. Everything else of the service goes
// through its endpoint, as ever, and so does each data packet that it does not want here.
//
//   Ownership:  outlives its use (TransportLoop::SetDataHandler()).
//   Threading:  called on the transport's thread.
//   Errors:     none.
//   Blocking:   must not: everybody's packets wait meanwhile.
//   Limits:     none of its own.
//
// Example:
//   loop.SetDataHandler(ServiceId::kDatabase, &databases);
//   ...
//   loop.SetDataHandler(ServiceId::kDatabase, nullptr);  // Not called any more from here on.

#ifndef LIB_TRANSPORT_IO_DATA_HANDLER_H_
#define LIB_TRANSPORT_IO_DATA_HANDLER_H_

#include <cstdint>
#include <vector>

#include "lib/base/instant.h"
#include "lib/protocol/envelope.h"

namespace ctdb {

class DataHandler {
 public:
  virtual ~DataHandler() = default;
  // False: it is to go to the endpoint. `frame` is valid during the call.
  virtual bool OnData(const Envelope& envelope, Bytes frame) = 0;
  // The next frame to be sent in the name of the endpoint, in whole words; empty: none.
  virtual std::vector<uint64_t> NextFrame() = 0;
  // When OnDeadline() is due. Asked after each of the other calls.
  virtual Instant NextDeadline() { return kNever; }
  virtual void OnDeadline(Instant now) {}
};

}  // namespace ctdb

#endif  // LIB_TRANSPORT_IO_DATA_HANDLER_H_
