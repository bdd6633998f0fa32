"""Each picture knows what it draws by its type, not by what it looks like."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from lifecycle import (
    Calendar,
    CustomerBase,
    Event,
    Period,
    Window,
    clv,
    funnel,
    markov,
    models,
    nps,
    plots,
    retention,
    revenue,
    rfm,
    survival,
)
from lifecycle.errors import InvalidTypeError
from samples import SHOP, bought, day

MONTHS: dict[str, Any] = {
    "calendar": Calendar(),
    "window": Window(date(2026, 1, 1), date(2026, 4, 1)),
}
ORDERS = [
    (who, date(2026, month, 1 + i), 10 + i)
    for i, who in enumerate(("ann", "bob", "cyd"))
    for month in range(1, 2 + i)
]
SEEN = [(who, at) for who, at, _ in ORDERS]
PAID = [(who, at.replace(day=1), amount) for who, at, amount in ORDERS]
STEPS = [(who, date(2026, 1, 1 + i), step) for who, *_ in ORDERS for i, step in enumerate("ab")]
JOURNEYS = [
    SHOP.replay(who, [bought(1), bought(2)], since=day(0), until=datetime(2026, 7, 1, tzinfo=UTC))
    for who in ("ann", "bob")
]
MODEL = models.BetaGeoNBD(r=0.25, alpha=4.5, a=0.8, b=2.5, unit="week")
SCORES = [(date(2026, 1, 5), 10), (date(2026, 2, 5), 3)]

RESULTS: dict[str, Any] = {
    "retention.cohorts": retention.cohorts(SEEN, **MONTHS),
    "retention.growth": retention.growth(SEEN, **MONTHS),
    "retention.stickiness": retention.stickiness(SEEN, **MONTHS),
    "revenue.movements": revenue.movements(PAID, **MONTHS),
    "rfm.summary": rfm.summary(ORDERS, until=date(2026, 4, 1)),
    "rfm.scores": rfm.scores(ORDERS, until=date(2026, 4, 1)),
    "nps.score": nps.score([10, 9, 3]),
    "nps.rolling": nps.rolling(SCORES, window=Period(days=30), calendar=Calendar()),
    "funnel.funnel": funnel.funnel(STEPS, steps=("a", "b")),
    "funnel.FunnelTable.time_to_convert": funnel.funnel(STEPS, steps=("a", "b")).time_to_convert,
    "survival.kaplan_meier": survival.kaplan_meier([1, 2, 3], [1, 0, 1]),
    "survival.nelson_aalen": survival.nelson_aalen([1, 2, 3], [1, 0, 1]),
    "survival.cumulative_incidence": survival.cumulative_incidence([1, 2], ["a", "b"]),
    "survival.log_rank": survival.log_rank(([1, 2], [1, 1]), ([2, 3], [1, 1])),
    "markov.Chain": markov.Chain(["a", "b"], [[0.5, 0.5], [0, 1]]),
    "clv.historic": clv.historic([(at, 1.0) for _, at, _ in ORDERS], until=date(2026, 4, 1)),
    "models.tracking": models.tracking(MODEL, ORDERS, until=date(2026, 4, 1)),
    "CustomerBase.growth": CustomerBase(JOURNEYS).over(**MONTHS).growth(),
    "CustomerBase.kpis": CustomerBase(JOURNEYS).over(**MONTHS).kpis(),
    "CustomerBase.transition_counts": CustomerBase(JOURNEYS).transition_counts(),
    "CustomerBase.drop_off": CustomerBase(JOURNEYS).drop_off(),
    "CustomerBase.chain": CustomerBase(JOURNEYS).over(**MONTHS).chain(),
    "CustomerBase.reactivations": CustomerBase(JOURNEYS).reactivations(),
    "CustomerBase.time_in_stage": CustomerBase(JOURNEYS).time_in_stage("buyer"),
    "CustomerBase.nps": CustomerBase(JOURNEYS).nps([("ann", day(9), 10)]),
    "a journey": JOURNEYS[0],
}
DRAWN: dict[Callable[..., Any], set[str]] = {
    plots.cohorts: {"retention.cohorts"},
    plots.growth: {"retention.growth", "CustomerBase.growth"},
    plots.nps: {"nps.score", "CustomerBase.nps"},
    plots.funnel: {"funnel.funnel"},
    plots.survival: {
        "survival.kaplan_meier",
        "survival.cumulative_incidence",
        "CustomerBase.time_in_stage",
    },
    plots.flows: {"markov.Chain", "CustomerBase.chain", "CustomerBase.transition_counts"},
    plots.tracking: {"models.tracking"},
}


def test_every_plot_of_results_is_looked_at() -> None:
    """A diagram is of a definition, which is no result."""
    assert {picture.__name__ for picture in DRAWN} == {*plots.__all__} - {"diagram"}


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("picture", DRAWN, ids=lambda picture: picture.__name__)
def test_a_picture_draws_its_own_results_and_refuses_all_others(
    picture: Callable[..., Any], name: str
) -> None:
    """Movements of recurring revenue have `new` and `period` too: growth of money is another."""
    if name in DRAWN[picture]:
        assert picture(RESULTS[name]).has_data() or picture(RESULTS[name]).patches
    else:
        with pytest.raises(InvalidTypeError):
            picture(RESULTS[name])


def test_what_looks_like_growth_is_refused() -> None:
    """Two more of the kind: rows of growth without their table, and an event of that name."""
    table = RESULTS["retention.growth"]
    for given in (table.rows, table.rows[0], Event("growth", day(0))):
        with pytest.raises(InvalidTypeError):
            plots.growth(given)
