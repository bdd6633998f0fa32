"""All ways from stage to stage of a definition, numbered, so that columns can hold them."""

from typing import Any, get_args

import attrs
import numpy as np

from lifecycle.engine._compiled import Tables
from lifecycle.engine._kinds import Kind
from lifecycle.engine._timers import Edge

__all__ = ["KINDS", "NONE", "Array", "NumberedEdges", "numbered"]

Array = Any
"""An array of numpy."""

NONE = -1
"""No edge, no row, no transition."""

KINDS: tuple[str, ...] = get_args(Kind)
"""What the codes of kinds mean."""


@attrs.frozen(eq=False)
class NumberedEdges:
    """The stages and the edges of a definition, by number.

    Attributes:
        stages: The names of the stages, by number.
        initial: The stage in which customers begin.
        edges: Every edge that leads from a stage, by number; those of events and of time-outs.
        numbers: The number of each edge.
        targets: The stage that each edge enters.
        kinds: What each edge means, as a place in `KINDS`.
        transitions: Which of the definition's transitions each edge is.
    """

    stages: tuple[str, ...]
    initial: int
    edges: tuple[Edge, ...]
    numbers: dict[Edge, int]
    targets: Array
    kinds: Array
    transitions: Array
    _places: dict[tuple[str, int], int]

    def of_change(self, source: str, transition: object) -> int:
        """Return the edge by which a transition leaves a stage."""
        return self._places[source, id(transition)]


def numbered(tables: Tables) -> NumberedEdges:
    """Number the stages and edges of a definition."""
    stages = tuple(tables.rows)
    found = [
        (name, edge)
        for name, row in tables.rows.items()
        for edge in (*sum(row.moves.values(), ()), *(timer.edge for timer in row.timers))
    ]
    edges = tuple(edge for _, edge in found)
    positions = {id(one): position for position, one in enumerate(tables.parts.transitions)}
    return NumberedEdges(
        stages,
        stages.index(tables.parts.initial),
        edges,
        {edge: number for number, edge in enumerate(edges)},
        _small([stages.index(edge.target.name) for edge in edges]),
        _small([KINDS.index(edge.kind) for edge in edges]),
        _small([positions[id(edge.transition)] for edge in edges]),
        {(name, id(edge.transition)): number for number, (name, edge) in enumerate(found)},
    )


def _small(values: list[int]) -> Array:
    """Return numbers with one for no edge at the end, where the place -1 finds it."""
    return np.array([*values, NONE], dtype="int16")
