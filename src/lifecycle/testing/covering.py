"""Paths that take each transition of a lifecycle, and probe each of its deadlines."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from lifecycle import _checks
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.events import Event
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.transitions import Transition
from lifecycle.rates import Rate
from lifecycle.testing._vocabulary import START, TICK, shifted, vocabulary
from lifecycle.testing._walk import Found, Search, Way
from lifecycle.testing.routes import Missed, Path, Paths, said

__all__ = ["paths"]


def paths(
    lifecycle: Lifecycle,
    *,
    start: datetime = START,
    examples: Iterable[Event] = (),
    limit: int = 100_000,
) -> Paths:
    """Find paths that take each transition, and look at each deadline from both sides.

    A transition from several stages is taken from each, and a milestone is reached in each.
    What conditions ask for is read off the definition: counts, totals and means are reached,
    windows are let pass, attributes set, and dates such that `at` is due soon. The same call
    gives the same paths, on any machine.

    Args:
        lifecycle: What is to be covered.
        start: When the customers of the paths enroll, with a time zone or without; events
            are stamped in the same zone.
        examples: Events that are tried too, at instants of the search. Give some where a
            condition is code, which nobody can read values off.
        limit: After how many steps the search gives up; at least 1.

    Returns:
        For each way out of a stage on an event, a path that ends with it. For each on a
        time-out and for each milestone, three paths: up to 1 microsecond before its deadline,
        at it, and 1 microsecond after. And what was missed, with the reason. Each path leads
        there from the start, so that a chain of n stages has n^2 / 2 events.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: `limit` is too small.
        UnknownNameError: An example's name is not one that the lifecycle knows.

    Convention:
        A transition that a nearer level silences in a stage, or that stands behind an
        unconditional one, is no way out of it, and not looked for there.

    Examples:
        >>> club = Lifecycle(
        ...     name="club",
        ...     initial="member",
        ...     stages=[Stage("member", Status.ACTIVE), Stage("lapsed", Status.DORMANT)],
        ...     transitions=[
        ...         Transition("member", "lapsed", after=idle(days=90)),
        ...         Transition("lapsed", "member", on="visit", when=count("visit") >= 2),
        ...     ],
        ... )
        >>> found = paths(club)
        >>> for path in found:
        ...     print(path)
        member -> lapsed after idle(days=90), 1 microsecond before
        member -> lapsed after idle(days=90)
        member -> lapsed after idle(days=90), 1 microsecond after
        lapsed -> member on 'visit' when count('visit') >= 2
        >>> found.rows[-1].stages
        ('member', 'lapsed', 'member')
        >>> found.missed
        ()
    """
    search = Search(vocabulary(lifecycle, examples), lifecycle, _checks.instant("start", start))
    search.run(_checks.whole("limit", limit, least=1))
    ways = search.ways
    return Paths(
        lifecycle=lifecycle,
        rows=tuple(path for way in ways if way.found for path in _paths(search, way, way.found)),
        missed=(
            *(
                Missed(way.source, way.declared, search.reason(way))
                for way in ways
                if not way.found
            ),
            *(Missed(None, way, _NOWHERE) for way in _without_stage(lifecycle, ways)),
        ),
        covered=Rate(sum(way.found is not None for way in ways), len(ways)),
        tried=search.tried,
    )


def _paths(search: Search, way: Way, found: Found) -> Iterator[Path]:
    name = said(way.source, way.declared)
    probes = _AT_ONCE if way.declared.after is None else _PROBES
    for words, offset in probes.items():
        until = shifted(found.at, offset or timedelta(0))
        if until is None:
            continue
        yield Path(
            name=name + words,
            source=way.source,
            way=way.declared,
            offset=offset,
            since=search.start,
            attributes=found.attributes,
            events=found.events,
            until=until,
            lifecycle=search.lifecycle,
        )


_AT_ONCE: Mapping[str, timedelta | None] = {"": None}
_PROBES: Mapping[str, timedelta | None] = {
    ", 1 microsecond before": -TICK,
    "": timedelta(0),
    ", 1 microsecond after": TICK,
}


_NOWHERE = "no stage can take it; `findings` says why"


def _without_stage(lifecycle: Lifecycle, ways: Iterable[Way]) -> list[Transition | Milestone]:
    taken = {id(way.declared) for way in ways}
    return [one for _, one in lifecycle._parts.ways if id(one) not in taken]
