# SPDX-License-Identifier: Apache-2.0

"""Debian's rules_cc, patched so that Debian's Bazel can load it.

The packaged rules_cc 0.0.4 imports `use_cpp_toolchain`, which Bazel 4.2.3 does not have. It stands
for a single toolchain type. The patch removes the import and inserts the type instead, and changes
nothing else.
"""

_FILES = ["cc/private/rules_impl/" + name for name in ["compiler_flag.bzl", "cc_flags_supplier.bzl"]]

def _patched_rules_cc_impl(repository_ctx):
    source = repository_ctx.path(repository_ctx.attr.path)
    if not source.exists:
        fail("%s is missing: install the package bazel-rules-cc (tools/setup does it)" % source)
    result = repository_ctx.execute(["cp", "-rL", str(source) + "/.", "."])
    if result.return_code != 0:
        fail("cannot copy %s: %s" % (source, result.stderr))
    for name in _FILES:
        text = repository_ctx.read(name)
        text = text.replace('"find_cpp_toolchain", "use_cpp_toolchain"', '"find_cpp_toolchain"')
        text = text.replace("use_cpp_toolchain()", '["@bazel_tools//tools/cpp:toolchain_type"]')
        if "use_cpp_toolchain" in text:
            fail("cannot patch %s in %s: unsupported version of rules_cc" % (name, source))
        repository_ctx.file(name, text)

patched_rules_cc = repository_rule(
    implementation = _patched_rules_cc_impl,
    attrs = {"path": attr.string(mandatory = True, doc = "folder of the packaged rules")},
    local = True,
)
