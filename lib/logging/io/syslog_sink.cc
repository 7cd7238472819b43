// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/io/syslog_sink.h"

#include <syslog.h>

#include <string>
#include <utility>

#include "lib/logging/format_syslog.h"
#include "lib/logging/text.h"

namespace ctdb::logging {
namespace {

static_assert(kSyslogFacility * 8 == LOG_DAEMON);

class SyslogSink : public Sink {
 public:
  ~SyslogSink() override { ::closelog(); }

  absl::Status Write(const Event& event) override {
    if (event.source.tag != tag_) {
      // openlog() keeps the pointer, so the old tag lives until the new one is known.
      std::string tag = event.source.tag;
      ::openlog(tag.c_str(), LOG_PID, LOG_DAEMON);
      tag_.swap(tag);
      ::openlog(tag_.c_str(), LOG_PID, LOG_DAEMON);
    }
    ::syslog(LOG_DAEMON | SyslogSeverity(event.level), "%s", OneLine(event.text).c_str());
    return absl::OkStatus();
  }

  absl::Status Reopen() override {
    ::closelog();
    tag_.clear();
    return absl::OkStatus();
  }

 private:
  std::string tag_;
};

}  // namespace

std::unique_ptr<Sink> MakeSyslogSink() { return std::make_unique<SyslogSink>(); }

}  // namespace ctdb::logging
