"""Net promoter score by stage: answers by the stage of the customer at that time."""

from collections.abc import Sequence
from operator import attrgetter

import attrs

from lifecycle._tables import Column, Table, many
from lifecycle._values import call
from lifecycle.engine.stages import Status
from lifecycle.insights._nps_answers import Answers, placed
from lifecycle.insights._population import Population
from lifecycle.metrics._score_columns import score_columns
from lifecycle.metrics.nps import Score

__all__ = ["NpsTable", "StageScore"]


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


def nps(population: Population, answers: Answers) -> NpsTable:
    """Score answers by the stage in which the customer was when each was given."""
    given = placed(population, answers)
    scores = dict.fromkeys(population.stages, Score(0, 0, 0))
    for history in population.histories:
        for _, stage, score in given.get(history.id, ()):
            scores[stage] += score
    rows = (
        StageScore(stage=name, status=stage.status, score=scores[name])
        for name, stage in population.stages.items()
    )
    return NpsTable(rows=tuple(rows))
