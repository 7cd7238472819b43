#!/usr/bin/env python3
"""Every check finds what it is for, and leaves alone what is right."""

import sys
import unittest

sys.dont_write_bytecode = True

import cpp_checks
import cpp_text
import text_checks
import tidy
import tree_checks
from tree import Tree

COPYRIGHT = "// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0\n"
CONTRACT = "".join(f"//   {word + ':':11} none.\n" for word in cpp_checks.CONTRACT)
NOTE = "TO" "DO"


def header(path, body=""):
    guard = path.replace("/", "_").replace(".", "_").upper() + "_"
    return (COPYRIGHT + CONTRACT +
            f"\n#ifndef {guard}\n#define {guard}\n{body}\n#endif  // {guard}\n")


def texts(check, files):
    return [problem.text for problem in check(Tree(files))]


class TextTest(unittest.TestCase):

    def test_good_line_has_no_problem(self):
        self.assertEqual(list(text_checks.line_problems("a.cc", "int a = 1;")), [])

    def test_bad_lines_are_found(self):
        for line in ["x" * 101, "a ", "\ta", "a\x01", "a\r", f"// {NOTE}: later",
                     'path = "/' 'home/me"']:
            self.assertEqual(len(list(text_checks.line_problems("a.cc", line))), 1, line)

    def test_table_rows_and_addresses_of_pages_may_be_long(self):
        self.assertEqual(list(text_checks.line_problems("a.md", "|" + "x" * 200)), [])
        self.assertEqual(list(text_checks.line_problems("a.cc", "// https://" + "x" * 200)), [])

    def test_path_inside_a_word_is_no_machine_path(self):
        self.assertEqual(list(text_checks.line_problems("a.sh", "cd $TMP/" "home/x")), [])

    def test_file_ends_with_one_newline(self):
        self.assertEqual(texts(text_checks.check_ends, {"a": "x\n", "b": ""}), [])
        self.assertEqual(len(texts(text_checks.check_ends, {"a": "x", "b": "x\n\n"})), 2)

    def test_copyright_line_is_first(self):
        self.assertEqual(texts(text_checks.check_copyright, {"a.cc": COPYRIGHT}), [])
        self.assertEqual(len(texts(text_checks.check_copyright, {"a.cc": "\n" + COPYRIGHT})), 1)

    def test_markdown_has_one_title_and_its_links_lead_somewhere(self):
        good = "# A\n\n[b](docs/b.md#part) [c](docs)\n```\n# comment\n```\n"
        self.assertEqual(texts(text_checks.check_markdown, {"a.md": good, "docs/b.md": "# B\n"}),
                         [])
        for bad in ["A\n", "# A\n# B\n", "# A\n```\n", "# A\n[b](b.md)\n"]:
            self.assertEqual(len(texts(text_checks.check_markdown, {"a.md": bad})), 1, bad)


class CppTextTest(unittest.TestCase):

    def test_comments_and_literals_are_blank_and_lines_stay(self):
        text = 'a("x{y"); // {\n/* {\n{ */ b(\'{\');\nR"(\n{)";'
        code = cpp_text.code_only(text)
        self.assertNotIn("{", code)
        self.assertEqual(code.count("\n"), text.count("\n"))

    def test_functions_are_found_with_their_length(self):
        text = """namespace a {
template <typename T>
class B : public C<int(int)> {
 public:
  B() : c_{1}, d_(2) {}
  int e() const {
    if (x) {
      auto f = [] { return 1; };
    }
  }
 private:
  int g_ = 0;
};
constexpr int kTable[] = {1, 2};
#define M(x) { \\
    x
TEST(B, E) {
  B b{1};
}
bool operator==(const B& a, const B& b) { return true; }
}  // namespace a
"""
        self.assertEqual(cpp_text.functions(text), [(5, 1), (6, 5), (17, 3), (20, 1)])


class CppTest(unittest.TestCase):

    def test_long_function_header_and_source_are_found(self):
        function = "void F() {\n" + "  G();\n" * 69 + "}\n"
        self.assertEqual(len(texts(cpp_checks.check_sizes, {"a.cc": function})), 1)
        self.assertEqual(len(texts(cpp_checks.check_sizes, {"a.h": "\n" * 301})), 1)
        self.assertEqual(len(texts(cpp_checks.check_sizes, {"a.cc": "\n" * 801})), 1)
        shorter = function.replace("  G();\n", "", 1)
        self.assertEqual(texts(cpp_checks.check_sizes, {"a.cc": shorter}), [])

    def test_header_needs_guard_and_names_what_it_uses(self):
        good = header("lib/a/b.h")
        self.assertEqual(texts(cpp_checks.check_headers, {"lib/a/b.h": good}), [])
        self.assertEqual(len(texts(cpp_checks.check_headers, {"lib/a/c.h": good})), 1)
        using = header("lib/a/b.h", "using namespace std;")
        self.assertEqual(len(texts(cpp_checks.check_headers, {"lib/a/b.h": using})), 1)

    def test_header_needs_every_contract_line_with_its_text_under_it(self):
        good = header("lib/a/b.h").replace("Errors:     none.",
                                           "Errors:     none,\n//               really.")
        self.assertEqual(texts(cpp_checks.check_contracts, {"lib/a/b.h": good}), [])
        for word in cpp_checks.CONTRACT:
            without = good.replace(f"//   {word}:", "//\n// ")
            self.assertEqual(len(texts(cpp_checks.check_contracts, {"lib/a/b.h": without})), 1)
        torn = good.replace("//               really", "//   really")
        self.assertEqual(len(texts(cpp_checks.check_contracts, {"lib/a/b.h": torn})), 1)

    def test_pure_code_names_nothing_of_the_outside(self):
        for bad in ["std::chrono::steady_clock::now()", "absl::Now()", "::getenv(name)", "rand()",
                    "::usleep(1)", "absl::SleepFor(x)", "FILE* f", "std::ifstream in(x)",
                    "std::unordered_map<int, int> m", "std::random_device d", "time(nullptr)"]:
            self.assertEqual(len(texts(cpp_checks.check_pure, {"lib/a/b.cc": bad})), 1, bad)
            for elsewhere in ["lib/a/io/b.cc", "lib/a/services/b.cc", "lib/a/b_main.cc"]:
                self.assertEqual(texts(cpp_checks.check_pure, {elsewhere: bad}), [])
            self.assertEqual(texts(cpp_checks.check_pure, {"lib/a/b.cc": "// " + bad}), [])

    def test_pure_code_includes_nothing_of_the_outside(self):
        for bad in ["<kj/async.h>", "<capnp/rpc.h>", '"lib/base/io/file.h"', "<sys/socket.h>"]:
            line = f"#include {bad}"
            self.assertEqual(len(texts(cpp_checks.check_pure, {"lib/a/b.h": line})), 1, bad)
        message = "#include <capnp/message.h>"
        self.assertEqual(texts(cpp_checks.check_pure, {"lib/protocol/b.h": message}), [])
        self.assertEqual(len(texts(cpp_checks.check_pure, {"lib/config/b.h": message})), 1)


class TreeTest(unittest.TestCase):

    def test_source_without_test_is_found(self):
        for path in ["lib/a/b.cc", "lib/a/io/b.cc"]:
            check = tree_checks.check_every_source_has_a_test
            self.assertEqual(texts(check, {path: ""}), ["has no test: make tests/a/b_test.cc"])
            self.assertEqual(texts(check, {path: "", "tests/a/b_test.cc": ""}), [])

    def test_package_without_layer_is_found(self):
        check = tree_checks.check_every_package_has_a_layer
        files = {"lib/a/BUILD.bazel": "", "tests/layers/BUILD.bazel": '"//lib/ab:ab"'}
        self.assertEqual(len(texts(check, files)), 1)
        files["tests/layers/BUILD.bazel"] = '"//lib/a:a"'
        self.assertEqual(texts(check, files), [])

    def test_option_without_test_is_found(self):
        check = tree_checks.check_every_option_is_tested
        table = '    {"a", "b c", kString,\n     "doc"},\n    {"a", "d", kString, "doc"},\n'
        files = {"lib/config/option_table.cc": table, "tests/x_test.cc": 'f("b c"); "d = 1"'}
        self.assertEqual(texts(check, files), [])
        files["tests/x_test.cc"] = 'f("b c");'
        self.assertEqual(texts(check, files), ['no test mentions the option "d" of [a]'])
        self.assertEqual(len(texts(check, {})), 1)


class AllowedTest(unittest.TestCase):

    def test_exception_hides_its_problem_and_must_be_needed(self):
        table = '    {"a", "d", kString, "doc"},\n'
        files = {"a.md": "no title\n", "lib/config/option_table.cc": COPYRIGHT + table,
                 "tests/config/option_table_test.cc": COPYRIGHT + '"d"\n'}
        self.assertEqual(len(tidy.find_problems(Tree(files), {})), 1)
        allowed = {("a.md", "0 titles"): "because"}
        self.assertEqual(tidy.find_problems(Tree(files), allowed), [])
        files["a.md"] = "# title\n"
        stale = tidy.find_problems(Tree(files), allowed)
        self.assertEqual([problem.path for problem in stale], ["tests/tidy/allowed.py"])


if __name__ == "__main__":
    unittest.main()
