# SPDX-License-Identifier: Apache-2.0

"""fuzz_target: a libFuzzer entry point as a fuzzer and as an ordinary test.

tools/fuzz builds and runs fuzzers, and reads their names and corpora from the BUILD file. Add inputs
that reveal a bug to the corpus under a descriptive name. From then on, `bazel test` replays them in
every configuration, without Clang.
"""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

def fuzz_target(name, srcs, corpus, deps = []):
    """Defines the fuzzer NAME, which requires --config=fuzz, and the test NAME_corpus_test.

    Args:
      name: name of the fuzzer.
      srcs: sources that define LLVMFuzzerTestOneInput, which aborts if an invariant is violated.
      corpus: folder of inputs, one per file, relative to the calling package.
      deps: dependencies of srcs.
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
