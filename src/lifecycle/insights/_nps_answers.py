"""NPS answers, and the stages in which customers were when they gave them."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from lifecycle import _checks
from lifecycle._activity import Id, Instant
from lifecycle._inputs import columns
from lifecycle.errors import InvalidValueError
from lifecycle.insights._population import Population
from lifecycle.metrics import nps

__all__ = ["Answers", "Placed", "placed"]

Answers = Iterable[tuple[Id, Instant, int]]
"""Rows (customer, at, rating), the ratings whole numbers of 0 to 10."""


class Placed(defaultdict[Id, list[tuple[datetime, str, nps.Score]]]):
    """The answers of each customer: when, in which stage, and what."""


def placed(population: Population, answers: Answers | Placed) -> Placed:
    """Return answers with the stage of each: the last one entered by then, as `stage_at` says.

    Those of customers of another group are read too, so that groups share what is returned.
    """
    if isinstance(answers, Placed):
        return answers
    customers, ats, ratings = columns("answers", answers, ("customer", "at", "rating"))
    rows = population.reader.rows("answers", customers, ats)
    known, found = population.whole.by_id, Placed(list)
    for i, (id_, at, rating) in enumerate(zip(*rows, ratings, strict=True)):
        history = known.get(id_)
        if history is None:
            expected = "be a customer of the base"
            raise InvalidValueError(f"answers[{i}].customer", id_, expected)
        if not history.moments[0] <= at <= history.until:
            first, last = map(_checks.shown, (history.moments[0], history.until))
            expected = f"be within the journey of {id_!r}, {first} to {last}"
            raise InvalidValueError(f"answers[{i}].at", ats[i], expected)
        stage = history.stages[bisect_right(history.moments, at) - 1]
        given = _checks.known(_rating, f"answers[{i}].rating", rating)
        found[id_].append((at, stage, nps.score([given])))
    return found


def _rating(argument: str, value: object) -> int:
    return _checks.whole(argument, _checks.from_column(value), least=0, most=10)
