// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// c_edge: what the functions of ctdbapi.h have in common. Nothing of it leaves the library.
//
//   Ownership:  a ctdb_client shares the client with all that was made of it.
//   Threading:  the last error belongs to the thread.
//   Errors:     AtTheEdge() makes error codes of them, and of exceptions.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   return AtTheEdge([&]() -> absl::Status {
//     if (client == nullptr) return Missing("the client");
//     ...
//   });

#ifndef LIB_CLIENT_C_EDGE_H_
#define LIB_CLIENT_C_EDGE_H_

#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/status_kj.h"
#include "lib/client/client.h"
#include "lib/client/ctdbapi.h"

// Handles share what they need, so that they may be closed in any order.
struct ctdb_client {
  std::shared_ptr<ctdb::Client> client;
};

namespace ctdb {

// Of this thread: the text of the last failure.
std::string& LastError();
int CodeOf(const absl::Status& status);
// Keeps the text, and returns the code.
int Fail(int code, absl::string_view text) noexcept;

// Nothing is thrown over the edge to C.
template <typename Function>
int AtTheEdge(Function&& function) noexcept {
  try {
    const absl::Status status = std::forward<Function>(function)();
    return status.ok() ? CTDB_OK : Fail(CodeOf(status), status.message());
  } catch (const std::bad_alloc&) {
    return Fail(CTDB_NO_MEMORY, "this process has no memory");
  } catch (const kj::Exception& exception) {
    return Fail(CTDB_INTERNAL, exception.getDescription().cStr());
  } catch (const std::exception& exception) {
    return Fail(CTDB_INTERNAL, exception.what());
  } catch (...) {
    return Fail(CTDB_INTERNAL, "something unknown was thrown");
  }
}

absl::Status Missing(absl::string_view what);
absl::StatusOr<absl::Duration> Patience(int timeout_ms);
absl::StatusOr<absl::string_view> View(const void* data, size_t size, absl::string_view what);
// A copy for ctdb_free().
void GiveOut(absl::string_view value, void** memory, size_t* size);

// What a callback throws ends what has called it, after that has been left in order.
class CallbackError {
 public:
  template <typename Function>
  void Run(Function&& function) noexcept {
    try {
      std::forward<Function>(function)();
    } catch (const std::exception& exception) {
      Set(exception.what());
    } catch (...) {
      Set("something unknown");
    }
  }
  bool ok() const { return status_.ok(); }
  const absl::Status& status() const { return status_; }

 private:
  void Set(const char* what) {
    status_ = absl::InternalError(absl::StrCat("a callback has thrown ", what));
  }
  absl::Status status_;
};

}  // namespace ctdb

#endif  // LIB_CLIENT_C_EDGE_H_
