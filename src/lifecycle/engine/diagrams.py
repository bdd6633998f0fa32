"""Diagrams of a lifecycle: Mermaid, Graphviz, a Markdown table, and SVG.

All four show what the stage machine really does, which is not always what its
transitions say one by one: levels and silenced clocks are applied, and a transition
behind an unconditional one for the same event is left out. What a transition says for
any stage, or for many stages of a status, is drawn once, from a note.
"""

from lifecycle import _checks
from lifecycle.engine._drawing import graphviz, markdown
from lifecycle.engine._drawing import mermaid as _mermaid
from lifecycle.engine._drawing import svg as _svg
from lifecycle.engine._drawing.chart import Chart, Counts, chart_of
from lifecycle.engine._drawing.picture import Picture, picture_of
from lifecycle.engine.definition import Lifecycle

__all__ = ["dot", "mermaid", "svg", "table"]


def mermaid(lifecycle: Lifecycle, *, counts: Counts | None = None) -> str:
    """Return a lifecycle as a Mermaid state diagram.

    Args:
        lifecycle: The lifecycle to draw.
        counts: How often customers moved: a number for each pair of a source and a
            target, or stage changes, which are counted. A pair that is not in it has 0.

    Returns:
        The text of a `stateDiagram-v2`, for a page, a README or an editor that shows
        Mermaid.

    Raises:
        UnknownNameError: `counts` names a stage that the lifecycle does not have.
        InvalidTypeError: `lifecycle` is no `Lifecycle`, `counts` is neither, or a count is not
            a number.
        InvalidValueError: A count is negative or not finite.

    Examples:
        >>> club = Lifecycle(
        ...     name="club",
        ...     initial="member",
        ...     stages=[Stage("member", Status.ACTIVE), Stage("lapsed", Status.DORMANT)],
        ...     transitions=[Transition("member", "lapsed", after=idle(days=90))],
        ... )
        >>> print(mermaid(club))
        stateDiagram-v2
            direction LR
            accTitle: club
            state "member" as s0
            state "lapsed" as s1
            [*] --> s0
            s0 --> s1 : idle 90 days
            classDef active fill:#cfe9da,stroke:#35a06a,color:#0f3d26
            class s0 active
            classDef dormant fill:#f6e3c3,stroke:#d9962b,color:#4a3108
            class s1 dormant
    """
    return _mermaid.write(_chart(lifecycle, counts))


def dot(lifecycle: Lifecycle, *, counts: Counts | None = None) -> str:
    r"""Return a lifecycle as a Graphviz graph, with a cluster for each status.

    Args:
        lifecycle: The lifecycle to draw.
        counts: As in `mermaid`.

    Returns:
        A `digraph` in the DOT language.

    Raises:
        LifecycleError: As `mermaid`.

    Examples:
        >>> club = Lifecycle(
        ...     name="club",
        ...     initial="member",
        ...     stages=[Stage("member", Status.ACTIVE)],
        ...     transitions=[],
        ... )
        >>> dot(club).splitlines()[0]
        'digraph "club" {'
    """
    return graphviz.write(_chart(lifecycle, counts))


def table(lifecycle: Lifecycle, *, counts: Counts | None = None) -> str:
    """Return the transitions of a lifecycle as a Markdown table.

    Args:
        lifecycle: The lifecycle to write.
        counts: As in `mermaid`. With counts each pair of a source and a target has a row
            of its own, since that is what is counted.

    Returns:
        The table: from, to, when, under which condition, and the kind of the change.
        Rows that differ by nothing but the source are one.

    Raises:
        LifecycleError: As `mermaid`.

    Examples:
        >>> club = Lifecycle(
        ...     name="club",
        ...     initial="member",
        ...     stages=[Stage("member", Status.ACTIVE), Stage("lapsed", Status.DORMANT)],
        ...     transitions=[
        ...         Transition("member", "lapsed", after=idle(days=90)),
        ...         Transition("lapsed", "member", on="visit"),
        ...     ],
        ... )
        >>> print(table(club))
        | From | To | When | Condition | Change |
        | --- | --- | --- | --- | --- |
        | member | lapsed | idle 90 days |  | lapse |
        | lapsed | member | visit |  | reactivation |
    """
    return markdown.write(_chart(lifecycle, counts))


def svg(lifecycle: Lifecycle, *, counts: Counts | None = None) -> str:
    """Return a lifecycle as a picture that a notebook or a web page shows by itself.

    The stages of a status are in one column. Lines are solid for events and dashed for
    time-outs; reactivation is green; the full text of each is shown under the pointer.

    Args:
        lifecycle: The lifecycle to draw.
        counts: As in `mermaid`. Lines are wider where more customers moved.

    Returns:
        An `<svg>` element without scripts, fonts or links, which takes the color of the
        text around it, or follows the reader's light or dark scheme where it is shown alone.

    Raises:
        LifecycleError: As `mermaid`.

    Examples:
        >>> club = Lifecycle(
        ...     name="club",
        ...     initial="member",
        ...     stages=[Stage("member", Status.ACTIVE)],
        ...     transitions=[],
        ... )
        >>> svg(club).startswith("<svg xmlns=")
        True
    """
    return _svg.write(_chart(lifecycle, counts))


def picture(lifecycle: Lifecycle, counts: Counts | None = None) -> Picture:
    """Return what `svg` draws: boxes in columns, and the arrows between them."""
    return picture_of(_chart(lifecycle, counts))


def _chart(lifecycle: Lifecycle, counts: Counts | None) -> Chart:
    return chart_of(_checks.instance("lifecycle", lifecycle, Lifecycle)._parts, counts)
