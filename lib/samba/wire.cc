// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/wire.h"

#include "absl/strings/str_cat.h"

namespace ctdb::samba {

absl::string_view BeforeZero(absl::string_view text) { return text.substr(0, text.find('\0')); }

absl::string_view WireReader::Take(size_t count) {
  if (failed_ || count > rest_.size()) {
    failed_ = true;
    return {};
  }
  const absl::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

void WireReader::Text(absl::string_view& text, uint32_t length) {
  const absl::string_view bytes = Take(length);
  Require(bytes.empty() || bytes.back() == '\0');
  text = failed_ ? absl::string_view() : BeforeZero(bytes);
}

void WireReader::RestText(absl::string_view& text) {
  const absl::string_view bytes = Take(rest_.size());
  Require(!bytes.empty() && bytes.back() == '\0');
  text = failed_ ? absl::string_view() : BeforeZero(bytes);
}

absl::Status WireReader::Finish(absl::string_view name, Size size) const {
  if (failed_) {
    return absl::InvalidArgumentError(absl::StrCat("the ", total_, " bytes of a ", name,
                                                   " end too early or contradict themselves at ",
                                                   total_ - rest_.size()));
  }
  if (size == Size::kExact && !rest_.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a ", name, " ends at ", total_ - rest_.size(), " of ", total_, " bytes"));
  }
  return absl::OkStatus();
}

void WireWriter::Padding(size_t count) {
  bytes_ += count;
  if (out_ != nullptr) out_->append(count, '\0');
}

void WireWriter::RestText(absl::string_view text) {
  const absl::string_view shown = BeforeZero(text);
  Put(shown.data(), shown.size());
  Padding(1);
}

}  // namespace ctdb::samba
