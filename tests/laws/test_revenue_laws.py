"""Laws of recurring revenue, beside an oracle that looks at each customer and period by itself."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lifecycle.metrics import revenue
from lifecycle.periods import Calendar, Period, Window

STARTS = {
    "UTC": datetime(2026, 1, 15, tzinfo=UTC),
    "Europe/Berlin": datetime(2026, 3, 26, tzinfo=UTC),
    "America/New_York": datetime(2026, 10, 29, tzinfo=UTC),
}
PACES = {"day": 1, "week": 7, "month": 30, "quarter": 91}
KINDS = {
    "cents": st.integers(0, 400).map(lambda n: 25 * n),
    "decimal": st.integers(0, 400).map(lambda n: Decimal(25 * n) / 100),
    "float": st.integers(0, 400).map(lambda n: n / 7),
}
FIELDS = ("start", "new", "expansion", "contraction", "churn", "reactivation", "end")


@st.composite
def questions(
    draw: st.DrawFn, kinds: tuple[str, ...] = ("cents", "decimal")
) -> tuple[list[Any], dict[str, Any]]:
    """Draw rows before, in and after a window of a few periods, and the window."""
    zone, grain = draw(st.sampled_from(sorted(STARTS))), draw(st.sampled_from(sorted(PACES)))
    calendar = Calendar(grain, zone=zone)
    first = calendar.floor(STARTS[zone])
    end = calendar.step(first, draw(st.integers(1, 5)))
    if draw(st.booleans()):
        end -= timedelta(hours=draw(st.integers(1, 20)))
    kind = draw(st.sampled_from(kinds))
    steps = st.integers(-4, 6).map(lambda n: first + timedelta(days=n * PACES[grain]))
    edges = st.sampled_from([first, end])
    ats = st.one_of(steps, edges).map(lambda at: at.astimezone(UTC))
    row = st.tuples(st.sampled_from("abcd"), ats, KINDS[kind])
    options = {"calendar": calendar, "window": Window(first, end), "floats": kind == "float"}
    return draw(st.lists(row, max_size=25)), options


def exact(amount: Any) -> Fraction:
    return Fraction(str(amount))


# The oracle: what the contract says, customer by customer and period by period.


def paid(rows: list[Any], customer: str, begin: datetime, end: datetime) -> Fraction:
    return sum(
        (exact(x) for who, at, x in rows if who == customer and begin <= at < end), Fraction()
    )


def numbers(asked: dict[str, Any]) -> list[int]:
    calendar, window = asked["calendar"], asked["window"]
    return [calendar.index(start) for start in calendar.starts(window)]


def bounds(calendar: Calendar, number: int) -> tuple[datetime, datetime]:
    return calendar.start(number), calendar.start(number + 1)


def oracle(rows: list[Any], asked: dict[str, Any], back: int) -> list[dict[str, Fraction]]:
    calendar, window = asked["calendar"], asked["window"]
    rows = [row for row in rows if row[1] < window.end]
    found = []
    for number in numbers(asked):
        figures = dict.fromkeys((*FIELDS, "customers", "lost"), Fraction())
        for customer in {who for who, _, _ in rows}:
            before = paid(rows, customer, *bounds(calendar, number - back))
            now = paid(rows, customer, *bounds(calendar, number))
            ever = paid(
                rows, customer, datetime(1, 1, 2, tzinfo=UTC), calendar.start(number - back)
            )
            figures["start"] += before
            figures["end"] += now
            figures["customers"] += before > 0
            figures["lost"] += before > 0 and now == 0
            if before == 0:
                figures["reactivation" if ever else "new"] += now
            elif now == 0:
                figures["churn"] += before
            else:
                figures["expansion"] += max(now - before, Fraction())
                figures["contraction"] += max(before - now, Fraction())
        found.append(figures)
    return found


@given(questions(), st.integers(1, 3))
def test_movements_are_those_of_the_oracle(
    question: tuple[list[Any], dict[str, Any]], back: int
) -> None:
    """Sums by customer first, no row is 0, rows before the window are read."""
    rows, asked = question
    table = revenue.movements(rows, **asked, periods=back)
    expected = oracle(rows, asked, back)
    for row, figures in zip(table.rows, expected, strict=True):
        assert {name: exact(getattr(row, name)) for name in FIELDS} == {
            name: figures[name] for name in FIELDS
        }
        assert (row.customers_start, row.customers_lost) == (figures["customers"], figures["lost"])


@given(questions(("float",)))
def test_floats_are_those_of_the_oracle_to_their_last_digits(
    question: tuple[list[Any], dict[str, Any]],
) -> None:
    """Floats are added by their shortest texts, and rounded once."""
    rows, asked = question
    table = revenue.movements(rows, **asked)
    for row, figures in zip(table.rows, oracle(rows, asked, 1), strict=True):
        for name in FIELDS[:-1]:
            assert getattr(row, name) == float(figures[name])
        assert abs(row.end - float(figures["end"])) <= 1e-12 * max(1, row.start + row.new)


@given(questions(), st.integers(1, 3))
def test_the_identity_holds_to_the_cent(
    question: tuple[list[Any], dict[str, Any]], back: int
) -> None:
    """End = start + new + expansion + reactivation - contraction - churn; of customers too."""
    rows, asked = question
    found = revenue.movements(rows, **asked, periods=back).rows
    for row in found:
        gained = row.new + row.expansion + row.reactivation
        assert row.end == row.start + gained - row.contraction - row.churn
        assert row.net_new == row.end - row.start
        assert min(getattr(row, name) for name in FIELDS) >= 0
    for earlier, later in zip(found, found[back:], strict=False):
        assert later.start == earlier.end
        assert later.customers_start == earlier.customers_end


@given(questions(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_matters(
    question: tuple[list[Any], dict[str, Any]], chance: Any
) -> None:
    """Row order never matters."""
    rows, asked = question
    mixed = rows[:]
    chance.shuffle(mixed)
    assert revenue.movements(mixed, **asked) == revenue.movements(rows, **asked)
    assert revenue.cohorts(mixed, **asked) == revenue.cohorts(rows, **asked)


@given(questions(), st.integers(1, 3))
def test_the_customers_movements_sum_to_the_total(
    question: tuple[list[Any], dict[str, Any]], back: int
) -> None:
    """The movements of each customer alone add up to those of all."""
    rows, asked = question
    whole = revenue.movements(rows, **asked, periods=back).rows
    alone = [
        revenue.movements([row for row in rows if row[0] == who], **asked, periods=back).rows
        for who in "abcd"
    ]
    for i, row in enumerate(whole):
        for name in FIELDS:
            assert getattr(row, name) == sum(getattr(table[i], name) for table in alone)


@given(questions(("cents", "decimal", "float")), st.integers(1, 3))
def test_gross_retention_is_at_most_1_and_at_most_net(
    question: tuple[list[Any], dict[str, Any]], back: int
) -> None:
    """Gross is at most min(1, net), and net is gross and the share of expansion."""
    rows, asked = question
    for row in revenue.movements(rows, **asked, periods=back).rows:
        net, gross = row.net_retention, row.gross_retention
        assert (net is None) == row.open == (gross is None)
        if net is not None and gross is not None:
            assert 0 <= gross.numerator <= min(gross.denominator, net.numerator)
            assert net.numerator == gross.numerator + row.expansion
            assert net.denominator == gross.denominator == row.start
            assert row.logo_churn.denominator == row.customers_start


@given(questions(), st.integers(1, 3))
def test_measures_are_those_of_the_movements(
    question: tuple[list[Any], dict[str, Any]], back: int
) -> None:
    """A measure of all rows is the measure of each row of the movements."""
    rows, asked = question
    table = revenue.movements(rows, **asked, periods=back)
    for name in ("net_retention", "gross_retention", "logo_churn", "quick_ratio"):
        found = getattr(revenue, name)(rows, **asked, periods=back)
        assert [row.rate for row in found.rows] == [getattr(row, name) for row in table.rows]


@given(questions())
def test_gross_churn_and_gross_retention_make_1(
    question: tuple[list[Any], dict[str, Any]],
) -> None:
    """Without stays within a period, gross MRR churn is what gross retention lacks."""
    rows, asked = question
    for row in revenue.movements(rows, **asked).rows:
        if not row.open:
            lost, kept = revenue.gross_mrr_churn(row), row.gross_retention
            assert lost.numerator + kept.numerator == row.start
            regained = row.expansion + row.reactivation
            assert revenue.net_mrr_churn(row).numerator == lost.numerator - regained


@given(questions(("cents",)), st.dictionaries(st.sampled_from("abcd"), st.sampled_from("xyz")))
def test_reasons_split_the_churn(
    question: tuple[list[Any], dict[str, Any]], reasons: dict[str, str]
) -> None:
    """The churn of all reasons is the churn; reasons move nothing else."""
    rows, asked = question
    table = revenue.movements(rows, **asked, reasons=reasons)
    plain = revenue.movements(rows, **asked)
    for row, other in zip(table.rows, plain.rows, strict=True):
        assert sum(row.churn_by.values()) == row.churn == other.churn
        assert sum(row.lost_by.values()) == row.customers_lost == other.customers_lost
        assert row.end == other.end


@given(questions())
def test_cohorts_are_those_of_the_oracle(question: tuple[list[Any], dict[str, Any]]) -> None:
    """A customer is in the cohort of the first payment above 0, each cell in three ways."""
    rows, asked = question
    calendar, window = asked["calendar"], asked["window"]
    table = revenue.cohorts(rows, **asked)
    rows = [row for row in rows if row[1] < window.end]
    every = numbers(asked)
    first = {
        who: min(calendar.index(at) for c, at, x in rows if c == who and x)
        for who in {c for c, _, x in rows if x}
    }
    for number, row in zip(every, table.rows, strict=True):
        members = [who for who, at in first.items() if at == number]
        assert row.size == len(members)
        for cell in row.cells:
            then = [paid(rows, who, *bounds(calendar, number)) for who in members]
            now = [paid(rows, who, *bounds(calendar, number + cell.k)) for who in members]
            assert exact(cell.start) == sum(then)
            assert exact(cell.mrr) == sum(now)
            assert exact(cell.gross) == sum(map(min, then, now))
            assert cell.customers == sum(x > 0 for x in now)
            assert cell.open == (calendar.start(number + cell.k + 1) > window.end)
            assert cell.gross <= min(cell.start, cell.mrr)


# Subscriptions

ZONES = sorted(STARTS)


FIRST_DAY = date(2026, 9, 14)  # clocks go back on 25 October in Berlin, on 1 November in New York
LAST_DAY = FIRST_DAY + timedelta(days=450)


@st.composite
def books(draw: st.DrawFn) -> tuple[list[revenue.Subscription], dict[str, Any]]:
    """Draw subscriptions of a few customers over some months, and how to read them.

    Most begin some days after another one ended, as many as the grace has, or one more.
    """
    chance = Random(draw(st.integers(0, 2**32)))  # small draws alone have few gaps
    grace = chance.choice([None, *(timedelta(days=n) for n in (0, 1, 2, 3, 30))])
    subscriptions: list[revenue.Subscription] = []
    start = FIRST_DAY
    for _ in range(chance.randint(0, 6)):
        end = start + timedelta(days=chance.randint(0, 30))
        cancelled = start + timedelta(days=chance.randint(0, (end - start).days))
        told = chance.choice([{}, {"end": end}, {"end": end}, {"end": end, "cancelled": cancelled}])
        who, amount = chance.choice("aab"), chance.randint(0, 5)
        subscriptions.append(revenue.Subscription(who, start=start, amount=amount, **told))
        late = (grace or timedelta()).days + chance.randint(0, 1)
        later = timedelta(days=chance.choice([late, late, -2, 9]))
        start = max(FIRST_DAY, chance.choice([end, cancelled]) + later)
    asked = {
        "calendar": Calendar(chance.choice(["day", "week", "month"]), zone=chance.choice(ZONES)),
        "until": chance.choice([start, FIRST_DAY + timedelta(days=chance.randint(1, 90))]),
        "recognised": chance.choice(["period_end", "cancelled"]),
        "same_period": "counted",
        "grace": grace,
    }
    return subscriptions, asked


def running(each: revenue.Subscription, recognised: str, day: date) -> bool:
    """Say whether a subscription is paid on a day."""
    end = each.cancelled if recognised == "cancelled" and each.cancelled else each.end
    return each.start <= day and (end is None or day < end)


def counted(
    subscriptions: list[revenue.Subscription], asked: dict[str, Any], who: str
) -> tuple[dict[date, int], set[date]]:
    """Return what a customer counts for on each day to `until`, and on which it is open.

    Day by day: what was paid on the last day with a payment counts on each day of a gap, if
    the first day with a payment again comes at most so many days after the first without.
    """
    days = [FIRST_DAY + timedelta(days=n) for n in range(451)]
    days = days[: days.index(asked["until"]) + 1]
    own = [each for each in subscriptions if each.customer == who]
    paid = {
        day: sum(each.amount for each in own if running(each, asked["recognised"], day))
        for day in days
    }
    found, is_open = dict(paid), set()
    for day in days:
        before = [d for d in days if d < day and paid[d]]
        if paid[day] or not before or asked["grace"] is None:
            continue
        first_without = before[-1] + timedelta(days=1)
        again = next((d for d in days if d > day and paid[d]), None)
        if again is not None:
            is_carried = again - first_without <= asked["grace"]
        else:
            is_carried = first_without + asked["grace"] > asked["until"]
            if is_carried:
                is_open.add(day)
        if is_carried:
            found[day] = paid[before[-1]]
    return found, is_open


def summed(rows: Any) -> dict[Any, int]:
    sums: dict[Any, int] = {}
    for customer, at, amount in rows:
        sums[customer, at.date()] = sums.get((customer, at.date()), 0) + amount
    return sums


@given(books())
def test_subscriptions_are_read_on_the_last_day_of_each_period(
    drawn: tuple[list[revenue.Subscription], dict[str, Any]],
) -> None:
    """A row is what counts at the end of a period, or at the end of the day of `until`."""
    subscriptions, asked = drawn
    calendar = asked["calendar"]
    found = revenue.recurring(subscriptions, **asked)
    sums, same_period, still_open = (
        summed(found.rows),
        summed(found.same_period),
        summed(found.open),
    )
    first = calendar.index(FIRST_DAY)
    for who in "ab":
        on, is_open = counted(subscriptions, asked, who)
        for number in range(first, calendar.index(LAST_DAY) + 1):
            begin, end = (at.date() for at in bounds(calendar, number))
            inside = [day for day in on if begin <= day < end]
            last = on[inside[-1]] if inside else 0
            assert sums.get((who, begin), 0) == last
            ends_open = bool(inside) and inside[-1] in is_open
            assert still_open.get((who, begin), 0) == (last if ends_open else 0)
            outside = last or on.get(begin - timedelta(days=1), 0)
            paid = [on[day] for day in inside if on[day]]
            assert same_period.get((who, begin), 0) == (0 if outside or not paid else paid[-1])


@given(books())
def test_a_date_is_its_whole_day(
    drawn: tuple[list[revenue.Subscription], dict[str, Any]],
) -> None:
    """A date as `until` is the last microsecond of its day on the calendar's clock."""
    subscriptions, asked = drawn
    midnight = datetime.combine(asked["until"] + timedelta(days=1), time())
    last = midnight - timedelta.resolution
    by_day, by_instant = (
        revenue.recurring(subscriptions, **{**asked, "until": until})
        for until in (asked["until"], last)
    )
    assert (by_day.rows, by_day.open, by_day.same_period) == (
        by_instant.rows,
        by_instant.open,
        by_instant.same_period,
    )


@given(books())
def test_a_grace_only_takes_churn_and_what_comes_back_away(
    drawn: tuple[list[revenue.Subscription], dict[str, Any]],
) -> None:
    """With a grace every period counts at least as much; once it is over, nothing is open."""
    subscriptions, asked = drawn
    with_grace, without = (
        summed(revenue.recurring(subscriptions, **{**asked, "grace": grace}).rows)
        for grace in (asked["grace"], None)
    )
    assert all(with_grace.get(key, 0) >= amount for key, amount in without.items())
    later = asked["until"] + timedelta(days=200) + (asked["grace"] or timedelta())
    assert revenue.recurring(subscriptions, **{**asked, "until": later}).open == ()


@given(books(), st.integers(0, 60))
def test_a_period_that_ended_a_grace_ago_is_settled(
    drawn: tuple[list[revenue.Subscription], dict[str, Any]], more: int
) -> None:
    """What is known later changes no row of a period that ended by `until` less the grace."""
    subscriptions, asked = drawn
    calendar, grace = asked["calendar"], asked["grace"] or timedelta()
    later = {**asked, "until": asked["until"] + timedelta(days=more)}
    settled = asked["until"] + timedelta(days=1) - grace
    first, second = (
        [row for row in found.rows if calendar.step(row[1], 1).date() <= settled]
        for found in (revenue.recurring(subscriptions, **told) for told in (asked, later))
    )
    assert first == second


@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_subscriptions_never_matters(
    drawn: tuple[list[revenue.Subscription], dict[str, Any]], chance: Any
) -> None:
    """Row order never matters."""
    subscriptions, asked = drawn
    mixed = chance.sample(subscriptions, len(subscriptions))
    one, other = (revenue.recurring(given, **asked) for given in (subscriptions, mixed))
    assert sorted(one.rows) == sorted(other.rows)
    assert sorted(one.open) == sorted(other.open)
    assert sorted(one.same_period) == sorted(other.same_period)


@given(books())
def test_stays_within_a_period_move_no_end(
    drawn: tuple[list[revenue.Subscription], dict[str, Any]],
) -> None:
    """What came and went is new or reactivated, and churn; each customer is new once at most."""
    subscriptions, asked = drawn
    calendar = asked["calendar"]
    found = revenue.recurring(subscriptions, **asked)
    end = asked["until"] + timedelta(days=1)
    window = Window(calendar.floor(FIRST_DAY).replace(tzinfo=None), end)
    plain = revenue.movements(found.rows, calendar=calendar, window=window)
    counted = revenue.movements(
        found.rows, calendar=calendar, window=window, same_period=found.same_period
    )
    for row, other in zip(counted.rows, plain.rows, strict=True):
        assert row.end == other.end
        assert row.churn == other.churn + row.same_period
        assert row.customers_lost == other.customers_lost + row.customers_same_period
        assert row.new + row.reactivation == other.new + other.reactivation + row.same_period
        assert row.net_retention == other.net_retention
        assert row.logo_churn == other.logo_churn
    assert sum(row.customers_new for row in counted.rows) <= 2


# Prices and dates


@given(
    st.decimals(0, 10**6, places=2),
    st.integers(1, 60),
    st.sampled_from(["gregorian", "365_days", "52_weeks", "30_days", "4_weeks"]),
)
def test_a_price_of_n_months_is_n_monthly_prices(amount: Decimal, n: int, month: Any) -> None:
    """So many months of the normalized price are the price, to the rounding of 28 digits."""
    monthly = revenue.normalise(amount, every=Period(months=n), month=month)
    assert abs(Fraction(monthly) * n - Fraction(amount)) <= Fraction(amount) / 10**26
    cents = int(amount * 100)
    assert abs(revenue.normalise(cents, every=Period(months=n)) * n - cents) * 2 <= n


@given(st.integers(0, 10**6), st.integers(1, 400))
def test_weeks_and_days_come_to_one_year(amount: int, weeks: int) -> None:
    """A price for weeks is that for seven days each, and 12 months are 365.2425 days of it."""
    price = Decimal(amount)
    monthly = revenue.normalise(price, every=Period(weeks=weeks))
    assert monthly == revenue.normalise(price, every=Period(days=7 * weeks))
    yearly = Fraction(price) * Fraction("365.2425") / (7 * weeks)
    assert abs(12 * Fraction(monthly) - yearly) <= yearly / 10**26


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(1, 24), st.integers(0, 40))
def test_anchored_dates_keep_the_day_or_the_last_of_the_month(
    anchor: date, months: int, n: int
) -> None:
    """Each date is so many months after the anchor, on its day or on the month's last."""
    dates = revenue.anchored_dates(anchor, months=months, n=n)
    assert len(dates) == n
    for k, day in enumerate(dates):
        assert 12 * day.year + day.month == 12 * anchor.year + anchor.month + k * months
        is_last = (day + timedelta(days=1)).day == 1
        assert day.day == anchor.day or (is_last and day.day < anchor.day)
