"""A funnel over stages: how many customers come how far, and how long it takes them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Literal, overload

from lifecycle import _checks
from lifecycle.errors import InvalidValueError
from lifecycle.insights._courses import Course
from lifecycle.insights._groups import By, Groups, over
from lifecycle.insights._periods import periods
from lifecycle.insights._stays import Book, Journeys, read
from lifecycle.metrics.conversions import Funnel
from lifecycle.metrics.conversions import funnel as _funnel
from lifecycle.periods import Window

__all__ = ["funnel"]


@overload
def funnel(
    journeys: Journeys,
    *,
    stages: Iterable[str] | None = None,
    window: Window | None = None,
    within: timedelta | None = None,
    order: Literal["ordered", "strict", "any"] = "ordered",
    by: None = None,
) -> Funnel: ...
@overload
def funnel(
    journeys: Journeys,
    *,
    stages: Iterable[str] | None = None,
    window: Window | None = None,
    within: timedelta | None = None,
    order: Literal["ordered", "strict", "any"] = "ordered",
    by: By,
) -> Groups[Funnel]: ...
def funnel(  # noqa: PLR0913  (each is a choice that funnels make differently)
    journeys: Journeys,
    *,
    stages: Iterable[str] | None = None,
    window: Window | None = None,
    within: timedelta | None = None,
    order: Literal["ordered", "strict", "any"] = "ordered",
    by: By | None = None,
) -> Funnel | Groups[Funnel]:
    """Say how many customers reached each of some stages, in this order.

    Args:
        journeys: Journeys of one definition, one for each customer; or a change log.
        stages: The stages to reach, in order; unless told, those of the definition that are
            not fading: not dormant, not churned, and not entered by `idle` alone.
        window: The time in which stages are entered; all the time unless told.
        within: How long it may take from the first stage, both ends included.
        order: "ordered" lets other stages come in between; "strict" does not; "any" lets the
            stages be reached in any order.
        by: What to split customers by: the name of an attribute, a `Calendar` (by period of
            enrollment), a mapping from customers to groups, or a function of the journey.

    Returns:
        What `funnel.funnel` returns for the stages that customers entered, as events. With
        `by`, such a funnel for each group.

    Raises:
        UnknownNameError: The definition has no such stage.
        LifecycleError: As `transition_counts` and `funnel.funnel`.

    Convention:
        A stage is reached when it is entered, however long the stay. Customers may go on
        after the window; a funnel over young customers is a funnel so far.

    Examples:
        >>> from lifecycle import presets
        >>> shop, start = presets.retail(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> dates = {"ann": (3, 60), "bob": (5,), "cy": (8, 9, 40)}
        >>> journeys = [
        ...     shop.replay(name, [Event("purchase", start + timedelta(days=d)) for d in days])
        ...     for name, days in dates.items()
        ... ]
        >>> print(funnel(journeys, stages=("new", "repeat", "loyal")))
        Funnel, in order, without a limit
        step    reached  from_first  from_previous  of_all  drop_off
        new           3      100.0%         100.0%  100.0%         0
        repeat        2       66.7%          66.7%   66.7%         1
        loyal         1       33.3%          50.0%   33.3%         1
    """
    book = read(journeys)
    steps = _steps(book, stages)
    spans = periods(book, None, window)

    def make(courses: Sequence[Course]) -> Funnel:
        paths = {
            course.id: [
                (at, stage)
                for at, stage in zip(course.moments, course.stages, strict=True)
                if spans.number(at) is not None
            ]
            for course in courses
        }
        return _funnel(paths, steps=steps, within=within, order=order)

    return over(by, book, make)


def _steps(book: Book, stages: Iterable[str] | None) -> Sequence[str]:
    own = [name for name in book.stages if name not in book.fading]
    named = _checks.names("stages", own if stages is None else stages)
    if not named:
        raise InvalidValueError("stages", named, "name at least one stage")
    for i, name in enumerate(named):
        _checks.choice(f"stages[{i}]", name, book.stages or named)
    return named
