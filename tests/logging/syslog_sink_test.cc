// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/io/syslog_sink.h"

#include <gtest/gtest.h>

#include <cstdarg>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/logging/testing.h"

namespace {

// What the C library was asked to do. As in the C library, openlog() keeps the pointer only.
const char* g_ident = nullptr;
std::vector<std::string> g_calls;

void Record(int priority, const char* format, va_list arguments) {
  char text[1000];
  std::vsnprintf(text, sizeof(text), format, arguments);
  g_calls.push_back(absl::StrCat("<", priority, ">", g_ident, ": ", text));
}

}  // namespace

extern "C" {

void openlog(const char* ident, int, int) { g_ident = ident; }

void closelog() { g_ident = nullptr; }

void syslog(int priority, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  Record(priority, format, arguments);
  va_end(arguments);
}

// What syslog() becomes when built with _FORTIFY_SOURCE.
void __syslog_chk(int priority, int, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  Record(priority, format, arguments);
  va_end(arguments);
}

}  // extern "C"

namespace ctdb::logging {
namespace {

TEST(SyslogSinkTest, EveryEventIsOneCallWithItsTagFacilityAndSeverity) {
  g_calls.clear();
  {
    std::unique_ptr<Sink> sink = MakeSyslogSink();
    Event event = TestEvent(LogLevel::kWarning, "100 %s\nsure");
    ASSERT_TRUE(sink->Write(event).ok());
    event.source.tag = "a tag that is too long for the string object itself";
    ASSERT_TRUE(sink->Write(event).ok());
    ASSERT_TRUE(sink->Reopen().ok());
    event.source.tag = "ctdb-eventd";
    event.level = LogLevel::kError;
    ASSERT_TRUE(sink->Write(event).ok());
    ASSERT_TRUE(sink->Write(event).ok());
  }
  EXPECT_EQ(g_calls, (std::vector<std::string>{
                         "<28>ctdbd: 100 %s\\nsure",
                         "<28>a tag that is too long for the string object itself: 100 %s\\nsure",
                         "<27>ctdb-eventd: 100 %s\\nsure", "<27>ctdb-eventd: 100 %s\\nsure"}));
  EXPECT_EQ(g_ident, nullptr);
}

}  // namespace
}  // namespace ctdb::logging
