"""Hypothesis, where it is installed."""

from lifecycle.errors import MissingExtraError

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    raise MissingExtraError("hypothesis", "testing") from error

__all__ = ["st"]
