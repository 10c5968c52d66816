# SPDX-License-Identifier: Apache-2.0

"""proto_cc_library: compiles .proto files to a C++ library with the distribution's protoc.

The rules in rules_proto would build protoc from source. The packaged runtime needs the code of the
packaged compiler and gRPC plugin, whose versions match its own.
"""

load("@rules_cc//cc:defs.bzl", "cc_library")

def proto_cc_library(name, srcs, deps = [], grpc = False, alwayslink = False, visibility = None):
    """Compiles srcs, which must be in or below the calling package.

    Args:
      name: name of the cc_library. Headers are included by their path inside proto/.
      srcs: .proto files.
      deps: other proto_cc_library targets of this package that srcs import.
      grpc: whether to also generate the service classes.
      alwayslink: whether to keep descriptors that only server reflection uses.
      visibility: visibility of the cc_library.
    """
    stems = [src[:-len(".proto")] for src in srcs]
    suffixes = [".pb"] + ([".grpc.pb"] if grpc else [])
    hdrs = [stem + suffix + ".h" for stem in stems for suffix in suffixes]
    ccs = [stem + suffix + ".cc" for stem in stems for suffix in suffixes]
    plugin = "--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin --grpc_out=$(RULEDIR)" if grpc else ""
    native.genrule(
        name = name + "_sources",
        srcs = srcs + [dep + "_protos" for dep in deps],
        outs = hdrs + ccs,
        cmd = "/usr/bin/protoc -I proto --cpp_out=$(RULEDIR) %s %s" % (
            plugin,
            " ".join(["$(location %s)" % src for src in srcs]),
        ),
        message = "Generating C++ for " + name,
    )
    native.filegroup(
        name = name + "_protos",
        srcs = srcs + [dep + "_protos" for dep in deps],
    )
    cc_library(
        name = name,
        srcs = ccs,
        hdrs = hdrs,
        alwayslink = alwayslink,
        copts = ["-w"],
        includes = ["."],
        visibility = visibility,
        deps = deps + ["@system//:protobuf"] + (["@system//:grpc"] if grpc else []),
    )
