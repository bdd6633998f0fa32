"""Laws of funnels and carts, beside oracles that try every choice there is."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lifecycle.metrics import funnel

START = datetime(2026, 3, 29, tzinfo=UTC)
Event = tuple[datetime, str]


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


events = st.tuples(st.integers(0, 7).map(lambda n: START + hours(n)), st.sampled_from("aabbcxy"))
paths = st.lists(events, max_size=6)
logs = st.dictionaries(st.sampled_from(["ann", "bob", 3]), paths, max_size=3)
step_lists = st.lists(st.sampled_from("aabc"), min_size=1, max_size=4)
windows = st.none() | st.integers(0, 6).map(hours)


@st.composite
def plans(draw: st.DrawFn, **fixed: Any) -> dict[str, Any]:
    """Draw the arguments of a funnel, with exclusions that its order takes."""
    steps = draw(step_lists)
    order = fixed.get("order") or draw(st.sampled_from(["ordered", "strict", "any"]))
    spans = list(itertools.combinations(range(len(steps)), 2))
    if order == "any":
        spans = spans and [(0, len(steps) - 1)]
    bans = st.tuples(st.sampled_from("xya"), st.sampled_from(spans)) if spans else st.nothing()
    asked = {
        "steps": steps,
        "within": draw(windows),
        "order": order,
        "same_time": draw(st.sampled_from(["allow", "forbid"])),
        "exclusions": [
            funnel.Exclusion(event, after=span[0], before=span[1])
            for event, span in draw(st.lists(bans, max_size=2) if spans else st.just([]))
        ],
    }
    return {**asked, **fixed}


# The oracle: every assignment of events to steps, start by start.


def assignments(path: list[Event], asked: dict[str, Any]) -> Iterator[tuple[datetime, ...]]:
    """Yield the instants of every way to fill the first steps, or any steps, by events."""
    steps, order = asked["steps"], asked["order"]
    for number in range(1, min(len(steps), len(path)) + 1):
        for chosen in itertools.permutations(range(len(path)), number):
            names = [path[i][1] for i in chosen]
            times = tuple(path[i][0] for i in chosen)
            if list(times) != sorted(times):
                continue
            if order == "any":
                left = list(steps)
                fits = all(name in left and not left.remove(name) for name in names)
            else:
                fits = names == steps[:number]
            if fits:
                yield times


def strict_assignments(path: list[Event], asked: dict[str, Any]) -> Iterator[tuple[datetime, ...]]:
    """Yield every run of events that follow each other, however those of one instant stand."""
    for row in set(itertools.permutations(path)):
        if [at for at, _ in row] != sorted(at for at, _ in row):
            continue
        for first in range(len(row)):
            for number in range(1, len(asked["steps"]) + 1):
                run = row[first : first + number]
                if [name for _, name in run] == asked["steps"][:number]:
                    yield tuple(at for at, _ in run)


def is_legal(times: tuple[datetime, ...], asked: dict[str, Any]) -> bool:
    apart = asked["same_time"] == "allow" or len(set(times)) == len(times)
    return apart and (asked["within"] is None or times[-1] - times[0] <= asked["within"])


def is_void(times: tuple[datetime, ...], path: list[Event], asked: dict[str, Any]) -> bool:
    for ban in asked["exclusions"]:
        for at, event in path:
            if event != ban.event or len(times) <= ban.after or at <= times[ban.after]:
                continue
            if len(times) > ban.before:
                struck = at < times[ban.before]
            else:
                struck = asked["within"] is None or at < times[0] + asked["within"]
            if struck:
                return True
    return False


def oracle(path: list[Event], asked: dict[str, Any]) -> tuple[datetime, ...] | None:
    """Return when the attempt that counts filled its steps; None where all are void."""
    every = strict_assignments if asked["order"] == "strict" else assignments
    legal = {times for times in every(path, asked) if is_legal(times, asked)}
    attempts = [
        min((t for t in legal if t[0] == start), key=lambda t: (-len(t), t[-1], t))
        for start in {t[0] for t in legal}
    ]
    kept = [times for times in attempts if not is_void(times, path, asked)]
    if not kept:
        return None if attempts else ()
    return min(kept, key=lambda t: (-len(t), t[-1], START - t[0], t))


@given(paths, plans())
def test_funnels_are_what_the_contract_says(path: list[Event], asked: dict[str, Any]) -> None:
    """The furthest attempt counts, the first to get there, the latest start; void ones do not."""
    expected = oracle(path, asked)
    found = funnel.funnel({"ann": path}, **asked)
    assert found.levels == {"ann": len(expected or ())}
    assert found.excluded == ({"ann"} if expected is None else set())
    filled = () if expected is None or len(expected) == 1 else (expected,)
    assert found.time_to_convert.filled == tuple(times for times in filled if times)


@given(paths, plans())
def test_without_exclusions_no_assignment_is_better(
    path: list[Event], asked: dict[str, Any]
) -> None:
    """No assignment of events to steps reaches further, or as far sooner or from later on."""
    asked = {**asked, "exclusions": []}
    every = strict_assignments if asked["order"] == "strict" else assignments
    legal = [times for times in every(path, asked) if is_legal(times, asked)]
    found = funnel.funnel({"ann": path}, **asked)
    assert found.levels["ann"] == max(map(len, legal), default=0)
    for filled in found.time_to_convert.filled:
        rivals = [t for t in legal if len(t) == len(filled)]
        assert filled[-1] == min(t[-1] for t in rivals)
        assert filled[0] == max(t[0] for t in rivals if t[-1] == filled[-1])


def reached(log: Any, asked: dict[str, Any], **options: Any) -> list[int]:
    return [step.reached for step in funnel.funnel(log, **{**asked, **options}).steps]


@given(logs, plans())
def test_counts_never_rise(log: Any, asked: dict[str, Any]) -> None:
    """Counts never rise along the steps, and add up with those who dropped off."""
    found = funnel.funnel(log, **asked)
    counts = [step.reached for step in found.steps]
    assert counts == sorted(counts, reverse=True)
    for step in found.steps:
        assert step.reached == len(found.customers(step.position))
        assert step.drop_off == len(found.customers(step.position, "dropped"))
        assert step.conversion_from_first.numerator == step.reached
        assert step.conversion_of_all.denominator == len(log) - len(found.excluded)


@given(logs, plans(exclusions=[]))
def test_any_order_is_at_least_ordered_which_is_at_least_strict(
    log: Any, asked: dict[str, Any]
) -> None:
    """Any order reaches at least what ordered does, and ordered at least what strict does."""
    free, ordered, strict = (
        reached(log, asked, order=order) for order in ("any", "ordered", "strict")
    )
    assert all(a >= b >= c for a, b, c in zip(free, ordered, strict, strict=True))


@given(logs, plans(exclusions=[]), windows)
def test_a_wider_window_never_lowers(
    log: Any, asked: dict[str, Any], other: timedelta | None
) -> None:
    """A wider window never lowers a count."""
    far = hours(1000)
    narrow, wide = sorted([asked["within"], other], key=lambda w: far if w is None else w)
    counts = zip(reached(log, asked, within=narrow), reached(log, asked, within=wide), strict=True)
    assert all(a <= b for a, b in counts)


@given(logs, plans(exclusions=[]))
def test_allowing_the_same_time_never_lowers(log: Any, asked: dict[str, Any]) -> None:
    """Counts with events of one instant allowed are at least those without."""
    counts = zip(
        reached(log, asked, same_time="forbid"),
        reached(log, asked, same_time="allow"),
        strict=True,
    )
    assert all(a <= b for a, b in counts)


@given(logs, plans(), st.randoms(use_true_random=False))
def test_row_order_never_matters(log: Any, asked: dict[str, Any], random: Any) -> None:
    """Row order never matters, nor whether rows come by customer or one after another."""
    found = funnel.funnel(log, **asked)
    shuffled = {
        who: random.sample(log[who], len(log[who])) for who in random.sample(list(log), len(log))
    }
    assert funnel.funnel(shuffled, **asked) == found
    rows = [(who, at, event) for who, path in log.items() for at, event in path]
    some = {who: path for who, path in log.items() if path}
    flat = funnel.funnel(random.sample(rows, len(rows)), **asked)
    assert flat == funnel.funnel(some, **asked)
    local = {who: [(at.replace(tzinfo=None), event) for at, event in log[who]] for who in log}
    assert funnel.funnel(local, **asked).levels == found.levels


@given(logs, plans(), paths, st.sampled_from(["ordered", "any"]))
def test_irrelevant_events_change_nothing(
    log: Any, asked: dict[str, Any], more: list[Event], order: str
) -> None:
    """Events that are no step and no exclusion change nothing, in ordered and in any order."""
    asked = {**asked, "exclusions": [], "order": order}
    noise = [(at, f"other {event}") for at, event in more]
    noisy = {who: [*noise, *path, *noise] for who, path in log.items()}
    assert funnel.funnel(noisy, **asked) == funnel.funnel(log, **asked)


@given(logs, plans())
def test_an_exclusion_never_raises_a_level(log: Any, asked: dict[str, Any]) -> None:
    """An exclusion never raises a level, and only who had one is excluded."""
    found, free = funnel.funnel(log, **asked), funnel.funnel(log, **{**asked, "exclusions": []})
    assert all(found.levels[who] <= free.levels[who] for who in log)
    assert all(free.levels[who] for who in found.excluded)


# Carts: the oracle settles each cart event by event.

carts_of = st.lists(
    st.tuples(st.integers(0, 12).map(lambda n: START + hours(n)), st.sampled_from("cco")),
    max_size=8,
)


def carts_oracle(path: list[Event], until: datetime, patience: timedelta, grace: timedelta) -> Any:
    """Return the outcomes of one customer's carts."""
    left = sorted(row for row in path if row[0] <= until)  # "c" comes before "o"
    outcomes = []
    while any(event == "c" for _, event in left):
        while left[0][1] == "o":
            left.pop(0)
        touched = left.pop(0)[0]
        while left and left[0][1] == "c" and left[0][0] <= touched + patience:
            touched = left.pop(0)[0]
        end = touched + patience + grace
        while left and left[0][1] == "c" and left[0][0] <= end:
            left.pop(0)
        ordered = left.pop(0)[0] if left and left[0][1] == "o" and left[0][0] <= end else None
        if touched + patience > until:
            outcomes.append("open")
        elif ordered is not None and ordered <= touched + patience:
            outcomes.append("ordered")
        elif end > until:
            outcomes.append("pending")
        else:
            outcomes.append("recovered" if ordered else "lost")
    return sorted(outcomes)


@given(carts_of, st.integers(0, 14), st.integers(0, 4), st.integers(0, 4))
def test_carts_are_what_the_contract_says(path: Any, end: int, patience: int, grace: int) -> None:
    """Each cart is open, ordered, pending, recovered or lost; open ones are in no rate."""
    asked = (START + hours(end), hours(patience), hours(grace))
    found = funnel.cart_recovery(
        {"ann": path},
        until=asked[0],
        abandoned_after=asked[1],
        recovery_within=asked[2],
        cart="c",
        order="o",
    )
    outcomes = carts_oracle(path, *asked)
    assert sorted(row.outcome for row in found.rows for _ in range(row.carts)) == outcomes
    assert found.carts == len(outcomes)
    assert found.abandonment_rate.denominator == len(outcomes) - outcomes.count("open")
    assert found.recovery_rate.denominator == outcomes.count("recovered") + outcomes.count("lost")
    assert found.time_to_recover.n == found.recovery_rate.numerator
