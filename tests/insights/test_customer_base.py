"""The door of insights: customers read once, periods said once, groups split once."""

import pickle
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle import (
    Calendar,
    CustomerBase,
    Event,
    Journey,
    Rate,
    StageChange,
    Status,
    Window,
    insights,
    retention,
)
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MissingPeriodsError,
    MixedInstantsError,
    NoJourneysError,
    UnknownNameError,
)
from samples import SHOP, START, bought, day, naive, refusal

ANN = SHOP.replay(
    "ann",
    [bought(3, 10, id=1), bought(40, id=2)],
    since=START,
    until=day(200),
    attributes={"plan": "gold"},
)
BOB = SHOP.replay("bob", [], since=day(1), until=day(200))
BASE = CustomerBase([ANN, BOB])
MONTHS: dict[str, Any] = {"calendar": Calendar("month"), "window": Window(START, day(181))}
MONTHLY = BASE.over(**MONTHS)
FILED = CustomerBase.from_changes(
    SHOP, ANN.changes, enrolled={"ann": START, "bob": day(1)}, until=day(200)
)
BERLIN = ZoneInfo("Europe/Berlin")


# A mapping of customers to journeys


def test_a_base_maps_customers_to_their_journeys() -> None:
    assert BASE["ann"] is ANN
    assert list(BASE) == ["ann", "bob"]
    assert ("bob" in BASE, "cy" in BASE, len(BASE)) == (True, False, 2)
    assert repr(BASE) == "<CustomerBase of 'shop': 2 customers>"
    assert repr(MONTHLY) == (
        "<CustomerBase of 'shop': 2 customers, by month 2026-01-01 to 2026-07-01>"
    )
    assert BASE.path == "objects"


def test_an_unknown_customer_raises() -> None:
    message = refusal(UnknownNameError, lambda: BASE["bop"])
    assert message == "customer must be one of 'ann', 'bob', got 'bop'; did you mean 'bob'?"
    with pytest.raises(UnknownNameError):
        CustomerBase([])["ann"]


def test_changes_on_file_have_no_journeys() -> None:
    assert (list(FILED), "bob" in FILED, len(FILED)) == (["ann", "bob"], True, 2)
    message = refusal(NoJourneysError, lambda: FILED["ann"])
    assert message == "base[id] must be asked of journeys, got changes on file, without events"
    with pytest.raises(NoJourneysError, match=r"orders\(\) must be asked of journeys"):
        FILED.orders("purchase")
    with pytest.raises(UnknownNameError):
        FILED["cy"]
    with pytest.raises(NoJourneysError):
        CustomerBase.from_changes(SHOP, []).by("plan")
    assert CustomerBase.from_changes(SHOP, []).reactivations().row("win_back").revenue is None


def test_a_base_without_customers() -> None:
    empty = CustomerBase(iter(()))
    assert (repr(empty), len(empty), list(empty)) == ("<CustomerBase: 0 customers>", 0, [])
    assert (len(empty.customers), len(empty.stays), len(empty.changes)) == (0, 0, 0)
    assert len(empty.orders("purchase")) == 0
    assert list(empty.by("plan")) == []


def test_bases_are_equal_with_the_same_customers_stays_and_periods() -> None:
    assert CustomerBase([BOB, ANN]) == BASE
    assert hash(CustomerBase([BOB, ANN])) == hash(BASE)
    assert BASE != MONTHLY
    assert CustomerBase([ANN]) != BASE
    assert BASE != FILED
    assert BASE != "ann"
    known_less = SHOP.replay("bob", [], since=day(1), until=day(199))
    assert CustomerBase([ANN, known_less]) != BASE


# The periods


def test_a_question_by_periods_says_so() -> None:
    asked: dict[str, Any] = {
        "kpis": BASE.kpis,
        "growth": BASE.growth,
        "cohorts": BASE.cohorts,
        "chain": BASE.chain,
        "value": partial(BASE.value, margins={}, discount=0),
    }
    for question, ask in asked.items():
        message = refusal(MissingPeriodsError, ask)
        assert message == f"say the periods first: base.over(calendar, window).{question}()"
    with pytest.raises(MissingPeriodsError):
        BASE.over(window=MONTHS["window"]).kpis()
    with pytest.raises(MissingPeriodsError):
        BASE.by({"ann": 1}).growth()


def test_periods_are_checked_when_they_are_said() -> None:
    wrong: Any = "month"
    january = MONTHS["window"]
    assert "calendar must be a Calendar" in refusal(
        InvalidTypeError, partial(BASE.over, wrong, january)
    )
    for asked in ({}, {"calendar": Calendar()}, {"window": START}):
        given: Any = asked
        message = refusal(InvalidTypeError, partial(BASE.over, **given))
        assert message.startswith("window must be a Window, got ")
    within = Window(day(3), day(31))
    message = refusal(InvalidValueError, partial(BASE.over, Calendar("month"), within))
    assert message.startswith("window.start must be at the start of a month")


def test_the_window_alone_is_one_period() -> None:
    january = BASE.over(window=Window(START, day(31)))
    assert january.drop_off().row("visitor").stays == 2
    assert january.transition_counts().calendar is None
    assert january.time_in_stage("buyer").stays == 1
    assert (january.calendar, january.window) == (None, Window(START, day(31)))
    assert january.over(**MONTHS) == MONTHLY


def test_a_question_of_the_whole_window_is_asked_so_whatever_the_calendar() -> None:
    """From January to June one visit converts, one buyer lapses; the months are not told apart."""
    whole = BASE.over(window=MONTHS["window"])
    assert MONTHLY.drop_off() == whole.drop_off()
    assert MONTHLY.drop_off().row("buyer").drop_off == Rate(1, 1)
    assert MONTHLY.funnel() == whole.funnel()
    assert MONTHLY.reactivations() == whole.reactivations()
    assert MONTHLY.time_in_stage("buyer") == whole.time_in_stage("buyer")
    assert MONTHLY.transition_counts().counts == whole.transition_counts().counts


def test_a_window_of_local_times_is_one_of_the_calendar() -> None:
    local = Window(naive("2026-01-01"), naive("2026-07-01"))
    monthly = BASE.over(Calendar("month"), local)
    assert monthly.kpis().rows == MONTHLY.kpis().rows
    assert monthly.drop_off().rows == MONTHLY.drop_off().rows
    endless = Window(START, datetime.max.replace(tzinfo=UTC))
    assert BASE.over(Calendar("year"), endless).drop_off().rows == BASE.drop_off().rows


def test_a_window_of_another_kind_raises() -> None:
    local = Window(naive("2026-01-01"), naive("2026-02-01"))
    message = refusal(MixedInstantsError, partial(BASE.over, window=local))
    assert message.startswith("window.start and journeys[0].stays[0].at must both have")


def test_a_mistake_leaves_the_base_as_it_was() -> None:
    """Instants of the other kind are refused each time, and those of its kind never."""
    for _ in range(2):
        with pytest.raises(MixedInstantsError):
            BASE.funnel(until=naive("2026-02-01"))
        assert BASE.funnel(until=day(31)).rows[0].reached == 2


def test_local_times_are_read_in_the_zone_of_the_calendar() -> None:
    """Midnight in Berlin is 23:00 of the day before in UTC, in the month before."""
    journey = SHOP.replay("cy", [Event("purchase", naive("2026-02-01"))], since=naive("2026-01-05"))
    base = CustomerBase([journey])
    year = Window(naive("2026-01-01"), naive("2027-01-01"))
    for zone in ("UTC", "Europe/Berlin", "America/New_York"):
        table = base.over(Calendar("month", zone=zone), year).kpis()
        assert table.row("buyer", naive("2026-02-10")).entrants == 1
    berlin = base.over(Calendar("month", zone="Europe/Berlin"), year)
    new_york = berlin.over(Calendar("month", zone="America/New_York"), year)
    assert new_york.growth() == base.over(Calendar("month", zone="America/New_York"), year).growth()
    assert new_york.by({"cy": "x"})["x"].over(Calendar("month"), year).kpis() == (
        base.over(Calendar("month"), year).kpis()
    )


def test_a_group_stays_a_group_in_another_zone() -> None:
    local = [
        SHOP.replay(name, [Event("purchase", naive("2026-02-01"))], since=naive("2026-01-05"))
        for name in ("ann", "bob")
    ]
    part = CustomerBase(local).by({"ann": "x"})["x"]
    year = Window(naive("2026-01-01"), naive("2027-01-01"))
    moved = part.over(Calendar("month", zone="Europe/Berlin"), year)
    assert list(moved) == ["ann"]
    assert moved.stays.rows[0].entered == naive("2026-01-05")


# Groups


def test_customers_are_split_once_for_every_question() -> None:
    asked: list[object] = []

    def plan(journey: Journey) -> Any:
        asked.append(journey.customer.id)
        return journey.customer.attributes.get("plan")

    groups = MONTHLY.by(plan)
    assert groups.kpis()["gold"] == CustomerBase([ANN]).over(**MONTHS).kpis()
    assert groups.growth()[None] == CustomerBase([BOB]).over(**MONTHS).growth()
    assert asked == ["ann", "bob"]
    assert (list(groups), len(groups)) == (["gold", None], 2)
    assert list(groups["gold"]) == ["ann"]
    assert repr(groups) == "<GroupedBase: 2 groups of 2 customers>"
    assert pickle.loads(pickle.dumps(groups)) == groups  # noqa: S301
    assert groups != MONTHLY.by({"ann": "silver"})


def test_what_can_be_read_once_is_read_once_for_all_groups() -> None:
    answers = [("ann", day(5), 9), ("bob", day(6), 3)]
    targets = [insights.Target("buyer", "stock", at_least=1)]
    groups = MONTHLY.by({"ann": 1, "bob": 2})
    assert groups.nps(iter(answers)) == groups.nps(answers)
    assert {group: table.score.respondents for group, table in groups.nps(answers).results} == {
        1: 1,
        2: 1,
    }
    once = groups.kpis(targets=iter(targets), answers=iter(answers))
    assert once == groups.kpis(targets=targets, answers=answers)
    assert groups.funnel(stages=iter(["visitor", "buyer"]))[2].rows[1].reached == 0
    brackets = [range(1, 3)]
    assert groups.cohorts(brackets=iter(brackets)) == groups.cohorts(brackets=brackets)


def test_answers_of_another_group_are_known_and_those_of_a_stranger_are_not() -> None:
    groups = BASE.by({"ann": 1, "bob": 2})
    assert groups[1].nps([("bob", day(6), 3)]).score.respondents == 0
    message = refusal(InvalidValueError, lambda: groups.nps([("cy", day(6), 3)]))
    assert message == "answers[0].customer must be a customer of the base, got 'cy'"


def test_who_referred_the_customers_of_a_group_is_known_in_another() -> None:
    referred = SHOP.replay("cy", [], since=START, referred_by="ann")
    groups = CustomerBase([ANN, referred]).by({"ann": 1, "cy": 2})
    assert groups.referrals()[2].row("ann").known
    assert groups.referrals()[1].rows == ()


def test_an_argument_that_no_question_takes_raises() -> None:
    wrong: Any = MONTHLY.by({"ann": 1})
    for ask in (lambda: wrong.kpis(3), lambda: wrong.growth(by="plan"), wrong.nps):
        with pytest.raises(TypeError):
            ask()


# Tables


def test_a_row_for_each_customer() -> None:
    ann, bob = BASE.customers
    assert ann == insights.CustomerRow(
        customer="ann",
        stage="lapsed",
        status=Status.DORMANT,
        enrolled=START,
        entered=day(130),
        last_activity=day(40),
        due=day(405),
        due_target="churned",
    )
    assert (bob.stage, bob.last_activity, bob.due, bob.due_target) == ("visitor", None, None, None)
    assert BASE.customers.row("bob") == bob
    assert str(BASE.customers).startswith("Customers: 2 customers\ncustomer  stage")
    (filed, _) = FILED.customers
    assert filed == ann._replace(last_activity=None, due=None, due_target=None)


def test_a_customer_that_was_enrolled_in_mid_life_stays_since_it_entered_its_stage() -> None:
    ann = SHOP.replay(
        "ann",
        [],
        since=START,
        stage="buyer",
        entered=day(10),
        last_activity=day(20),
        until=day(60),
    )
    base = CustomerBase([ann])
    (row,) = base.customers
    assert (row.enrolled, row.entered, row.last_activity) == (START, day(10), day(20))
    assert (row.due, row.due_target) == (day(110), "lapsed")
    assert [(stay.stage, stay.entered, stay.left) for stay in base.stays] == [
        ("buyer", day(10), None)
    ]
    assert list(base.by(Calendar("month"))) == [START]


def test_a_row_for_each_stay_with_the_change_that_ended_it() -> None:
    visit, buyer, lapsed, _ = BASE.stays
    prospect, active = Status.PROSPECT, Status.ACTIVE
    assert visit == ("ann", "visitor", prospect, START, day(3), "conversion", "event", 1)
    assert buyer == ("ann", "buyer", active, day(3), day(130), "lapse", "timeout", None)
    assert lapsed == ("ann", "lapsed", Status.DORMANT, day(130), None, None, None, None)
    assert BASE.stays.row("ann", "buyer") == buyer
    assert FILED.stays == BASE.stays
    assert str(BASE.stays).startswith("Stays: 4 stays\n")


def test_a_row_for_each_change() -> None:
    assert BASE.changes.rows == (
        ("ann", day(3), "visitor", "buyer", "conversion", "event", 1),
        ("ann", day(130), "buyer", "lapsed", "lapse", "timeout", None),
    )
    assert FILED.changes == BASE.changes
    assert BASE.changes.to_rows()[0]["event_id"] == 1
    assert str(BASE.changes).startswith("Changes: 2 changes\n")


MIGRATED: tuple[tuple[float, str, str, Any], ...] = (
    (3, "visitor", "payer", "progress"),
    (5, "payer", "buyer", "migration"),
)


def test_changes_on_file_are_named_as_in_the_newest_version() -> None:
    told = [
        StageChange(
            customer="ann", at=day(number), source=source, target=target, kind=kind, cause="event"
        )
        for number, source, target, kind in MIGRATED
    ]
    base = CustomerBase.from_changes(SHOP, told, mapping={"payer": "buyer"}, until=day(9))
    assert base.changes.rows == (("ann", day(3), "visitor", "buyer", "conversion", "event", None),)


def test_instants_are_shown_in_the_zone_of_the_calendar() -> None:
    hour = timedelta(hours=1)
    berlin = BASE.over(Calendar("month", zone="Europe/Berlin"), Window(day(31) - hour, day(58)))
    assert berlin.stays.rows[0].entered == START
    assert berlin.stays.rows[0].entered.utcoffset() == timedelta(hours=1)
    assert berlin.customers.rows[0].last_activity == day(40)
    assert berlin.customers.rows[0].due.tzinfo == BERLIN
    local = CustomerBase([SHOP.replay("cy", [Event("purchase", naive("2026-02-01"))])])
    assert local.stays.rows[0].entered == naive("2026-02-01")
    assert local.customers.rows[0].due == naive("2026-05-02")


# Orders


def test_orders_are_a_log_that_calculators_read() -> None:
    log = BASE.orders("purchase")
    assert list(log) == [("ann", day(3), 10), ("ann", day(40), None)]
    assert repr(log).endswith("with value, event, id>")
    assert retention.active_ratio(log, until=day(41)) is not None
    both = CustomerBase([SHOP.replay("cy", [Event("signup", START), bought(2)])])
    assert list(both.orders(["signup", "purchase"])) == [("cy", START), ("cy", day(2))]
    assert both.orders("purchase").customers == ("cy",)


def test_orders_end_where_the_journey_does() -> None:
    ann = SHOP.replay("ann", [bought(3, 10), bought(40, 20)], until=day(39))
    assert list(CustomerBase([ann]).orders("purchase")) == [("ann", day(3), 10)]


def test_an_unknown_event_raises() -> None:
    message = refusal(UnknownNameError, lambda: BASE.orders("purchas"))
    assert message.startswith("event must be one of ")
    assert message.endswith("did you mean 'purchase'?")
