"""What is public: the functions of topics, what they say they take and return, and all tables."""

import contextlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, get_overloads

import lifecycle
from lifecycle._tables import Table

__all__ = ["classes", "functions", "given", "returned", "tables"]


def functions(*topics: ModuleType) -> dict[str, Callable[..., Any]]:
    """Give the public functions of topics, by names such as "retention.growth"."""
    return {
        f"{topic.__name__.rpartition('.')[2]}.{name}": getattr(topic, name)
        for topic in topics
        for name in topic.__all__
        if inspect.isfunction(getattr(topic, name))
    }


def classes(topic: ModuleType, base: type) -> set[type]:
    """Give the public classes of a topic that derive from a base, and are not abstract."""
    public = (getattr(topic, name) for name in topic.__all__)
    return {
        each
        for each in public
        if inspect.isclass(each) and issubclass(each, base) and not inspect.isabstract(each)
    }


def given(function: Callable[..., Any]) -> Iterator[dict[str, str]]:
    """Give the parameters of each form of a function, with their types as text."""
    for each in _signatures(function):
        yield {name: str(option.annotation) for name, option in each.parameters.items()}


def returned(function: Callable[..., Any]) -> Iterator[type]:
    """Give the classes that the forms of a function return."""
    for each in _signatures(function):
        if inspect.isclass(each.return_annotation):
            yield each.return_annotation


def tables() -> list[type[Table[Any]]]:
    """Return all kinds of tables that the library has, and the kind of all of them first."""
    for module in pkgutil.walk_packages(lifecycle.__path__, "lifecycle."):
        with contextlib.suppress(ModuleNotFoundError):  # rooms of arrays, where there is no numpy
            importlib.import_module(module.name)
    found: list[type[Table[Any]]] = [Table]
    for kind in found:
        found += kind.__subclasses__()
    return [kind for kind in found if kind.__module__.startswith("lifecycle.")]


def _signatures(function: Callable[..., Any]) -> Iterator[inspect.Signature]:
    return map(inspect.signature, (function, *get_overloads(function)))
