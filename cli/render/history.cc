// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/history.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "cli/render/text.h"

namespace ctdb::cli {
namespace {

std::string Text(capnp::Text::Reader text) { return Printable({text.begin(), text.size()}); }

// "3 s", "2h 10m".
std::string Age(double seconds) {
  if (seconds < 60) return absl::StrFormat("%.0f s", std::floor(std::max(seconds, 0.0)));
  return ShortAge(seconds);
}

// The first line, without its end.
std::string Headline(const NodeState& node) {
  if (node.left_out && node.flags == 0) {
    return absl::StrCat("Node ", node.number, " is well but takes no part in the cluster");
  }
  return absl::StrCat("Node ", node.number, " is ", ShortState(node));
}

}  // namespace

std::string ShortState(const NodeState& node) {
  if ((node.flags & kDisconnected) != 0) return "DISCONNECTED";
  NodeState own = node;
  own.left_out = node.left_out && node.flags == 0;
  std::string names = FlagNames(own);
  // It says no more than the flags in front of it.
  const size_t inactive = names.find("|INACTIVE");
  return inactive == std::string::npos ? names : names.substr(0, inactive);
}

std::string FlagText(uint32_t flag) {
  NodeState node;
  node.flags = flag;
  return ShortState(node);
}

std::string WhyText(const NodeState& node, wire::NodeReport::Reader report,
                    capnp::List<wire::Change>::Reader changes, double now, absl::TimeZone zone) {
  std::string text = Headline(node);
  if (changes.size() == 0) {
    absl::StrAppend(&text, "; no change of it is on record\n");
  } else {
    const double since = changes[0].getTime();
    // A node that was left out is so since the view began, which is no change of its own.
    absl::StrAppend(&text, node.left_out ? "; its last change: " : " since ",
                    CalendarTime(since, zone), " (", Age(now - since), " ago)\n");
  }
  // A node that is gone has said all this before.
  const auto reasons = report.getState().getReasons();
  if ((node.flags & kDisconnected) == 0 && reasons.size() > 1) {
    for (const auto reason : reasons) {
      absl::StrAppend(&text, "  ", FlagText(reason.getFlag()), ": ", Text(reason.getText()), "\n");
    }
  }
  std::string indent = "  ";
  for (unsigned int i = 0; i < changes.size(); ++i) {
    absl::StrAppend(&text, indent, "because: ", Text(changes[i].getText()));
    if (i > 0) absl::StrAppend(&text, " (", CalendarTime(changes[i].getTime(), zone), ")");
    text += "\n";
    indent += "  ";
  }
  return text;
}

std::string ChangeLine(wire::Change::Reader change, bool with_sequences, absl::TimeZone zone) {
  std::string line =
      absl::StrCat(CalendarTime(change.getTime(), zone), "  ", Text(change.getText()));
  if (with_sequences) {
    line = absl::StrFormat("%6u  %s", change.getSequence(), line);
    if (change.getCause() != 0) absl::StrAppend(&line, " (because of ", change.getCause(), ")");
  }
  return line + "\n";
}

std::string MissedLine(uint64_t missed) {
  return absl::StrCat("... ", missed, missed == 1 ? " change is" : " changes are",
                      " missing here ...\n");
}

}  // namespace ctdb::cli
