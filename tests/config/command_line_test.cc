// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/command_line.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "tests/config/fake_probe.h"

namespace ctdb::config {
namespace {

CommandResult RunConfig(const std::vector<std::string>& arguments,
                        const absl::StatusOr<std::string>& text) {
  return RunConfigCommand(arguments, Paths(), FakeProbe(), text);
}

TEST(ConfigCommandTest, ValidFileValidatesSilently) {
  const CommandResult result = RunConfig({"validate"}, "[cluster]\ncluster lock = /x\n");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out + result.err, "");
}

TEST(ConfigCommandTest, MissingFileIsNotValidButHasDefaults) {
  const absl::Status missing = absl::NotFoundError("no file");
  const CommandResult result = RunConfig({"validate"}, missing);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "Failed to load config file /etc/ctdb/ctdb.conf\n");
  EXPECT_EQ(RunConfig({"get", "cluster", "transport"}, missing).out, "tcp\n");
  EXPECT_EQ(RunConfig({"dump"}, missing).exit_code, 0);
}

TEST(ConfigCommandTest, UnreadableFileIsAnErrorForEveryCommand) {
  const absl::Status denied = absl::PermissionDeniedError("no");
  EXPECT_EQ(RunConfig({"validate"}, denied).exit_code, 13);
  EXPECT_EQ(RunConfig({"dump"}, denied).exit_code, 13);
  EXPECT_EQ(RunConfig({"dump"}, absl::ResourceExhaustedError("large")).exit_code, 5);
}

TEST(ConfigCommandTest, GetPrintsTheValueAlone) {
  const std::string text = "[cluster]\nleader timeout = 0x10\n";
  EXPECT_EQ(RunConfig({"get", "CLUSTER", "leader timeout"}, text).out, "16\n");
  EXPECT_EQ(RunConfig({"get", "cluster", "cluster lock"}, text).out, "\n");
  EXPECT_EQ(RunConfig({"get", "failover", "disabled"}, text).out, "false\n");
}

TEST(ConfigCommandTest, GetOfWhatDoesNotExistExitsWith2) {
  const CommandResult result = RunConfig({"get", "foo", "bar"}, "");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "Configuration option [foo] -> \"bar\" not defined\n");
  EXPECT_EQ(result.out, "");
}

TEST(ConfigCommandTest, WrongUsePrintsUsageOnStandardOutput) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"bogus"}, {"-x"}, {"-d"}}) {
    const CommandResult result = RunConfig(arguments, "");
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(absl::StartsWith(result.out, "Usage: ctdb-config"));
  }
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"get"}, {"get", "a"}, {"get", "a", "b", "c"}, {"dump", "x"}}) {
    EXPECT_EQ(RunConfig(arguments, "").exit_code, 22);
  }
  EXPECT_EQ(RunConfig({"--help"}, "").exit_code, 0);
}

TEST(ConfigCommandTest, LevelDecidesWhichProblemsAreShown) {
  const std::string text = "[cluster]\nrecovery lock = /x\nfoo = 1\n";
  const std::string warning = "Configuration option [cluster] -> recovery lock is deprecated\n";
  const std::string unknown = "conf: unknown option [cluster] -> \"foo\"\n";
  EXPECT_EQ(RunConfig({"dump"}, text).err, "");
  EXPECT_EQ(RunConfig({"-d", "WARNING", "dump"}, text).err, warning);
  EXPECT_EQ(RunConfig({"dump", "--debug=DEBUG"}, text).err, warning + unknown);
  EXPECT_EQ(RunConfig({"-dDEBUG", "--", "dump"}, text).err, warning + unknown);
  EXPECT_EQ(RunConfig({"-d", "nonsense", "dump"}, text).err, "");
}

// One row per situation that was compared with Debian's ctdb 4.17: file, exit codes of validate and
// dump, and what they print on standard error before the trailer.
struct Case {
  const char* text;
  int validate_code;
  int dump_code;
  const char* validate_errors;
};

const Case kCases[] = {
    {"[CLUSTER]\ncluster lock = x\n", 0, 0, ""},
    {"[cluster] junk\ncluster lock = x\n", 0, 0, ""},
    {"[cluster]\ncluster lock\n", 0, 0, ""},
    {"[cluster]cluster lock = x\n", 0, 0, ""},
    {"[cluster]\nleader timeout = 2147483647\n", 0, 0, ""},
    {"[cluster]\nrecovery lock = /x\n", 0, 0, ""},
    {"[logging]\nlocation = syslog:udp\nlog level = n\n", 0, 0, ""},
    {"[legacy]\nrealtime scheduling = NO\n", 0, 0, ""},
    {"[database]\ntdb mutexes = false\n[failover]\ndisabled = yes\n", 0, 0, ""},
    {"[ cluster ]\ncluster lock = x\n", 22, 0,
     "conf: unknown section [ cluster ]\nconf: unknown section for option \"cluster lock\"\n"},
    {"cluster lock = x\n", 22, 0, "conf: unknown section for option \"cluster lock\"\n"},
    {"[]\n", 22, 0, "conf: unknown section []\n"},
    {"[clus  ter]\nx=1\n", 22, 0,
     "conf: unknown section [clus ter]\nconf: unknown section for option \"x\"\n"},
    {"[foo]\nbar =\n", 22, 0,
     "conf: unknown section [foo]\nconf: unknown section for option \"bar\"\n"},
    {"[cluster]\nbar =\n", 22, 0, "conf: unknown option [cluster] -> \"bar\"\n"},
    {"[CLUSTER]\nbar = 1\n", 22, 0, "conf: unknown option [cluster] -> \"bar\"\n"},
    {"[cluster]\nCluster Lock = x\n", 22, 0,
     "conf: unknown option [cluster] -> \"Cluster Lock\"\n"},
    {"[cluster]\nfoo [bar] = x\n", 22, 0, "conf: unknown option [cluster] -> \"foo [bar]\"\n"},
    {"[cluster]\ncluster lock = x\ncluster lock =\n", 22, 22,
     "conf: empty value [cluster] -> \"cluster lock\"\n"},
    {"[cluster]\ncluster lock = \\\n\n", 22, 22,
     "conf: empty value [cluster] -> \"cluster lock\"\n"},
    {"[cluster]\nleader timeout = -1\n", 22, 22,
     "conf: invalid value [cluster] -> \"leader timeout\" = \"-1\"\n"},
    {"[cluster]\nleader timeout = 2147483648\n", 22, 22,
     "conf: invalid value [cluster] -> \"leader timeout\" = \"2147483648\"\n"},
    {"[cluster]\nleader timeout = 0\n", 22, 22,
     "Invalid value for [cluster] -> leader timeout = 0\n"
     "conf: validation for option \"leader timeout\" failed\n"},
    {"[cluster]\nleader capability = on\n", 22, 22,
     "conf: invalid value [cluster] -> \"leader capability\" = \"on\"\n"},
    {"[cluster]\ntransport = ib\n", 22, 22,
     "Invalid value for [cluster] -> transport = ib\n"
     "conf: validation for option \"transport\" failed\n"},
    {"[cluster]\nnode address = fe80::1%eth0\n", 22, 22,
     "Invalid value for [cluster] -> node address = fe80::1%eth0\n"
     "conf: validation for option \"node address\" failed\n"},
    {"[logging]\nlocation = syslog:foo\n", 22, 22,
     "conf: validation for option \"location\" failed\n"},
    {"[logging]\nlog level = 42\n", 22, 22, "conf: validation for option \"log level\" failed\n"},
    {"[legacy]\nscript log level = xx\n", 22, 22,
     "Invalid value for [legacy] -> script log level = xx\n"
     "conf: validation for option \"script log level\" failed\n"},
    {"[database]\nvolatile database directory = /x\n", 22, 22,
     "volatile database directory \"/x\" does not exist\n"
     "conf: validation for option \"volatile database directory\" failed\n"},
    {"[event]\ndebug script = ../x\n", 22, 22,
     "debug script /etc/ctdb/x does not exist\n"
     "conf: validation for option \"debug script\" failed\n"},
    {"[cluster]\ntransport = ib\ntransport = tcp\nleader timeout = -1\n", 22, 22,
     "Invalid value for [cluster] -> transport = ib\n"
     "conf: validation for option \"transport\" failed\n"
     "conf: invalid value [cluster] -> \"leader timeout\" = \"-1\"\n"},
};

TEST(ConfigCommandTest, VerdictsAndTextsAreThoseOfDebiansProgram) {
  const std::string trailer = "Failed to load config file /etc/ctdb/ctdb.conf\n";
  for (const Case& row : kCases) {
    const CommandResult validate = RunConfig({"validate"}, std::string(row.text));
    EXPECT_EQ(validate.exit_code, row.validate_code) << row.text;
    EXPECT_EQ(validate.err, row.validate_code == 0 ? "" : row.validate_errors + trailer)
        << row.text;
    EXPECT_EQ(RunConfig({"dump"}, std::string(row.text)).exit_code, row.dump_code) << row.text;
  }
}

// Debian's program accepts these, with effects that nobody can want: the rest of the file is lost,
// or the value is not the one written.
TEST(ConfigCommandTest, SilentMisreadingsOfDebiansProgramAreErrorsHere) {
  for (const char* text :
       {"[cluster\ncluster lock = x\n", "[cluster]\n= x\n", "[cluster]\nleader timeout = 7 # x\n",
        "[cluster]\nleader timeout = +8\n", "[logging]\nlog level = 1x\n"}) {
    EXPECT_EQ(RunConfig({"validate"}, std::string(text)).exit_code, 22) << text;
  }
}

TEST(PathCommandTest, EachCommandPrintsOnePath) {
  const std::pair<std::vector<std::string>, std::string> expected[] = {
      {{"config"}, "/etc/ctdb/ctdb.conf"},
      {{"pidfile", "ctdbd"}, "/run/ctdb/ctdbd.pid"},
      {{"socket", "eventd"}, "/run/ctdb/eventd.socket"},
      {{"datadir"}, "/usr/share/ctdb"},
      {{"etcdir", "append", "nodes"}, "/etc/ctdb/nodes"},
      {{"lockdir"}, "/run/ctdb"},
      {{"piddir"}, "/run/ctdb"},
      {{"socketdir", "append", "a/b"}, "/run/ctdb/a/b"},
      {{"vardir", "append", "x"}, "/var/lib/ctdb/x"},
  };
  for (const auto& [arguments, path] : expected) {
    const CommandResult result = RunPathCommand(arguments, Environment());
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.out, path + "\n");
  }
}

TEST(PathCommandTest, WrongUsePrintsUsage) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"bogus"}, {"helperdir"}}) {
    const CommandResult result = RunPathCommand(arguments, Environment());
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(absl::StartsWith(result.out, "Usage: ctdb-path"));
  }
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"config", "x"},
                                                    {"pidfile"},
                                                    {"vardir", "append"},
                                                    {"vardir", "foo", "bar"}}) {
    EXPECT_EQ(RunPathCommand(arguments, Environment()).exit_code, 22);
  }
}

TEST(PathCommandTest, IncompleteTestModeIsAnError) {
  Environment environment;
  environment.test_mode = true;
  const CommandResult result = RunPathCommand({"config"}, environment);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(result.err, "CTDB_BASE"));
}

}  // namespace
}  // namespace ctdb::config
