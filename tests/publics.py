"""What is public: the functions of topics, and what they say they take and return."""

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, get_overloads

__all__ = ["classes", "functions", "given", "returned"]


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


def _signatures(function: Callable[..., Any]) -> Iterator[inspect.Signature]:
    return map(inspect.signature, (function, *get_overloads(function)))
