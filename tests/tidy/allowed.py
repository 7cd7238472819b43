"""Known exceptions: (path, beginning of the problem's text) -> why it is right as it is.

The list only shrinks: an entry that nothing needs any more is a failure, too.
"""

THROUGH_THE_LOOP = "not a public header; tested through tests/transport/transport_loop_test.cc"

ALLOWED = {
    ("lib/transport/io/node_links.cc", "has no test"): THROUGH_THE_LOOP,
    ("lib/transport/io/switch.cc", "has no test"): THROUGH_THE_LOOP,
    ("lib/transport/io/switch_control.cc", "has no test"): THROUGH_THE_LOOP,
}
