// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// schema_lines: everything of the schemas that other versions rely on, as lines of text, and what a
// difference between two such texts means. Rules: capnp/README.md. A line is
//
//   FILE TYPE KEY REST
//
//   capnp/packet.capnp Packet - struct             a type; of an interface also id and bases
//   capnp/packet.capnp Packet @3 bulk Bool         a field, enumerant or method by its number
//   capnp/packet.capnp Control |1 unsubscribe      a member of a union by its tag
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     a request that is no request is a kj::Exception.
//   Blocking:   never.
//   Limits:     those of the compiler.

#ifndef TESTS_PROTOCOL_SCHEMA_EVOLUTION_SCHEMA_LINES_H_
#define TESTS_PROTOCOL_SCHEMA_EVOLUTION_SCHEMA_LINES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ctdb::schema_evolution {

// Of what `capnp compile -o-` wrote.
std::string DescribeSchemas(absl::string_view request);

struct Change {
  bool is_break;     // A peer of the former version would misunderstand.
  std::string text;  // What changed and what to do.
};

// What became of the lines of a former version.
std::vector<Change> Compare(absl::string_view before, absl::string_view after);

}  // namespace ctdb::schema_evolution

#endif  // TESTS_PROTOCOL_SCHEMA_EVOLUTION_SCHEMA_LINES_H_
