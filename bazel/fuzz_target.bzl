"""fuzz_target: one libFuzzer entry point as a fuzzer and as an ordinary test.

    bazel run --config=fuzz //tests/fuzz:NAME -- -max_total_time=60 FINDS CORPUS

fuzzes. Both are absolute paths of folders, since `bazel run` changes to one of its own: FINDS is
written to, CORPUS (as in $PWD/tests/fuzz/corpus/dii) only read. What it finds goes into
the corpus under a name that says what it is, and is replayed from then on by every
`bazel test`, under every configuration, with no need for clang.
"""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

def fuzz_target(name, srcs, corpus, deps = []):
    """Makes the fuzzer NAME, of --config=fuzz only, and the test NAME_corpus_test.

    Args:
      name: of the fuzzer.
      srcs: define LLVMFuzzerTestOneInput, which aborts where an invariant does not hold.
      corpus: folder of inputs, one a file, relative to the calling package.
      deps: of srcs.
    """
    cc_library(
        name = name + "_entry_point",
        testonly = True,
        srcs = srcs,
        alwayslink = True,
        deps = deps,
    )
    cc_binary(
        name = name,
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        target_compatible_with = select({
            "//bazel:fuzzing": [],
            "//conditions:default": ["//bazel:libfuzzer"],
        }),
        deps = [":" + name + "_entry_point"],
    )
    cc_test(
        name = name + "_corpus_test",
        size = "small",
        args = ["%s/%s" % (native.package_name(), corpus)],
        data = native.glob([corpus + "/*"]),
        deps = [
            ":" + name + "_entry_point",
            "//tests/fuzz:replay_main",
        ],
    )
