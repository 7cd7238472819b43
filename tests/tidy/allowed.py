"""Known exceptions: (path, beginning of the problem's text) -> why it is right as it is.

The list only shrinks: an entry that nothing needs any more is a failure, too.
"""

THROUGH_THE_LOOP = "not a public header; tested through tests/transport/transport_loop_test.cc"

TOOL_OF_TESTS = "tests/transport/transport_loop_test.cc sends and receives everything with it"

WHOLE_PROCESSES = "a whole process; tested by tests/integration/daemon/daemon_test.cc"

WHOLE_NODES = "databases of whole nodes; tested by tests/integration/database/database_test.cc"

SANITIZERS_OWN = "there only for ThreadSanitizer, whose every run would fail without it"

ALLOWED = {
    ("lib/base/io/thread_sanitizer.cc", "has no test"): SANITIZERS_OWN,
    ("lib/daemon/services/database_server.cc", "has no test"): WHOLE_NODES,
    ("lib/database/io/database_driver.cc", "has no test"): WHOLE_NODES,
    ("lib/database/io/node_databases.cc", "has no test"): WHOLE_NODES,
    ("lib/database/io/node_databases_files.cc", "has no test"): WHOLE_NODES,
    ("lib/database/io/node_databases_clients.cc", "has no test"): WHOLE_NODES,
    ("lib/database/io/node_databases_packets.cc", "has no test"): WHOLE_NODES,
    ("lib/daemon/io/program.cc", "has no test"): WHOLE_PROCESSES,
    ("lib/daemon/services/node_program.cc", "has no test"): WHOLE_PROCESSES,
    ("lib/transport/io/node_links.cc", "has no test"): THROUGH_THE_LOOP,
    ("lib/transport/io/plain_endpoint.cc", "has no test"): TOOL_OF_TESTS,
    ("lib/transport/io/switch.cc", "has no test"): THROUGH_THE_LOOP,
    ("lib/transport/io/switch_control.cc", "has no test"): THROUGH_THE_LOOP,
}
