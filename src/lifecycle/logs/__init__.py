"""Event logs: rows, columns and dataframes, read and checked once."""

from lifecycle.logs._event_log import EventLog
from lifecycle.logs._grouping import Grouped

__all__ = ["EventLog", "Grouped"]
