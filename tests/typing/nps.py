"""What a type checker says of the net promoter score: checked by mypy, never run."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import assert_type

from lifecycle import EventLog, Groups
from lifecycle.metrics import nps
from lifecycle.periods import Calendar, Period
from lifecycle.rates import Comparison, Interval


def answers() -> Iterator[int]:
    yield 9


score = nps.score(answers())
assert_type(score, nps.Score)
assert_type(score.promoters, int)
assert_type(score.respondents, int)
assert_type(score.value, float | None)
assert_type(score.points, float | None)
assert_type(score.standard_error, float | None)
assert_type(score.interval(level=0.9, method="wald"), Interval | None)
assert_type(score.test(value=0.3).p_value, float | None)
assert_type(score + nps.Score(promoters=1, passives=2, detractors=3), nps.Score)
total: nps.Score | int = sum([score, score])

compared = nps.compare(score, score)
assert_type(compared, Comparison)
assert_type(compared.difference, float | None)
assert_type(compared.interval, Interval | None)

assert_type(nps.score([9, 3], by=["pro", None]), Groups[nps.Score])
assert_type(nps.score(EventLog.from_rows([]), by="plan"), Groups[nps.Score])
assert_type(nps.weighted([9, 3], [1, 2], by=["pro", 3]), Groups[nps.WeightedScore])
weighted = nps.weighted([9, 3], [0.5, 2])
assert_type(weighted, nps.WeightedScore)
assert_type(weighted.n, float)
assert_type(weighted.interval(method="wald"), Interval | None)
assert_type(nps.compare(score, weighted), Comparison)
assert_type(nps.sample_size(0.05, power=0.8), int)

dated: list[tuple[date, int]] = [(date(2026, 1, 1), 9)]
table = nps.rolling(dated, window=Period(days=90), calendar=Calendar("month"))
assert_type(Calendar.custom([date(2026, 1, 1), date(2026, 7, 1)], zone="UTC"), Calendar)
Calendar.custom([date(2026, 1, 1)], "UTC")  # type: ignore[call-arg]
assert_type(table, nps.RollingTable)
assert_type(table.rows, tuple[nps.RollingScore, ...])
assert_type(table.rows[0].score, nps.Score)
assert_type(table.rows[0].end, datetime)

nps.score(["9"])  # type: ignore[list-item]
nps.score([9.5])  # type: ignore[list-item]
nps.score([9], by=3)  # type: ignore[call-overload]
nps.rolling(dated, window=Period(days=90))  # type: ignore[call-overload]
score.value = 1  # type: ignore[misc]
