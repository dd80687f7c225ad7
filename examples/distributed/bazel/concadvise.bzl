"""Lint by concadvise: facts per source in actions of their own, findings per target.

    bazel build //... --aspects=//tools:concadvise.bzl%concadvise_facts --output_groups=concadvise

makes the facts; `concadvise_lint` (a rule) links those of its targets and all that they depend on:

    load("//tools:concadvise.bzl", "concadvise_lint")
    concadvise_lint(name = "lint", deps = ["//server"])
"""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "CPP_COMPILE_ACTION_NAME", "C_COMPILE_ACTION_NAME")
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain", "use_cpp_toolchain")

ConcadviseFacts = provider("Facts of a target and of all it depends on.", fields = {"files": "depset of .facts files"})

_SOURCES = ["c", "cc", "cpp", "cxx"]

def _flags(ctx, toolchain, features, source, context):
    c = source.extension == "c"
    variables = cc_common.create_compile_variables(
        feature_configuration = features,
        cc_toolchain = toolchain,
        user_compile_flags = (ctx.fragments.cpp.copts + (ctx.fragments.cpp.conlyopts if c else ctx.fragments.cpp.cxxopts) +
                              [ctx.expand_make_variables("copts", flag, {}) for flag in getattr(ctx.rule.attr, "copts", [])]),
        include_directories = context.includes,
        quote_include_directories = context.quote_includes,
        system_include_directories = depset(transitive = [context.system_includes, context.external_includes]),
        preprocessor_defines = depset(transitive = [context.defines, context.local_defines]),
    )
    action = C_COMPILE_ACTION_NAME if c else CPP_COMPILE_ACTION_NAME
    return cc_common.get_memory_inefficient_command_line(feature_configuration = features, action_name = action, variables = variables)

def _concadvise_facts_impl(target, ctx):
    deps = [dep[ConcadviseFacts].files for name in ["deps", "implementation_deps"] for dep in getattr(ctx.rule.attr, name, []) if ConcadviseFacts in dep]
    made = []
    if CcInfo in target and hasattr(ctx.rule.attr, "srcs"):
        toolchain = find_cpp_toolchain(ctx)
        features = cc_common.configure_features(ctx = ctx, cc_toolchain = toolchain, requested_features = ctx.features, unsupported_features = ctx.disabled_features)
        context = target[CcInfo].compilation_context
        for label in ctx.rule.attr.srcs:
            for source in label.files.to_list():
                if source.extension not in _SOURCES:
                    continue
                out = ctx.actions.declare_file("_concadvise/{}/{}.facts".format(ctx.label.name, source.basename))
                arguments = ctx.actions.args()
                arguments.add("facts").add(source).add("-o", out)

                # The execution root differs from action to action and machine to machine; the facts must not.
                arguments.add("--relative-to", ".").add("--")
                arguments.add_all(_flags(ctx, toolchain, features, source, context))
                ctx.actions.run(
                    executable = ctx.executable._concadvise,
                    arguments = [arguments],
                    # All headers that the source may read: nothing is taken from the machine that it runs on.
                    inputs = depset([source], transitive = [context.headers, toolchain.all_files]),
                    outputs = [out],
                    mnemonic = "ConcadviseFacts",
                    progress_message = "Facts of %{input}",
                    execution_requirements = {"supports-path-mapping": "1"},
                )
                made.append(out)
    files = depset(made, transitive = deps)
    return [ConcadviseFacts(files = files), OutputGroupInfo(concadvise = files)]

concadvise_facts = aspect(
    implementation = _concadvise_facts_impl,
    attr_aspects = ["deps", "implementation_deps"],
    attrs = {"_concadvise": attr.label(default = "//tools:concadvise", executable = True, cfg = "exec", allow_single_file = True)},
    fragments = ["cpp"],
    toolchains = use_cpp_toolchain(),
)

def _concadvise_lint_impl(ctx):
    facts = depset(transitive = [dep[ConcadviseFacts].files for dep in ctx.attr.deps])
    out = ctx.actions.declare_file(ctx.label.name + ".sarif")
    names = ctx.actions.args()
    names.add_all(facts)
    names.set_param_file_format("multiline")
    names.use_param_file("@%s", use_always = True)
    arguments = ctx.actions.args()
    arguments.add("link").add("--format", "sarif").add("-o", out).add("--fail-on", ctx.attr.fail_on)
    ctx.actions.run(
        executable = ctx.executable._concadvise,
        arguments = [arguments, names],
        inputs = facts,
        outputs = [out],
        mnemonic = "ConcadviseLink",
        progress_message = "Findings of %{label}",
    )
    return [DefaultInfo(files = depset([out]))]

concadvise_lint = rule(
    implementation = _concadvise_lint_impl,
    doc = "Findings of the targets as SARIF. With fail_on other than never, the build fails where there are any.",
    attrs = {
        "deps": attr.label_list(aspects = [concadvise_facts], providers = [CcInfo]),
        "fail_on": attr.string(default = "never", values = ["error", "warning", "note", "never"]),
        "_concadvise": attr.label(default = "//tools:concadvise", executable = True, cfg = "exec", allow_single_file = True),
    },
)
