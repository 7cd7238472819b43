// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/pid_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"

namespace ctdb::daemon {
namespace {

std::string FreshPath() {
  static int count = 0;
  const std::string directory = absl::StrCat(std::getenv("TEST_TMPDIR"), "/pid_file_", ++count);
  EXPECT_TRUE(MakeDirectories(directory).ok());
  return directory + "/ctdbd.pid";
}

bool Exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

// Runs `body` in another process; its exit code.
template <typename Body>
int InChild(Body body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int wait_status = 0;
  ::waitpid(pid, &wait_status, 0);
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

TEST(PidFileTest, HoldsNumberAndLineBreakWithMode0644WhateverTheUmask) {
  const std::string path = FreshPath();
  const mode_t former = ::umask(0077);
  auto pid_file = PidFile::Create(path);
  ::umask(former);
  ASSERT_TRUE(pid_file.ok()) << pid_file.status();
  EXPECT_EQ(ReadFile(path, 100).value(), absl::StrCat(::getpid(), "\n"));
  struct stat info;
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0644u);
}

TEST(PidFileTest, IsRemovedAtTheEndAlsoAfterAMove) {
  const std::string path = FreshPath();
  {
    auto pid_file = PidFile::Create(path);
    ASSERT_TRUE(pid_file.ok());
    PidFile moved = *std::move(pid_file);
    EXPECT_TRUE(Exists(path));
  }
  EXPECT_FALSE(Exists(path));
}

TEST(PidFileTest, ASecondStartIsRefusedAndNamesTheProcess) {
  const std::string path = FreshPath();
  auto first = PidFile::Create(path);
  ASSERT_TRUE(first.ok());
  const std::string expected = absl::StrCat("as process ", ::getpid());
  EXPECT_EQ(InChild([&] {
              const absl::Status status = PidFile::Create(path).status();
              const bool is_refused = status.code() == absl::StatusCode::kAlreadyExists &&
                                      absl::StrContains(status.message(), expected);
              return is_refused ? 0 : 1;
            }),
            0);
  EXPECT_TRUE(Exists(path));
}

TEST(PidFileTest, AReaderInTheSameProcessDoesNotLoseTheLock) {
  // A plain fcntl lock ends when any descriptor of the file is closed.
  const std::string path = FreshPath();
  auto first = PidFile::Create(path);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(ReadFile(path, 100).ok());
  EXPECT_EQ(PidFile::Create(path).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST(PidFileTest, ADaemonWithAPlainFcntlLockExcludesUsAndIsNamed) {
  const std::string path = FreshPath();
  int ready[2], done[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(done), 0);
  const pid_t other = ::fork();
  if (other == 0) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT, 0644);
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    char byte = ::fcntl(fd, F_SETLK, &lock) == 0 ? 'y' : 'n';
    ::close(done[1]);
    [[maybe_unused]] ssize_t bytes = ::write(ready[1], &byte, 1);
    bytes = ::read(done[0], &byte, 1);
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  const absl::Status status = PidFile::Create(path).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat("as process ", other)));
  ::close(done[1]);
  ::waitpid(other, nullptr, 0);
  for (const int fd : {ready[0], ready[1], done[0]}) ::close(fd);
}

TEST(PidFileTest, AFileThatACrashLeftBehindDoesNoHarm) {
  const std::string path = FreshPath();
  EXPECT_EQ(InChild([&] {
              auto pid_file = PidFile::Create(path);
              ::_exit(pid_file.ok() ? 0 : 1);  // without removing it
              return 1;
            }),
            0);
  ASSERT_TRUE(WriteFileAtomically(path, "99999999999 a longer text than ours\n").ok());
  auto pid_file = PidFile::Create(path);
  ASSERT_TRUE(pid_file.ok()) << pid_file.status();
  EXPECT_EQ(ReadFile(path, 100).value(), absl::StrCat(::getpid(), "\n"));
}

TEST(PidFileTest, AForkedCopyRemovesNothing) {
  const std::string path = FreshPath();
  auto pid_file = PidFile::Create(path);
  ASSERT_TRUE(pid_file.ok());
  EXPECT_EQ(InChild([&] {
              { PidFile copy = *std::move(pid_file); }
              return 0;
            }),
            0);
  EXPECT_TRUE(Exists(path));
}

TEST(PidFileTest, ASuccessorsFileIsNotRemoved) {
  const std::string path = FreshPath();
  {
    auto pid_file = PidFile::Create(path);
    ASSERT_TRUE(pid_file.ok());
    ASSERT_TRUE(WriteFileAtomically(path, "1\n").ok());  // another file of that name
  }
  EXPECT_TRUE(Exists(path));
}

TEST(PidFileTest, AMissingDirectoryIsNamedAsSuch) {
  const absl::Status status = PidFile::Create("/nonexistent/ctdbd.pid").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(absl::StrContains(status.message(), "/nonexistent/ctdbd.pid"));
  EXPECT_TRUE(absl::StrContains(status.message(), "directory does not exist"));
}

TEST(PidFileTest, ADirectoryThatCannotBeWrittenIsAPermissionError) {
  // /proc refuses even root.
  const absl::Status status = PidFile::Create("/proc/ctdbd.pid").status();
  EXPECT_FALSE(status.ok());
  const std::string path = FreshPath();
  const std::string directory = path.substr(0, path.rfind('/'));
  ASSERT_EQ(::chmod(directory.c_str(), 0555), 0);
  EXPECT_EQ(InChild([&] {
              const bool is_plain = ::getuid() != 0 || ::setuid(65534) == 0;
              const absl::Status refused = PidFile::Create(path).status();
              return is_plain && refused.code() == absl::StatusCode::kPermissionDenied ? 0 : 1;
            }),
            0);
  ASSERT_EQ(::chmod(directory.c_str(), 0755), 0);
}

TEST(PidFileTest, AnythingButARegularFileIsRefusedWithoutHanging) {
  const std::string fifo = FreshPath();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0644), 0);
  EXPECT_EQ(PidFile::Create(fifo).status().code(), absl::StatusCode::kFailedPrecondition);
  const std::string link = FreshPath();
  ASSERT_EQ(::symlink("/tmp/elsewhere.pid", link.c_str()), 0);
  EXPECT_FALSE(PidFile::Create(link).ok());
  EXPECT_FALSE(Exists("/tmp/elsewhere.pid"));
}

}  // namespace
}  // namespace ctdb::daemon
