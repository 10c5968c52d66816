# SPDX-License-Identifier: Apache-2.0

"""The distribution's C++ libraries as Bazel targets: @system//:grpc and so on.

Each library is found through pkg-config, so this works on any distribution with these packages.
Headers are on the compiler's default search path, or pkg-config provides their path. Bazel cannot
see into /usr/include, so tools/lint checks which headers each layer may include.

The libraries are linked as shared ones, except in programs that also depend on @system//:archives:
these contain gRPC, Abseil and Protobuf, unless the build has --config=shared.
docs/decisions/0034-static-linking.md explains which programs do, and why.
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

# The libraries whose archives :archives has, beside Abseil's. All others stay shared: libcurl and
# gRPC must use the same OpenSSL, and a program need not be built again when they are updated.
_ARCHIVED = ["address_sorting", "gpr", "grpc", "grpc++", "protobuf", "re2", "upb"]

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

def _is_archived(library):
    return library in _ARCHIVED or library.startswith("absl_")

def _archive_files(repository_ctx):
    modules = ["grpc++", "protobuf"] + _ABSL
    libraries = _strip(_pkg_config(repository_ctx, modules, "libgrpc++-dev", "--libs"))

    # A library may be named several times. The linker reads an archive once, so the last place is
    # the right one: after all libraries that use it.
    names = []
    for word in reversed(libraries):
        if word.startswith("-l") and _is_archived(word[2:]) and word[2:] not in names:
            names.append(word[2:])
    return ["lib%s.a" % name for name in reversed(names)]

# A program that depends on :archives has them before any -l option of the other targets. So they
# resolve everything first, and --as-needed leaves out the shared libraries of the same name. Bazel
# knows the archives as files: when an update replaces one, these programs are linked again.
#
# The shared libraries are still named, so without --exclude-libs the linker would export all 15,000
# symbols that they and the archives have in common, as if something could look them up.
def _archives(repository_ctx):
    # Protobuf's folder, because Debian's grpc++.pc names one that has no libraries.
    folder = _strip(_pkg_config(repository_ctx, ["protobuf"], "libprotobuf-dev", "--variable=libdir"))[0]
    files = ["archives/" + name for name in _archive_files(repository_ctx)]
    for file in files:
        repository_ctx.symlink(folder + file[len("archives"):], file)
    return """
config_setting(
    name = "is_shared",
    define_values = {{"link": "shared"}},
)

_FILES = select({{
    ":is_shared": [],
    "//conditions:default": {files},
}})

genrule(
    name = "archive_packages",
    srcs = _FILES,
    outs = ["archive_packages.h"],
    cmd = "$(location {script}) $(SRCS) > $@",
    tools = ["{script}"],
)

cc_library(
    name = "archives",
    srcs = _FILES,
    hdrs = ["archive_packages.h"],
    includes = ["."],
    linkopts = select({{
        ":is_shared": [],
        "//conditions:default": ["-Wl,--exclude-libs,ALL"],
    }}),
    visibility = ["//visibility:public"],
)
""".format(files = repr(files), script = "@uid2_identity_service//bazel:archive_packages")

def _system_libraries_impl(repository_ctx):
    if not repository_ctx.which("pkg-config"):
        fail("pkg-config is missing: install it (tools/setup does it)")
    build = ['load("@rules_cc//cc:defs.bzl", "cc_library")']
    for name, (modules, package, extra) in _LIBRARIES.items():
        build.append(_library(repository_ctx, name, modules, package, extra))
    build.append(_archives(repository_ctx))
    repository_ctx.file("BUILD", "\n".join(build))

system_libraries = repository_rule(
    implementation = _system_libraries_impl,
    environ = ["PKG_CONFIG_PATH"],
)
