// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/io/load.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"

namespace ctdb::config {
namespace {

absl::StatusOr<std::string> ReadNodesText(const std::string& source,
                                          const CommandOptions& options) {
  if (!absl::StartsWith(source, "!")) return ReadFile(source, kConfigBytesMax);
  const std::vector<std::string> words =
      absl::StrSplit(source.substr(1), absl::ByAnyChar(" \t"), absl::SkipEmpty());
  return RunCommand(words, options);
}

void AddFileError(const std::string& path, const absl::Status& status,
                  std::vector<Problem>* problems) {
  AddProblem({Severity::kError, path, 0, {std::string(status.message())}, ""}, problems);
}

// The *.tunables files of the directory, as the locale orders them.
std::vector<std::string> ListTunables(const std::string& directory,
                                      std::vector<Problem>* problems) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(directory.c_str()), ::closedir);
  if (dir == nullptr) {
    if (errno != ENOENT) AddFileError(directory, ErrnoStatus(errno, "read", directory), problems);
    return names;
  }
  while (const dirent* entry = ::readdir(dir.get())) {
    const absl::string_view name = entry->d_name;
    if (absl::StartsWith(name, ".") || !absl::EndsWith(name, ".tunables")) continue;
    if (names.size() == kTunablesFilesMax) {
      AddFileError(directory,
                   absl::ResourceExhaustedError(
                       absl::StrCat("more than ", kTunablesFilesMax, " files, not all are read")),
                   problems);
      break;
    }
    names.push_back(absl::StrCat(directory, "/", name));
  }
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return std::strcoll(a.c_str(), b.c_str()) < 0;
  });
  return names;
}

void LoadTunablesFile(const std::string& path, LoadedTunables* loaded) {
  const absl::StatusOr<std::string> text = ReadFile(path, kConfigBytesMax);
  if (absl::IsNotFound(text.status())) return;
  if (!text.ok()) {
    AddFileError(path, text.status(), &loaded->problems);
    return;
  }
  loaded->files.push_back(path);
  ParseTunables(*text, path, &loaded->tunables, &loaded->problems);
}

}  // namespace

FileKind SystemFileProbe::KindOf(const std::string& path) const {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return FileKind::kMissing;
  if (S_ISDIR(info.st_mode)) return FileKind::kDirectory;
  if (!S_ISREG(info.st_mode)) return FileKind::kOther;
  return ::access(path.c_str(), X_OK) == 0 ? FileKind::kExecutable : FileKind::kNotExecutable;
}

absl::StatusOr<Config> LoadConfig(const Paths& paths, Strictness strictness) {
  const absl::StatusOr<std::string> text = ReadFile(paths.ConfigFile(), kConfigBytesMax);
  if (absl::IsNotFound(text.status()) && strictness == Strictness::kLenient) return Config(paths);
  if (!text.ok()) return text.status();
  return Config::Parse(*text, paths.ConfigFile(), paths, SystemFileProbe(), strictness);
}

std::string NodesSource(const Config& config, const Paths& paths) {
  const std::string& source = config.GetString("cluster", "nodes list");
  return source.empty() ? paths.NodesFile() : source;
}

absl::StatusOr<std::vector<NodeEntry>> LoadNodes(const Config& config, const Paths& paths,
                                                 const CommandOptions& options) {
  const std::string source = NodesSource(config, paths);
  CTDB_ASSIGN_OR_RETURN(const std::string text, ReadNodesText(source, options));
  NodesFile file = ParseNodes(text, source);
  CTDB_RETURN_IF_ERROR(ToStatus(file.problems));
  if (file.nodes.empty() && absl::StartsWith(source, "!")) {
    return absl::InvalidArgumentError(
        absl::StrCat("the command ", source.substr(1), " printed no nodes"));
  }
  return std::move(file.nodes);
}

LoadedTunables LoadTunables(const Paths& paths) {
  LoadedTunables loaded;
  LoadTunablesFile(paths.TunablesFile(), &loaded);
  for (const std::string& path : ListTunables(paths.TunablesDirectory(), &loaded.problems)) {
    LoadTunablesFile(path, &loaded);
  }
  return loaded;
}

}  // namespace ctdb::config
