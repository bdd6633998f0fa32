"""What tests of a lifecycle need: strategies for Hypothesis, and paths that cover it.

`paths` needs nothing but the library; the strategies need the extra `testing`, and are
loaded when the first of them is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lifecycle.testing.covering import paths
from lifecycle.testing.routes import Missed, Path, Paths

if TYPE_CHECKING:
    from lifecycle.testing.definitions import lifecycles
    from lifecycle.testing.histories import events, journeys, logs

__all__ = ["Missed", "Path", "Paths", "events", "journeys", "lifecycles", "logs", "paths"]

_LATER = {
    "events": "lifecycle.testing.histories",
    "journeys": "lifecycle.testing.histories",
    "lifecycles": "lifecycle.testing.definitions",
    "logs": "lifecycle.testing.histories",
}
"""What needs Hypothesis, and where it stands."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        message = f"module 'lifecycle.testing' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_LATER[name]), name)


def __dir__() -> list[str]:
    return __all__
