"""layer: what a library may depend on, directly or through others."""

def layer(name, target, may_use, what):
    """Asks Bazel for a path from `target` to anything that it may not use.

    The answer, NAME.path, is empty when all is well; otherwise it is the chain of targets that
    leads to the forbidden one.

    Args:
      name: of this rule and of the file.
      target: a cc_library.
      may_use: regular expressions of labels, whole.
      what: why it may not use more; shown with the path.
    """
    libraries = 'kind("cc_library rule", deps(%s))' % target
    allowed = "^(%s)$" % "|".join([target + "(:.*)?", "@bazel_tools//.*"] + may_use)
    native.genquery(
        name = name + ".path",
        expression = 'somepath(%s, %s except filter("%s", %s))' % (
            target,
            libraries,
            allowed,
            libraries,
        ),
        scope = [target],
        testonly = True,
    )
    native.genrule(
        name = name,
        srcs = [name + ".path"],
        outs = [name + ".layer"],
        cmd = "{ echo '%s'; cat $< ; } > $@" % (target + ": " + what).replace("'", "'\\''"),
        testonly = True,
    )
