# SPDX-License-Identifier: Apache-2.0

"""The distribution's C++ libraries as Bazel targets: @system//:grpc and so on.

Each library is found through pkg-config, so this works on any distribution with these packages.
Headers are on the compiler's default search path, or pkg-config provides their path. Bazel cannot
see into /usr/include, so tools/lint checks which headers each layer may include.
"""

_ABSL = [
    "absl_any_invocable",
    "absl_base",
    "absl_cleanup",
    "absl_core_headers",
    "absl_flags",
    "absl_flags_commandlineflag",
    "absl_flags_parse",
    "absl_flags_reflection",
    "absl_flags_usage",
    "absl_flat_hash_map",
    "absl_function_ref",
    "absl_hash",
    "absl_inlined_vector",
    "absl_optional",
    "absl_random_random",
    "absl_span",
    "absl_status",
    "absl_statusor",
    "absl_str_format",
    "absl_strings",
    "absl_synchronization",
    "absl_time",
]

# name -> (pkg-config modules, Debian package, libraries without a pkg-config module)
_LIBRARIES = {
    "absl": (_ABSL, "libabsl-dev", []),
    "protobuf": (["protobuf"], "libprotobuf-dev", []),
    "grpc": (["grpc++"], "libgrpc++-dev", []),
    "grpc_reflection": (["grpc++"], "libgrpc++-dev", ["grpc++_reflection"]),
    "curl": (["libcurl"], "libcurl4-openssl-dev", []),
    "openssl": (["openssl"], "libssl-dev", []),
    "rapidjson": (["RapidJSON"], "rapidjson-dev", []),
    "gtest": (["gmock", "gtest"], "libgmock-dev", []),
    "gtest_main": (["gmock_main", "gtest_main"], "libgmock-dev", []),
    "prometheus": (["prometheus-cpp-core"], "prometheus-cpp-dev", []),
    "microhttpd": (["libmicrohttpd"], "libmicrohttpd-dev", []),
    "benchmark": (["benchmark"], "libbenchmark-dev", []),
    "http_parser": ([], "libhttp-parser-dev", ["http_parser"]),
}

def _pkg_config(repository_ctx, modules, package, *arguments):
    result = repository_ctx.execute(["pkg-config"] + list(arguments) + modules)
    if result.return_code != 0:
        fail("pkg-config cannot find %s: install %s (tools/setup does it)\n%s" %
             (", ".join(modules), package, result.stderr))
    return [word for word in result.stdout.split(" ") if word.strip()]

def _strip(words):
    return [word.strip() for word in words]

def _library(repository_ctx, name, modules, package, extra):
    copts = []
    libs = []
    if modules:
        copts = _strip(_pkg_config(repository_ctx, modules, package, "--cflags"))
        libs = _strip(_pkg_config(repository_ctx, modules, package, "--libs"))
    linkopts = ["-Wl,--as-needed"] + ["-l" + library for library in extra] + libs
    defines = [flag[2:] for flag in copts if flag.startswith("-D")]
    return """
cc_library(
    name = {name},
    defines = {defines},
    linkopts = {linkopts},
    visibility = ["//visibility:public"],
)
""".format(name = repr(name), defines = repr(defines), linkopts = repr(linkopts))

def _system_libraries_impl(repository_ctx):
    if not repository_ctx.which("pkg-config"):
        fail("pkg-config is missing: install it (tools/setup does it)")
    build = ['load("@rules_cc//cc:defs.bzl", "cc_library")']
    for name, (modules, package, extra) in _LIBRARIES.items():
        build.append(_library(repository_ctx, name, modules, package, extra))
    repository_ctx.file("BUILD", "\n".join(build))

system_libraries = repository_rule(
    implementation = _system_libraries_impl,
    environ = ["PKG_CONFIG_PATH"],
)
