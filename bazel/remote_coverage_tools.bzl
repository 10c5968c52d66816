# SPDX-License-Identifier: Apache-2.0

"""An empty replacement for a repository that `bazel test` always requires.

Bazel 4 makes each test depend on @remote_coverage_tools, and would download it even if no coverage
is collected. Two empty filegroups satisfy the dependency.
"""

_BUILD = """
package(default_visibility = ["//visibility:public"])
filegroup(name = "coverage_report_generator")
filegroup(name = "lcov_merger")
"""

def _empty_coverage_tools_impl(repository_ctx):
    repository_ctx.file("BUILD", _BUILD)

empty_coverage_tools = repository_rule(implementation = _empty_coverage_tools_impl)
