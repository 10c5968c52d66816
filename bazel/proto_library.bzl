"""proto_cc_library: .proto files to a C++ library, by the distribution's protoc.

The rules of rules_proto would build protoc from source; the packaged compiler and its
gRPC plugin are what the packaged runtime goes with.
"""

load("@rules_cc//cc:defs.bzl", "cc_library")

def proto_cc_library(name, srcs, deps = [], grpc = False, alwayslink = False, visibility = None):
    """Compiles srcs, which live in or below the calling package.

    Args:
      name: of the cc_library; headers are included by their path inside proto/.
      srcs: .proto files.
      deps: other proto_cc_library targets of this package that srcs import.
      grpc: also generates the service classes.
      alwayslink: keep descriptors that only server reflection asks for.
      visibility: as everywhere.
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
