// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// fake_probe: a file system of a few named entries, for tests.

#ifndef TESTS_CONFIG_FAKE_PROBE_H_
#define TESTS_CONFIG_FAKE_PROBE_H_

#include <map>
#include <string>
#include <utility>

#include "lib/config/validate.h"

namespace ctdb::config {

class FakeProbe : public FileProbe {
 public:
  FakeProbe() = default;
  explicit FakeProbe(std::map<std::string, FileKind> entries) : entries_(std::move(entries)) {}

  FileKind KindOf(const std::string& path) const override {
    const auto entry = entries_.find(path);
    return entry == entries_.end() ? FileKind::kMissing : entry->second;
  }

 private:
  std::map<std::string, FileKind> entries_;
};

}  // namespace ctdb::config

#endif  // TESTS_CONFIG_FAKE_PROBE_H_
