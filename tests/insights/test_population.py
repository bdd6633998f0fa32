import pickle
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from lifecycle import (
    Calendar,
    CustomerBase,
    Event,
    Stage,
    Status,
    Transition,
    Window,
    dwell,
    insights,
)
from lifecycle.engine._kinds import kind_of
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    WrongDefinitionError,
)
from lifecycle.insights._population import WAYS_BACK
from lifecycle.insights._revenue import payments
from samples import SHOP, STAGES, START, bought, day, lifecycle, naive, refusal

ANN = SHOP.replay("ann", [bought(3, 10), bought(40)], since=START, until=day(200))
BOB = SHOP.replay("bob", [], since=day(1), until=day(200))
MONTHS = {"calendar": Calendar("month"), "window": Window(START, day(181))}


def test_a_course_has_the_stays_of_the_journey() -> None:
    history = CustomerBase([ANN])._population.histories[0]
    assert history.stages == ["visitor", "buyer", "lapsed"]
    assert history.moments == [START, day(3), day(130)]
    assert history.kinds == ["conversion", "lapse"]
    assert history.until == day(200)
    assert [history.left(i) for i in range(3)] == [day(3), day(130), None]


def test_without_until_a_customer_is_known_up_to_the_last_event() -> None:
    assert CustomerBase([SHOP.replay("ann", [bought(3)])])._population.histories[0].until == day(3)


@pytest.mark.parametrize("given", [ANN, "ann", {"ann": ANN}, None, 3])
def test_what_is_no_series_of_journeys_raises(given: object) -> None:
    message = refusal(InvalidTypeError, lambda: CustomerBase(given).drop_off())  # type: ignore[call-overload]
    assert message.startswith("journeys must be an iterable of Journey, got ")


def test_what_is_no_journey_is_named_with_its_position() -> None:
    message = refusal(InvalidTypeError, lambda: CustomerBase([ANN, ANN.customer]).drop_off())  # type: ignore[list-item]
    assert message.startswith("journeys[1] must be a Journey, got ")


def test_a_customer_has_one_journey() -> None:
    message = refusal(InvalidValueError, lambda: CustomerBase([ANN, BOB, ANN]).drop_off())
    assert message == "journeys[2].customer.id must have one journey only, got 'ann'"


def test_journeys_are_of_one_definition() -> None:
    other = lifecycle(Transition("buyer", "lapsed", after=dwell(days=3)), name="club")
    cy = other.replay("cy", [], since=START)
    with pytest.raises(WrongDefinitionError, match="'club'"):
        CustomerBase([ANN, cy]).drop_off()


def test_equal_definitions_are_one() -> None:
    copy = pickle.loads(pickle.dumps(BOB))  # noqa: S301
    assert CustomerBase([ANN, copy]).drop_off() == CustomerBase([ANN, BOB]).drop_off()


def test_naive_beside_aware_journeys_raise() -> None:
    cy = SHOP.replay("cy", [Event("purchase", naive("2026-01-05"))])
    with pytest.raises(MixedInstantsError):
        CustomerBase([ANN, cy]).drop_off()


def test_a_naive_instant_is_a_local_time_of_the_calendar() -> None:
    berlin = Calendar("month", zone="Europe/Berlin")
    base = CustomerBase([SHOP.replay("cy", [Event("purchase", naive("2026-01-05"))])])
    january = Window(naive("2026-01-01"), naive("2026-02-01"))
    history = base.over(berlin, january)._population.histories[0]
    assert history.moments[0] == datetime(2026, 1, 4, 23, tzinfo=UTC)
    in_utc = base.over(berlin, january).over(window=january)._population.histories[0]
    assert in_utc.moments[0] == datetime(2026, 1, 5, tzinfo=UTC)


def test_local_times_that_the_clocks_skip_do_not_turn_a_course_back() -> None:
    berlin = Calendar("day", zone="Europe/Berlin")
    events = [
        Event("signup", naive("2026-03-29T02:40")),
        Event("purchase", naive("2026-03-29T03:10")),
    ]
    journey = SHOP.replay("cy", events, since=naive("2026-03-29T01:00"))
    changes = (
        CustomerBase([journey])
        .over(berlin, Window(naive("2026-03-29"), naive("2026-03-30")))
        .transition_counts()
    )
    assert changes.row("visitor", "lead").count == changes.row("lead", "buyer").count == 1
    moments = CustomerBase([journey])._population.by(berlin).histories[0].moments
    assert moments == sorted(moments)
    log = CustomerBase.from_changes(
        SHOP, journey.changes, enrolled={"cy": naive("2026-03-29T01:00")}
    )
    assert log._population.by(berlin).histories[0].moments == moments


def test_no_journeys_give_empty_tables() -> None:
    assert CustomerBase([]).drop_off().rows == ()
    assert CustomerBase([]).transition_counts().rows == ()
    target = insights.Target("x", "stock", at_most=1)
    assert CustomerBase([]).over(**MONTHS).kpis(targets=[target], values={"x": 1}).rows == ()
    assert [row.active for row in CustomerBase([]).over(**MONTHS).growth().rows] == [0] * 6
    assert {row.size for row in CustomerBase([]).over(**MONTHS).cohorts().rows} == {0}
    assert CustomerBase([]).reactivations().lapsed == 0
    assert CustomerBase([]).referrals().viral_coefficient is None
    assert CustomerBase([]).time_in_stage("buyer").curve is None
    assert CustomerBase([]).nps([]).rows == ()
    assert CustomerBase([]).due(window=Window(START, day(1))).rows == ()
    assert CustomerBase([]).funnel(stages=["a", "b"]).rows[0].reached == 0
    assert len(CustomerBase([]).by("plan").drop_off()) == 0


# Payments


def test_an_event_that_moves_is_paid_in_the_stage_that_it_ends() -> None:
    population = CustomerBase([ANN])._population
    assert [
        (p.stay, p.into, p.amount) for p in payments(population.histories[0], population.reader)
    ] == [(0, 1, 10)]


def test_a_time_out_of_the_same_instant_comes_before_the_event() -> None:
    shop = lifecycle(
        Transition("buyer", "lapsed", after=dwell(days=3)),
        Transition("lapsed", "buyer", on="purchase"),
    )
    journey = shop.replay("ann", [bought(3, 5)], since=START)
    population = CustomerBase([journey])._population
    payment = next(payments(population.histories[0], population.reader))
    assert (payment.stay, payment.into) == (1, 2)


def test_events_after_until_are_not_paid() -> None:
    journey = SHOP.replay("ann", [bought(3, 10), bought(40, 20)], until=day(10))
    population = CustomerBase([journey])._population
    assert [p.amount for p in payments(population.histories[0], population.reader)] == [10]


# Which stages are drop-off stages


def test_each_status_says_what_coming_back_from_it_is_called() -> None:
    """It is called as the engine calls the change; customers who were not away do not return."""
    here = Stage("here", Status.ACTIVE)
    kinds = {status: kind_of(Stage("there", status), here) for status in Status}
    away = {status: kind for status, kind in WAYS_BACK.items() if kind}
    assert WAYS_BACK.keys() == {*Status}
    assert away == {status: kinds[status] for status in (Status.DORMANT, Status.CHURNED)}


def test_a_drop_off_stage_is_dormant_churned_or_entered_by_idleness_alone() -> None:
    from lifecycle import presets  # noqa: PLC0415

    shop = presets.retail()
    population = CustomerBase([shop.replay("ann", [bought(1)])])._population
    assert population.drop_off_stages == {"at_risk", "lapsed", "churned"}
    assert population.outcome("new", "at_risk") == "drop_off"
    assert population.outcome("at_risk", "repeat") == "conversion"
    assert population.outcome("new", "repeat") == "conversion"
    assert population.outcome("loyal", "repeat") == "other"
    assert population.outcome("new", "new") == "other"
    assert len(STAGES) == 6


def test_zones_and_lengths_of_days_do_not_move_a_stay() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    at = [datetime(2026, 3, 28, 12, tzinfo=berlin), datetime(2026, 3, 30, 12, tzinfo=berlin)]
    journey = SHOP.replay("ann", [Event("purchase", at[1])], since=at[0])
    history = CustomerBase([journey])._population.histories[0]
    assert history.moments[1] - history.moments[0] == timedelta(hours=47)


def test_the_end_of_a_window_is_outside_and_its_start_inside() -> None:
    ann = SHOP.replay("ann", [bought(10, 5), bought(31, 7)], since=START, until=day(40))
    january = Window(START, day(31))
    table = (
        CustomerBase([ann])
        .over(Calendar("month"), january)
        .kpis(answers=[("ann", START, 9), ("ann", day(31), 0)])
    )
    assert sum(row.revenue or 0 for row in table.rows) == 5
    assert [row.stage for row in table.rows if row.nps and row.nps.respondents] == ["visitor"]
    to_day_10 = Window(START, day(10))
    assert CustomerBase([ann]).over(window=to_day_10).time_in_stage("buyer").stays == 0
    assert (
        CustomerBase([ann]).over(window=Window(day(10), day(11))).time_in_stage("buyer").stays == 1
    )
    entered = CustomerBase([ann]).over(window=to_day_10).funnel(stages=["visitor", "buyer"])
    assert [step.reached for step in entered.rows] == [1, 0]


def test_a_move_at_the_end_of_a_window_belongs_to_what_follows() -> None:
    ann = SHOP.replay("ann", [bought(31)], since=START, until=day(60))
    january: dict[str, Any] = {"calendar": Calendar("month"), "window": Window(START, day(31))}
    (row,) = CustomerBase([ann]).over(**january).growth().rows
    assert (row.new, row.active) == (0, 0)
    assert CustomerBase([ann]).over(**january).cohorts().rows[0].size == 0
    visitor = CustomerBase([ann]).over(window=january["window"]).time_in_stage("visitor")
    assert [stay[:4] for stay in visitor.rows] == [(31, 1, 0, 1)]
    rows = {row.stage: row for row in CustomerBase([ann]).over(**january).kpis().rows}
    assert (rows["visitor"].stock, rows["buyer"].stock) == (1, 0)
    assert rows["visitor"].median_time is None


def test_a_stay_of_no_length_is_active_at_no_moment() -> None:
    log = [bought(10), Event("erasure", day(10))]
    ann = SHOP.replay("ann", log, since=START, until=day(60))
    assert [stay.stage for stay in ann.stays] == ["visitor", "buyer", "erased"]
    january = Window(START, day(31))
    (row,) = CustomerBase([ann]).over(Calendar("month"), january).cohorts().rows
    assert row.size == 0


def test_a_stay_that_ends_where_a_period_begins_is_not_alive_in_it() -> None:
    log = [bought(10), Event("erasure", day(31))]
    ann = SHOP.replay("ann", log, since=START, until=day(70))
    window = Window(START, day(59))
    row = CustomerBase([ann]).over(Calendar("month"), window).cohorts().rows[0]
    assert [cell.retained for cell in row.cells] == [1, 0]


def test_who_was_active_before_the_window_is_in_no_cohort_of_it() -> None:
    ann = SHOP.replay("ann", [bought(10)], since=START, until=day(70))
    window = Window(day(31), day(59))
    (row,) = CustomerBase([ann]).over(Calendar("month"), window).cohorts().rows
    assert row.size == 0


def test_a_stage_that_was_entered_before_the_window_is_not_reached_in_it() -> None:
    ann = SHOP.replay("ann", [bought(10)], since=START, until=day(70))
    found = (
        CustomerBase([ann]).over(window=Window(day(5), day(59))).funnel(stages=["visitor", "buyer"])
    )
    assert [step.reached for step in found.rows] == [0, 0]


def test_a_log_up_to_a_missing_instant_is_told_what_none_means() -> None:
    missing = pytest.importorskip("pandas").NaT
    text = refusal(
        InvalidTypeError, lambda: CustomerBase.from_changes(SHOP, ANN.changes, until=missing)
    )
    assert text == (
        "until must be a datetime or a date, or None for the last change, "
        "got NaT (NaTType), a missing value"
    )


def test_customers_whose_ids_are_uuids_are_read() -> None:
    journey = SHOP.replay(UUID(int=7), [bought(3)], since=START, until=day(9))
    log = CustomerBase.from_changes(
        SHOP, journey.changes, enrolled={UUID(int=7): START}, until=day(9)
    )
    assert list(CustomerBase([journey])) == [UUID(int=7)]
    assert log.drop_off() == CustomerBase([journey]).drop_off()
