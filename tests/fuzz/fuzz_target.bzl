"""fuzz_target: a decoder of foreign bytes, fuzzed with Clang and always tested over its corpus."""

def fuzz_target(name, srcs, corpus, deps):
    """Defines `NAME`, the fuzzer, and `NAME_corpus_test`, a test for any compiler.

    Fuzz with: bazel build --config=fuzz //tests/fuzz:NAME
               bazel-bin/tests/fuzz/NAME -max_total_time=60 NEW_CORPUS tests/fuzz/CORPUS

    Args:
      name: of the fuzzer.
      srcs: define `extern "C" int LLVMFuzzerTestOneInput(const uint8_t*, size_t)`.
      corpus: a directory of this package; each file in it is one input.
      deps: of srcs.
    """
    native.cc_library(
        name = name + "_input",
        srcs = srcs,
        alwayslink = True,
        testonly = True,
        deps = deps,
    )
    native.cc_test(
        name = name + "_corpus_test",
        size = "small",
        srcs = ["corpus_main.cc"],
        args = [native.package_name() + "/" + corpus],
        data = native.glob([corpus + "/**"]),
        deps = [name + "_input"],
    )
    native.cc_binary(
        name = name,
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [name + "_input"],
    )
