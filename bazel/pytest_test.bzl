# SPDX-License-Identifier: Apache-2.0

"""pytest_test: runs Python test files with the distribution's pytest.

To run one by hand, once Bazel has built the programs it calls:

    python3 -m pytest tests/integration/retry_test.py -k budget

tests/pytest.ini puts the repository's root on the import path, here as there.
"""

def pytest_test(name, tests, data = [], **kwargs):
    """Makes one test target of test files. Each case is reported by itself.

    Args:
      name: of the target.
      tests: files of the calling package, or the package's folder as ".".
      data: modules, programs and files that they need, conftest.py included.
      **kwargs: as for any test.
    """
    package = native.package_name()
    native.sh_test(
        name = name,
        srcs = ["//tests/tools:pytest.sh"],
        args = [package if test == "." else "%s/%s" % (package, test) for test in tests],
        data = [test for test in tests if test != "."] + data + ["//tests:pytest_root"],
        **kwargs
    )
