"""The packages of dataframes and arrays, imported where they are installed and first needed."""

from importlib import import_module
from typing import Any

from lifecycle.errors import MissingExtraError

__all__ = ["needed", "optional"]


def optional(package: str) -> Any:
    """Return a package, or None where it is not installed."""
    try:
        return import_module(package)
    except ImportError:
        return None


def needed(package: str) -> Any:
    """Return a package that must be installed.

    Raises:
        MissingExtraError: It is not.
    """
    found = optional(package)
    if found is None:
        raise MissingExtraError(package, "frames")
    return found
