// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/man_page.h"

#include "absl/strings/str_cat.h"
#include "lib/base/man_page.h"
#include "lib/config/option_table.h"
#include "lib/config/paths.h"
#include "lib/config/tunable_table.h"

namespace ctdb::config {
namespace {

std::string OptionTag(const OptionSpec& option) {
  const std::string default_text = DefaultText(option, Paths());
  const std::string shown = default_text.empty() ? "unset" : default_text;
  const std::string type =
      option.unit.empty() ? std::string(OptionTypeName(option.type)) : absl::StrCat(option.unit);
  return absl::StrCat(option.name, " (", type, ", default: ", shown, ")");
}

void AppendTunable(const TunableSpec& tunable, ManPage* page) {
  page->Item(
      absl::StrCat(tunable.name, " (", tunable.unit, ", default: ", tunable.default_value, ")"),
      tunable.doc);
}

}  // namespace

std::string ConfManPage() {
  ManPage page("ctdb.conf", 5, "configuration of the cluster's daemons");
  page.Heading("SYNOPSIS");
  page.Text(Paths().ConfigFile());
  page.Heading("DESCRIPTION");
  page.Text(
      "The file holds what a node needs to know when it starts. It consists of sections, each with "
      "a name in brackets on a line of its own, and of options below them, written NAME = VALUE. "
      "Any option, and the file itself, may be absent; defaults take its place.");
  page.Paragraph(
      "A line whose first visible character is \"#\" or \";\" is a comment. There are no comments "
      "behind a value. White space around names and values is removed, and a run of it inside them "
      "becomes one blank. A backslash at the end of a line continues it on the next. The case of "
      "letters matters in the names of options but not in those of sections. A section may occur "
      "more than once; of several lines for one option the last counts.");
  page.Paragraph(
      "An integer is written in decimal, in hexadecimal after \"0x\", or in octal after a leading "
      "0. A boolean is true, yes, false or no.");
  page.Paragraph(
      "Daemons refuse a file with a wrong value in it, and ignore sections and options that they "
      "do not know. The commands \"ctdb config check\" and \"ctdb-config validate\" report these, "
      "too.");
  absl::string_view section;
  page.Heading("OPTIONS");
  for (const OptionSpec& option : OptionTable()) {
    if (option.section != section) {
      section = option.section;
      page.Subheading(absl::StrCat("Section [", section, "]"));
    }
    page.Item(OptionTag(option),
              absl::StrCat(option.doc, option.reloadable ? "" : " A change needs a restart."));
  }
  page.Heading("EXAMPLES");
  page.Example(
      "[cluster]\n    cluster lock = /clusterfs/.ctdb/lock\n[logging]\n    location = syslog\n");
  page.SeeAlso("ctdb-nodes(5), ctdb-tunables(7)");
  return page.text();
}

std::string NodesManPage() {
  ManPage page("ctdb-nodes", 5, "the nodes of the cluster");
  page.Heading("SYNOPSIS");
  page.Text(Paths().NodesFile());
  page.Heading("DESCRIPTION");
  page.Text(
      "Each line is the private address of one node, IPv4 or IPv6, without name, port or mask. The "
      "first line is node 0, the second node 1, and so on. The file must be the same on all nodes, "
      "and no address may occur twice.");
  page.Paragraph(
      "A line that starts with \"#\" is a deleted node: it keeps its number, so that the nodes "
      "below keep theirs. This holds for every such line, so do not write comments into this file. "
      "Blank lines do not count.");
  page.Paragraph(
      "To add a node, append a line; to remove one, put \"#\" in front of its address. Then copy "
      "the file to all nodes and run \"ctdb reloadnodes\".");
  page.Paragraph(
      "The option \"nodes list\" in section [cluster] of ctdb.conf(5) names another file, or a "
      "command that prints the list.");
  page.Heading("EXAMPLES");
  page.Example("192.168.1.1\n#192.168.1.2\n192.168.1.3\n");
  page.Paragraph("These are nodes 0 and 2; node 1 is deleted.");
  page.SeeAlso("ctdb.conf(5), ctdb-tunables(7)");
  return page.text();
}

std::string TunablesManPage() {
  ManPage page("ctdb-tunables", 7, "numbers that can be changed while a node runs");
  page.Heading("SYNOPSIS");
  page.Text(Paths().TunablesFile());
  page.LineBreak();
  page.Text(absl::StrCat(Paths().TunablesDirectory(), "/*.tunables"));
  page.Heading("DESCRIPTION");
  page.Text(
      "Tunables are whole numbers that adjust a node to its environment. \"ctdb listvars\" shows "
      "them, \"ctdb setvar\" changes one on one node until that node restarts. To keep a change, "
      "write it into a tunables file, on every node.");
  page.Paragraph(
      "Tunables files are read when a node starts: first ctdb.tunables, then the files of the "
      "directory tunables.d whose names end in .tunables, in alphabetical order. A line is "
      "NAME=VALUE, with the lexical rules of ctdb.conf(5) but without sections. The case of the "
      "name does not matter. Of several lines for one tunable the last counts. A line with a "
      "mistake in it is reported, and the others are used.");
  page.Heading("TUNABLES");
  for (const TunableSpec& tunable : TunableTable()) AppendTunable(tunable, &page);
  page.Heading("EXAMPLES");
  page.Example("# Be patient with a busy network\nKeepaliveLimit=8\n");
  page.SeeAlso("ctdb.conf(5), ctdb-nodes(5)");
  return page.text();
}

}  // namespace ctdb::config
