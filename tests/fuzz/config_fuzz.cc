// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// config_fuzz: any text as ctdb.conf.

#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "lib/config/config.h"
#include "lib/config/ini.h"
#include "lib/config/render.h"

namespace ctdb::config {
namespace {

// A file system in which the length of a path decides what is there.
class AnyProbe : public FileProbe {
 public:
  FileKind KindOf(const std::string& path) const override {
    return static_cast<FileKind>(path.size() % 5);
  }
};

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckLines(const IniFile& file) {
  int line = 0;
  for (const IniSection& section : file.sections) {
    Require(section.line >= line);
    line = section.line;
    for (const IniOption& option : section.options) {
      Require(option.line > line && !option.name.empty());
      line = option.line;
    }
  }
}

void CheckText(absl::string_view text) {
  CheckLines(ParseIni(text));
  const Paths paths;
  const AnyProbe probe;
  const Config strict = Config::Parse(text, "F", paths, probe, Strictness::kStrict);
  const Config lenient = Config::Parse(text, "F", paths, probe, Strictness::kLenient);
  Require(lenient.ok() || !strict.ok());
  Require(strict.ok() == strict.status().ok());
  Require(strict.problems().size() <= kProblemsMax);
  Require(RenderDump(strict) == RenderDump(lenient));
  Require(OptionRows(strict, paths).size() == OptionTable().size());
  Require(!RenderShow(strict).empty());
}

}  // namespace
}  // namespace ctdb::config

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ctdb::config::CheckText({reinterpret_cast<const char*>(data), size});
  return 0;
}
