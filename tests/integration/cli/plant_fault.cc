// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// plant_fault FILE NODE EPOCH COUNTER KEY VALUE: writes a record into a node's file of a volatile
// database as no program may: with this owner and version.

#include <cstdlib>
#include <iostream>
#include <string>

#include "lib/store/io/native_store.h"

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  const std::string path = argv[1];
  const size_t slash = path.rfind('/');
  const auto store = ctdb::store::NativeStore::Open(
      {.directory = path.substr(0, slash), .name = path.substr(slash + 1)});
  auto record = store.ok() ? (*store)->Lock(argv[5], {.wait = absl::Seconds(10)})
                           : absl::StatusOr<ctdb::store::LockedRecord>(store.status());
  ctdb::store::RecordHeader header;
  header.owner = ctdb::NodeNumber(static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10)));
  header.epoch = ctdb::Epoch(std::strtoull(argv[3], nullptr, 10));
  header.counter = std::strtoull(argv[4], nullptr, 10);
  const absl::Status status = record.ok() ? record->Store(header, argv[6]) : record.status();
  if (!status.ok()) std::cerr << status << std::endl;
  return status.ok() ? 0 : 1;
}
