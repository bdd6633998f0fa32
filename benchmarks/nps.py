"""How fast net promoter scores are, compared with counting the same ratings with `Counter`.

Run it with `python benchmarks/nps.py`. Every figure is a ratio of two times taken in turns
in this run.
"""

import platform
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from harness import best_of, row

from lifecycle.metrics import nps
from lifecycle.periods import Calendar, Period

NUMBER = 1_000_000
START = datetime(2020, 1, 1, tzinfo=UTC)


def scores() -> Iterator[str]:
    """Measure the score of many ratings, by itself and by group."""
    draw = random.Random(1)
    ratings = [draw.randrange(11) for _ in range(NUMBER)]
    groups = [draw.choice("abcde") for _ in ratings]
    weights = [1.0 + rating % 3 for rating in ratings]
    contenders: dict[str, Callable[[], object]] = {
        "counter": lambda: Counter(ratings),
        "score": lambda: nps.score(ratings),
        "by": lambda: nps.score(ratings, by=groups),
        "weighted": lambda: nps.weighted(ratings, weights),
    }
    took = best_of(contenders, number=1, rounds=5)
    yield f"{NUMBER:,} ratings"
    yield row("collections.Counter of the list (the baseline)", f"{1e3 * took['counter']:.0f} ms")
    ratio = took["score"] / took["counter"]
    yield row("score", f"{ratio:.2f} x", "at most 3 x", met=ratio <= 3)
    yield row("score by five groups", f"{took['by'] / took['counter']:.1f} x")
    yield row("weighted", f"{took['weighted'] / took['counter']:.1f} x")


def windows() -> Iterator[str]:
    """Measure daily scores over a moving window, compared with scoring each window anew."""
    draw = random.Random(2)
    days, number = 365, 100_000
    answers = [
        (START + timedelta(days=draw.random() * days), draw.randrange(11)) for _ in range(number)
    ]
    calendar, window = Calendar("day"), timedelta(days=90)

    def anew() -> list[nps.Score]:
        ends = [calendar.start(calendar.index(START) + k + 1) for k in range(days)]
        return [nps.score(r for at, r in answers if t - window <= at < t) for t in ends]

    def rolled() -> nps.RollingTable:
        return nps.rolling(answers, window=Period(days=90), calendar=calendar)

    assert [line.score for line in rolled().rows] == anew()
    took = best_of({"anew": anew, "rolled": rolled}, number=1, rounds=1)
    yield f"{days} days of {number:,} answers, each day's score over 90 days"
    yield row("each window by itself", f"{took['anew']:.1f} s")
    yield row("rolling", f"{took['rolled']:.2f} s")
    yield row("  how many times faster", f"{took['anew'] / took['rolled']:.0f} x")


if __name__ == "__main__":
    print(f"Python {platform.python_version()}")
    for part in (scores, windows):
        print()
        for line in part():
            print(line, flush=True)
