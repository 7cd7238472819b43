// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/io/ballot_file.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/io/file.h"

namespace ctdb::cluster {
namespace {

constexpr size_t kFileBytesMax = 256;
constexpr absl::string_view kFormat = "1";

}  // namespace

absl::StatusOr<Ballot> LoadBallot(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path, kFileBytesMax);
  if (absl::IsNotFound(text.status())) return Ballot(0);
  if (!text.ok()) return text.status();
  const std::vector<std::string> words = absl::StrSplit(absl::StripSuffix(*text, "\n"), ' ');
  uint64_t round = 0;
  uint32_t node = 0;
  if (words.size() == 4 && words[0] == "ballot" && words[1] == kFormat &&
      absl::SimpleAtoi(words[2], &round) && absl::SimpleAtoi(words[3], &node) &&
      round <= kRoundMax && node < (1u << kBallotNodeBits)) {
    return MakeBallot(round, NodeNumber(node));
  }
  return absl::DataLossError(absl::StrCat(
      "the file ", path,
      " is damaged: it holds the last vote of this node. Remove it while a majority of the other "
      "nodes is running and has a leader, then start this node"));
}

absl::Status StoreBallot(const std::string& path, Ballot ballot) {
  return WriteFileAtomically(path, absl::StrCat("ballot ", kFormat, " ", RoundOf(ballot), " ",
                                                NodeOf(ballot).value(), "\n"));
}

}  // namespace ctdb::cluster
