"""Checks of what belongs together: sources and tests, packages and layers, options and tests."""

import re

from tree import Problem


def check_every_source_has_a_test(tree):
    for path in tree.paths(r"lib/.*(?<!_main)\.cc"):
        _, module, *_, name = path.split("/")
        wanted = f"tests/{module}/{name[:-3]}_test.cc"
        if wanted not in tree.files:
            yield Problem(path, 0, f"has no test: make {wanted}")


def check_every_package_has_a_layer(tree):
    layers = "tests/layers/BUILD.bazel"
    for path in tree.paths(r"lib/.*/BUILD\.bazel"):
        package = path[:-len("/BUILD.bazel")]
        if f'"//{package}:' not in tree.files.get(layers, ""):
            yield Problem(path, 0, f"//{package} has no line in {layers}: say what it may use")


def check_every_option_is_tested(tree):
    table = "lib/config/option_table.cc"
    tests = "".join(tree.files[path] for path in tree.paths(r"tests/.*\.(cc|py|sh)"))
    rows = re.findall(r'^    \{"([\w ]+)", "([\w ]+)",.*?\}[,;]', tree.files.get(table, ""),
                      re.MULTILINE | re.DOTALL)
    if not rows:
        yield Problem(table, 0, "no options found in it: this check must learn their new form")
    for section, name in rows:
        if not re.search(r'"%s"|\b%s\s*=' % (name, name), tests):
            yield Problem(table, 0, f"no test mentions the option \"{name}\" of [{section}]")


CHECKS = [
    check_every_source_has_a_test,
    check_every_package_has_a_layer,
    check_every_option_is_tested,
]
