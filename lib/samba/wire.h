// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// wire: how structures of Samba's client protocol lie in bytes. Each structure describes its layout
// once, in a static function `Layout`; WireReader and WireWriter follow the same description.
// Fields are in host byte order and may lie anywhere: nothing is aligned.
//
//   Ownership:  what is decoded points into the bytes given.
//   Threading:  values; pure functions.
//   Errors:     InvalidArgument for bytes that end too early, go on too long or contradict
//               themselves. A reader that failed gives zeros; look at Finish() only.
//   Blocking:   never.
//   Limits:     lists are no longer than the bytes that are there: no announced length makes it
//               allocate. Layouts are those of 64-bit Linux.
//
// Example:
//   struct BanState {
//     static constexpr absl::string_view kName = "ban state";
//     static constexpr size_t kBytes = 8;    // Of the part that is always there.
//     static constexpr Size kSize = Size::kExact;
//     NodeNumber pnn;
//     uint32_t seconds = 0;
//     template <typename Wire, typename Self>
//     static void Layout(Wire& wire, Self& self) { wire(self.pnn, self.seconds); }
//   };
//   CTDB_ASSIGN_OR_RETURN(const BanState state, Decode<BanState>(bytes));
//   std::string bytes = Encode(state);

#ifndef LIB_SAMBA_WIRE_H_
#define LIB_SAMBA_WIRE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/base/ids.h"

namespace ctdb::samba {

// Whether bytes behind a structure make it invalid.
enum class Size { kExact, kAtLeast };

template <typename T>
concept WireNumber = std::is_arithmetic_v<T> || std::is_enum_v<T>;

// The text before the first zero byte.
absl::string_view BeforeZero(absl::string_view text);

class WireReader {
 public:
  static constexpr bool kReads = true;

  explicit WireReader(absl::string_view bytes) : rest_(bytes), total_(bytes.size()) {}

  template <typename... Fields>
  void operator()(Fields&... fields) {
    (Field(fields), ...);
  }

  // Bytes without meaning.
  void Padding(size_t count) { Take(count); }

  // A 32-bit number of bytes, of a text with its zero byte, of elements; the content follows later.
  uint32_t Length(absl::string_view&) { return Number<uint32_t>(); }
  uint32_t TextLength(absl::string_view&) { return Number<uint32_t>(); }
  template <typename T>
  uint32_t Count(std::vector<T>&) {
    return Number<uint32_t>();
  }

  void Content(absl::string_view& bytes, uint32_t length) { bytes = Take(length); }
  // A text that ends in a zero byte, or nothing.
  void Text(absl::string_view& text, uint32_t length);
  template <typename T>
  void Elements(std::vector<T>& elements, uint32_t count);

  // All that is left.
  void Rest(absl::string_view& bytes) { bytes = Take(rest_.size()); }
  void RestText(absl::string_view& text);

  void Require(bool holds) { failed_ = failed_ || !holds; }
  bool failed() const { return failed_; }
  absl::string_view rest() const { return rest_; }
  absl::Status Finish(absl::string_view name, Size size) const;

 private:
  template <WireNumber T>
  T Number() {
    T value{};
    const absl::string_view bytes = Take(sizeof(T));
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }

  template <typename T>
  void Field(T& field) {
    if constexpr (std::is_same_v<T, bool>) {
      field = Number<uint8_t>() != 0;
    } else if constexpr (WireNumber<T>) {
      field = Number<T>();
    } else {
      T::Layout(*this, field);
    }
  }
  template <typename Tag, typename Integer>
  void Field(Id<Tag, Integer>& field) {
    field = Id<Tag, Integer>(Number<Integer>());
  }
  template <typename T, size_t N>
  void Field(std::array<T, N>& fields) {
    for (T& field : fields) Field(field);
  }

  // Nothing, and failed, if there are not as many.
  absl::string_view Take(size_t count);

  absl::string_view rest_;
  size_t total_;
  bool failed_ = false;
};

class WireWriter {
 public:
  static constexpr bool kReads = false;

  // Appends to `out`; nullptr: only counts.
  explicit WireWriter(std::string* out) : out_(out) {}

  template <typename... Fields>
  void operator()(const Fields&... fields) {
    (Field(fields), ...);
  }

  void Padding(size_t count);

  uint32_t Length(absl::string_view bytes) { return Announce(bytes.size()); }
  uint32_t TextLength(absl::string_view text) { return Announce(BeforeZero(text).size() + 1); }
  template <typename T>
  uint32_t Count(const std::vector<T>& elements) {
    return Announce(elements.size());
  }

  void Content(absl::string_view bytes, uint32_t) { Put(bytes.data(), bytes.size()); }
  void Text(absl::string_view text, uint32_t) { RestText(text); }
  template <typename T>
  void Elements(const std::vector<T>& elements, uint32_t) {
    for (const T& element : elements) Field(element);
  }

  void Rest(absl::string_view bytes) { Put(bytes.data(), bytes.size()); }
  void RestText(absl::string_view text);

  void Require(bool) {}
  size_t bytes() const { return bytes_; }

 private:
  void Put(const void* data, size_t size) {
    bytes_ += size;
    if (out_ != nullptr && size > 0) out_->append(static_cast<const char*>(data), size);
  }
  uint32_t Announce(size_t size) {
    const auto announced = static_cast<uint32_t>(size);
    Field(announced);
    return announced;
  }

  template <typename T>
  void Field(const T& field) {
    if constexpr (std::is_same_v<T, bool>) {
      Field(static_cast<uint8_t>(field ? 1 : 0));
    } else if constexpr (WireNumber<T>) {
      Put(&field, sizeof(field));
    } else {
      T::Layout(*this, field);
    }
  }
  template <typename Tag, typename Integer>
  void Field(const Id<Tag, Integer>& field) {
    Field(field.value());
  }
  template <typename T, size_t N>
  void Field(const std::array<T, N>& fields) {
    for (const T& field : fields) Field(field);
  }

  std::string* out_;
  size_t bytes_ = 0;
};

template <typename T>
void WireReader::Elements(std::vector<T>& elements, uint32_t count) {
  Require(count <= rest_.size() / T::kBytes);
  if (failed_) return;
  elements.resize(count);
  for (T& element : elements) Field(element);
}

template <typename T>
absl::StatusOr<T> Decode(absl::string_view bytes) {
  WireReader reader(bytes);
  T value;
  T::Layout(reader, value);
  absl::Status status = reader.Finish(T::kName, T::kSize);
  if (!status.ok()) return status;
  return value;
}

template <typename T>
size_t EncodedBytes(const T& value) {
  WireWriter counter(nullptr);
  T::Layout(counter, value);
  return counter.bytes();
}

template <typename T>
void EncodeTo(const T& value, std::string* out) {
  WireWriter writer(out);
  T::Layout(writer, value);
}

template <typename T>
std::string Encode(const T& value) {
  std::string bytes;
  bytes.reserve(EncodedBytes(value));
  EncodeTo(value, &bytes);
  return bytes;
}

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_WIRE_H_
