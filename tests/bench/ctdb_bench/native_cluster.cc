// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/native_cluster.h"

#include <stdlib.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/process_memory.h"
#include "tests/bench/ctdb_bench/program_output.h"

namespace ctdb::bench {
namespace {

constexpr size_t kPidBytesMax = 32;

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
    node_count_ = node_count;
    return AwaitActive();
  }

  absl::StatusOr<std::unique_ptr<BenchClient>> Connect(NodeNumber node) override {
    return ConnectToNative(Socket(node.value()));
  }

  absl::StatusOr<NodeNumber> Leader() override {
    return NodeOf(Command(absl::StrCat("--socket '", Socket(0), "' leader")));
  }

  // Not by a command: it would be part of what is measured.
  absl::Status Kill(NodeNumber node) override {
    CTDB_ASSIGN_OR_RETURN(const pid_t pid, Daemon(node));
    if (::kill(pid, SIGKILL) == 0) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat("cannot kill process ", pid));
  }

  absl::StatusOr<std::vector<pid_t>> Processes(NodeNumber node) const override {
    CTDB_ASSIGN_OR_RETURN(const pid_t pid, Daemon(node));
    return ProcessAndChildren(pid);
  }

  absl::Status Restart(NodeNumber node) override {
    CTDB_RETURN_IF_ERROR(Run(absl::StrCat("local start '", Nodes(), "' -n ", node.value())));
    return AwaitActive();
  }

  absl::StatusOr<uint64_t> CatchUpBytes(absl::string_view database) override {
    uint64_t bytes = 0;
    for (uint32_t node = 0; node < node_count_; ++node) {
      // One that was killed has sent nothing when it starts again.
      const absl::StatusOr<std::string> answer = OutputOf(
          Command(absl::StrCat("--socket '", Socket(node), "' dbstatistics '", database, "'")));
      if (!answer.ok()) continue;
      constexpr absl::string_view kName = " catch_up.bytes_sent ";
      const size_t at = answer->find(std::string(kName));
      uint64_t number = 0;
      const std::string rest = at == std::string::npos ? "" : answer->substr(at + kName.size());
      if (!absl::SimpleAtoi(rest.substr(0, rest.find('\n')), &number)) {
        return absl::DataLossError(absl::StrCat("dbstatistics does not say it: ", *answer));
      }
      bytes += number;
    }
    return bytes;
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

  absl::StatusOr<pid_t> Daemon(NodeNumber node) const {
    const std::string path = absl::StrCat(Nodes(), "/node.", node.value(), "/run/ctdbd.pid");
    CTDB_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kPidBytesMax));
    pid_t pid = 0;
    if (absl::SimpleAtoi(text, &pid) && pid > 1) return pid;
    return absl::UnavailableError(absl::StrCat(path, " names no process: ", text));
  }

  absl::Status AwaitActive() const {
    for (uint32_t node = 0; node < node_count_; ++node) {
      CTDB_RETURN_IF_ERROR(Run(absl::StrCat("--socket '", Socket(node),
                                            "' wait --for active=", node_count_, " --timeout 20")));
    }
    return absl::OkStatus();
  }

  std::string Command(const std::string& arguments) const {
    return absl::StrCat("CTDBD='", programs_.ctdbd, "' '", programs_.ctdb, "' ", arguments);
  }
  absl::Status Run(const std::string& arguments) const {
    return OutputOf(Command(arguments)).status();
  }

  const std::string parent_directory_;
  const NativePrograms programs_;
  std::string directory_;
  uint32_t node_count_ = 0;
};

}  // namespace

std::unique_ptr<Cluster> MakeNativeCluster(const std::string& directory,
                                           const NativePrograms& programs) {
  return std::make_unique<NativeCluster>(directory, programs);
}

}  // namespace ctdb::bench
