"""Show constructors of attrs and `by=` of decorators in the reference, which griffe misses."""

from typing import Any

from griffe import (
    Class,
    ExprCall,
    ExprKeyword,
    Extension,
    Function,
    Module,
    Parameter,
    ParameterKind,
    Parameters,
)


class AttrsSignatures(Extension):
    """Give attrs classes their `__init__`, and decorated functions what their overloads have."""

    def on_package(self, *, pkg: Module, **_: Any) -> None:
        """Walk through the modules of the package."""
        for module in (pkg, *pkg.modules.values()):
            if module is not pkg:
                self.on_package(pkg=module)
            for found in module.classes.values():
                if not found.is_alias and "__init__" not in found.members:
                    describe(found)
            for function in module.functions.values():
                if not function.is_alias:
                    complete(function)


def complete(function: Function) -> None:
    """Add the parameters that a decorator adds, and only the overloads have."""
    for overload in reversed(function.overloads or []):
        for parameter in overload.parameters:
            if parameter.name not in function.parameters:
                function.parameters.add(parameter)


def describe(found: Class) -> None:
    """Add the constructor, unless it takes private fields and so is not meant to be called."""
    options = next((given for given in map(frozen, found.decorators) if given is not None), None)
    if options is None:
        return
    parameters = []
    for field in found.attributes.values():
        given = arguments(field.value, "attrs.field")
        settings = given or {}
        computed = "property" in field.labels or str(settings.get("init")) == "False"
        if computed or field.annotation is None:
            continue
        if field.name.startswith("_"):
            return
        keyword = "True" in {str(options.get("kw_only")), str(settings.get("kw_only"))}
        parameters.append(
            Parameter(
                field.name,
                annotation=field.annotation,
                kind=ParameterKind.keyword_only if keyword else ParameterKind.positional_or_keyword,
                default=field.value if given is None else settings.get("default"),
            )
        )
    parameters.sort(key=lambda parameter: parameter.kind is ParameterKind.keyword_only)
    this = Parameter("self", kind=ParameterKind.positional_or_keyword)
    init = Function("__init__", parameters=Parameters(this, *parameters), returns="None")
    found.set_member("__init__", init)


def frozen(decorator: Any) -> dict[str, Any] | None:
    """Return the options of `attrs.frozen`, None for another decorator."""
    bare = str(decorator.value) == "attrs.frozen"
    return {} if bare else arguments(decorator.value, "attrs.frozen")


def arguments(value: Any, function: str) -> dict[str, Any] | None:
    """Return the keywords of a call of a function, None for anything else."""
    if not isinstance(value, ExprCall) or value.canonical_path != function:
        return None
    return {
        argument.name: argument.value
        for argument in value.arguments
        if isinstance(argument, ExprKeyword)
    }
