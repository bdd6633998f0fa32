"""What a replay in columns returns: the stays, and the customers as they are at the end."""

from collections.abc import Sequence
from typing import NamedTuple

import attrs
import numpy as np

from lifecycle.engine._columns.clocks import MISSING, NEVER
from lifecycle.engine._columns.edges import NONE, Array, NumberedEdges

__all__ = ["Ends", "Part", "Replayed", "Stays", "collected"]


class Part(NamedTuple):
    """The stays of some customers, customer by customer and in order.

    Attributes:
        customers: Who they are, ascending.
        sizes: How many stays each has.
        entered: When each stay was entered, in microseconds since 1970.
        edges: By which edge; `NONE` for the first of a customer.
        rows: By which row of the log; `NONE` for the first and for time-outs.
    """

    customers: Array
    sizes: Array
    entered: Array
    edges: Array
    rows: Array


@attrs.frozen(eq=False)
class Stays:
    """The stays of all customers, customer by customer and in order.

    Attributes:
        customers: Whose each stay is.
        stages: In which stage.
        entered: When it was entered, in microseconds since 1970.
        left: When it was left; `NEVER` while the customer is still there.
        edges: By which edge it was entered; `NONE` for the first stay.
        rows: By which row of the log it was entered; `NONE` for the first stay and time-outs.
    """

    customers: Array
    stages: Array
    entered: Array
    left: Array
    edges: Array
    rows: Array

    def __len__(self) -> int:
        return len(self.customers)

    @property
    def is_open(self) -> Array:
        """Which stays have not ended."""
        return self.left == NEVER


@attrs.frozen(eq=False)
class Ends:
    """All customers, as they are at the end.

    Attributes:
        stages: The stage of each.
        entered: When it was entered.
        activity: The last activity; `MISSING` before the first.
        due: The next time-out that will be taken if nothing happens; `NEVER` for none.
        timers: Which edge that is; `NONE` for none.
    """

    stages: Array
    entered: Array
    activity: Array
    due: Array
    timers: Array

    @classmethod
    def blank(cls, number: int) -> "Ends":
        """Return so many customers of whom nothing is known."""
        fills = (0, 0, MISSING, NEVER, NONE)
        return cls(*(np.full(number, fill) for fill in fills))


@attrs.frozen(eq=False)
class Replayed:
    """The stays of all customers, and the customers at the end.

    Attributes:
        path: "columns", or "objects" and why.
        edges: What the codes of stages and edges mean.
        stays: The stays.
        customers: The customers.
    """

    path: str
    edges: NumberedEdges
    stays: Stays
    customers: Ends


def collected(edges: NumberedEdges, parts: Sequence[Part], customers: int) -> Stays:
    """Put the stays of all customers together."""
    sizes = np.zeros(customers, dtype="int64")
    for part in parts:
        sizes[part.customers] = part.sizes
    starts = np.append(0, sizes.cumsum())
    entered, edge, rows = (np.empty(starts[-1], kind) for kind in ("int64", "int16", "int64"))
    for part in parts:
        places = _places(part, starts)
        entered[places], edge[places], rows[places] = part.entered, part.edges, part.rows
    left = np.empty_like(entered)
    left[:-1] = entered[1:]
    left[starts[1:] - 1] = NEVER
    stages = edges.targets.take(edge)
    stages[starts[:-1]] = edges.initial
    codes = np.repeat(np.arange(customers, dtype="int32"), sizes)
    return Stays(codes, stages, entered, left, edge, rows)


def _places(part: Part, starts: Array) -> Array | slice:
    """Return where the stays of a part are among all."""
    first, last = part.customers[0], part.customers[-1]
    if last - first == len(part.customers) - 1:
        return slice(starts[first], starts[last + 1])
    own = part.sizes.cumsum() - part.sizes
    return np.repeat(starts[part.customers] - own, part.sizes) + np.arange(len(part.rows))
