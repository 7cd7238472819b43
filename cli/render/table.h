// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// table: rows of cells, as aligned columns for people or as separated fields for scripts.
//
//   Ownership:  owns its cells.
//   Threading:  not thread-safe.
//   Errors:     none; a row with too few cells is filled up, extra cells are dropped.
//   Blocking:   never.
//   Limits:     memory.
//
// Example:
//   Table table({{"Node", "node", Align::kRight}, {"State", "state"}});
//   table.AddRow({"0", {"connected", Tone::kGood}});
//   std::string text = table.Human(/*colour=*/false);

#ifndef CLI_RENDER_TABLE_H_
#define CLI_RENDER_TABLE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cli/render/text.h"

namespace ctdb::cli {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;  // For people.
  std::string field;  // In the header row of -X.
  Align align = Align::kLeft;
};

struct Cell {
  // NOLINTNEXTLINE(google-explicit-constructor): a row reads as the list of its texts.
  Cell(std::string text, Tone tone = Tone::kPlain) : text(std::move(text)), tone(tone) {}
  Cell(const char* text, Tone tone = Tone::kPlain) : text(text), tone(tone) {}
  Cell(uint64_t number) : text(absl::StrCat(number)), exact(text) {}
  // Shown as `text` to people, as `exact` to scripts.
  Cell(std::string text, std::string exact) : text(std::move(text)), exact(std::move(exact)) {}

  std::string text;
  std::string exact;  // "": as `text`.
  Tone tone = Tone::kPlain;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void AddRow(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }

  // A header line and a line per row, columns two blanks apart, nothing after the last letter.
  std::string Human(bool colour) const;

  // Rows that start and end with the separator, the first of them with the field names.
  std::string Machine(absl::string_view separator) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// One row that starts and ends with the separator.
std::string MachineRow(const std::vector<std::string>& fields, absl::string_view separator);

}  // namespace ctdb::cli

#endif  // CLI_RENDER_TABLE_H_
