"""Time contenders side by side, in turns, so that what disturbs one disturbs all."""

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping


def best_of(
    contenders: Mapping[str, Callable[[], object]],
    *,
    number: int,
    rounds: int = 15,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Return the seconds that one call takes, at its best over the rounds.

    Args:
        contenders: What to call, by name; in each round each has its turn.
        number: How many calls a turn has.
        rounds: How many turns each contender has.
        clock: What to read; `time.process_time` where a call is so long that other programs
            have their turn in it.
    """
    best = dict.fromkeys(contenders, float("inf"))
    gc.collect()
    gc.disable()
    for _ in range(rounds):
        for name, call in contenders.items():
            turns = range(number)
            start = clock()
            for _ in turns:
                call()
            best[name] = min(best[name], clock() - start)
    gc.enable()
    return {name: seconds / number for name, seconds in best.items()}


def best_of_processes(programs: Mapping[str, str], *, rounds: int = 25) -> dict[str, float]:
    """Return the seconds that a new interpreter takes for each program, at its best."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    best = dict.fromkeys(programs, float("inf"))
    for _ in range(rounds):
        for name, program in programs.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True, env=env)
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def row(what: str, figure: str, target: str = "", *, met: bool | None = None) -> str:
    """Return one line of a report."""
    mark = {None: "", True: "met", False: "MISSED"}[met]
    return f"  {what:<58} {figure:>14}  {target:<22} {mark}".rstrip()
