// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// A real guardian, whose daemon is this test: it lives.

#include "lib/daemon/services/guardian_program.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>

#include "lib/base/io/boot_time.h"
#include "lib/daemon/io/spawn.h"
#include "lib/guardian/io/will_pipe.h"
#include "tests/store/store_test_support.h"

namespace ctdb::daemon {
namespace {

constexpr char kCtdbd[] = "daemon/ctdbd";

TEST(GuardianProgramTest, AWillIsNotCarriedOutWhileTheDaemonLivesThoughThePipeHasEnded) {
  store::TestDirectory directory;
  store::StoreOptions options = directory.Options();
  options.name = "counters.tdb.3";
  const auto database = store::MustOpen(options);
  database->SetServeUntil(BootTimeNanoseconds() + int64_t{3600} * 1'000'000'000);

  auto pipe = guardian::MakeWillPipe();
  ASSERT_TRUE(pipe.ok()) << pipe.status();
  SpawnOptions spawn;
  spawn.arguments = {kCtdbd, "--guardian"};
  spawn.inherited_fds = {pipe->first.get(), pipe->second.get(), STDERR_FILENO};
  spawn.inherited_fds[kGuardianLockFd - kWillFd] = STDERR_FILENO;  // There is no lock.
  spawn.environment = {{"CTDB_TEST_MODE", "yes"}, {"CTDB_BASE", directory.path()}};
  const auto guardian = Spawn(spawn);
  ASSERT_TRUE(guardian.ok()) << guardian.status();
  ASSERT_EQ(guardian::SendWill(pipe->second.get(), {.node = NodeNumber(3),
                                                    .address = "127.0.0.1",
                                                    .port = 1,
                                                    .parting_token = 7,
                                                    .volatile_directory = directory.path(),
                                                    .peers = {}}),
            absl::OkStatus());
  pipe->second = UniqueFd();
  pollfd end = {guardian->pidfd.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&end, 1, 30'000), 1) << "it ends by itself";
  EXPECT_EQ(::waitpid(guardian->pid, nullptr, 0), guardian->pid);
  EXPECT_TRUE(database->HasLease());
}

}  // namespace
}  // namespace ctdb::daemon
