// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/program_logger.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "lib/base/status_macros.h"
#include "lib/config/io/environment.h"
#include "lib/logging/io/open_sink.h"
#include "lib/logging/location.h"

namespace ctdb::daemon {
namespace {

constexpr char kInteractiveVariable[] = "CTDB_INTERACTIVE";

std::string HostName(const config::Paths& paths) {
  char name[256] = "";
  if (::gethostname(name, sizeof(name) - 1) != 0) name[0] = '\0';
  const bool is_test_mode = config::ReadEnvironment().test_mode;
  return logging::LogHostName(name, is_test_mode, paths.etcdir());
}

}  // namespace

absl::StatusOr<logging::Logger> OpenProgramLogger(const std::string& name,
                                                  const std::string& location_text,
                                                  const std::string& level_text,
                                                  const config::Paths& paths) {
  CTDB_ASSIGN_OR_RETURN(const logging::Location location, logging::ParseLocation(location_text));
  CTDB_ASSIGN_OR_RETURN(const LogLevel level, ParseLogLevel(level_text));
  logging::SinkOptions sink_options;
  sink_options.presentation = {HostName(paths), absl::LocalTimeZone()};
  CTDB_ASSIGN_OR_RETURN(auto sink, logging::OpenSink(location, sink_options));
  logging::Logger::Options options;
  options.level = level;
  options.writer.source = {name, ::getpid()};
  options.writer.clock = [] { return absl::Now(); };
  return logging::Logger(std::move(options), std::move(sink));
}

bool IsInteractive() {
  const char* value = std::getenv(kInteractiveVariable);
  return value != nullptr && absl::string_view(value) == "true";
}

void SetInteractive() { ::setenv(kInteractiveVariable, "true", 1); }

}  // namespace ctdb::daemon
