"""Laws of funnels and carts, beside oracles that try every choice there is."""

import itertools
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.metrics import funnel
from lifecycle.periods import Period

START = datetime(2026, 3, 29, tzinfo=UTC)
Event = tuple[datetime, str]
MONTH_ENDS = [
    *itertools.product([1], [29, 30, 31], [9, 10]),
    *itertools.product([2], [27, 28], [9, 10]),
    *itertools.product([3], [1, 30, 31], [9, 10]),
]
"""Days and hours at which a month may end: 30 January and 31 January are both one before
28 February."""


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


events = st.tuples(st.integers(0, 7).map(lambda n: START + hours(n)), st.sampled_from("aabbcxy"))
paths = st.lists(events, max_size=6)
logs = st.dictionaries(st.sampled_from(["ann", "bob", 3]), paths, max_size=3)
step_lists = st.lists(st.sampled_from("aabc"), min_size=1, max_size=4)
windows = st.none() | st.integers(0, 6).map(hours)
ends = st.none() | st.integers(-1, 9).map(lambda n: START + hours(n))
same_times = st.sampled_from(["different_events", "allow", "forbid"])


@st.composite
def plans(draw: st.DrawFn, **fixed: Any) -> dict[str, Any]:
    """Draw the arguments of a funnel, with exclusions that its order takes."""
    steps = fixed.get("steps") or draw(step_lists)
    order = fixed.get("order") or draw(st.sampled_from(["ordered", "strict", "any"]))
    spans = list(itertools.combinations(range(len(steps)), 2))
    if order == "any":
        spans = spans and [(0, len(steps) - 1)]
    bans = st.tuples(st.sampled_from("xya"), st.sampled_from(spans)) if spans else st.nothing()
    asked = {
        "steps": steps,
        "within": draw(windows),
        "until": draw(ends),
        "order": order,
        "same_time": draw(same_times),
        "exclusions": [
            funnel.Exclusion(event, after=span[0], before=span[1])
            for event, span in draw(st.lists(bans, max_size=2) if spans else st.just([]))
        ],
    }
    return {**asked, **fixed}


# The oracle: every assignment of events to steps, start by start.


def later(start: datetime, length: timedelta | Period) -> datetime:
    """Return when a length of time is over, of months by counting on the clock."""
    if isinstance(length, timedelta):
        return start + length
    months = start.year * 12 + start.month - 1 + length.months
    year, month = months // 12, months % 12 + 1
    day = min(start.day, monthrange(year, month)[1])
    return start.replace(year=year, month=month, day=day)


def assignments(path: list[Event], asked: dict[str, Any]) -> Iterator[tuple[Event, ...]]:
    """Yield every way to fill the first steps, or any steps, by events."""
    steps, order = asked["steps"], asked["order"]
    for number in range(1, min(len(steps), len(path)) + 1):
        for chosen in itertools.permutations(path, number):
            names = [name for _, name in chosen]
            times = [at for at, _ in chosen]
            if times != sorted(times):
                continue
            if order == "any":
                left = list(steps)
                fits = all(name in left and not left.remove(name) for name in names)
            else:
                fits = names == steps[:number]
            if fits:
                yield chosen


def strict_assignments(path: list[Event], asked: dict[str, Any]) -> Iterator[tuple[Event, ...]]:
    """Yield every run of events that follow each other, however those of one instant stand."""
    for row in set(itertools.permutations(path)):
        if [at for at, _ in row] != sorted(at for at, _ in row):
            continue
        for first in range(len(row)):
            for number in range(1, len(asked["steps"]) + 1):
                run = row[first : first + number]
                if [name for _, name in run] == asked["steps"][:number]:
                    yield run


def is_legal(fills: tuple[Event, ...], asked: dict[str, Any]) -> bool:
    """Say whether fills lie in the window, and do not share an instant that they must not."""
    times = [at for at, _ in fills]
    apart = {"allow": [], "different_events": fills, "forbid": times}[asked["same_time"]]
    in_time = asked["within"] is None or times[-1] <= later(times[0], asked["within"])
    return in_time and len(set(apart)) == len(apart)


def is_void(times: tuple[datetime, ...], path: list[Event], asked: dict[str, Any]) -> bool:
    for ban in asked["exclusions"]:
        for at, event in path:
            if event != ban.event or len(times) <= ban.after or at <= times[ban.after]:
                continue
            if len(times) > ban.before:
                struck = at < times[ban.before]
            else:
                struck = asked["within"] is None or at < later(times[0], asked["within"])
            if struck:
                return True
    return False


def legal_times(path: list[Event], asked: dict[str, Any]) -> set[tuple[datetime, ...]]:
    every = strict_assignments if asked["order"] == "strict" else assignments
    found = (fills for fills in every(path, asked) if is_legal(fills, asked))
    return {tuple(at for at, _ in fills) for fills in found}


def is_over(start: datetime, asked: dict[str, Any]) -> bool:
    """Say whether nothing later than what is known can belong to the attempt of a start."""
    if asked["until"] is None or asked["within"] is None:
        return True
    return bool(later(start, asked["within"]) <= asked["until"])


def known(path: list[Event], asked: dict[str, Any]) -> list[Event]:
    return [row for row in path if asked["until"] is None or row[0] <= asked["until"]]


def oracle(path: list[Event], asked: dict[str, Any]) -> tuple[datetime, ...] | int | None:
    """Return when the attempt that counts filled its steps; None where all are void.

    Where none counts yet, the number of steps filled so far.
    """
    path = known(path, asked)
    legal = legal_times(path, asked)
    attempts = [
        min((t for t in legal if t[0] == start), key=lambda t: (-len(t), t[-1], t))
        for start in {t[0] for t in legal}
    ]
    kept = [times for times in attempts if not is_void(times, path, asked)]
    over = [times for times in attempts if is_over(times[0], asked)]
    if attempts and not over:
        return max(map(len, kept), default=0)
    counted = [times for times in kept if times in over]
    if not counted:
        return None if over else ()
    return min(counted, key=lambda t: (-len(t), t[-1], START - t[0], t))


def check(path: list[Event], asked: dict[str, Any]) -> None:
    """Hold the funnel of one customer against the oracle."""
    expected = oracle(path, asked)
    found = funnel.funnel({"ann": path}, **asked)
    if path and not known(path, asked):
        assert not found.levels
        return
    times = expected if isinstance(expected, tuple) else ()
    assert found.levels == {"ann": len(times)}
    assert found.excluded == ({"ann"} if expected is None else set())
    assert found.open == ({"ann": expected} if isinstance(expected, int) else {})
    assert found.time_to_convert.filled == ((times,) if len(times) > 1 else ())


@given(paths, plans())
def test_funnels_are_what_the_contract_says(path: list[Event], asked: dict[str, Any]) -> None:
    """The furthest attempt counts, the first to get there, the latest start; void ones do not."""
    check(path, asked)


@settings(max_examples=300)
@given(st.integers(0, 2**32), plans(steps=["a", "b"]))
def test_attempts_count_once_their_time_is_over(seed: int, asked: dict[str, Any]) -> None:
    """Of a customer who begins repeatedly, the attempts whose time is over decide."""
    chance = Random(seed)  # small draws alone begin once
    number = chance.randint(2, 5)
    path = [(START + hours(chance.randint(0, 7)), chance.choice("aab")) for _ in range(number)]
    within, until = hours(chance.randint(0, 4)), START + hours(chance.randint(2, 9))
    check(path, {**asked, "within": within, "until": until})


month_ends = st.sampled_from(
    [datetime(2026, month, day, hour, tzinfo=UTC) for month, day, hour in MONTH_ENDS]
)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(month_ends, st.sampled_from("aabbcx")), min_size=2, max_size=6),
    plans(),
    month_ends,
    st.integers(1, 2),
)
def test_months_are_counted_from_each_start(
    path: list[Event], asked: dict[str, Any], until: datetime, months: int
) -> None:
    """A later start may have an earlier end: 30 January, 10:00, and 31 January, 9:00."""
    check(path, {**asked, "within": Period(months=months), "until": None})
    check(path, {**asked, "within": Period(months=months), "until": until})


@given(paths, plans())
def test_without_exclusions_no_assignment_is_better(
    path: list[Event], asked: dict[str, Any]
) -> None:
    """No assignment of events to steps reaches further, or as far sooner or from later on."""
    asked = {**asked, "exclusions": [], "until": None}
    legal = legal_times(path, asked)
    found = funnel.funnel({"ann": path}, **asked)
    assert found.levels["ann"] == max(map(len, legal), default=0)
    for filled in found.time_to_convert.filled:
        rivals = [t for t in legal if len(t) == len(filled)]
        assert filled[-1] == min(t[-1] for t in rivals)
        assert filled[0] == max(t[0] for t in rivals if t[-1] == filled[-1])


def reached(log: Any, asked: dict[str, Any], **options: Any) -> list[int]:
    return [step.reached for step in funnel.funnel(log, **{**asked, **options}).rows]


@given(logs, plans())
def test_counts_never_rise(log: Any, asked: dict[str, Any]) -> None:
    """Counts never rise along the steps, and add up with those who dropped off."""
    found = funnel.funnel(log, **asked)
    counts = [step.reached for step in found.rows]
    assert counts == sorted(counts, reverse=True)
    for step in found.rows:
        assert step.reached == len(found.customers(step.position))
        assert step.drop_off == len(found.customers(step.position, outcome="dropped"))
        assert step.conversion_from_first.numerator == step.reached
        in_none = len(found.excluded) + len(found.open)
        assert step.conversion_of_all.denominator == len(found.levels) - in_none
        assert step.open == (None if asked["until"] is None else len(found.open))


@given(logs, plans(exclusions=[]))
def test_any_order_is_at_least_ordered_which_is_at_least_strict(
    log: Any, asked: dict[str, Any]
) -> None:
    """Any order reaches at least what ordered does, and ordered at least what strict does."""
    free, ordered, strict = (
        reached(log, asked, order=order) for order in ("any", "ordered", "strict")
    )
    assert all(a >= b >= c for a, b, c in zip(free, ordered, strict, strict=True))


@given(logs, plans(exclusions=[], until=None), windows)
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
    """Different events at one instant reach at least what none do, and all at least that."""
    none, different, every = (
        reached(log, asked, same_time=which) for which in ("forbid", "different_events", "allow")
    )
    assert all(a <= b <= c for a, b, c in zip(none, different, every, strict=True))


@given(logs, plans(exclusions=[]))
def test_a_repeated_delivery_changes_nothing(log: Any, asked: dict[str, Any]) -> None:
    """Rows that come twice change nothing by default, but in strict order, where they end it."""
    asked = {**asked, "same_time": "different_events"}
    once = {who: list(dict.fromkeys(path)) for who, path in log.items()}
    twice = {who: path * 2 for who, path in once.items()}
    if asked["order"] == "strict":
        counts = zip(reached(twice, asked), reached(once, asked), strict=True)
        assert all(a <= b for a, b in counts)
    else:
        assert funnel.funnel(twice, **asked) == funnel.funnel(once, **asked)


@given(logs, plans(exclusions=[], until=None, same_time="as_given"))
def test_rows_of_one_instant_count_as_given(log: Any, asked: dict[str, Any]) -> None:
    """In the order given, rows of one instant count as if each came a moment later."""
    within = None if asked["within"] is None else asked["within"] + hours(0.5)
    later = {
        who: [
            (at + place * timedelta.resolution, event)
            for place, (at, event) in enumerate(sorted(path, key=lambda row: row[0]))
        ]
        for who, path in log.items()
    }
    found = funnel.funnel(log, **asked)
    apart = funnel.funnel(later, **{**asked, "within": within, "same_time": "allow"})
    assert (found.levels, found.rows) == (apart.levels, apart.rows)


# The end of what is known


@given(logs, plans())
def test_rows_after_the_end_are_as_if_they_were_not_there(log: Any, asked: dict[str, Any]) -> None:
    """What comes after `until` changes no figure, whether rows come by customer or not."""
    rows = [(who, at, event) for who, path in log.items() for at, event in path]
    before = [row for row in rows if asked["until"] is None or row[1] <= asked["until"]]
    assert funnel.funnel(rows, **asked) == funnel.funnel(before, **asked)


@given(logs, plans(), st.integers(0, 9))
def test_what_counts_is_settled(log: Any, asked: dict[str, Any], more: int) -> None:
    """Who counted at one end counts at a later one, as far or further, or becomes void."""
    if asked["until"] is None:
        return
    first = funnel.funnel(log, **asked)
    later = funnel.funnel(log, **{**asked, "until": asked["until"] + hours(more)})
    if asked["within"] is None:
        assert not first.open
        return
    for who, level in first.levels.items():
        if level:
            assert later.levels[who] >= level
            assert who not in later.open
        assert who not in first.excluded or who not in later.open
    # once all windows are over, nothing is open, and the end changes nothing
    far = START + hours(100)
    whole = funnel.funnel(log, **{**asked, "until": far})
    plain = funnel.funnel(log, **{**asked, "until": None})
    assert (whole.levels, whole.open, whole.excluded) == (plain.levels, {}, plain.excluded)


@given(logs, plans(), st.dictionaries(st.sampled_from(["ann", "bob", 3]), ends.filter(bool)))
def test_each_customer_may_have_an_end(log: Any, asked: dict[str, Any], told: Any) -> None:
    """With an end for each customer, the figures are those of each customer alone."""
    end = START + hours(4)
    each = {who: told.get(who, end) for who in ("ann", "bob", 3)}
    found = funnel.funnel(log, **{**asked, "until": each})
    alone = [funnel.funnel({who: log[who]}, **{**asked, "until": each[who]}) for who in log]
    assert found.levels == {who: level for one in alone for who, level in one.levels.items()}
    assert found.open == {who: level for one in alone for who, level in one.open.items()}
    for k, step in enumerate(found.rows):
        assert step.reached == sum(one.rows[k].reached for one in alone)


@given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from("ab")), max_size=6), plans())
def test_a_date_is_its_whole_day(path: list[tuple[int, str]], asked: dict[str, Any]) -> None:
    """A date as the end is the last microsecond of its day: of naive instants, or of a zone."""
    day = datetime(2026, 3, 29)  # noqa: DTZ001  (of 23 hours in Berlin)
    for name in (None, "UTC", "Europe/Berlin", "Asia/Tokyo"):
        zone = name and ZoneInfo(name)
        start = START if zone else START.replace(tzinfo=None)
        log = {"ann": [(start + hours(n / 2), event) for n, event in path]}
        last = (day + timedelta(days=1)).replace(tzinfo=zone) - timedelta.resolution
        told = {**asked, "zone": name or "UTC"}
        by_day, by_instant = (
            funnel.funnel(log, **{**told, "until": until}) for until in (day.date(), last)
        )
        assert by_day.rows == by_instant.rows
        assert (by_day.levels, by_day.open) == (by_instant.levels, by_instant.open)


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
    end = asked["until"] and asked["until"].replace(tzinfo=None)
    assert funnel.funnel(local, **{**asked, "until": end}).levels == found.levels


@given(logs, plans(), paths, st.sampled_from(["ordered", "any"]))
def test_irrelevant_events_change_nothing(
    log: Any, asked: dict[str, Any], more: list[Event], order: str
) -> None:
    """Events that are no step and no exclusion change nothing, in ordered and in any order."""
    asked = {**asked, "exclusions": [], "order": order}
    noise = [(at, f"other {event}") for at, event in more]
    noisy = {who: [*noise, *path, *noise] for who, path in log.items()}
    found, plain = funnel.funnel(noisy, **asked), funnel.funnel(log, **asked)
    assert [step.reached for step in found.rows] == [step.reached for step in plain.rows]
    assert (found.open, found.time_to_convert) == (plain.open, plain.time_to_convert)
    if asked["until"] is None:  # else they may be the first that is known of a customer
        assert found == plain


@given(logs, plans(until=None))
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


def carts_oracle(path: list[Event], until: datetime, patience: Any, grace: Any) -> Any:
    """Return the outcomes of one customer's carts."""
    left = sorted(row for row in path if row[0] <= until)  # "c" comes before "o"
    outcomes = []
    while any(event == "c" for _, event in left):
        while left[0][1] == "o":
            left.pop(0)
        touched = left.pop(0)[0]
        while left and left[0][1] == "c" and left[0][0] <= later(touched, patience):
            touched = left.pop(0)[0]
        in_time = later(touched, patience)
        end = later(in_time, grace)
        while left and left[0][1] == "c" and left[0][0] <= end:
            left.pop(0)
        ordered = left.pop(0)[0] if left and left[0][1] == "o" and left[0][0] <= end else None
        if in_time > until:
            outcomes.append("open")
        elif ordered is not None and ordered <= in_time:
            outcomes.append("ordered")
        elif end > until:
            outcomes.append("pending")
        else:
            outcomes.append("recovered" if ordered else "lost")
    return sorted(outcomes)


@given(carts_of, st.integers(0, 14), st.integers(0, 4), st.integers(0, 4))
def test_carts_are_what_the_contract_says(path: Any, end: int, patience: int, grace: int) -> None:
    """Each cart is open, ordered, pending, recovered or lost; open ones are in no rate."""
    check_carts(path, START + hours(end), hours(patience), hours(grace))


@given(
    st.lists(st.tuples(month_ends, st.sampled_from("cco")), max_size=8),
    month_ends,
    st.sampled_from([Period(months=1), hours(0), hours(24)]),
    st.sampled_from([Period(months=1), hours(0), hours(24)]),
)
def test_carts_may_be_abandoned_by_the_month(
    path: Any, until: datetime, patience: Any, grace: Any
) -> None:
    """The end of each length is found from the instant at which it begins."""
    check_carts(path, until, patience, grace)


def check_carts(path: list[Event], *asked: Any) -> None:
    """Compare the carts of one customer with the oracle."""
    found = funnel.cart_recovery(
        {"ann": path},
        until=asked[0],
        abandoned_after=asked[1],
        recovery_within=asked[2],
        cart_event="c",
        order_event="o",
    )
    outcomes = carts_oracle(path, *asked)
    assert sorted(row.outcome for row in found.rows for _ in range(row.carts)) == outcomes
    assert found.carts == len(outcomes)
    assert found.abandonment_rate.denominator == len(outcomes) - outcomes.count("open")
    assert found.recovery_rate.denominator == outcomes.count("recovered") + outcomes.count("lost")
    assert found.time_to_recover.n == found.recovery_rate.numerator
