// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The lock file itself, and our own helper around it.

#include "lib/cluster/io/lock_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/prctl.h>

#include <cstdio>

#include "absl/strings/match.h"
#include "tests/cluster/lock_test_support.h"

namespace ctdb::cluster {
namespace {

using testing::HasSubstr;

// Runs in a process of its own, because a lock is a process's; whether it said true.
bool InChild(const std::function<bool()>& question) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(question() ? 0 : 1);
  int status = 1;
  return ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class LockFileTest : public testing::Test {
 protected:
  bool IsFree() {
    return InChild([this] { return LockFile::Take(path_).ok(); });
  }
  std::vector<std::string> Helper(std::vector<std::string> times = {}) {
    std::vector<std::string> words = {kOurHelper, path_};
    words.insert(words.end(), times.begin(), times.end());
    return words;
  }

  const std::string path_ = TestFolder() + "/lock";
};

TEST_F(LockFileTest, LockExcludesOthersUntilItIsClosed) {
  {
    const auto lock = LockFile::Take(path_);
    ASSERT_TRUE(lock.ok()) << lock.status();
    EXPECT_TRUE(InChild([this] { return absl::IsAborted(LockFile::Take(path_).status()); }));
  }
  EXPECT_TRUE(IsFree());
}

TEST_F(LockFileTest, FileIsMadeForItsOwnerOnlyAndKept) {
  ASSERT_TRUE(LockFile::Take(path_).ok());
  struct stat found = {};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600u);
}

TEST_F(LockFileTest, OnlyTheFirstByteIsLocked) {
  const auto lock = LockFile::Take(path_);
  ASSERT_TRUE(lock.ok());
  EXPECT_TRUE(InChild([this] {
    const int fd = ::open(path_.c_str(), O_RDWR);
    struct flock others = {};
    others.l_type = F_WRLCK;
    others.l_start = 1;
    others.l_len = 0;
    return ::fcntl(fd, F_SETLK, &others) == 0;
  }));
}

TEST_F(LockFileTest, ErrorsNameTheFileAndSayWhatToDo) {
  EXPECT_THAT(std::string(LockFile::Take("/nonexistent/lock").status().message()),
              HasSubstr("cannot open the lock file /nonexistent/lock: No such file or directory: "
                        "mount the cluster file system"));
  EXPECT_THAT(std::string(LockFile::Take("/").status().message()), HasSubstr("name a file in it"));
  EXPECT_THAT(std::string(LockFile::Take("/dev/null").status().message()),
              HasSubstr("/dev/null: it is not a regular file"));
}

TEST_F(LockFileTest, CheckOfAnUntouchedFileIsFineAndLeavesTheLockAlone) {
  const auto lock = LockFile::Take(path_);
  ASSERT_TRUE(lock.ok());
  EXPECT_TRUE(InChild([&] { return lock->Check().ok(); }));
  EXPECT_FALSE(IsFree());
}

TEST_F(LockFileTest, CheckNoticesAReplacedAndARemovedFile_Bug92) {
  const auto lock = LockFile::Take(path_);
  ASSERT_TRUE(lock.ok());
  const auto says = [&](absl::string_view what) {
    return InChild([&] { return absl::StrContains(lock->Check().message(), what); });
  };
  ASSERT_TRUE(WriteFileAtomically(path_, "").ok());
  EXPECT_TRUE(says("was replaced by another file (inode "));
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  EXPECT_TRUE(says("No such file or directory"));
}

TEST_F(LockFileTest, CheckNoticesALockThatTheFileSystemForgot) {
  const auto lock = LockFile::Take(path_);
  ASSERT_TRUE(lock.ok());
  ::close(::open(path_.c_str(), O_RDWR));  // Releases it.
  EXPECT_TRUE(InChild(
      [&] { return absl::StrContains(lock->Check().message(), "file system has lost the lock"); }));
}

TEST_F(LockFileTest, HelperHoldsUntilSigterm) {
  Process helper(Helper());
  EXPECT_EQ(helper.Output(), "0");
  EXPECT_FALSE(IsFree());
  helper.Signal(SIGTERM);
  EXPECT_EQ(helper.End(), SIGTERM);
  EXPECT_TRUE(IsFree());
}

TEST_F(LockFileTest, SecondHelperIsContendedAndSilent) {
  Process first(Helper());
  EXPECT_EQ(first.Output(), "0");
  Process second(Helper());
  EXPECT_EQ(second.Output(), "1");
  EXPECT_EQ(second.ExitCode(), 1);
  EXPECT_EQ(second.Errors(), "");
}

TEST_F(LockFileTest, HelperReportsErrors) {
  Process helper({kOurHelper, "/nonexistent/lock"});
  EXPECT_EQ(helper.Output(), "3");
  EXPECT_EQ(helper.ExitCode(), 3);
  EXPECT_THAT(helper.Errors(),
              HasSubstr("ctdb_mutex_fcntl_helper: cannot open the lock file /nonexistent/lock: "));
}

TEST_F(LockFileTest, WrongUseIsAnErrorWithUsageAndHelpIsNone) {
  Process wrong({kOurHelper});
  EXPECT_EQ(wrong.Output(), "3");
  EXPECT_EQ(wrong.ExitCode(), 2);
  EXPECT_THAT(wrong.Errors(), HasSubstr("FILE is missing\nUsage: ctdb_mutex_fcntl_helper FILE"));
  Process help({kOurHelper, "--help"});
  EXPECT_THAT(help.Output(), HasSubstr("Usage: ctdb_mutex_fcntl_helper FILE"));
  EXPECT_EQ(help.ExitCode(), 0);
}

TEST_F(LockFileTest, HelperEndsWhenTheFileIsReplaced_Bug92) {
  Process helper(Helper());
  EXPECT_EQ(helper.Output(), "0");
  ASSERT_TRUE(WriteFileAtomically(path_, "").ok());
  EXPECT_EQ(helper.Output(), "");  // Closed.
  EXPECT_EQ(helper.ExitCode(), 4);
  EXPECT_THAT(helper.Errors(), HasSubstr("the lock is lost: the lock file " + path_ +
                                         " was replaced by another file"));
}

TEST_F(LockFileTest, HelperEndsWhenTheFileIsRemoved_Bug92) {
  Process helper(Helper());
  EXPECT_EQ(helper.Output(), "0");
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  EXPECT_EQ(helper.ExitCode(), 4);
  EXPECT_THAT(helper.Errors(), HasSubstr("No such file or directory"));
}

TEST_F(LockFileTest, HelperWithoutChecksHoldsOn) {
  Process helper(Helper({"0"}));
  EXPECT_EQ(helper.Output(), "0");
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  // It has no process that could look.
  const std::string children =
      absl::StrCat("/proc/", helper.pid(), "/task/", helper.pid(), "/children");
  FILE* file = std::fopen(children.c_str(), "r");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(std::fgetc(file), EOF);
  std::fclose(file);
  helper.Signal(SIGTERM);
  EXPECT_EQ(helper.End(), SIGTERM);
}

TEST_F(LockFileTest, HelperEndsWithItsParent) {
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    // This test keeps the output open; so it is the parent's end that counts.
    ::dup2(fds[1], STDOUT_FILENO);
    if (::fork() == 0) {
      ::execl(kOurHelper, kOurHelper, path_.c_str(), nullptr);
      ::_exit(127);
    }
    ::pause();
  }
  char answer = 0;
  ASSERT_EQ(::read(fds[0], &answer, 1), 1);
  EXPECT_EQ(answer, '0');
  EXPECT_FALSE(IsFree());
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  EXPECT_TRUE(daemon::Eventually([this] { return IsFree(); }));
  ::close(fds[0]);
  ::close(fds[1]);
}

TEST_F(LockFileTest, HelperCanBeTerminatedWhateverItsParentBlockedOrIgnored_Bug93) {
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  const pid_t helper = ::fork();
  if (helper == 0) {
    ::dup2(fds[1], STDOUT_FILENO);
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
    ::signal(SIGTERM, SIG_IGN);
    ::execl(kOurHelper, kOurHelper, path_.c_str(), nullptr);
    ::_exit(127);
  }
  char answer = 0;
  ASSERT_EQ(::read(fds[0], &answer, 1), 1);
  ::kill(helper, SIGTERM);
  int status = 0;
  EXPECT_TRUE(daemon::Eventually([&] { return ::waitpid(helper, &status, WNOHANG) == helper; }));
  EXPECT_EQ(status, SIGTERM);
  ::close(fds[0]);
  ::close(fds[1]);
}

}  // namespace
}  // namespace ctdb::cluster
