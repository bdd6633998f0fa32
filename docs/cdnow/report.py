"""Follow the customers of a music shop through a retail lifecycle, and report on it.

The log is the public CDNOW sample; see index.md beside this file for its source.
"""

import csv
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

from lifecycle import Event, Journey, Lifecycle, Status, presets
from lifecycle.rates import Rate

LOG = Path(__file__).with_name("cdnow_sample.csv")
UNTIL = datetime(1998, 7, 1, tzinfo=UTC)


def read(path: Path) -> dict[str, list[Event]]:
    """Return the orders of each customer as events, in whatever order the file has them."""
    events = defaultdict(list)
    with path.open(newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            at = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
            amount = Decimal(row["amount"])
            events[row["customer_id"]].append(Event("purchase", at, value=amount, id=number))
    return dict(events)


def report(shop: Lifecycle, log: dict[str, list[Event]], until: datetime) -> str:
    """Return the report on a log as text."""
    journeys = [shop.replay(customer, events, until=until) for customer, events in log.items()]
    sections = (
        _head(log, until),
        _stages(shop, journeys),
        _changes(journeys),
        _returns(journeys),
        _deadlines(shop, journeys, until),
        _value(shop, journeys, until),
    )
    return "\n\n".join(sections)


def _head(log: dict[str, list[Event]], until: datetime) -> str:
    events = [event for events in log.values() for event in events]
    free = sum(not event.value for event in events)
    return (
        f"CDNOW sample: {len(events):,} orders of {len(log):,} customers, as of {until:%Y-%m-%d}\n"
        f"({free} orders of amount 0 count as purchases)"
    )


def _bars(title: str, counts: dict[str, int], total: int) -> str:
    width = max(map(len, counts))
    rows = [
        f"  {name:<{width}} {count:>6,} {count / total:>6.1%} {'█' * round(40 * count / total)}"
        for name, count in counts.items()
    ]
    return "\n".join([title, *(row.rstrip() for row in rows)])


def _stages(shop: Lifecycle, journeys: list[Journey]) -> str:
    stands = Counter(journey.customer.stage for journey in journeys)
    counts = {stage.label: stands[stage.name] for stage in shop.stages}
    return _bars("Where customers stand", counts, len(journeys))


def _changes(journeys: list[Journey]) -> str:
    kinds = Counter(change.kind for journey in journeys for change in journey.changes)
    return _bars("What happened on the way", dict(kinds.most_common()), kinds.total())


def _returns(journeys: list[Journey]) -> str:
    away: dict[str, list[timedelta]] = {"reactivation": [], "win_back": []}
    lapses = 0
    lapsed_customers, returned_customers = set(), set()
    for journey in journeys:
        for change in journey.changes:
            if change.kind == "lapse":
                lapses += 1
                left = change.at
                lapsed_customers.add(change.customer)
            elif change.kind in away:
                away[change.kind].append(change.at - left)
                returned_customers.add(change.customer)
    back = Rate(len(returned_customers), len(lapsed_customers))
    days = sorted(gap.days for gaps in away.values() for gap in gaps)
    return "\n".join(
        (
            "Who lapsed, and who came back",
            f"  {lapses:,} lapses of {back.denominator:,} customers",
            f"  {back.numerator:,} customers came back: {_percent(back)}",
            f"  {len(away['reactivation']):,} reactivations (from lapsed)",
            f"  {len(away['win_back']):,} win-backs (from churned)",
            f"  half of them within {median(days):.0f} days of lapsing, the last after {days[-1]}",
        )
    )


def _deadlines(shop: Lifecycle, journeys: list[Journey], until: datetime) -> str:
    pending = [(due.at, j.customer, due) for j in journeys if (due := shop.due(j.customer))]
    pending.sort(key=lambda item: (item[0], str(item[1].id)))
    month = sum(at < until + timedelta(days=30) for at, _, _ in pending)
    rows = [
        f"  {at:%Y-%m-%d}  customer {customer.id}: {customer.stage} -> {due.transition.target}"
        for at, customer, due in pending[:5]
    ]
    return "\n".join([f"Who moves next if nothing happens ({month:,} within 30 days)", *rows])


def _value(shop: Lifecycle, journeys: list[Journey], until: datetime) -> str:
    active = {stage.name for stage in shop.stages if stage.status is Status.ACTIVE}
    orders = [event.value for journey in journeys for event in journey.events]
    repeat = Rate(sum(len(journey.events) > 1 for journey in journeys), len(journeys))
    stays = [stay for journey in journeys for stay in journey.stays if stay.stage in active]
    lived = sum(((stay.left or until) - stay.entered for stay in stays), timedelta())
    years = Decimal(lived / timedelta(days=365.2425))
    revenue = sum(orders, Decimal())
    yearly, kept = revenue / years, years / len(journeys)
    return "\n".join(
        (
            "What they are worth",
            f"  repeat purchase rate    {_percent(repeat)}",
            f"  an order                ${revenue / len(orders):,.2f}",
            f"  an active year          ${yearly:,.2f} in {len(orders) / years:.1f} orders",
            f"  active so far           {kept:.2f} years a customer",
            f"  simple value            ${yearly * kept:,.2f} of revenue a customer so far",
            "                          (revenue of an active year x years active)",
        )
    )


def _percent(rate: Rate) -> str:
    interval = rate.interval(level=0.95)
    if rate.value is None or interval is None:
        return "of nobody"
    return f"{rate.value:.1%} (95 % interval {interval.low:.1%} to {interval.high:.1%})"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # also where the terminal's code page has no bars
    print(report(presets.retail(), read(LOG), UNTIL))
