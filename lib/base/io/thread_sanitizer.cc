// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What ThreadSanitizer is told to pass over, in one place: a program has one such list.

#if defined(__SANITIZE_THREAD__)
extern "C" const char* __tsan_default_suppressions() {  // NOLINT: the name is the sanitizer's.
  return
      // The mutex with which KJ hands results from thread to thread is not seen: Debian's
      // libkj-async is not built for it. What is inlined has no name but its file's.
      "race_top:/usr/include/kj/\n"
      "race:kj::_::XThreadPafImpl\n"
      "race:kj::_::XThreadFulfiller\n"
      "race:kj::_::XThreadEventImpl\n"
      // Where libtdb finds out about mutexes, it lets a signal handler change errno.
      "signal:libtdb.so\n";
}
#endif
