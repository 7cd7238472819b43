// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/native_cluster.h"

#include <stdlib.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace ctdb::bench {
namespace {

class NativeCluster final : public Cluster {
 public:
  NativeCluster(std::string directory, NativePrograms programs)
      : parent_directory_(std::move(directory)), programs_(std::move(programs)) {}
  ~NativeCluster() override { Stop(); }

  std::string name() const override { return "ours"; }

  absl::Status Start(uint32_t node_count) override {
    std::string pattern = parent_directory_ + "/ctdb-bench-ours.XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
      return absl::UnavailableError(absl::StrCat("cannot make a directory in ", parent_directory_));
    }
    directory_ = pattern;
    CTDB_RETURN_IF_ERROR(Run(absl::StrCat("local setup -n ", node_count, " '", Nodes(), "'")));
    for (uint32_t node = 0; node < node_count; ++node) {
      std::ofstream(absl::StrCat(Nodes(), "/node.", node, "/ctdb.conf"), std::ios::app)
          << "\n[database]\n\tvolatile database memory = " << programs_.memory_mib << "\n";
    }
    CTDB_RETURN_IF_ERROR(Run(absl::StrCat("local start '", Nodes(), "'")));
    for (uint32_t node = 0; node < node_count; ++node) {
      CTDB_RETURN_IF_ERROR(Run(absl::StrCat("--socket '", Socket(node),
                                            "' wait --for active=", node_count, " --timeout 20")));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<BenchClient>> Connect(NodeNumber node) override {
    return ConnectToNative(Socket(node.value()));
  }

  void Stop() override {
    if (directory_.empty()) return;
    Run(absl::StrCat("local destroy '", Nodes(), "'")).IgnoreError();
    [[maybe_unused]] const int status = std::system(("rm -rf '" + directory_ + "'").c_str());
    directory_.clear();
  }

 private:
  std::string Nodes() const { return directory_ + "/cluster"; }
  std::string Socket(uint32_t node) const {
    return absl::StrCat(Nodes(), "/node.", node, "/run/transport.socket");
  }

  // What it says comes with the error.
  absl::Status Run(const std::string& arguments) const {
    const std::string command = absl::StrCat("CTDBD='", programs_.ctdbd, "' '", programs_.ctdb,
                                             "' ", arguments, " </dev/null 2>&1");
    FILE* const pipe = ::popen(command.c_str(), "re");
    if (pipe == nullptr) return absl::UnavailableError("cannot run " + command);
    std::string output;
    char buffer[1024];
    while (const size_t got = std::fread(buffer, 1, sizeof(buffer), pipe)) {
      output.append(buffer, got);
    }
    if (::pclose(pipe) == 0) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat("ctdb ", arguments, ": ", output));
  }

  const std::string parent_directory_;
  const NativePrograms programs_;
  std::string directory_;
};

}  // namespace

std::unique_ptr<Cluster> MakeNativeCluster(const std::string& directory,
                                           const NativePrograms& programs) {
  return std::make_unique<NativeCluster>(directory, programs);
}

}  // namespace ctdb::bench
