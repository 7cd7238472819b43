// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/table.h"

#include <algorithm>

#include "absl/strings/str_join.h"

namespace ctdb::cli {
namespace {

std::string Padding(int width, absl::string_view text) {
  return std::string(std::max(0, width - DisplayWidth(text)), ' ');
}

}  // namespace

void Table::AddRow(std::vector<Cell> cells) {
  cells.resize(columns_.size(), Cell(""));
  for (Cell& cell : cells) {
    cell.text = Printable(cell.text);
    cell.exact = Printable(cell.exact);
  }
  rows_.push_back(std::move(cells));
}

std::string Table::Human(bool colour) const {
  std::vector<Cell> header;
  std::vector<int> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    header.emplace_back(columns_[i].title, Tone::kStrong);
    int width = DisplayWidth(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[i].text));
    widths.push_back(width);
  }
  std::string result;
  const auto append = [&](const std::vector<Cell>& row) {
    std::string line;
    std::string pending;  // Blanks that only stay when a text follows.
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string padding = Padding(widths[i], row[i].text);
      const bool right = columns_[i].align == Align::kRight;
      if (right) pending += padding;
      if (!row[i].text.empty()) {
        absl::StrAppend(&line, pending, Paint(row[i].text, row[i].tone, colour));
        pending.clear();
      }
      if (!right) pending += padding;
      pending += "  ";
    }
    absl::StrAppend(&result, line, "\n");
  };
  append(header);
  for (const auto& row : rows_) append(row);
  return result;
}

std::string Table::Machine(absl::string_view separator) const {
  std::vector<std::string> fields;
  for (const Column& column : columns_) fields.push_back(column.field);
  std::string result = MachineRow(fields, separator);
  for (const auto& row : rows_) {
    fields.clear();
    for (const Cell& cell : row) fields.push_back(cell.exact.empty() ? cell.text : cell.exact);
    result += MachineRow(fields, separator);
  }
  return result;
}

std::string MachineRow(const std::vector<std::string>& fields, absl::string_view separator) {
  return absl::StrCat(separator, absl::StrJoin(fields, separator), separator, "\n");
}

}  // namespace ctdb::cli
