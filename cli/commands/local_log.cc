// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/commands/local_log.h"

#include <fstream>
#include <map>

#include "absl/time/clock.h"
#include "cli/exit_code.h"
#include "cli/local/layout.h"
#include "cli/local/log_merge.h"

namespace ctdb::cli {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(200);

// Reads what came to a file since the last call; starts again when the file got shorter or was
// replaced by a shorter one.
class FileTail {
 public:
  explicit FileTail(std::string path) : path_(std::move(path)) {}

  std::string ReadMore() {
    std::ifstream file(path_, std::ios::binary | std::ios::ate);
    if (!file) return "";
    const std::streamoff size = file.tellg();
    if (size < offset_) offset_ = 0;
    std::string text(static_cast<size_t>(size - offset_), '\0');
    file.seekg(offset_);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(file.gcount()));
    offset_ += file.gcount();
    return text;
  }

 private:
  const std::string path_;
  std::streamoff offset_ = 0;
};

}  // namespace

int ShowLogs(Context& context, const std::string& directory, const std::set<uint32_t>& nodes) {
  std::map<uint32_t, FileTail> files;
  for (const uint32_t node : nodes) files.emplace(node, FileTail(local::LogFile(directory, node)));
  local::LogMerge merge;
  while (true) {
    for (auto& [node, file] : files) merge.Add(node, file.ReadMore());
    context.Out(merge.Take());
    if (!context.invocation().has("follow")) return kExitOk;
    absl::SleepFor(kPoll);
  }
}

}  // namespace ctdb::cli
