"""Net promoter score by stage: answers by the stage of the customer at that time."""

from collections.abc import Sequence
from operator import attrgetter
from typing import overload

import attrs

from lifecycle._groups import Groups
from lifecycle._tables import Column, Table, many
from lifecycle._values import call
from lifecycle.engine.stages import Status
from lifecycle.insights._histories import History
from lifecycle.insights._nps_answers import Answers, placed
from lifecycle.insights._population import Journeys, read
from lifecycle.insights.groups import By, over
from lifecycle.metrics._score_columns import score_columns
from lifecycle.metrics.nps import Score

__all__ = ["NpsTable", "StageScore", "nps_by_stage"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StageScore:
    """The net promoter score of one stage.

    Attributes:
        stage: The name of the stage.
        status: What the stage means.
        score: Their answers; empty where there are none.
    """

    stage: str
    status: Status
    score: Score

    def __repr__(self) -> str:
        return call(self)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class NpsTable(Table[StageScore]):
    """Net promoter scores by stage, in the order of the definition.

    Attributes:
        rows: The stages; their scores sum to that of all answers.
    """

    _named_by = ("stage",)

    rows: tuple[StageScore, ...]

    @property
    def score(self) -> Score:
        """The score of all answers."""
        return sum((row.score for row in self.rows), Score(0, 0, 0))

    def _columns(self) -> Sequence[Column]:
        return [Column("stage", str, attrgetter("stage")), *score_columns(aside=False)]

    def _title(self) -> str:
        answers = many(self.score.respondents, "answer")
        return f"NPS by stage, {answers}, in points (95 % intervals)"


@overload
def nps_by_stage(journeys: Journeys, answers: Answers, *, by: None = None) -> NpsTable: ...
@overload
def nps_by_stage(journeys: Journeys, answers: Answers, *, by: By) -> Groups[NpsTable]: ...
def nps_by_stage(
    journeys: Journeys, answers: Answers, *, by: By | None = None
) -> NpsTable | Groups[NpsTable]:
    """Score answers by the stage in which the customer was when each was given.

    Args:
        journeys: Journeys of one definition, one for each customer; or a change log.
        answers: Rows (customer, at, rating) in any order, any number for each customer; a
            rating is a whole number, 0 to 10.
        by: What to split customers by: the name of an attribute, a `Calendar` (by period of
            enrollment), a mapping from customers to groups, or a function of the journey.

    Returns:
        A row for each stage; with `by`, such a table for each group.

    Raises:
        InvalidTypeError: An argument, or a row of one, is of another type.
        InvalidValueError: A rating is outside 0 to 10; a customer has no journey; or an
            answer is outside the journey, where the stage is unknown.
        LifecycleError: As `transition_counts`.

    Convention:
        The stage is that of the answer's instant, not the customer's stage of today: those who
        left because they were unhappy answered while they were still there. At the instant of
        a change it is the stage that was entered.

    Examples:
        >>> from lifecycle import presets
        >>> shop, start = presets.retail(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> orders = [Event("purchase", start + timedelta(days=day)) for day in (3, 50)]
        >>> ann = shop.replay("ann", orders, since=start, until=start + timedelta(days=80))
        >>> answers = [("ann", start + timedelta(days=day), r) for day, r in [(10, 6), (60, 9)]]
        >>> table = nps_by_stage([ann], answers)
        >>> table.row("new").score.points, table.row("repeat").score.points
        (-100.0, 100.0)
    """
    population = read(journeys)
    given = placed(population, answers)

    def make(histories: Sequence[History]) -> NpsTable:
        scores = dict.fromkeys(population.stages, Score(0, 0, 0))
        for history in histories:
            for _, stage, score in given.get(history.id, ()):
                scores[stage] += score
        rows = (
            StageScore(stage=name, status=stage.status, score=scores[name])
            for name, stage in population.stages.items()
        )
        return NpsTable(rows=tuple(rows))

    return over(by, population, make)
