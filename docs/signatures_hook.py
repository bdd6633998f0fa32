"""Fail the build where the signatures of the reference would be left unformatted.

mkdocstrings only mentions it, below the level of a warning, so `--strict` does not see it.
"""

import logging
from typing import Any

from mkdocs.exceptions import PluginError

UNFORMATTED = "Formatting signatures requires"
"""How mkdocstrings begins when it finds neither Black nor Ruff."""


class Refuse(logging.Handler):
    """Raise what the plugins of MkDocs say about unformatted signatures."""

    def emit(self, record: logging.LogRecord) -> None:
        """Raise the message, if it is about signatures."""
        message = record.getMessage()
        if UNFORMATTED in message:
            raise PluginError(message)


def on_startup(**_: Any) -> None:
    """Listen to the plugins."""
    logging.getLogger("mkdocs.plugins").addHandler(Refuse())
