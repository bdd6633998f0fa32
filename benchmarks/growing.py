"""Time calls that are given more and more, and say by which power of it their time grows."""

import gc
import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

Call: TypeAlias = Callable[[], object]
Topic: TypeAlias = Mapping[str, Callable[[int], Call]]
"""What makes a call that is given so many rows, by the name of what is called."""

TIMES = (1, 4, 16)
"""By how much each call is given more than at first."""

LONGEST = 8.0
"""How many seconds the last call may take; where it would take longer, it is not made."""

LONG_ENOUGH, MOST_CALLS = 0.1, 30
"""A call is repeated until so many seconds are spent, and at most so often."""


def seconds(call: Call) -> float:
    """Return the processor time of a call, at the best of some."""
    gc.collect()
    gc.disable()
    took: list[float] = []
    while len(took) < MOST_CALLS and sum(took) < LONG_ENOUGH:
        start = time.process_time()
        call()
        took.append(time.process_time() - start)
    gc.enable()
    return max(min(took), time.get_clock_info("process_time").resolution)


def times(make: Callable[[int], Call], n: int) -> list[float]:
    """Return the seconds that a call takes with n rows, 4 n and 16 n, as far as there is time."""
    make(n)()  # which may import something
    found: list[float] = []
    for factor in TIMES:
        if found and found[-1] * TIMES[1] ** 2 > LONGEST:
            break
        found.append(seconds(make(n * factor)))
    return found


def power(took: list[float]) -> float:
    """Return the power of n by which the time grew in the last step."""
    return math.log(took[-1] / took[-2], TIMES[1]) if len(took) > 1 else math.nan


def allowed(n: int, took: list[float]) -> float:
    """Return the power that n log n has in the last step, with room for what disturbs a call."""
    last = n * TIMES[len(took) - 1]
    return 1 + math.log(math.log(last) / math.log(last / TIMES[1]), TIMES[1]) + 0.2


def grown(topic: Topic, n: int, expected: Mapping[str, str]) -> Iterator[str]:
    """Measure each call of a topic, and return the lines of a report."""
    for name, make in topic.items():
        took = times(make, n)
        if power(took) > allowed(n, took):  # once more, as another program may have been busy
            took = min(took, times(make, n), key=power)
        fast = power(took) > allowed(n, took)
        mark = expected.get(name, "FASTER THAN n log n") if fast else ""
        figures = "".join(f"{1e3 * each:>10.2f}" for each in took) + " " * 10 * (3 - len(took))
        yield f"  {name:<58}{figures}{power(took):>7.2f}  {mark}".rstrip()
