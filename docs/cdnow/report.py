"""Follow the customers of a music shop through a retail lifecycle, and report on one page.

The log is the public CDNOW sample; see index.md next to this file for its source.
"""

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from lifecycle import (
    Calendar,
    CustomerBase,
    Event,
    Status,
    Window,
    clv,
    models,
    presets,
    rfm,
)

DAYS = {"at_risk": 60, "lapsed": 120, "churned": 365}  # without an order
LOYAL = 3  # orders within a year of 365 days
SHOP = presets.retail(loyal_orders=LOYAL, **{f"{stage}_days": days for stage, days in DAYS.items()})
LOG = Path(__file__).with_name("cdnow_sample.csv")
SINCE = datetime(1997, 1, 1, tzinfo=UTC)
UNTIL = datetime(1998, 7, 1, tzinfo=UTC)
MONTHS, WINDOW = Calendar("month"), Window(SINCE, UNTIL)
INTEREST = clv.Discount(0.10, per="year")


def read(path: Path) -> dict[str, list[Event]]:
    """Return the orders of each customer as events, in whatever order the file has them."""
    events = defaultdict(list)
    with path.open(newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            at = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
            order = Event("purchase", at, value=float(row["amount"]), id=number)
            events[row["customer_id"]].append(order)
    return dict(events)


def report(log: dict[str, list[Event]]) -> str:
    """Return the report on a log as text."""
    base = CustomerBase(SHOP.replay(name, log[name], until=UNTIL) for name in sorted(log))
    monthly = base.over(MONTHS, WINDOW)
    sections = (
        head(base),
        stages(base),
        flows(base),
        str(base.drop_off()),
        reactivations(base),
        cohorts(monthly),
        value(monthly),
        win_back(base),
    )
    return "\n\n".join(sections)


def head(base: CustomerBase) -> str:
    """Say what the report is about."""
    orders = base.orders("purchase")
    title = (
        f"CDNOW: {len(base):,} customers and their {len(orders):,} orders of "
        f"${sum(value for *_, value in orders):,.0f}, up to {UNTIL:%Y-%m-%d}"
    )
    rules = [f"{stage:<9}{days} days without an order" for stage, days in DAYS.items()]
    return under(title, [f"loyal    {LOYAL} orders within 365 days", *rules])


def stages(base: CustomerBase) -> str:
    """Show how many customers are in each stage."""
    counts = Counter(row.stage for row in base.customers)
    shares = {stage: counts[stage.name] / len(base) for stage in SHOP.stages}
    return under(
        "Customers by stage",
        (
            f"{stage.name:<9} {stage.status:<9}{counts[stage.name]:>6,} {share:>6.1%} "
            + "█" * round(45 * share)
            for stage, share in shares.items()
        ),
    )


def flows(base: CustomerBase) -> str:
    """Show how often customers moved from each stage to each other one."""
    moves = base.transition_counts()
    counts = {(move.source, move.target): f"{move.count:,}" for move in moves if move.count}
    names = [stage.name for stage in SHOP.stages]
    targets = {name: name for name in names[1:]} | {None: "(still)"}
    rows = [f"{'from':<9}" + "".join(f"{head:>9}" for head in targets.values())]
    for source in names:
        cells = (counts.get((source, target), "·") for target in targets)
        rows.append(f"{source:<9}" + "".join(f"{cell:>9}" for cell in cells))
    return under("Moves between stages: from the row to the column", rows)


def reactivations(base: CustomerBase) -> str:
    """Show how many lapsed, how many came back, and for how long."""
    table = base.reactivations()
    rows = [
        f"{row.kind:<12}{row.returns:>4} of {row.episodes:,} ({row.return_rate.value:.1%}), "
        f"half within {row.median_time_to_return.days} days, "
        f"${row.revenue_per_return:.0f} each, {row.relapse_rate.value:.0%} relapsed"
        for row in table.rows
    ]
    return under(f"Who came back: {table.returned:,} of {table.lapsed:,} who lapsed", rows)


def cohorts(monthly: CustomerBase) -> str:
    """Show the triangle: which share of those who began in a month is active in later ones."""
    began = [row for row in monthly.cohorts() if row.size]
    head = "began   of" + "".join(f"{cell.k:>4}" for cell in began[0].cells[1:])
    rows = [
        f"{row.cohort:%y-%m}{row.size:>5}"
        + "".join(f"{100 * cell.retained / row.size:>4.0f}" for cell in row.cells[1:])
        for row in began
    ]
    return under("Still active after 1, 2, ... months, in %", [head, *rows])


def value(monthly: CustomerBase) -> str:
    """Value each stage by the revenue of the year to come, returns included."""
    margins = monthly.kpis().revenue_per("month")
    return str(monthly.value(margins=margins, periods=12, discount=INTEREST, memory=10))


def win_back(base: CustomerBase) -> str:
    """Name the lapsed who are worth most if they are won back, and until when to try."""
    summary = rfm.summary(base.orders("purchase"), until=UNTIL, unit="week")
    purchases, spend = models.ParetoNBD.fit(summary), models.GammaGamma.fit(summary)
    gone = {row.customer: row for row in base.customers if row.status is Status.DORMANT}
    rows = [row for row in summary.rows if row.customer in gone]
    worth = models.value(purchases, spend, rows, periods=12, period="month", discount=INTEREST)
    alive = purchases.model.p_alive(rows)
    lines = ["customer  orders    spent  lapsed      churns      alive  next year"]
    for customer, amount in sorted(worth, key=lambda forecast: -forecast.value)[:5]:
        row, orders = gone[customer], base[customer].events
        spent = sum(order.value for order in orders)
        lines.append(
            f"{customer:<9}{len(orders):>7}{spent:>9.2f}"
            f"  {row.entered:%Y-%m-%d}  {row.due:%Y-%m-%d}"
            f"{alive.row(customer).value:>7.0%}{amount:>11.2f}"
        )
    return under(f"Customers to win back: the best of {len(gone)} who have lapsed", lines)


def under(title: str, rows: Iterable[str]) -> str:
    """Put rows under a title."""
    return "\n".join([title, *(row.rstrip() for row in rows)])


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # also where the terminal's code page has no bars
    print(report(read(LOG)))
