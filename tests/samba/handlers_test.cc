// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/handlers.h"

#include <gtest/gtest.h>

#include "lib/samba/control.h"

namespace ctdb::samba {
namespace {

TEST(HandlersTest, EveryControlOfClientsHasAHandler) {
  for (const ControlInfo& info : Controls()) {
    const bool is_for_clients =
        info.control_class == ControlClass::kLocal || info.control_class == ControlClass::kDirect;
    const bool is_for_daemons = info.control_class == ControlClass::kNode;
    const bool has_handler = FindHandler(info.opcode) != nullptr;
    EXPECT_TRUE(has_handler || !is_for_clients) << info.name;
    EXPECT_FALSE(has_handler && is_for_daemons) << info.name;
  }
}

}  // namespace
}  // namespace ctdb::samba
