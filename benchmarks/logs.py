"""How fast an event log answers, compared with Polars, pandas, DuckDB and lifelines.

Run it with `python benchmarks/logs.py` where these are installed:

    --rows 1000000 10000000  how many rows (a million by default)
    --rounds 3               how many turns each contender has
    --clock processor        the time of all processors together, where other programs run
    --only cohorts nps       some of the questions, and nothing else
    --lifetimes PYTHON       an interpreter with lifetimes 0.11.3, as for `models.py`
    --write                  put the figures and their picture into docs/speed.md

Every figure is a ratio of two times taken in turns in this run. All answers are compared before
they are timed: counts must be equal, and other numbers within 1e-9. The peers start from
columns that are there already, DuckDB from a table that is loaded; the log is new in each turn,
so that no answer is a kept one.
"""

import argparse
import gc
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import lifelines
import log_data
import numpy as np
import peer_duckdb
import peer_pandas
import peer_polars
from harness import row
from log_data import END, START, STEPS, WITHIN, Columns
from log_pages import Line, picture, table, written

import models
from lifecycle import (
    Calendar,
    EventLog,
    Groups,
    Window,
    funnel,
    nps,
    retention,
    revenue,
    rfm,
    survival,
)

HERE = Path(__file__).parent
PEERS: Mapping[str, ModuleType] = {
    "Polars": peer_polars,
    "pandas": peer_pandas,
    "DuckDB": peer_duckdb,
}
MONTHLY: dict[str, Any] = {"calendar": Calendar("month"), "window": Window(START, END)}
FIRST_MONTH = START.year * 12 + START.month
SECOND = timedelta(seconds=1)

Answer = Mapping[str, "np.ndarray[Any, Any]"] | Sequence[float]
"""Columns, sorted by the first ones; or a few numbers."""


class Question(NamedTuple):
    """What is asked of a log, and how much faster than the peers it should be."""

    what: str
    data: str
    ask: Callable[[Any], Any]
    plain: Callable[[Any], Any]
    by: tuple[str, ...] = ()
    targets: Mapping[str, float] = {}


def log_of(data: str, columns: Any) -> Any:
    """Read a log from a dataframe of Polars, and put its rows and instants in order."""
    if data == "waits":
        return columns
    names = {"orders": "amount", "mrr": "cents", "ratings": "rating"}
    frame = peer_polars.frame(columns) if isinstance(columns, Mapping) else columns
    log = EventLog.from_frame(
        frame,
        customer="customer",
        at="at",
        value=names.get(data),
        event="event" if data == "events" else None,
        attributes=("group",) if data == "ratings" else (),
    )
    assert len(log._instants) == len(log)  # noqa: SLF001  (what all questions share)
    return log


def cells(table: retention.CohortTable) -> Answer:
    """Return the cohorts that have customers."""
    rows = [
        (FIRST_MONTH + c, cell.k, cell.retained)
        for c, line in enumerate(table.rows)
        for cell in line.cells
        if cell.retained
    ]
    return _columns(("cohort", "k", "customers"), rows)


def kinds(names: Sequence[str]) -> Callable[[Iterable[Any]], Answer]:
    """Return what reads some fields of a table with a row for each month."""

    def plain(table: Iterable[Any]) -> Answer:
        rows = [
            (FIRST_MONTH + m, *(getattr(line, name) for name in names))
            for m, line in enumerate(table)
        ]
        return _columns(("month", *names), rows)

    return plain


def _columns(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Answer:
    return {name: np.array(each) for name, each in zip(names, zip(*rows, strict=True), strict=True)}


def summarized(table: rfm.SummaryTable) -> Answer:
    """Return the summary by columns."""
    names = ("customer", "frequency", "recency", "age", "monetary")
    found = {name: [getattr(line, name) for line in table.rows] for name in names}
    money = np.array(found.pop("monetary"), dtype=float)
    return {**{name: np.array(each) for name, each in found.items()}, "monetary": money}


def stuck(table: retention.StickinessTable) -> Answer:
    """Return how many customers were active in how many months, where there are some."""
    rows = [(k, count) for k, count in enumerate(table.counts, 1) if count]
    return _columns(("periods", "len"), rows)


def scored(groups: Groups[nps.Score]) -> Answer:
    """Return the scores by columns."""
    rows = [
        (group, each.promoters, each.detractors, each.respondents) for group, each in groups.results
    ]
    return _columns(("group", "promoters", "detractors", "answers"), rows)


def outcomes(table: funnel.CartTable) -> Answer:
    """Return how many carts were ordered, and how many were not."""
    return table.row("ordered").carts, table.row("lost").carts


COUNTING = {"Polars": 5.0, "pandas": 8.0}
ELSE = {"pandas": 3.0}

QUESTIONS: Mapping[str, Question] = {
    "cohorts": Question(
        "`retention.cohorts` by month",
        "orders",
        partial(retention.cohorts, **MONTHLY),
        cells,
        ("cohort", "k"),
        COUNTING,
    ),
    "growth": Question(
        "`retention.growth` by month",
        "orders",
        partial(retention.growth, **MONTHLY),
        kinds(("new", "returning", "resurrected", "dormant")),
        ("month",),
        COUNTING,
    ),
    "summary": Question(
        "`rfm.summary`",
        "orders",
        partial(rfm.summary, until=(END - timedelta(days=1)).date()),
        summarized,
        ("customer",),
        COUNTING,
    ),
    "repeat_rate": Question(
        "`retention.repeat_purchase_rate`",
        "orders",
        partial(retention.repeat_purchase_rate, window=Window(START + (END - START) / 2, END)),
        lambda rate: (rate.numerator, rate.denominator),
        targets=COUNTING,
    ),
    "stickiness": Question(
        "`retention.stickiness` by month",
        "orders",
        partial(retention.stickiness, **MONTHLY),
        stuck,
        ("periods",),
        COUNTING,
    ),
    "movements": Question(
        "`revenue.movements` by month",
        "mrr",
        partial(revenue.movements, **MONTHLY),
        kinds(("new", "expansion", "contraction", "reactivation", "churn")),
        ("month",),
        ELSE,
    ),
    "funnel": Question(
        "`funnel.funnel`, three steps in order within 14 days",
        "events",
        partial(funnel.funnel, steps=STEPS, within=WITHIN),
        lambda table: [line.reached for line in table.rows],
        targets=ELSE,
    ),
    "carts": Question(
        "`funnel.cart_recovery`",
        "events",
        partial(
            funnel.cart_recovery,
            until=END + WITHIN,
            abandoned_after=timedelta(days=1),
            recovery_within=timedelta(0),
        ),
        outcomes,
        targets=ELSE,
    ),
    "intervals": Question(
        "`retention.purchase_intervals`",
        "orders",
        retention.purchase_intervals,
        lambda found: (len(found.lengths), found.median / SECOND, found.mean / SECOND),
        targets=ELSE,
    ),
    "nps": Question(
        "`nps.score` of five groups",
        "ratings",
        partial(nps.score, by="group"),
        scored,
        ("group",),
        ELSE,
    ),
    "kaplan_meier": Question(
        "`survival.kaplan_meier` of two columns",
        "waits",
        lambda columns: survival.kaplan_meier(columns["days"], columns["left"]),
        lambda curve: {"days": np.array(curve.times), "survival": np.array(curve.survival)},
        ("days",),
        {**ELSE, "lifelines": 1.0},
    ),
}


def by_lifelines(columns: Columns) -> Answer:
    """Return the share that is still there after each number of days."""
    curve = lifelines.KaplanMeierFitter().fit(columns["days"], columns["left"])
    found = curve.survival_function_.iloc[1:, 0]
    return {"days": found.index.to_numpy(), "survival": found.to_numpy()}


def plain(answer: Any, by: Sequence[str]) -> Answer:
    """Return the answer of a peer: its columns in order of some of them, or a few numbers."""
    if not by:
        return tuple(answer)
    names = answer.keys() if isinstance(answer, Mapping) else answer.columns
    found = {name: _array(answer[name]) for name in names}
    order = np.lexsort([found[name] for name in reversed(by)])
    return {name: each[order] for name, each in found.items()}


def _array(column: Any) -> "np.ndarray[Any, Any]":
    """Return a column as an array, with NaN for what DuckDB masks."""
    if isinstance(column, np.ma.MaskedArray) and column.dtype.kind == "f":
        return column.filled(np.nan)
    return np.asarray(column)


def agree(ours: Any, theirs: Any, place: str) -> None:
    """Make sure that both found the same: counts exactly, other numbers within 1e-9."""
    if not isinstance(ours, Mapping):
        ours, theirs = {"figures": np.array(ours)}, {"figures": np.array(theirs)}
    assert ours.keys() <= theirs.keys(), (place, ours.keys(), theirs.keys())
    for name, column in ours.items():
        other = np.asarray(theirs[name])
        exact = column.dtype.kind != "f"
        same = (
            np.array_equal(column, other)
            if exact
            else np.allclose(column, other.astype(float), rtol=1e-9, atol=1e-9, equal_nan=True)
        )
        assert same, (place, name, column, other)


class Contender(NamedTuple):
    """A call, and what makes what it is given, which is not timed."""

    make: Callable[[], Any]
    call: Callable[[Any], Any]


class Turns(NamedTuple):
    """How many turns each contender has, and what is read before and after its call."""

    rounds: int
    clock: Callable[[], float]


def in_turns(contenders: Mapping[str, Contender], turns: Turns) -> dict[str, float]:
    """Return the seconds that each call takes, at its best over the rounds."""
    best, clock = dict.fromkeys(contenders, math.inf), turns.clock
    for _ in range(turns.rounds):
        for name, (make, call) in contenders.items():
            given = make()
            gc.collect()
            gc.disable()
            start = clock()
            call(given)
            best[name] = min(best[name], clock() - start)
            gc.enable()
            del given
    return best


def questions(rows: int, turns: Turns, only: Sequence[str]) -> Iterator[Line]:
    """Measure each question on a grouped log against each peer."""
    data, columns = "", {}
    frames: dict[str, Any] = {}
    for name in sorted(only, key=lambda name: QUESTIONS[name].data):
        question = QUESTIONS[name]
        if question.data != data:
            data, columns = question.data, log_data.ALL[question.data](rows)
            frames = {peer: module.frame(columns) for peer, module in PEERS.items()}
        calls = {peer: getattr(module, name) for peer, module in PEERS.items()}
        if data == "waits":
            frames["lifelines"], calls["lifelines"] = columns, by_lifelines
        found = question.plain(question.ask(log_of(data, columns)))
        for peer, call in calls.items():
            agree(found, plain(call(frames[peer]), question.by), f"{name}, {peer}")
        del found
        given = frames["Polars"] if data != "waits" else columns
        contenders = {"ours": Contender(partial(log_of, data, given), question.ask)}
        for peer, call in calls.items():
            contenders[peer] = Contender(partial(frames.get, peer), call)
        took = in_turns(contenders, turns)
        yield Line(question.what, took["ours"], _ratios(took), question.targets)


def _ratios(took: Mapping[str, float]) -> dict[str, float]:
    return {peer: took[peer] / took["ours"] for peer in took if peer != "ours"}


def reading(rows: int, turns: Turns) -> Iterator[Line]:
    """Measure what it takes from a dataframe to a grouped log, against grouping by the peer."""
    columns = log_data.orders(rows)
    read, first = partial(log_of, "orders"), {}
    for ids, given in (("integer ids", columns), ("text ids", log_data.as_text(columns))):
        frames = {peer: module.frame(given) for peer, module in PEERS.items()}
        contenders = {
            peer: Contender(partial(frames.get, peer), module.grouped)
            for peer, module in PEERS.items()
        }
        for kind in ("Polars", "pandas"):
            contenders[f"from {kind}"] = Contender(partial(frames.get, kind), read)
        took = in_turns(contenders, turns)
        first = first or took
        for kind in ("Polars", "pandas"):
            ours = took[f"from {kind}"]
            ratios = {peer: took[peer] / ours for peer in PEERS}
            longer = ours / first[f"from {kind}"]
            what = f"{kind} to a grouped log, {ids}"
            if ids == "text ids":
                what = f"{what} ({longer:.2g} x integer ids, at most 2 x wanted)"
            yield Line(what, ours, ratios, {"Polars": 1 / 1.2} if longer == 1 else {})


MEMORY = {
    "a log, read and grouped": "log_of('orders', given)",
    "a log, and five answers": (
        "log = log_of('orders', given); "
        "[QUESTIONS[name].ask(log) for name in "
        "('cohorts', 'growth', 'summary', 'repeat_rate', 'stickiness')]"
    ),
    "Polars: cohorts": "peer_polars.cohorts(given)",
    "Polars: rfm summary": "peer_polars.summary(given)",
    "pandas: cohorts": "peer_pandas.cohorts(given.to_pandas())",
}
"""What is measured in a process of its own, of `given`, a dataframe of Polars."""

PROGRAM = """
import sys, numpy as np, re
sys.path.insert(0, {here!r})
from logs import *
def peak(what):
    return 1024 * int(re.search(what + r":\\s+(\\d+)", open("/proc/self/status").read())[1])
given = peer_polars.frame(log_data.orders(1_000))
{program}  # which imports what it needs
before = peak("VmRSS")
given = peer_polars.frame({{name: np.load({folder!r} + "/" + name + ".npy") for name in {names!r}}})
{program}
print(peak("VmHWM") - before)
"""


def memory(rows: int) -> Iterator[tuple[str, float]]:
    """Measure the peak of memory, the columns included, against the bytes of the columns."""
    columns = log_data.orders(rows)
    size = sum(column.nbytes for column in columns.values())
    with tempfile.TemporaryDirectory() as folder:
        for name, column in columns.items():
            np.save(Path(folder, name), column)
        for what, program in MEMORY.items():
            text = PROGRAM.format(
                here=str(HERE), folder=folder, names=list(columns), program=program
            )
            done = subprocess.run(
                [sys.executable, "-c", text], capture_output=True, text=True, check=True
            )
            yield what, int(done.stdout) / size


SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
FROM_FRAME, FROM_LOG = "From a dataframe to cohorts", "One more question: growth"

Took = dict[int, float]
"""Seconds by the number of rows."""


def cohorts_of(frame: Any) -> Any:
    """Answer one question of a dataframe, which is read first."""
    return QUESTIONS["cohorts"].ask(log_of("orders", frame))


def growing(most: int, turns: Turns) -> dict[str, dict[str, Took]]:
    """Measure the seconds from a dataframe to cohorts, and from a grouped log to growth."""
    names = ("lifecycle", *PEERS)
    found: dict[str, dict[str, Took]] = {
        what: {name: {} for name in names} for what in (FROM_FRAME, FROM_LOG)
    }
    for size in (size for size in SIZES if size <= most):
        for what, contenders in _sized(log_data.orders(size)).items():
            for name, seconds in in_turns(contenders, turns).items():
                found[what][name][size] = seconds
    return found


def _sized(columns: Columns) -> Mapping[str, Mapping[str, Contender]]:
    frames = {name: module.frame(columns) for name, module in PEERS.items()}
    made = {name: partial(frames.get, name) for name in PEERS}
    ours = Contender(partial(log_of, "orders", frames["Polars"]), QUESTIONS["growth"].ask)
    return {
        FROM_FRAME: {
            "lifecycle": Contender(made["Polars"], cohorts_of),
            **{name: Contender(made[name], each.cohorts) for name, each in PEERS.items()},
        },
        FROM_LOG: {
            "lifecycle": ours,
            **{name: Contender(made[name], each.growth) for name, each in PEERS.items()},
        },
    }


def power(took: Took) -> float:
    """Return by which power of the rows the time grows in the last step."""
    (few, short), (many, long) = list(took.items())[-2:]
    return math.log(long / short) / math.log(many / few)


def against_lifetimes(python: str, rows: int, turns: Turns) -> Line:
    """Measure the summary against that of lifetimes, which runs in its own environment."""
    columns = dict(log_data.orders(rows))
    columns["at"] = columns["at"].astype("M8[D]").astype("M8[us]")
    days = columns["at"].astype("M8[D]").astype(np.int64)
    given = {"customer": columns["customer"], "day": days, "amount": columns["amount"]}
    theirs = models.peer(python, "summary", given, turns.rounds)
    ask, make = QUESTIONS["summary"].ask, partial(log_of, "orders", columns)
    found = summarized(ask(make()))
    order = np.argsort(found["customer"])[:4]
    assert list(found["frequency"][order]) == theirs["found"]
    by_wall = Turns(turns.rounds, CLOCKS["wall"])  # as the other environment measures
    ours = in_turns({"ours": Contender(make, ask)}, by_wall)["ours"]
    return Line("`rfm.summary`, against lifetimes", ours, {"lifetimes": theirs["seconds"] / ours})


CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
WORDS = {
    "wall": "on the clock of the wall",
    "processor": "in time of processors, of all threads together, as other programs were running",
}


def versions() -> str:
    """Return what was measured with."""
    named = ("numpy", "polars", "pandas", "duckdb", "lifelines")
    peers = ", ".join(f"{name} {version(name)}" for name in named)
    python = f"Python {platform.python_version()} on {platform.system()}"
    return (
        f"{python}, {os.cpu_count()} processors, {peers}, {time.strftime('%d %B %Y').lstrip('0')}"
    )


def report(line: Line) -> str:
    """Return a line for a terminal."""
    ratios = "  ".join(f"{peer} {ratio:.1f} x" for peer, ratio in line.ratios.items())
    wanted = ", ".join(f"{peer} {target:.2g}" for peer, target in line.targets.items())
    met = not any(map(line.missed, line.targets)) if line.targets else None
    return f"{row(line.what, f'{1e3 * line.seconds:,.1f} ms', wanted, met=met)}\n      {ratios}"


def shown(lines: Iterable[Line]) -> list[Line]:
    """Print lines as they come, and return them."""
    found = []
    for line in lines:
        print(report(line), flush=True)
        found.append(line)
    return found


def measured(asked: argparse.Namespace) -> Iterator[str]:
    """Measure everything, print it, and return it as a part of the page."""
    turns, clock = Turns(asked.rounds, CLOCKS[asked.clock]), WORDS[asked.clock]
    yield f"{versions()}; the best of {asked.rounds}, {clock}."
    for rows in asked.rows:
        print(f"\n{rows:,} rows")
        yield from ("", f"### {rows:,} rows", "")
        lines = shown(questions(rows, turns, asked.only))
        if asked.only == list(QUESTIONS):
            lines = shown(reading(rows, turns)) + lines
        places = {question.what: place for place, question in enumerate(QUESTIONS.values())}
        yield from table(sorted(lines, key=lambda line: places.get(line.what, -1)))
    if asked.lifetimes:
        (line,) = shown([against_lifetimes(asked.lifetimes, min(asked.rows), turns)])
        ratio = line.ratios["lifetimes"]
        yield from (
            "",
            f"`lifetimes` 0.11.3 takes {ratio:.0f} x as long for {min(asked.rows):,} rows.",
        )
    if asked.only == list(QUESTIONS):
        yield from ("", "### Memory", "", *remembered(max(asked.rows)))
        yield from (
            "",
            "### How time grows with the rows",
            "",
            *grown(max(asked.rows), turns, write=asked.write),
        )


def remembered(rows: int) -> Iterator[str]:
    """Measure memory, print it, and return a table."""
    yield f"| {rows:,} rows | peak, in times the bytes of the columns | target |"
    yield "| --- | --- | --- |"
    for what, times in memory(rows):
        target = "at most 3 x" if what.startswith("a log") else ""
        met = times <= 3 if target else None
        print(row(f"peak of memory, {what}", f"{times:.1f} x", target, met=met), flush=True)
        mark = "**" if met is False else ""
        yield f"| {what} | {mark}{times:.1f} x{mark} | {target} |"


def grown(rows: int, turns: Turns, *, write: bool) -> Iterator[str]:
    """Measure how time grows, print it, and return a table, with a picture where it is written."""
    sizes = growing(rows, turns)
    if write:
        yield from (picture(sizes), "")
    yield f"| | {' | '.join(f'{size:,}' for size in SIZES if size <= rows)} | power |"
    yield "| --- " * (2 + sum(size <= rows for size in SIZES)) + "|"
    for what, contenders in sizes.items():
        for name, took in contenders.items():
            figures = " | ".join(f"{1e3 * each:,.1f} ms" for each in took.values())
            print(f"  {what}, {name}: {figures}, power {power(took):.2f}", flush=True)
            yield f"| {what}, {name} | {figures} | {power(took):.2f} |"


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall")
    parser.add_argument("--only", nargs="+", choices=list(QUESTIONS), default=list(QUESTIONS))
    parser.add_argument("--lifetimes", metavar="PYTHON")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    print(versions())
    parts = list(measured(asked))
    if asked.write:
        written(parts)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
