// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// codec: the messages of this module as capnp/database.capnp has them.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument for what no node of any version sends.
//   Blocking:   never.
//   Limits:     kCursorBytesMax; what fits in a packet.
//
// Example:
//   EncodeSurvey(survey, packet.initSurvey());
//   CTDB_ASSIGN_OR_RETURN(Survey survey, DecodeSurvey(packet.getSurvey()));

#ifndef LIB_RECOVERY_CODEC_H_
#define LIB_RECOVERY_CODEC_H_

#include "absl/status/statusor.h"
#include "capnp/database.capnp.h"
#include "lib/recovery/messages.h"

namespace ctdb::recovery {

// A number and a key.
inline constexpr size_t kCursorBytesMax = 65 * 1024;

void EncodeSurvey(const Survey& survey, wire::Survey::Builder out);
absl::StatusOr<Survey> DecodeSurvey(wire::Survey::Reader in);
void EncodeReport(const Report& report, wire::Report::Builder out);
absl::StatusOr<Report> DecodeReport(wire::Report::Reader in);

}  // namespace ctdb::recovery

#endif  // LIB_RECOVERY_CODEC_H_
