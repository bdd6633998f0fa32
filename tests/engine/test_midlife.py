"""Customers that are enrolled in mid-life, and customers with a time zone."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from lifecycle import (
    ANY,
    Customer,
    Enrollment,
    Event,
    Journey,
    Milestone,
    Period,
    SoFar,
    Status,
    Transition,
    attribute,
    count,
    dwell,
    entries,
    event_attribute,
    falls,
    idle,
    mean,
    previous,
    total,
    value,
)
from lifecycle import at as on_date
from lifecycle.errors import (
    DataError,
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    MixedInstantsError,
    MixedNumbersError,
    OutOfOrderError,
    UnknownNameError,
)
from samples import SHOP, again, at, bought, day, lifecycle, moves, naive, refusal

BERLIN = ZoneInfo("Europe/Berlin")

CLUB = lifecycle(
    Transition(("lead", "lapsed"), "buyer", on="purchase"),
    Transition("buyer", "loyal", on="purchase", when=count("purchase") >= 10),
    Transition(Status.ACTIVE, "lapsed", after=idle(days=90)),
    Transition("loyal", "loyal", after=dwell(years=1)),
    activity=("purchase",),
    events=("visit",),
)

SINCE_2019: dict[str, Any] = {
    "at": at("2019-05-01"),
    "stage": "loyal",
    "entered": at("2025-03-01"),
    "last_activity": at("2025-12-20"),
}


def dated(changes: Any) -> list[tuple[str, str]]:
    return [(f"{change.at:%Y-%m-%d}", change.target) for change in changes]


# Clocks


def test_the_clocks_count_from_what_is_told() -> None:
    """A year of 1 March 2025; 90 days of 20 December: 11 + 31 + 28 + 20."""
    ann = CLUB.enroll("ann", **SINCE_2019)
    _, changes = CLUB.advance(ann, to=at("2026-12-01"))
    assert dated(changes) == [("2026-03-01", "loyal"), ("2026-03-20", "lapsed")]


def test_the_stage_can_be_told_without_more() -> None:
    """Activity is then unknown, and idle counts from the enrollment."""
    ann = CLUB.enroll("ann", at=day(0), stage="loyal", entered=day(60))
    assert (ann.enrolled, ann.entered, ann.seen, ann.last_activity) == (
        day(0),
        day(60),
        day(60),
        None,
    )
    assert dated(CLUB.advance(ann, to=day(400)).changes) == [("2026-04-01", "lapsed")]


def test_what_counts_as_activity_was_active_when_it_last_happened() -> None:
    told = {"visit": SoFar(9, last=day(50)), "purchase": SoFar(2, last=day(40))}
    ann = CLUB.enroll("ann", at=day(0), so_far=told)
    assert (ann.last_activity, ann.seen) == (day(40), day(50))
    known = CLUB.enroll("ann", at=day(0), so_far=told, last_activity=day(45))
    assert known.last_activity == day(45)
    assert known.enrollment.last_activity == day(45)
    assert ann.enrollment.last_activity is None


def test_a_named_clock_counts_from_when_its_event_was_last() -> None:
    named = lifecycle(
        Transition("buyer", "lapsed", after=idle(("purchase", "visit"), months=1)),
        events=("purchase", "visit"),
    )
    told = {"purchase": SoFar(3, last=day(9)), "visit": SoFar(1, last=day(30))}
    assert named.due(named.enroll("ann", at=day(0), so_far=told)).at == at("2026-02-28")  # type: ignore[union-attr]
    unknown = named.enroll("ann", at=day(0), so_far={"purchase": SoFar(3)})
    assert named.due(unknown).at == at("2026-02-01")  # type: ignore[union-attr]


def test_what_passed_before_the_import_is_due_at_its_last_instant() -> None:
    """90 days after enrollment passed long ago; nothing is dated before what is known."""
    ann = CLUB.enroll("ann", at=at("2019-05-01"), stage="buyer", last_activity=at("2020-01-01"))
    bob = attrs.evolve(ann.enrollment, so_far={"visit": SoFar(1, last=at("2026-01-07"))})
    assert dated(CLUB.advance(ann, to=at("2026-02-01")).changes) == [("2020-03-31", "lapsed")]
    late = CLUB.enroll(bob)
    assert CLUB.due(late).at == at("2026-01-07")  # type: ignore[union-attr]
    assert dated(CLUB.advance(late, to=at("2026-02-01")).changes) == [("2026-01-07", "lapsed")]
    assert CLUB.advance(late, to=at("2026-01-06")).customer is late


def test_a_condition_that_fails_then_rests() -> None:
    """Also where the next event comes at the very instant up to which the customer is known."""
    gold = lifecycle(
        Transition("buyer", "lapsed", after=idle("purchase", days=9), when=attribute("x") >= 1),
        events=("purchase", "visit"),
    )
    ann = gold.enroll("ann", at=day(0), so_far={"visit": SoFar(1, last=day(30))})
    assert gold.due(ann) is None
    for when in (30, 31):
        seen = gold.apply(ann, Event("visit", day(when))).customer
        for same in (seen, Customer.from_dict(seen.to_dict()), again(seen)):
            assert gold.due(attrs.evolve(same, attributes={"x": 1})) is None
    assert gold.due(attrs.evolve(ann, attributes={"x": 1})).at == day(30)  # type: ignore[union-attr]


def test_a_measure_that_fell_before_the_import_is_due_at_its_last_instant() -> None:
    tier = lifecycle(
        Transition(
            "buyer", "lapsed", after=falls(total("purchase", within=Period(days=10)), below=5)
        ),
        events=("purchase", "visit"),
    )
    bought_once = SoFar(1, 5, recent=[bought(2, 5)])
    ann = tier.enroll("ann", at=day(0), so_far={"purchase": bought_once})
    assert tier.due(ann).at == day(12)  # type: ignore[union-attr]
    told = {"purchase": bought_once, "visit": SoFar(1, last=day(40))}
    assert tier.due(tier.enroll("ann", at=day(0), so_far=told)).at == day(40)  # type: ignore[union-attr]
    entered = tier.enroll("ann", at=day(0), entered=day(13), so_far=told)
    assert tier.due(entered) is None  # it fell in the stage before
    # Of two falls before the import, the first is due; where it rests, so does the second.
    twice = SoFar(3, 5, recent=[bought(1, 5), bought(2, -3), bought(3, 3)])
    told = {"purchase": twice, "visit": SoFar(1, last=day(40))}
    assert moves(tier.replay("ann", [], since=day(0), so_far=told, until=day(90)).changes) == [
        (40, "lapsed")
    ]


# What has happened so far


def counting(when: Any, **more: Any) -> Any:
    return lifecycle(
        Transition("buyer", "loyal", on="purchase", when=when), events=("visit",), **more
    )


TOLD = {
    "purchase": SoFar(3, 12, last=day(40), valued=2, recent=[bought(39, 4), bought(40)]),
    "visit": SoFar(2, last=day(38)),
}


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (count("purchase") >= 4, True),
        (count("purchase") >= 5, False),
        (count(("purchase", "visit")) >= 6, True),
        (count(("purchase", "visit")) >= 7, False),
        (total("purchase") >= 22, True),
        (total("purchase") >= 23, False),
        (mean("purchase") >= 22 / 3, True),
        (mean("purchase") > 22 / 3, False),
        (count("purchase", within=Period(days=5)) >= 3, True),  # the recent ones, and this one
        (count("purchase", within=Period(days=5)) >= 4, False),
        (count("purchase", since_entry=True) >= 2, False),
        (count("purchase", where=value() >= 4) >= 2, True),
        (count("purchase", where=value() >= 4) >= 3, False),
        (count("purchase", where=event_attribute("x").equals(1)) >= 1, False),
        (entries("buyer") >= 1, True),
        (entries("buyer") >= 2, False),
        (previous().equals("lead"), False),
    ],
)
def test_measures_go_on_from_what_is_told(when: Any, *, holds: bool) -> None:
    definition = counting(when)
    ann = definition.enroll("ann", at=day(0), so_far=TOLD)
    stage = definition.apply(ann, bought(41, 10)).customer.stage
    assert stage == ("loyal" if holds else "buyer")


def test_totals_of_several_events_add_up_exactly_or_not_at_all() -> None:
    both = counting(total(("purchase", "refund")) >= Decimal("0.7"), activity=("refund",))
    told = {"purchase": SoFar(1, Decimal("0.1")), "refund": SoFar(1, Decimal("0.2"))}
    ann = both.enroll("ann", at=day(0), so_far=told)
    assert both.apply(ann, bought(1, Decimal("0.4"))).customer.stage == "loyal"
    mixed = told | {"refund": SoFar(1, 0.2)}
    text = refusal(MixedNumbersError, lambda: both.enroll("ann", at=day(0), so_far=mixed))
    assert "so_far['refund'].total" in text


def test_a_total_meets_the_values_that_come() -> None:
    big = counting(total("purchase") >= 1)
    ann = big.enroll("ann", at=day(0), so_far={"purchase": SoFar(1, Decimal(1))})
    with pytest.raises(MixedNumbersError):
        big.apply(ann, bought(1, 0.5))
    most = big.enroll("ann", at=day(0), so_far={"purchase": SoFar(1, 1.7e308)})
    with pytest.raises(InvalidValueError, match="leave total"):
        big.apply(most, bought(1, 1.7e308))


def test_an_event_that_the_lifecycle_does_not_know_is_refused() -> None:
    for call in (
        lambda: SHOP.enroll("ann", at=day(0), so_far={"purchas": SoFar(1)}),
        lambda: SHOP.replay("ann", [], since=day(0), so_far={"purchas": SoFar(1)}),
    ):
        text = refusal(UnknownNameError, call)
        assert text.startswith("a key of so_far must be one of ")
        assert text.endswith("got 'purchas'; did you mean 'purchase'?")


@pytest.mark.parametrize(
    ("told", "kind", "text"),
    [
        ({"entered": day(-1)}, InvalidValueError, "entered must not be before at, 2026-01-01"),
        ({"last_activity": day(-1)}, InvalidValueError, "last_activity must not be before at"),
        (
            {"so_far": {"visit": SoFar(1, last=day(-1))}},
            InvalidValueError,
            "so_far['visit'].last must not be before at",
        ),
        (
            {"so_far": {"visit": SoFar(2, last=day(1), recent=[Event("visit", day(-1))])}},
            InvalidValueError,
            "so_far['visit'].recent[0].at must not be before at",
        ),
        (
            {"so_far": {"visit": SoFar(1, recent=[bought(1)])}},
            InvalidValueError,
            "so_far['visit'].recent[0].name must be 'visit', got 'purchase'",
        ),
        ({"entered": naive("2026-02-01")}, MixedInstantsError, "entered"),
        ({"so_far": {"visit": SoFar(1, last=naive("2026-02-01"))}}, MixedInstantsError, "visit"),
        ({"so_far": [1]}, InvalidTypeError, "so_far must be a mapping from event names to SoFar"),
        ({"so_far": {"visit": 3}}, InvalidTypeError, "so_far['visit'] must be a SoFar, got 3"),
        ({"so_far": {"": SoFar(1)}}, InvalidValueError, "so_far key must be text that is not"),
        ({"entered": "2026"}, InvalidTypeError, "entered must be a datetime"),
        ({"last_activity": "2026"}, InvalidTypeError, "last_activity must be a datetime"),
        ({"zone": "Europe/Belin"}, InvalidValueError, "zone must be the name of an installed"),
        ({"zone": 3}, InvalidTypeError, "zone must be the name of a time zone, or one of zone"),
        (
            {"zone": timezone(timedelta(hours=1))},
            InvalidValueError,
            "zone must be the name of a time zone, or one of zoneinfo",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    told: dict[str, Any], kind: type[LifecycleError], text: str
) -> None:
    for call in (
        lambda: Enrollment("ann", day(0), **told),
        lambda: CLUB.enroll("ann", at=day(0), **told),
        lambda: CLUB.replay("ann", [], since=day(0), **told),
    ):
        assert text in refusal(kind, call)


def test_the_stage_can_be_entered_after_the_last_activity_or_before() -> None:
    for entered in (day(10), day(20)):
        ann = CLUB.enroll("ann", at=day(0), entered=entered, last_activity=day(15))
        assert (ann.entered, ann.last_activity, ann.seen) == (
            entered,
            day(15),
            max(entered, day(15)),
        )


@pytest.mark.parametrize(
    "told", [{"entered": day(1)}, {"last_activity": day(1)}, {"so_far": {"purchase": SoFar(1)}}]
)
def test_a_replay_is_told_since_when(told: dict[str, Any]) -> None:
    text = refusal(InvalidValueError, lambda: CLUB.replay("ann", [bought(5)], **told))
    assert text.startswith("the instant of enrollment must be given with entered, ")


@pytest.mark.parametrize("name", ["entered", "last_activity", "so_far", "zone"])
def test_nothing_is_told_twice(name: str) -> None:
    told: Any = {"so_far": {}, "zone": "UTC"}.get(name, day(1))
    for call in (
        lambda: CLUB.enroll(Enrollment("ann", day(0)), **{name: told}),
        lambda: CLUB.replay(Enrollment("ann", day(0)), [], **{name: told}),
    ):
        assert refusal(InvalidValueError, call).startswith(f"{name} must be left out where")


# Journeys


def test_stays_begin_where_the_stage_was_entered() -> None:
    ann = CLUB.replay(Enrollment("ann", **SINCE_2019), [], until=at("2026-03-10"))
    assert [(stay.stage, f"{stay.entered:%Y-%m-%d}") for stay in ann.stays] == [
        ("loyal", "2025-03-01"),
        ("loyal", "2026-03-01"),
    ]
    assert ann.stage_at(at("2025-03-01")) == "loyal"
    with pytest.raises(InvalidValueError, match=r"^at must be within the journey, 2025-03-01 00"):
        ann.stage_at(at("2025-02-28"))
    assert repr(CLUB.replay(ann.enrollment, [])).endswith("at 2025-12-20 00:00:00+00:00>")


def test_events_before_what_is_told_are_refused() -> None:
    ann = CLUB.enroll("ann", **SINCE_2019)
    early, at_last = (Event("purchase", at(text)) for text in ("2025-12-19", "2025-12-20"))
    with pytest.raises(OutOfOrderError):
        CLUB.apply(ann, early)
    assert CLUB.apply(ann, at_last).customer.stage == "loyal"
    for given in ({"events": [early]}, {"events": [], "until": at("2025-12-19")}):
        with pytest.raises(InvalidValueError, match="not be before what the enrollment tells"):
            CLUB.replay(ann.enrollment, **given)  # type: ignore[arg-type]
    journey, correction = CLUB.replay(ann.enrollment, [at_last]).amend(
        Event("visit", at("2026-04-01"))
    )
    assert [change.target for change in correction.added] == ["loyal", "lapsed"]
    assert journey.enrollment == ann.enrollment


def test_a_migrated_customer_keeps_what_was_told() -> None:
    ann = CLUB.enroll("ann", **SINCE_2019, so_far={"purchase": SoFar(12)})
    newer = lifecycle(Transition("loyal", "lost", on="purchase"), initial="lead", version=2)
    moved, _ = CLUB.migrate(ann, to=newer, at=at("2026-01-01"))
    assert moved.enrollment == ann.enrollment


# Data


def test_data_hold_what_is_told_and_nothing_else() -> None:
    plain = Enrollment("ann", day(0)).to_dict()
    assert not {"entered", "last_activity", "so_far", "zone"} & set(plain)
    told = Enrollment("ann", **SINCE_2019, zone="UTC", so_far={"purchase": SoFar(2, Decimal(9))})
    data = json.loads(json.dumps(told.to_dict()))
    assert data["entered"] == "2025-03-01T00:00:00+00:00"
    assert data["so_far"] == {
        "purchase": {
            "count": 2,
            "total": {"decimal": "9"},
            "last": None,
            "valued": 2,
            "recent": [],
        }
    }
    assert data["zone"] == "UTC"
    assert Enrollment.from_dict(data) == told


def test_everything_wrong_is_named() -> None:
    ann = CLUB.enroll("ann", **SINCE_2019).to_dict()
    so_far = {"visit": {"count": -1, "recent": [{"name": "visit"}]}, "": 3, "purchase": {}}
    wrong = {**ann["enrollment"], "zone": "x", "entered": 3, "so_far": so_far}
    with pytest.raises(DataError) as caught:
        Customer.from_dict({**ann, "enrollment": wrong})
    assert [problem.split(" must ")[0] for problem in caught.value.problems] == [
        "enrollment.entered",
        "enrollment.so_far['visit'].count",
        "enrollment.so_far['visit'].recent[0].at",
        "enrollment.so_far['']",
        "enrollment.so_far['purchase'].count",
        "enrollment.zone",
    ]
    last = {"purchase": {"count": 0, "last": "2026-01-01T00:00:00+00:00"}}
    with pytest.raises(DataError, match=r"so_far\['purchase'\]\.last must be left out where"):
        Enrollment.from_dict({"id": 1, "at": "2026-01-01T00:00:00+00:00", "so_far": last})
    undated = CLUB.replay("ann", [bought(1)]).to_dict()
    undated["enrollment"]["entered"] = "2026-01-01T00:00:00+00:00"
    with pytest.raises(DataError, match="the instant of enrollment must be given with entered"):
        Journey.from_dict(undated)


def test_a_customer_is_not_known_less_than_when_it_was_enrolled() -> None:
    ann = CLUB.enroll("ann", **SINCE_2019)
    with pytest.raises(InvalidValueError, match=r"^seen must not be before 2025-12-20 00:00:00"):
        attrs.evolve(ann, last_activity=None, seen=at("2025-12-19"))
    with pytest.raises(DataError, match="seen must not be before 2025-12-20"):
        Customer.from_dict({**ann.to_dict(), "last_activity": None, "seen": "2025-12-19T00:00:00Z"})


# Zones

MONTHLY = lifecycle(
    Transition("lead", "buyer", on="signup"),
    Transition("buyer", "loyal", after=dwell(months=1)),
    Transition("loyal", "lapsed", after=dwell(until="month")),
    Transition(ANY, "gone", on="erasure"),
    initial="lead",
)


def test_a_month_ends_where_the_customer_lives() -> None:
    """23:30 in UTC on 31 January is 1 February in Berlin: a month later is 1 March there."""
    signup = Event("signup", at("2026-01-31T23:30"))
    ann = MONTHLY.replay("ann", [signup], zone="Europe/Berlin", until=at("2026-06-01"))
    assert [change.at.isoformat() for change in ann.changes] == [
        "2026-02-01T00:30:00+01:00",
        "2026-03-01T00:30:00+01:00",
        "2026-04-01T00:00:00+02:00",
    ]
    assert ann.changes[0].event is signup
    assert ann.customer.zone == "Europe/Berlin"
    without = MONTHLY.replay("ann", [signup], until=at("2026-06-01"))
    assert without.customer.zone is None
    assert [f"{change.at:%m-%d}" for change in without.changes] == ["01-31", "02-28", "03-01"]


def test_the_clocks_change_where_the_customer_lives() -> None:
    """2:30 on 28 February and a month: 2:30 on 28 March; of 29 March, 3:30, which 2:30 skips to."""
    for start, end in (("2026-02-28T01:30", "2026-03-28T01:30"), ("2026-03-01T00:30", None)):
        signup = Event("signup", at(start))
        ann = MONTHLY.apply(
            MONTHLY.enroll("ann", at=at("2026-01-01"), zone=BERLIN), signup
        ).customer
        local = MONTHLY.apply(
            MONTHLY.enroll("ann", at=at("2026-01-01").astimezone(BERLIN)),
            Event("signup", at(start).astimezone(BERLIN)),
        ).customer
        due = MONTHLY.due(ann)
        assert due == MONTHLY.due(local)
        assert end is None or due.at == at(end)  # type: ignore[union-attr]


def test_a_zone_can_be_given_in_any_form_that_has_a_name() -> None:
    pytz = pytest.importorskip("pytz")
    for zone in ("Europe/Berlin", BERLIN, pytz.timezone("Europe/Berlin")):
        assert Enrollment("ann", day(0), zone=zone).zone == "Europe/Berlin"
    for zone in ("UTC", UTC, timezone.utc, pytz.utc, timezone(timedelta(0))):  # noqa: UP017
        assert Enrollment("ann", day(0), zone=zone).zone == "UTC"
    nameless = datetime(2026, 1, 1, tzinfo=pytz.FixedOffset(60)).tzinfo
    assert "zone must be the name" in refusal(
        InvalidValueError, lambda: Enrollment("ann", day(0), zone=nameless)
    )


def test_a_zone_needs_instants_that_have_one() -> None:
    for call in (
        lambda: CLUB.enroll("ann", at=naive("2026-01-01"), zone="UTC"),
        lambda: CLUB.replay("ann", [Event("purchase", naive("2026-01-01"))], zone="UTC"),
        lambda: CLUB.enroll("ann", at=day(0), entered=naive("2026-01-02"), zone="UTC"),
    ):
        text = refusal(InvalidValueError, call)
        assert text.startswith("zone must be left out where instants have no time zone, as ")
    ann = CLUB.enroll("ann", at=day(0), zone="UTC")
    for look in (CLUB.apply, CLUB.fire, CLUB.explain):
        with pytest.raises(MixedInstantsError):
            look(ann, Event("purchase", naive("2026-01-02")))


def test_everything_told_is_read_in_the_zone() -> None:
    ann = CLUB.enroll(
        "ann",
        **SINCE_2019,
        zone=BERLIN,
        so_far={"purchase": SoFar(1, recent=[Event("purchase", at("2025-12-20"))])},
    )
    began = ann.enrollment
    instants = (
        ann.enrolled,
        ann.entered,
        ann.last_activity,
        began.at,
        began.so_far["purchase"].last,
    )
    assert {each.tzinfo for each in instants if each} == {BERLIN}
    corrected = attrs.evolve(ann, entered=at("2025-06-01"))
    assert corrected.entered.isoformat() == "2025-06-01T02:00:00+02:00"
    newer = lifecycle(Transition("loyal", "lost", on="purchase"), initial="lead", version=2)
    moved, changes = CLUB.migrate(ann, to=newer, at=at("2026-01-01"))
    assert moved.zone == "Europe/Berlin"
    assert changes[-1].at.isoformat() == "2026-01-01T01:00:00+01:00"


def test_the_dates_of_a_customer_are_read_in_the_zone() -> None:
    """23:30 in UTC on 31 January is 1 February in Berlin: a month later is 1 March there."""
    trial = lifecycle(
        Transition("buyer", "lapsed", after=on_date(attribute("ends"), months=1)), events=("set",)
    )
    ends = {"ends": at("2026-01-31T23:30")}
    ann = trial.enroll("ann", at=day(0), zone="Europe/Berlin", attributes=ends)
    assert trial.due(ann).at.isoformat() == "2026-03-01T00:30:00+01:00"  # type: ignore[union-attr]
    bob = trial.enroll("bob", at=day(0), zone=BERLIN)
    bob = trial.apply(bob, Event("set", day(1), sets=ends)).customer
    assert trial.due(bob).at == trial.due(ann).at  # type: ignore[union-attr]
    without = trial.enroll("ann", at=day(0), attributes=ends)
    assert trial.due(without).at.isoformat() == "2026-02-28T23:30:00+00:00"  # type: ignore[union-attr]
    last = {"ends": datetime(9999, 11, 30, 23, 30, tzinfo=UTC)}
    assert trial.due(trial.enroll("ann", at=day(0), zone="Asia/Tokyo", attributes=last)) is None
    known = trial.enroll("ann", at=day(0), entered=day(70), attributes=ends)
    assert trial.due(known).at == day(70)  # type: ignore[union-attr]


def test_looking_reads_events_in_the_zone_too() -> None:
    def is_late(_customer: Customer, event: Event | None) -> bool:
        return event is not None and event.at.hour == 0

    night = lifecycle(Transition("buyer", "loyal", on="purchase", when=is_late))
    ann = night.enroll("ann", at=at("2026-01-01"), zone="Europe/Berlin")
    late = Event("purchase", at("2026-01-02T23:30"))
    assert night.explain(ann, late).permitted
    assert night.fire(ann, late).changes[0].event is late
    assert night.options(ann)["purchase"].permitted is False


def test_an_instant_past_all_dates_of_the_zone_is_refused() -> None:
    ann = CLUB.enroll("ann", at=day(0), zone="Asia/Tokyo")
    last = Event("purchase", datetime(9999, 12, 31, 23, tzinfo=UTC))
    text = refusal(InvalidValueError, lambda: CLUB.apply(ann, last))
    assert text.startswith("event.at must be within years 1 to 9999 in Asia/Tokyo, got 9999-12-31")


def test_a_milestone_before_the_import_comes_with_what_is_due_at_its_last_instant() -> None:
    """Days 30 and 40 passed by day 50: the milestone first, then the time-out, both then."""
    reminding = lifecycle(
        Transition("buyer", "lapsed", after=idle("purchase", days=40)),
        events=("purchase", "visit"),
        milestones=(Milestone("buyer", after=idle("purchase", days=30), name="remind"),),
    )
    seen = {"visit": SoFar(1, last=day(50))}
    ann = reminding.replay("ann", [], since=day(0), so_far=seen, until=day(60))
    assert [(change.at, change.milestone) for change in ann.changes] == [
        (day(50), "remind"),
        (day(50), None),
    ]
    due = reminding.due(reminding.enroll("ann", at=day(0), so_far=seen))
    assert (due and due.milestone) == "remind"
