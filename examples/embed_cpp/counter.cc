// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The counter of examples/embed_c in C++, with the same installed library: handles that close
// themselves, and errors that are exceptions of the program's own.
//
// Why not the C++ headers of lib/client? They name types of Abseil and Cap'n Proto, whose binary
// form depends on how and when those were built. They are for programs that are built together with
// this repository; what is installed is the C interface, and it keeps its promise for years.
//
//   c++ -std=c++17 -o counter counter.cc $(pkg-config --cflags --libs ctdbapi)
//   ./counter 1000 2    # counts, tells everybody, and waits until it has heard two messages
#include <ctdbapi.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

constexpr std::uint64_t kChannel = 4711;
constexpr int kTimeoutMs = 10000;

void Check(int error) {
  if (error != CTDB_OK) throw std::runtime_error(ctdb_last_error());
}

// Any of the library's handles, with what closes it.
template <auto kClose>
struct Closer {
  template <typename Handle>
  void operator()(Handle* handle) const {
    kClose(handle);
  }
};
using Client = std::unique_ptr<ctdb_client, Closer<ctdb_close>>;
using Database = std::unique_ptr<ctdb_database, Closer<ctdb_detach>>;
using Record = std::unique_ptr<ctdb_record, Closer<ctdb_unlock>>;

// Makes a Client, Database or Record with a function of the library.
template <typename Owner, typename Function, typename... Arguments>
Owner Make(Function function, Arguments... arguments) {
  typename Owner::pointer handle = nullptr;
  Check(function(arguments..., &handle));
  return Owner(handle);
}

std::string ValueOf(const Record& record) {
  std::size_t size = 0;
  const void* value = ctdb_value(record.get(), &size);
  return std::string(static_cast<const char*>(value), size);
}

// Adds one while nobody else in the cluster can look at the record, and returns what it is now.
std::string Increment(const Database& database, std::string_view key) {
  const Record record = Make<Record>(ctdb_lock, database.get(), key.data(), key.size(), kTimeoutMs);
  const std::string value = std::to_string(std::atol(ValueOf(record).c_str()) + 1);
  Check(ctdb_store(record.get(), value.data(), value.size()));
  return value;
}

void Hear(void* heard, std::uint32_t node, std::uint64_t, std::uint64_t, const void* data,
          std::size_t size) {
  ++*static_cast<int*>(heard);
  std::cout << "heard from node " << node << ": "
            << std::string_view(static_cast<const char*>(data), size) << std::endl;
}

void Run(int count, int wanted) {
  const Client client = Make<Client>(ctdb_open, nullptr, "counter++", kTimeoutMs);
  const Database database = Make<Database>(ctdb_attach, client.get(), "embedding", kTimeoutMs);
  int heard = 0;
  Check(ctdb_subscribe(client.get(), kChannel, Hear, &heard, kTimeoutMs));
  std::string value;
  for (int i = 0; i < count; ++i) value = Increment(database, "visitors");
  std::cout << "node " << ctdb_node(client.get()) << " counted to " << value << std::endl;
  Check(ctdb_send(client.get(), CTDB_NODE_CONNECTED, kChannel, value.data(), value.size(),
                  kTimeoutMs));
  while (heard < wanted) Check(ctdb_dispatch(client.get(), 1000, nullptr));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Run(argc > 1 ? std::atoi(argv[1]) : 1000, argc > 2 ? std::atoi(argv[2]) : 1);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
