"""cc_capnp_library: C++ from Cap'n Proto schemas with the installed compiler."""

def cc_capnp_library(name, srcs, deps = [], rpc = False, visibility = None):
    """Compiles schemas and wraps the result in a cc_library.

    Args:
      name: target; `name + "_schemas"` names the schema files themselves.
      srcs: .capnp files of this package.
      deps: other cc_capnp_library targets whose schemas these import.
      rpc: whether the schemas declare interfaces (links the RPC runtime).
      visibility: as everywhere.
    """
    outs = [src + suffix for src in srcs for suffix in [".h", ".c++"]]
    schema_deps = [dep + "_schemas" for dep in deps]
    native.filegroup(
        name = name + "_schemas",
        srcs = srcs + schema_deps,
        visibility = visibility,
    )
    native.genrule(
        name = name + "_generate",
        srcs = srcs + schema_deps,
        outs = outs,
        cmd = " ".join([
            "capnp compile --src-prefix=. -I. -oc++:$(GENDIR)",
        ] + ["$(location %s)" % src for src in srcs]),
        message = "Compiling schemas",
    )
    native.cc_library(
        name = name,
        srcs = [out for out in outs if out.endswith(".c++")],
        hdrs = [out for out in outs if out.endswith(".h")],
        deps = deps + (["@capnproto//:rpc"] if rpc else ["@capnproto//:capnp"]),
        visibility = visibility,
    )
