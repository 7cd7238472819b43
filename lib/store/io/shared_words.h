// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// shared_words: bytes that one process writes while another may read them. The reader may get a
// mixture, and learns of it by what was written before: each word is stored in order and loaded in
// order.
//
//   Ownership:  none.
//   Threading:  any number of writers and readers.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     `words` is aligned to 8 and has room up to a multiple of 8.

#ifndef LIB_STORE_IO_SHARED_WORDS_H_
#define LIB_STORE_IO_SHARED_WORDS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ctdb::store {

inline void StoreWords(uint64_t* words, const char* bytes, size_t size) {
  for (; size >= 8; ++words, bytes += 8, size -= 8) {
    uint64_t word;
    std::memcpy(&word, bytes, 8);
    std::atomic_ref<uint64_t>(*words).store(word, std::memory_order_release);
  }
  if (size == 0) return;
  uint64_t word = 0;
  std::memcpy(&word, bytes, size);
  std::atomic_ref<uint64_t>(*words).store(word, std::memory_order_release);
}

inline void LoadWords(char* bytes, uint64_t* words, size_t size) {
  for (; size >= 8; ++words, bytes += 8, size -= 8) {
    const uint64_t word = std::atomic_ref<uint64_t>(*words).load(std::memory_order_acquire);
    std::memcpy(bytes, &word, 8);
  }
  if (size == 0) return;
  const uint64_t word = std::atomic_ref<uint64_t>(*words).load(std::memory_order_acquire);
  std::memcpy(bytes, &word, size);
}

inline bool EqualWords(const char* bytes, uint64_t* words, size_t size) {
  for (; size >= 8; ++words, bytes += 8, size -= 8) {
    const uint64_t word = std::atomic_ref<uint64_t>(*words).load(std::memory_order_acquire);
    if (std::memcmp(bytes, &word, 8) != 0) return false;
  }
  if (size == 0) return true;
  const uint64_t word = std::atomic_ref<uint64_t>(*words).load(std::memory_order_acquire);
  return std::memcmp(bytes, &word, size) == 0;
}

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_SHARED_WORDS_H_
