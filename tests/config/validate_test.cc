// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/validate.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "tests/config/fake_probe.h"

namespace ctdb::config {
namespace {

const FakeProbe kProbe({{"/d", FileKind::kDirectory},
                        {"/", FileKind::kDirectory},
                        {".", FileKind::kDirectory},
                        {"/etc/ctdb/run.sh", FileKind::kExecutable},
                        {"/etc/ctdb/plain", FileKind::kNotExecutable},
                        {"/etc/ctdb/dir", FileKind::kDirectory}});

Verdict Check(absl::string_view section, absl::string_view name, OptionValue value) {
  return Validate(*FindOption(section, name), value, Paths(), kProbe);
}

bool IsValid(absl::string_view section, absl::string_view name, const std::string& value) {
  return Check(section, name, value).is_valid;
}

TEST(ValidateTest, LogLocationIsOneOfTheKnownKindsOrAFileInAnExistingDirectory) {
  for (const char* location : {"syslog", "syslog:nonblocking", "syslog:udp", "syslog:udp-rfc5424",
                               "file:", "file:-", "file:/d/log", "file:/log", "file:log"}) {
    EXPECT_TRUE(IsValid("logging", "location", location)) << location;
  }
  for (const char* location :
       {"syslog:foo", "Syslog", "FILE:-", "log", "file:/missing/log", "file:/etc/ctdb/plain/log"}) {
    const Verdict verdict = Check("logging", "location", std::string(location));
    EXPECT_FALSE(verdict.is_valid) << location;
    EXPECT_EQ(verdict.message, "") << location;
    EXPECT_TRUE(absl::StartsWith(verdict.hint, "; ")) << location;
  }
}

TEST(ValidateTest, LogLevelsAreWordsOrNumbers) {
  EXPECT_TRUE(IsValid("logging", "log level", "warn"));
  EXPECT_TRUE(IsValid("legacy", "script log level", "10"));
  EXPECT_TRUE(IsValid("logging", "location", "journald"));
  EXPECT_TRUE(IsValid("daemon", "process model", "single"));
  EXPECT_TRUE(IsValid("daemon", "process model", "multi"));
  EXPECT_EQ(Check("daemon", "process model", std::string("many")).message,
            "Invalid value for [daemon] -> process model = many");
  EXPECT_EQ(Check("logging", "log level", std::string("42")).message, "");
  EXPECT_FALSE(IsValid("logging", "log level", "42"));
  EXPECT_EQ(Check("legacy", "script log level", std::string("x")).message,
            "Invalid value for [legacy] -> script log level = x");
}

TEST(ValidateTest, TransportIsTcp) {
  EXPECT_TRUE(IsValid("cluster", "transport", "tcp"));
  EXPECT_EQ(Check("cluster", "transport", std::string("ib")).message,
            "Invalid value for [cluster] -> transport = ib");
}

TEST(ValidateTest, ProcessModelIsSingleOrMulti) {
  EXPECT_TRUE(IsValid("daemon", "process model", "single"));
  EXPECT_TRUE(IsValid("daemon", "process model", "multi"));
  EXPECT_FALSE(IsValid("daemon", "process model", "Multi"));
  EXPECT_FALSE(IsValid("daemon", "process model", ""));
}

TEST(ValidateTest, NodeAddressIsBare) {
  EXPECT_TRUE(IsValid("cluster", "node address", "10.0.0.1"));
  EXPECT_TRUE(IsValid("cluster", "node address", "fd00::1"));
  EXPECT_EQ(Check("cluster", "node address", std::string("10.0.0.1:80")).message,
            "Invalid value for [cluster] -> node address = 10.0.0.1:80");
}

TEST(ValidateTest, LeaderTimeoutIsPositive) {
  EXPECT_TRUE(Check("cluster", "leader timeout", 1).is_valid);
  EXPECT_EQ(Check("cluster", "leader timeout", 0).message,
            "Invalid value for [cluster] -> leader timeout = 0");
}

TEST(ValidateTest, DatabaseDirectoriesExist) {
  EXPECT_TRUE(IsValid("database", "volatile database directory", "/d"));
  EXPECT_EQ(Check("database", "volatile database directory", std::string("/x")).message,
            "volatile database directory \"/x\" does not exist");
  EXPECT_FALSE(IsValid("database", "state database directory", "/etc/ctdb/plain"));
}

TEST(ValidateTest, ScriptsAreExecutableFilesInTheConfigurationDirectory) {
  EXPECT_TRUE(IsValid("event", "debug script", "run.sh"));
  EXPECT_TRUE(IsValid("database", "lock debug script", "/somewhere/else/run.sh"));
  EXPECT_EQ(Check("event", "debug script", std::string("gone")).message,
            "debug script /etc/ctdb/gone does not exist");
  EXPECT_EQ(Check("event", "debug script", std::string("plain")).message,
            "debug script /etc/ctdb/plain is not executable");
  EXPECT_EQ(Check("database", "lock debug script", std::string("dir")).message,
            "lock debug script /etc/ctdb/dir is not a file");
  EXPECT_EQ(Check("event", "debug script", std::string(5000, 'x')).message,
            "debug script name too long");
}

TEST(ValidateTest, EveryTypeHasAHint) {
  for (OptionType type : {OptionType::kString, OptionType::kInteger, OptionType::kBoolean}) {
    EXPECT_TRUE(absl::StartsWith(TypeHint(type), "; "));
  }
}

}  // namespace
}  // namespace ctdb::config
