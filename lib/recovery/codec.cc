// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/recovery/codec.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/protocol/bytes_text.h"
#include "lib/store/record.h"

namespace ctdb::recovery {
namespace {

absl::Status Invalid(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("a message of recovery: ", what));
}

std::string SlotBytes(const database::SlotSet& slots) {
  std::string bytes(database::kSlots / 8, '\0');
  for (uint32_t slot = 0; slot < database::kSlots; ++slot) {
    if (slots.test(slot)) bytes[slot / 8] = static_cast<char>(bytes[slot / 8] | 1 << slot % 8);
  }
  return bytes;
}

absl::StatusOr<database::SlotSet> ReadSlots(capnp::Data::Reader bytes) {
  if (bytes.size() != database::kSlots / 8) return Invalid("a set of slots of another size");
  database::SlotSet slots;
  for (uint32_t slot = 0; slot < database::kSlots; ++slot) {
    if ((bytes[slot / 8] >> slot % 8 & 1) != 0) slots.set(slot);
  }
  return slots;
}

absl::StatusOr<std::string> ReadCursor(capnp::Data::Reader cursor) {
  if (cursor.size() > kCursorBytesMax) return Invalid("a cursor that is too long");
  return FromData(cursor);
}

}  // namespace

void EncodeSurvey(const Survey& survey, wire::Survey::Builder out) {
  out.setDatabase(survey.database.value());
  out.setEpoch(survey.epoch.value());
  out.setRound(survey.round);
  out.setPage(survey.page);
  out.setCursor(ToData(survey.cursor));
  out.setSlots(ToData(SlotBytes(survey.slots)));
  auto keys = out.initKeys(static_cast<uint32_t>(survey.keys.size()));
  for (uint32_t i = 0; i < keys.size(); ++i) keys.set(i, ToData(survey.keys[i]));
}

absl::StatusOr<Survey> DecodeSurvey(wire::Survey::Reader in) {
  Survey survey;
  survey.database = database::DatabaseId(in.getDatabase());
  survey.epoch = Epoch(in.getEpoch());
  survey.round = in.getRound();
  survey.page = in.getPage();
  CTDB_ASSIGN_OR_RETURN(survey.cursor, ReadCursor(in.getCursor()));
  CTDB_ASSIGN_OR_RETURN(survey.slots, ReadSlots(in.getSlots()));
  for (const auto key : in.getKeys()) {
    CTDB_RETURN_IF_ERROR(store::CheckKey(survey.keys.emplace_back(FromData(key))));
  }
  return survey;
}

void EncodeReport(const Report& report, wire::Report::Builder out) {
  out.setDatabase(report.database.value());
  out.setEpoch(report.epoch.value());
  out.setRound(report.round);
  out.setPage(report.page);
  auto entries = out.initEntries(static_cast<uint32_t>(report.entries.size()));
  for (uint32_t i = 0; i < entries.size(); ++i) {
    const Report::Entry& entry = report.entries[i];
    entries[i].setKey(ToData(entry.key));
    auto version = entries[i].initVersion();
    version.setEpoch(entry.version.epoch.value());
    version.setCounter(entry.version.counter);
    entries[i].setIsOwner(entry.is_owner);
    entries[i].setLoanEpoch(entry.loan.epoch.value());
    entries[i].setLoanNumber(entry.loan.number);
  }
  out.setNextCursor(ToData(report.next_cursor));
  out.setLast(report.is_last);
  out.setScanned(report.scanned);
  out.setStored(report.stored);
}

absl::StatusOr<Report> DecodeReport(wire::Report::Reader in) {
  Report report;
  report.database = database::DatabaseId(in.getDatabase());
  report.epoch = Epoch(in.getEpoch());
  report.round = in.getRound();
  report.page = in.getPage();
  for (const auto entry : in.getEntries()) {
    std::string key = FromData(entry.getKey());
    CTDB_RETURN_IF_ERROR(store::CheckKey(key));
    const auto version = entry.getVersion();
    report.entries.push_back({std::move(key),
                              {Epoch(version.getEpoch()), version.getCounter()},
                              entry.getIsOwner(),
                              {Epoch(entry.getLoanEpoch()), entry.getLoanNumber()}});
  }
  CTDB_ASSIGN_OR_RETURN(report.next_cursor, ReadCursor(in.getNextCursor()));
  report.is_last = in.getLast();
  report.scanned = in.getScanned();
  report.stored = in.getStored();
  return report;
}

}  // namespace ctdb::recovery
