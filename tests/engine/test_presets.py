"""The presets: each is sound, turns in circles, and dates what it does."""

import inspect
import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lifecycle
from lifecycle import (
    Calendar,
    Enrollment,
    Event,
    Journey,
    Lifecycle,
    Period,
    Stage,
    StageChange,
    Status,
    Transition,
    Until,
    presets,
)
from lifecycle.engine._compiled import expand, sounding
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from samples import CONTRACTS, START, again, applied, at, bought, day, days, moves, refusal

PAGE = Path(__file__).parents[2] / "docs" / "presets.md"
TIERS = (("silver", 500), ("gold", 2000))
MICRO = timedelta(microseconds=1)

PRESETS: dict[str, Lifecycle] = {
    name: getattr(presets, name)() for name in presets.__all__ if name != "loyalty_tiers"
} | {
    "loyalty_tiers": presets.loyalty_tiers(TIERS, grace=Period(days=30)),
}
VARIANTS = PRESETS | {
    f"loyalty_tiers, {renewal}, {drop}, {grace}": presets.loyalty_tiers(
        TIERS, renewal=renewal, drop=drop, grace=grace
    )
    for renewal in ("anniversary", "calendar_year")
    for drop in ("one_step", "earned")
    for grace in (None, Period(months=1))
}
PROGRAMS: dict[str, dict[str, Any]] = {
    "calendar years": {"within": Until("year"), "renewal": "calendar_year"},
    "fiscal years, earned, grace": {
        "within": Until("year", year_start=4),
        "renewal": "calendar_year",
        "drop": "earned",
        "grace": Period(days=30),
    },
    "fiscal years, earned": {
        "within": Until("year", year_start=4),
        "renewal": "calendar_year",
        "drop": "earned",
    },
    "next year": {"within": Until("year"), "renewal": "next_year"},
    "next year, net": {
        "within": Until("year"),
        "renewal": "next_year",
        "drop": "earned",
        "refund": "refund",
        "reminder": Period(months=1),
        "lapsed_days": 731,
    },
    "next year, grace": {
        "within": Until("year", year_start=4),
        "renewal": "next_year",
        "grace": Period(months=3),
    },
    "at once": {"renewal": "at_once", "reminder": Period(days=30)},
    "at once, months": {"renewal": "at_once", "within": Period(years=1), "grace": Period(days=5)},
    "at once, years": {
        "renewal": "at_once",
        "within": Until("year"),
        "drop": "earned",
        "reminder": Period(months=1),
    },
    "orders, net": {"measure": "orders", "refund": "refund", "reminder": Period(months=2)},
}
VARIANTS |= {
    f"loyalty_tiers, {name}": presets.loyalty_tiers(TIERS, **rules)
    for name, rules in PROGRAMS.items()
}
VARIANTS |= CONTRACTS
each_preset = pytest.mark.parametrize("name", PRESETS)
each_variant = pytest.mark.parametrize("name", VARIANTS)


# What a preset is made of


@each_preset
def test_a_preset_is_called_as_its_function(name: str) -> None:
    assert PRESETS[name].name == name


@each_variant
def test_a_preset_is_an_equal_value_each_time(name: str) -> None:
    preset = VARIANTS[name]
    assert again(preset) == preset
    assert Lifecycle.from_dict(preset.to_dict()) == preset


@each_variant
def test_a_preset_shows_itself_as_the_call_that_makes_it(name: str) -> None:
    names = {name: getattr(lifecycle, name) for name in lifecycle.__all__}
    names["Decimal"] = Decimal
    assert eval(repr(VARIANTS[name]), names) == VARIANTS[name]  # noqa: S307  (our own text)


@each_variant
def test_nothing_in_a_preset_looks_odd(name: str) -> None:
    assert VARIANTS[name].findings() == ()


@each_variant
def test_a_preset_has_labelled_stages_in_the_order_of_the_funnel(name: str) -> None:
    stages = VARIANTS[name].stages
    order = list(Status)
    assert [stage.status for stage in stages] == sorted(
        (stage.status for stage in stages), key=order.index
    )
    assert VARIANTS[name].initial == stages[0].name
    for stage in stages:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", stage.name)
        assert re.fullmatch(r"[A-Z][a-z]+( [a-z]+| \([a-z]+\))*", stage.label)


# Where the stages lead


def ways(preset: Lifecycle, *, silent: bool = False) -> dict[str, set[str]]:
    """Say where each stage leads, or where it leads when nothing happens."""
    ways = {}
    for stage, levels in expand(preset.stages, preset.transitions).items():
        heard = sounding(levels, preset.transitions)
        all_of_them = heard if silent else [i for level in levels for i in level]
        ways[stage] = {preset.transitions[i].target for i in all_of_them}
    return ways


def reached(ways: Mapping[str, set[str]], start: str) -> set[str]:
    found, new = set[str](), {start}
    while new:
        found |= new
        new = {target for stage in new for target in ways[stage]} - found
    return found


def of_status(preset: Lifecycle, *statuses: Status) -> set[str]:
    return {stage.name for stage in preset.stages if stage.status in statuses}


@each_variant
def test_every_stage_can_be_reached(name: str) -> None:
    preset = VARIANTS[name]
    assert reached(ways(preset), preset.initial) == {stage.name for stage in preset.stages}


@each_variant
def test_silence_leads_to_those_who_are_gone_unless_a_plan_renews_itself(name: str) -> None:
    preset = VARIANTS[name]
    gone = of_status(preset, Status.DORMANT, Status.CHURNED)
    for stage in of_status(preset, Status.PROSPECT, Status.ACTIVE):
        renews = stage in ways(preset, silent=True)[stage] and preset.name == "subscription"
        assert renews or reached(ways(preset, silent=True), stage) & gone, stage


@each_preset
def test_prospects_give_up_by_default(name: str) -> None:
    preset = PRESETS[name]
    for stage in of_status(preset, Status.PROSPECT):
        assert ways(preset, silent=True)[stage] <= of_status(preset, Status.CHURNED), stage


@each_variant
def test_every_stage_of_the_gone_leads_back(name: str) -> None:
    preset = VARIANTS[name]
    for stage in of_status(preset, Status.DORMANT, Status.CHURNED):
        assert ways(preset)[stage] & of_status(preset, Status.ACTIVE), stage


@given(st.data())
def test_no_event_leads_to_a_stage_that_is_left_at_once(data: st.DataObject) -> None:
    preset = VARIANTS[data.draw(st.sampled_from(sorted(VARIANTS)))]
    happened = data.draw(st.lists(some_event(preset), min_size=1, max_size=20))
    changes = preset.replay("ann", happened, since=START, until=day(4000)).changes
    for one, following in itertools.pairwise(changes):
        if one.cause == "event" and following.cause == "timeout":
            assert one.at < following.at


def some_event(preset: Lifecycle) -> st.SearchStrategy[Event]:
    names = {t.on for t in preset.transitions if t.on} | set(preset.events)
    return st.builds(
        Event,
        st.sampled_from(sorted(names)),
        st.integers(0, 1500).map(day),
        value=st.integers(0, 1000),
    )


# When nothing happens: enrolled in a stage, after how many days where

FUNNEL = {"lapsed": (365, "churned")}
SILENCE = {
    "sterne_cutler": FUNNEL
    | dict.fromkeys(("reach", "acquisition"), (90, "abandoned"))
    | dict.fromkeys(("conversion", "retention", "loyalty"), (180, "lapsed")),
    "five_step": FUNNEL
    | dict.fromkeys(("attraction", "acquirement"), (90, "abandoned"))
    | {"conversion": (30, "retention")}
    | dict.fromkeys(("retention", "loyalty"), (180, "lapsed")),
    "awareness_to_advocacy": FUNNEL
    | dict.fromkeys(("awareness", "consideration"), (90, "abandoned"))
    | dict.fromkeys(("purchase", "retention", "advocacy"), (180, "lapsed")),
    "engagement": FUNNEL
    | dict.fromkeys(("awareness", "engagement"), (90, "abandoned"))
    | dict.fromkeys(("conversion", "retention", "advocacy"), (90, "lapsed")),
    "develop_and_advocate": FUNNEL
    | dict.fromkeys(("reach", "acquire"), (90, "abandoned"))
    | dict.fromkeys(("develop", "retain", "advocate"), (180, "lapsed")),
    "six_phase": {"lapsed": (730, "churned"), "buy": (14, "experience")}
    | dict.fromkeys(("discover", "engage", "evaluate"), (90, "abandoned"))
    | dict.fromkeys(("experience", "bond"), (365, "lapsed")),
    "value_growth": {"prospect": (90, "abandoned"), "retaining": (365, "churned")}
    | dict.fromkeys(("acquiring", "promising", "loyalist"), (120, "retaining")),
    "subscription": {
        "trial": (15, "expired"),
        "active": (35, "past_due"),
        "past_due": (14, "cancelled"),
        "paused": (90, "cancelled"),
    },
    "retail": {
        "prospect": (365, "churned"),
        "at_risk": (120, "lapsed"),
        "lapsed": (365, "churned"),
    }
    | dict.fromkeys(("new", "repeat", "loyal"), (60, "at_risk")),
    "lead_funnel": {"lapsed": (730, "churned")}
    | dict.fromkeys(("subscriber", "lead", "opportunity"), (90, "abandoned"))
    | dict.fromkeys(("marketing_qualified", "sales_qualified"), (90, "abandoned"))
    | {"customer": (365, "lapsed"), "evangelist": (365, "customer")},
    "growth": {
        "prospect": (30, "abandoned"),
        "at_risk_week": (6, "at_risk_month"),
        "at_risk_month": (23, "dormant"),
    }
    | dict.fromkeys(("new", "current", "reactivated", "resurrected"), (1, "at_risk_week")),
    "pirate": {"lapsed": (90, "churned"), "acquisition": (30, "abandoned")}
    | dict.fromkeys(("activation", "retention", "referral", "revenue"), (30, "lapsed")),
    "loyalty_tiers": {
        "prospect": (90, "abandoned"),
        "base": (540, "lapsed"),
        "silver": (365, "silver_grace"),
        "gold": (365, "gold_grace"),
        "silver_grace": (30, "base"),
        "gold_grace": (30, "silver"),
        "lapsed": (1080, "churned"),
    },
}


@pytest.mark.parametrize(
    ("name", "stage"), [(name, stage) for name in SILENCE for stage in SILENCE[name]]
)
def test_silence_moves_a_customer_at_its_deadline(name: str, stage: str) -> None:
    after, target = SILENCE[name][stage]
    customer = PRESETS[name].enroll("ann", at=START, stage=stage)
    for looked in (-MICRO, timedelta(0), MICRO):
        outcome = PRESETS[name].advance(customer, to=day(after) + looked)
        if looked < timedelta(0):
            assert outcome.changes == ()
        else:
            first = outcome.changes[0]
            assert (first.at, first.target, first.cause) == (day(after), target, "timeout")


@each_preset
def test_every_stage_with_a_time_out_is_in_the_table(name: str) -> None:
    timed = {stage for stage, targets in ways(PRESETS[name], silent=True).items() if targets}
    assert timed == set(SILENCE[name])


# Journeys


class Trip(NamedTuple):
    """What happens to a customer, up to which day, and the changes it leads to."""

    preset: str
    events: str
    until: int
    changes: str

    def journey(self, until: datetime | None = None) -> Journey:
        """Replay the events up to the day given, or up to another instant."""
        return PRESETS[self.preset].replay(
            "ann", events(self.events), since=START, until=until or day(self.until)
        )


def events(text: str) -> list[Event]:
    """Read the day, the event and perhaps its value: `3 visit, 10 purchase 40`."""
    parts = [part.split() for part in text.split(", ")]
    return [
        Event(name, day(int(on)), value=int(value[0]) if value else None)
        for on, name, *value in parts
    ]


def told(changes: Iterable[StageChange]) -> str:
    """Say the day, the stage and the kind of each change: `10 conversion conversion`."""
    return ", ".join(f"{days([c])[0]:g} {c.target} {c.kind}" for c in changes)


JOURNEYS = [
    Trip(
        "sterne_cutler",
        "3 visit, 5 signup, 10 purchase, 50 purchase, 90 purchase, 200 purchase, 800 purchase",
        1400,
        "5 acquisition progress, 10 conversion conversion, 50 retention progress, "
        "90 loyalty progress, 380 lapsed lapse, 565 churned churn, 800 conversion win_back, "
        "980 lapsed lapse, 1165 churned churn",
    ),
    Trip(
        "sterne_cutler",
        "100 visit, 200 signup, 300 purchase, 310 referral, 400 purchase, 500 purchase, "
        "600 purchase, 700 purchase, 1000 purchase, 1005 purchase",
        1010,
        "90 abandoned churn, 100 reach return, 190 abandoned churn, 200 acquisition return, "
        "290 abandoned churn, 300 conversion win_back, 310 loyalty progress, "
        "675 loyalty renewal, 880 lapsed lapse, 1000 retention reactivation, "
        "1005 loyalty progress",
    ),
    Trip(
        "sterne_cutler",
        "0 purchase, 10 purchase, 20 purchase, 190 purchase, 360 purchase, 380 purchase",
        386,
        "0 conversion conversion, 10 retention progress, 20 loyalty progress, 385 loyalty renewal",
    ),
    Trip(
        "sterne_cutler",
        "0 purchase, 10 referral, 130 purchase, 260 purchase",
        376,
        "0 conversion conversion, 10 loyalty progress, 375 retention progress",
    ),
    Trip(
        "five_step",
        "3 visit, 5 signup, 10 purchase, 60 purchase, 300 purchase, 310 purchase",
        800,
        "5 acquirement progress, 10 conversion conversion, 40 retention progress, "
        "60 loyalty progress, 240 lapsed lapse, 300 retention reactivation, "
        "310 loyalty progress, 490 lapsed lapse, 675 churned churn",
    ),
    Trip(
        "five_step",
        "100 visit, 200 signup, 300 purchase, 310 purchase, 700 purchase",
        701,
        "90 abandoned churn, 100 attraction return, 190 abandoned churn, "
        "200 acquirement return, 290 abandoned churn, 300 conversion win_back, "
        "310 loyalty progress, 490 lapsed lapse, 675 churned churn, 700 conversion win_back",
    ),
    Trip(
        "awareness_to_advocacy",
        "1 visit, 2 visit, 10 purchase, 20 referral, 150 purchase, 300 purchase, "
        "386 purchase, 570 purchase, 1000 purchase",
        1001,
        "2 consideration progress, 10 purchase conversion, 20 advocacy progress, "
        "385 retention progress, 566 lapsed lapse, 570 retention reactivation, "
        "750 lapsed lapse, 935 churned churn, 1000 purchase win_back",
    ),
    Trip(
        "awareness_to_advocacy",
        "1 signup, 95 visit, 300 visit, 400 signup, 410 purchase, 420 purchase",
        500,
        "1 consideration progress, 91 abandoned churn, 95 awareness return, "
        "185 abandoned churn, 300 consideration return, 390 abandoned churn, "
        "400 consideration return, 410 purchase conversion, 420 retention progress",
    ),
    Trip(
        "engagement",
        "1 interaction, 10 purchase, 20 referral, 100 visit, 180 visit, 300 visit, "
        "400 interaction, 500 signup, 600 purchase, 700 referral",
        1100,
        "1 engagement progress, 10 conversion conversion, 20 advocacy progress, "
        "200 retention progress, 270 lapsed lapse, 300 retention reactivation, "
        "390 lapsed lapse, 400 retention reactivation, 490 lapsed lapse, "
        "500 retention reactivation, 590 lapsed lapse, 600 retention reactivation, "
        "690 lapsed lapse, 700 advocacy reactivation, 790 lapsed lapse, 1065 churned churn",
    ),
    Trip(
        "engagement",
        "1 signup, 100 visit, 200 interaction, 300 purchase, 301 purchase, 700 purchase",
        701,
        "1 engagement progress, 91 abandoned churn, 100 awareness return, "
        "190 abandoned churn, 200 engagement return, 290 abandoned churn, "
        "300 conversion win_back, 301 retention progress, 391 lapsed lapse, "
        "666 churned churn, 700 conversion win_back",
    ),
    Trip(
        "develop_and_advocate",
        "1 signup, 10 purchase, 20 purchase, 30 purchase, 40 referral, 200 purchase, "
        "300 purchase, 400 purchase, 600 purchase",
        2000,
        "1 acquire progress, 10 develop conversion, 30 retain progress, 40 advocate progress, "
        "405 retain progress, 580 lapsed lapse, 600 retain reactivation, 780 lapsed lapse, "
        "965 churned churn",
    ),
    Trip(
        "develop_and_advocate",
        "100 visit, 200 signup, 300 purchase, 700 purchase, 701 purchase",
        702,
        "90 abandoned churn, 100 reach return, 190 abandoned churn, 200 acquire return, "
        "290 abandoned churn, 300 develop win_back, 480 lapsed lapse, 665 churned churn, "
        "700 develop win_back, 701 retain progress",
    ),
    Trip(
        "six_phase",
        "1 exposure, 2 exposure, 3 exposure, 4 exposure, 5 exposure, 6 exposure, 7 exposure, "
        "20 visit, 30 purchase, 50 survey 8, 60 survey 9, 90 purchase, 91 referral, "
        "500 purchase, 520 referral",
        1300,
        "7 engage progress, 20 evaluate progress, 30 buy conversion, 44 experience progress, "
        "60 bond progress, 90 buy progress, 91 bond progress, 455 lapsed lapse, "
        "500 buy reactivation, 514 experience progress, 520 bond progress, 865 lapsed lapse, "
        "1230 churned churn",
    ),
    Trip(
        "six_phase",
        "100 exposure, 200 visit, 300 visit, 400 purchase, 1200 purchase",
        1201,
        "90 abandoned churn, 100 discover return, 190 abandoned churn, 200 evaluate return, "
        "290 abandoned churn, 300 evaluate return, 390 abandoned churn, 400 buy win_back, "
        "414 experience progress, 765 lapsed lapse, 1130 churned churn, 1200 buy win_back",
    ),
    Trip(
        "six_phase",
        "1 exposure, 2 exposure, 3 exposure, 4 exposure, 5 exposure, 6 exposure, 100 exposure",
        200,
        "96 abandoned churn, 100 engage return, 190 abandoned churn",
    ),
    Trip(
        "value_growth",
        "1 signup, 100 signup, 110 purchase 20, 120 purchase 20, 130 purchase 20, "
        "140 purchase 440, 255 purchase 500, 500 purchase 600, 510 purchase 1",
        900,
        "91 abandoned churn, 100 prospect return, 110 acquiring conversion, "
        "130 promising progress, 140 loyalist progress, 375 retaining lapse, "
        "500 acquiring reactivation, 510 loyalist progress, 630 retaining lapse, "
        "875 churned churn",
    ),
    Trip(
        "value_growth",
        "0 purchase 20, 1 purchase 20, 2 purchase 20, 100 purchase 20, 200 purchase 20, "
        "300 purchase 20, 400 purchase 300, 500 purchase 5, 600 purchase 5, 700 purchase 5",
        733,
        "0 acquiring conversion, 2 promising progress, 367 promising renewal, "
        "732 acquiring progress",
    ),
    Trip(
        "value_growth",
        "0 purchase 300, 1 purchase 300, 100 purchase 5, 200 purchase 5, 300 purchase 5",
        367,
        "0 acquiring conversion, 1 loyalist progress, 366 promising progress",
    ),
    Trip(
        "value_growth",
        "0 purchase 300, 100 purchase 300, 200 purchase 300, 300 purchase 300, 400 purchase 1",
        466,
        "0 acquiring conversion, 100 loyalist progress, 465 loyalist renewal",
    ),
    Trip(
        "subscription",
        "14 payment, 45 payment, 76 payment_failed, 80 payment_failed, 85 payment, 110 pause, "
        "150 resume, 184 payment, 200 cancel, 300 payment",
        400,
        "14 active conversion, 76 past_due progress, 85 active progress, 110 paused lapse, "
        "150 active reactivation, 200 cancelled churn, 300 active win_back, "
        "335 past_due progress, 349 cancelled churn",
    ),
    Trip(
        "subscription",
        "1 cancel, 10 signup, 30 payment, 40 payment_failed, 45 pause, 50 cancel, 60 payment, "
        "61 pause",
        200,
        "1 expired churn, 10 trial return, 25 expired churn, 30 active win_back, "
        "40 past_due progress, 45 paused lapse, 50 cancelled churn, 60 active win_back, "
        "61 paused lapse, 151 cancelled churn",
    ),
    Trip(
        "retail",
        "0 purchase, 30 purchase, 40 purchase, 110 purchase, 240 purchase, 299 purchase, "
        "700 purchase",
        1100,
        "0 new conversion, 30 repeat progress, 40 loyal progress, 100 at_risk progress, "
        "110 loyal progress, 170 at_risk progress, 230 lapsed lapse, 240 loyal reactivation, "
        "359 at_risk progress, 419 lapsed lapse, 664 churned churn, 700 repeat win_back, "
        "760 at_risk progress, 820 lapsed lapse, 1065 churned churn",
    ),
    Trip(
        "retail",
        "0 signup, 400 purchase, 410 purchase",
        420,
        "365 churned churn, 400 new win_back, 410 repeat progress",
    ),
    Trip(
        "lead_funnel",
        "1 inquiry, 5 marketing_qualified, 10 disqualified, 15 marketing_qualified, "
        "20 sales_qualified, 30 deal_opened, 60 disqualified, 70 deal_opened, 80 purchase, "
        "100 referral, 400 purchase, 470 purchase",
        1300,
        "1 lead progress, 5 marketing_qualified progress, 10 lead progress, "
        "15 marketing_qualified progress, 20 sales_qualified progress, "
        "30 opportunity progress, 60 lead progress, 70 opportunity progress, "
        "80 customer conversion, 100 evangelist progress, 465 customer progress, "
        "835 lapsed lapse, 1200 churned churn",
    ),
    Trip(
        "lead_funnel",
        "100 signup, 200 inquiry, 300 sales_qualified, 310 deal_opened, 420 deal_opened, "
        "600 purchase",
        700,
        "90 abandoned churn, 100 subscriber return, 190 abandoned churn, 200 lead return, "
        "290 abandoned churn, 300 sales_qualified return, 310 opportunity progress, "
        "400 abandoned churn, 420 opportunity return, 510 abandoned churn, "
        "600 customer win_back",
    ),
    Trip(
        "growth",
        "0 visit, 1 visit, 3 visit, 12 visit, 60 visit, 61 visit",
        100,
        "0 new conversion, 1 at_risk_week progress, 1 current progress, "
        "2 at_risk_week progress, 3 current progress, 4 at_risk_week progress, "
        "10 at_risk_month progress, 12 reactivated progress, 13 at_risk_week progress, "
        "19 at_risk_month progress, 42 dormant lapse, 60 resurrected reactivation, "
        "61 at_risk_week progress, 61 current progress, 62 at_risk_week progress, "
        "68 at_risk_month progress, 91 dormant lapse",
    ),
    Trip(
        "growth",
        "0 signup, 40 signup, 50 visit",
        51,
        "30 abandoned churn, 40 prospect return, 50 new conversion, 51 at_risk_week progress",
    ),
    Trip(
        "pirate",
        "1 signup, 2 visit, 3 visit, 4 visit, 10 referral, 30 visit, 55 visit, 80 visit, "
        "105 purchase, 130 visit, 155 visit, 180 visit, 240 visit, 400 visit, 500 referral, "
        "700 purchase",
        800,
        "1 activation conversion, 4 retention progress, 10 referral progress, "
        "100 retention progress, 105 revenue progress, 195 retention progress, "
        "210 lapsed lapse, 240 retention reactivation, 270 lapsed lapse, 330 churned churn, "
        "400 activation win_back, 430 lapsed lapse, 490 churned churn, 500 referral win_back, "
        "530 lapsed lapse, 590 churned churn, 700 revenue win_back, 730 lapsed lapse, "
        "790 churned churn",
    ),
    Trip(
        "pirate",
        "40 visit, 80 signup, 120 signup, 300 purchase",
        301,
        "30 abandoned churn, 40 acquisition return, 70 abandoned churn, "
        "80 activation win_back, 110 lapsed lapse, 120 activation reactivation, "
        "150 lapsed lapse, 210 churned churn, 300 revenue win_back",
    ),
    Trip(
        "loyalty_tiers",
        "1 signup, 10 purchase 100, 20 purchase 400, 30 purchase 1500, 500 purchase 10, "
        "950 purchase 10, 1300 purchase 10",
        2700,
        "10 base conversion, 20 silver progress, 30 gold progress, 395 gold_grace progress, "
        "425 silver progress, 791 silver_grace progress, 821 base progress, "
        "1840 lapsed lapse, 2380 churned churn",
    ),
    Trip(
        "loyalty_tiers",
        "0 purchase 600, 100 purchase 300, 300 purchase 300, 400 purchase 1500, 500 purchase 2000",
        766,
        "0 silver conversion, 365 silver renewal, 400 gold progress, 765 gold renewal",
    ),
    Trip(
        "loyalty_tiers",
        "100 signup, 101 purchase 2000, 470 purchase 2000, 600 purchase 10, 840 purchase 600",
        1300,
        "90 abandoned churn, 100 prospect return, 101 gold conversion, "
        "466 gold_grace progress, 470 gold progress, 836 gold_grace progress, "
        "866 silver progress, 1231 silver_grace progress, 1261 base progress",
    ),
]

each_trip = pytest.mark.parametrize("trip", JOURNEYS, ids=lambda trip: trip.preset)


@each_trip
def test_a_journey_has_the_expected_changes(trip: Trip) -> None:
    assert told(trip.journey().changes) == trip.changes


@each_trip
def test_on_a_journey_time_outs_come_at_their_deadlines(trip: Trip) -> None:
    changes = trip.journey().changes
    for change in changes:
        if change.cause == "timeout":
            earlier = tuple(one for one in changes if one.at < change.at)
            assert trip.journey(until=change.at - MICRO).changes == earlier
            assert change in trip.journey(until=change.at).changes
            assert change in trip.journey(until=change.at + MICRO).changes


def test_the_journeys_take_every_transition() -> None:
    taken = {
        (trip.preset, change.transition) for trip in JOURNEYS for change in trip.journey().changes
    }
    there = {(name, one) for name, preset in PRESETS.items() for one in preset.transitions}
    assert taken == there


# What single presets promise


def stage_after(preset: Lifecycle, text: str, until: int) -> str:
    return preset.replay("ann", events(text), since=START, until=day(until)).customer.stage


@pytest.mark.parametrize("orders", [2, 3])
def test_five_step_loyalty_is_a_number_of_purchases(orders: int) -> None:
    log = [bought(number) for number in range(orders)]
    preset = presets.five_step(loyal_orders=orders)
    assert applied(preset, *log[:-1]).stage != "loyalty"
    assert applied(preset, *log).stage == "loyalty"


@pytest.mark.parametrize("exposures", [1, 7, 12])
def test_a_buyer_engages_with_the_last_exposure_needed(exposures: int) -> None:
    preset = presets.six_phase(exposures=exposures)
    log = [Event("exposure", day(number)) for number in range(exposures)]
    assert applied(preset, *log[:-1]).stage == "discover"
    assert applied(preset, *log).stage == "engage"


@pytest.mark.parametrize(
    "log", ["1 visit", ", ".join(f"{n} exposure" for n in range(7)) + ", 9 visit"]
)
def test_engaging_is_optional(log: str) -> None:
    assert stage_after(PRESETS["six_phase"], log, 10) == "evaluate"


@pytest.mark.parametrize(("answer", "stage"), [(8, "buy"), (9, "bond"), (10, "bond")])
def test_a_promoter_has_a_bond(answer: int, stage: str) -> None:
    assert stage_after(PRESETS["six_phase"], f"0 purchase, 1 survey {answer}", 2) == stage


def test_a_promising_customer_buys_often_and_spends_little() -> None:
    preset = presets.value_growth(promising_orders=3, promising_below=50)
    assert stage_after(preset, "0 purchase 49, 1 purchase 49, 2 purchase 49", 3) == "promising"
    assert stage_after(preset, "0 purchase 49, 1 purchase 49", 3) == "acquiring"
    assert stage_after(preset, "0 purchase 49, 1 purchase 49, 2 purchase 52", 3) == "acquiring"
    assert stage_after(preset, "0 purchase, 1 purchase, 2 purchase", 3) == "acquiring"


def test_a_loyalist_spends_much_within_a_year_in_any_kind_of_number() -> None:
    for kind in (int, float, Decimal):
        preset = presets.value_growth(loyalist_total=kind(500))
        for second, stage in (("499", "acquiring"), ("499.99", "acquiring"), ("500", "loyalist")):
            log = [bought(0), bought(1, Decimal(second))]
            assert applied(preset, *log).stage == stage
    long_ago = "0 purchase 400, 100 purchase 1, 200 purchase 1, 300 purchase 1, 365 purchase 100"
    assert stage_after(PRESETS["value_growth"], long_ago, 365) != "loyalist"


def test_who_is_won_back_stands_at_the_start_of_the_cycle() -> None:
    was_loyalist = "0 purchase 500, 1 purchase 500, 200 purchase 500"
    assert stage_after(PRESETS["value_growth"], was_loyalist, 200) == "acquiring"


def test_a_failed_payment_is_no_activity_and_a_second_one_prolongs_no_grace() -> None:
    paid = events("14 payment, 40 payment_failed, 50 payment_failed")
    customer = applied(PRESETS["subscription"], *paid)
    assert customer.last_activity == day(14)
    deadline = PRESETS["subscription"].due(customer)
    assert deadline is not None
    assert (deadline.at, deadline.transition.target) == (day(54), "cancelled")


def test_a_payment_brings_a_subscription_back_from_everywhere() -> None:
    preset = PRESETS["subscription"]
    for stage in preset.stages:
        if stage.name != "active":
            customer = preset.enroll("ann", at=START, stage=stage.name)
            outcome = preset.apply(customer, Event("payment", day(1)))
            assert outcome.customer.stage == "active", stage


@pytest.mark.parametrize("names", [("payment_failed", "payment"), ("payment", "payment_failed")])
def test_a_retry_in_the_second_of_the_failure_has_paid(names: tuple[str, str]) -> None:
    """Whichever is given first; a failure after the payment needs a sequence."""
    preset = PRESETS["subscription"]
    began = Enrollment("ann", START, stage="active")
    events = [Event(name, day(3)) for name in names]
    assert preset.replay(began, events).customer.stage == "active"
    told = [Event("payment", day(3), sequence=1), Event("payment_failed", day(3), sequence=2)]
    assert preset.replay(began, told).customer.stage == "past_due"


def test_a_lead_can_skip_each_step() -> None:
    preset = PRESETS["lead_funnel"]
    ahead = {
        "inquiry": "lead",
        "marketing_qualified": "marketing_qualified",
        "sales_qualified": "sales_qualified",
        "deal_opened": "opportunity",
        "purchase": "customer",
    }
    starts = ("subscriber", *ahead.values())
    for (i, start), (j, name) in itertools.product(enumerate(starts), enumerate(ahead)):
        if i <= j:
            customer = preset.enroll("ann", at=START, stage=start)
            assert preset.apply(customer, Event(name, START)).customer.stage == ahead[name]


# The growth model, day by day


def classified(active: set[int], today: int, week: int, month: int) -> str:
    """Say where a user stands at the end of a day, by the words of the published definition.

    Mazal (2023): new users, first day of engagement ever; current users, engaged today and
    at least one other time in the prior 6 days; reactivated users, first day of engagement
    after being away for 7 to 29 days; resurrected users, after 30 days or longer; at-risk
    WAU, inactive today, but active in at least one of the prior 6 days; at-risk MAU,
    inactive in the past 7 days, but active in at least one of the prior 29; dormant users,
    the others.
    """
    past = {on for on in active if on < today}
    this_week = {on for on in past if today - on <= week - 1}
    this_month = {on for on in past if today - on <= month - 1}
    if today in active:
        if not past:
            return "new"
        return "current" if this_week else "reactivated" if this_month else "resurrected"
    return "at_risk_week" if this_week else "at_risk_month" if this_month else "dormant"


@given(
    active=st.sets(st.integers(0, 100), min_size=1, max_size=25),
    windows=st.sampled_from([(7, 30), (2, 3), (3, 10), (7, 8)]),
    hours=st.lists(st.sampled_from([0, 0, 1, 12, 23.999]), min_size=1, max_size=3),
    zone=st.sampled_from([UTC, None]),
)
def test_growth_is_the_published_model_at_the_end_of_each_day(
    active: set[int], windows: tuple[int, int], hours: list[float], zone: tzinfo | None
) -> None:
    week, month = windows
    start = START.replace(tzinfo=zone)
    log = [
        Event("visit", start + timedelta(days=on, hours=hour)) for on in active for hour in hours
    ]
    first, end = min(active), 140
    journey = presets.growth(week_days=week, month_days=month).replay(
        "ann", log, until=start + timedelta(days=end)
    )
    for today in range(first, end):
        last = start + timedelta(days=today + 1) - MICRO
        assert journey.stage_at(last) == classified(active, today, week, month), today


@given(active=st.sets(st.integers(0, 60), min_size=1))
def test_growth_adds_up_to_daily_weekly_and_monthly_active_users(active: set[int]) -> None:
    preset = PRESETS["growth"]
    journey = preset.replay("ann", [Event("visit", day(on)) for on in active], until=day(100))
    daily = {"new", "current", "reactivated", "resurrected"}
    weekly = daily | {"at_risk_week"}
    assert of_status(preset, Status.ACTIVE) == weekly | {"at_risk_month"}
    for today in range(min(active), 100):
        stage = journey.stage_at(day(today))
        assert (stage in daily) == (today in active)
        assert (stage in weekly) == any(0 <= today - on < 7 for on in active)
        assert (stage != "dormant") == any(0 <= today - on < 30 for on in active)


def test_growth_days_are_local_where_instants_are() -> None:
    zone = ZoneInfo("Asia/Tokyo")
    log = [
        Event("visit", at("2026-01-01T23:00", zone)),
        Event("visit", at("2026-01-02T01:00", zone)),
    ]
    assert presets.growth().replay("ann", log).customer.stage == "current"


# Loyalty tiers


def spent(text: str, value: Any = None) -> Event:
    return Event("purchase", at(text), value=value)


def club(**rules: Any) -> Lifecycle:
    return presets.loyalty_tiers(TIERS, **rules)


def dated(journey: Journey) -> list[tuple[str, str, str]]:
    return [(f"{c.at:%Y-%m-%d}", c.target, c.kind) for c in journey.changes]


def test_a_purchase_leads_to_the_highest_tier_reached_and_never_down() -> None:
    for amount, stage in ((499, "base"), (500, "silver"), (1999, "silver"), (2000, "gold")):
        assert applied(club(), bought(0, amount)).stage == stage
    gold = applied(club(), bought(0, 2000))
    assert club().apply(gold, bought(364, 1)).customer.stage == "gold"


def test_orders_count_purchases_whatever_they_cost() -> None:
    preset = presets.loyalty_tiers([("regular", 2), ("friend", 4)], measure="orders")
    stages = [applied(preset, *map(bought, range(n))).stage for n in range(1, 6)]
    assert stages == ["base", "regular", "regular", "friend", "friend"]


def test_the_first_tier_at_zero_is_the_base() -> None:
    named = presets.loyalty_tiers([("member", 0), ("silver", 500)])
    assert [stage.name for stage in named.stages][:3] == ["prospect", "member", "silver"]
    added = presets.loyalty_tiers([("silver", 500)])
    assert [stage.name for stage in added.stages][:3] == ["prospect", "base", "silver"]


def test_spend_is_exact_in_decimals() -> None:
    preset = presets.loyalty_tiers([("silver", Decimal("0.30"))])
    log = [bought(number, Decimal("0.10")) for number in range(3)]
    assert applied(preset, *log[:2]).stage == "base"
    assert applied(preset, *log).stage == "silver"
    by_float = presets.loyalty_tiers([("silver", 0.3)])
    assert applied(by_float, *log).stage == "silver"


def test_spend_counts_while_it_is_within_the_qualifying_period() -> None:
    preset = club(within=Period(days=100))
    assert applied(preset, bought(0, 400), bought(99, 100)).stage == "silver"
    assert applied(preset, bought(0, 400), bought(100, 100)).stage == "base"


def test_on_the_anniversary_a_member_who_qualifies_begins_another_year() -> None:
    log = [spent("2026-03-31", 500), spent("2027-03-30", 500), spent("2027-03-31", 500)]
    journey = club().replay("ann", log, until=at("2029-01-01"))
    assert dated(journey) == [
        ("2026-03-31", "silver", "conversion"),
        ("2027-03-31", "silver", "renewal"),
        ("2028-03-31", "base", "progress"),
        ("2028-09-21", "lapsed", "lapse"),
    ]


def test_the_purchase_that_led_to_a_tier_does_not_renew_it() -> None:
    journey = club().replay("ann", [spent("2026-03-01", 500)], until=at("2027-03-01"))
    assert dated(journey)[-1] == ("2027-03-01", "base", "progress")


def test_the_anniversary_of_a_leap_day_is_28_february_until_the_next_one() -> None:
    log = [spent("2024-02-29", 600), *(spent(f"{2024 + n}-06-01", 600) for n in range(4))]
    journey = club().replay("ann", log, until=at("2028-12-01"))
    assert dated(journey) == [
        ("2024-02-29", "silver", "conversion"),
        ("2025-02-28", "silver", "renewal"),
        ("2026-02-28", "silver", "renewal"),
        ("2027-02-28", "silver", "renewal"),
        ("2028-02-29", "silver", "renewal"),
        ("2028-11-22", "lapsed", "lapse"),
    ]


@pytest.mark.parametrize(("drop", "then"), [("one_step", "silver"), ("earned", "base")])
def test_a_tier_from_a_leap_day_is_lost_on_the_next_leap_day(drop: str, then: str) -> None:
    log = [spent("2024-02-29", 2000), *(spent(f"{2024 + n}-06-01", 2000) for n in range(3))]
    preset = club(**LONG, drop=drop, grace=Period(months=1))
    journey = preset.replay("ann", log, until=at("2028-03-29"))
    assert dated(journey)[3:] == [
        ("2027-02-28", "gold", "renewal"),
        ("2028-02-29", "gold_grace", "progress"),
        ("2028-03-29", then, "progress"),
    ]


def test_tier_years_of_31_january_and_of_a_drop_are_of_their_own_day() -> None:
    log = [spent("2027-01-31", 2000), spent("2028-01-31T12:00", 500)]
    journey = club(drop="earned", within=Period(years=1)).replay(
        "ann", log, until=at("2029-01-31T12:00")
    )
    assert [f"{c.at:%Y-%m-%dT%H} {c.target}" for c in journey.changes] == [
        "2027-01-31T00 gold",
        "2028-01-31T00 base",
        "2028-01-31T12 silver",
        "2029-01-31T12 base",
    ]


@pytest.mark.parametrize(
    ("drop", "spend", "target"),
    [
        ("one_step", 0, "silver"),
        ("one_step", 600, "silver"),
        ("earned", 499, "base"),
        ("earned", 500, "silver"),
        ("one_step", 2000, "gold"),
        ("earned", 2000, "gold"),
    ],
)
def test_who_does_not_qualify_drops_one_step_or_to_the_tier_earned(
    drop: str, spend: int, target: str
) -> None:
    log = [spent("2026-01-15", 2000), spent("2026-06-01", spend)]
    journey = club(drop=drop).replay("ann", log, until=at("2027-01-15"))
    kind = "renewal" if target == "gold" else "progress"
    assert dated(journey)[1:] == [("2027-01-15", target, kind)]


def test_a_soft_landing_takes_one_year_a_step() -> None:
    journey = club(lapsed_days=2000, churned_days=3000).replay(
        "ann", [spent("2026-01-15", 2000)], until=at("2030-01-01")
    )
    assert dated(journey)[1:] == [
        ("2027-01-15", "silver", "progress"),
        ("2028-01-15", "base", "progress"),
    ]


def test_in_a_calendar_year_program_all_are_looked_at_when_the_year_ends() -> None:
    log = [spent("2026-11-20", 2000), spent("2027-05-05", 700)]
    journey = club(renewal="calendar_year", drop="earned").replay(
        "ann", log, until=at("2028-01-02")
    )
    assert dated(journey) == [
        ("2026-11-20", "gold", "conversion"),
        ("2027-01-01", "gold", "renewal"),
        ("2028-01-01", "silver", "progress"),
    ]


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_a_review_of_the_calendar_year_counts_its_first_day_and_not_the_day_before(
    year: int,
) -> None:
    preset = club(renewal="calendar_year", within=Period(years=1))
    for first, last in ((f"{year}-01-01T12:00", "silver"), (f"{year - 1}-12-31T12:00", "base")):
        log = [spent(first, 499), spent(f"{year}-06-01", 1)]
        journey = preset.replay(
            "ann", log, since=at(f"{year - 1}-07-01"), stage="silver", until=at(f"{year + 1}-01-01")
        )
        assert journey.customer.stage == last


def test_the_year_ends_where_the_member_lives() -> None:
    zone = ZoneInfo("Pacific/Auckland")
    log = [Event("purchase", at("2026-02-01", zone), value=500)]
    journey = club(renewal="calendar_year", within=Period(days=30)).replay(
        "ann", log, until=at("2027-02-01", zone)
    )
    assert journey.changes[-1].at == at("2027-01-01", zone)


def test_a_purchase_in_the_grace_leads_back_to_the_tier() -> None:
    log = [spent("2026-01-31", 2000), spent("2027-02-10", 1500), spent("2027-02-20", 500)]
    journey = club(grace=Period(months=1)).replay("ann", log, until=at("2028-02-20"))
    assert dated(journey)[1:] == [
        ("2027-01-31", "gold_grace", "progress"),
        ("2027-02-20", "gold", "progress"),
        ("2028-02-20", "gold_grace", "progress"),
    ]


def test_a_purchase_in_the_grace_can_lead_higher() -> None:
    log = [spent("2026-01-31", 500), spent("2027-02-10", 2000)]
    journey = club(grace=Period(days=30)).replay("ann", log)
    assert dated(journey)[1:] == [
        ("2027-01-31", "silver_grace", "progress"),
        ("2027-02-10", "gold", "progress"),
    ]


@pytest.mark.parametrize(("drop", "target"), [("one_step", "silver"), ("earned", "base")])
def test_the_drop_comes_when_the_grace_ends_on_a_shorter_month_too(drop: str, target: str) -> None:
    preset = club(grace=Period(months=1), drop=drop)
    journey = preset.replay("ann", [spent("2026-01-31", 2000)], until=at("2027-03-01"))
    assert dated(journey)[1:] == [
        ("2027-01-31", "gold_grace", "progress"),
        ("2027-02-28", target, "progress"),
    ]


def test_a_member_who_was_lost_returns_to_the_tier_earned() -> None:
    log = [spent("2026-01-01", 10), spent("2028-01-01", 500), spent("2034-01-01", 2000)]
    journey = club().replay("ann", log)
    assert [change.kind for change in journey.changes] == [
        "conversion",
        "lapse",
        "reactivation",
        "progress",
        "lapse",
        "churn",
        "win_back",
    ]
    assert [change.target for change in journey.changes][2::4] == ["silver", "gold"]


@given(
    log=st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 2500)), min_size=1, max_size=12),
    drop=st.sampled_from(["one_step", "earned"]),
    grace=st.sampled_from([None, 30]),
)
def test_tiers_follow_the_rules_of_a_program_worked_by_hand(
    log: list[tuple[int, int]], drop: str, grace: int | None
) -> None:
    length = None if grace is None else Period(days=grace)
    preset = club(drop=drop, grace=length, lapsed_days=9000, churned_days=9001)
    bill = [bought(on, value) for on, value in sorted(log)]
    journey = preset.replay("ann", bill, until=day(2500))
    assert told(journey.changes) == ", ".join(by_hand(sorted(log), drop, grace, until=2500))


def by_hand(bill: list[tuple[int, int]], drop: str, grace: int | None, until: int) -> Iterable[str]:
    """Work a program day by day: the reviews of a day first, then its purchases."""
    tiers, least = ("base", "silver", "gold"), (0, 500, 2000)
    tier, held, ends = -1, False, 0

    def earned(today: int, counted: int) -> int:
        spend = sum(value for on, value in bill[:counted] if today - 365 < on)
        return max(i for i in range(3) if spend >= least[i])

    def in_a_year(today: int) -> int:
        start = day(today)
        last = min(start.day, 28) if start.month == 2 else start.day
        return (start.replace(year=start.year + 1, day=last) - START).days

    for today in range(until + 1):
        counted = sum(on < today for on, _ in bill)
        if tier > 0 and today == ends:
            if not held and earned(today, counted) >= tier:
                ends = in_a_year(today)
                yield f"{today} {tiers[tier]} renewal"
            elif not held and grace is not None:
                held, ends = True, today + grace
                yield f"{today} {tiers[tier]}_grace progress"
            else:
                tier = tier - 1 if drop == "one_step" else earned(today, counted)
                held, ends = False, in_a_year(today)
                yield f"{today} {tiers[tier]} progress"
        while counted < len(bill) and bill[counted][0] == today:
            counted += 1
            now = earned(today, counted)
            if now > tier or (held and now == tier):
                kind = "conversion" if tier < 0 else "progress"
                tier, held, ends = now, False, in_a_year(today)
                yield f"{today} {tiers[tier]} {kind}"


# Programs by calendar years


LONG: dict[str, Any] = {"lapsed_days": 9000, "churned_days": 9001}
NEXT_YEAR = LONG | {"within": Until("year"), "renewal": "next_year"}


def test_a_tier_of_a_calendar_year_is_held_until_the_next_one_ends() -> None:
    log = [spent("2026-03-14", 300), spent("2026-11-20", 200)]
    journey = club(**NEXT_YEAR).replay("ann", log, until=at("2030-01-01"))
    assert dated(journey) == [
        ("2026-03-14", "base", "conversion"),
        ("2026-11-20", "silver", "progress"),
        ("2027-01-01", "silver_held", "progress"),
        ("2028-01-01", "base", "progress"),
    ]


def test_reaching_the_tier_again_in_the_next_year_holds_it_for_another_once_a_year() -> None:
    log = [
        spent("2026-12-31", 500),
        *(spent("2027-01-01", 250) for _ in range(2)),
        spent("2027-07-01", 500),
    ]
    journey = club(**NEXT_YEAR).replay("ann", log, until=at("2030-01-01"))
    assert dated(journey)[1:] == [
        ("2027-01-01", "silver_held", "progress"),
        ("2027-01-01", "silver", "progress"),
        ("2028-01-01", "silver_held", "progress"),
        ("2029-01-01", "base", "progress"),
    ]


@pytest.mark.parametrize("first", ["2027-01-01", "2027-01-01T00:00:00.000001", "2027-06-01"])
def test_the_first_instant_of_the_year_counts_for_what_is_earned_in_it(first: str) -> None:
    log = [spent("2026-05-01", 2000), spent(first, 300), spent("2027-12-31T23:59:59", 200)]
    journey = club(**NEXT_YEAR, drop="earned").replay("ann", log, until=at("2029-01-01"))
    assert dated(journey)[1:] == [
        ("2027-01-01", "gold_held", "progress"),
        ("2028-01-01", "silver_held", "progress"),
        ("2029-01-01", "base", "progress"),
    ]


def test_a_soft_landing_of_calendar_years_takes_a_year_a_step_whatever_was_earned() -> None:
    log = [spent("2026-05-01", 2000), spent("2027-02-01", 400)]
    journey = club(**NEXT_YEAR).replay("ann", log, until=at("2029-01-01"))
    assert dated(journey)[2:] == [
        ("2028-01-01", "silver_held", "progress"),
        ("2029-01-01", "base", "progress"),
    ]


def test_what_is_earned_is_net_of_refunds() -> None:
    log = [
        spent("2026-05-01", 2000),
        spent("2027-02-01", 600),
        Event("refund", at("2027-03-01"), value=101),
    ]
    for refunds, last in ((log[2:], "base"), ([], "silver_held")):
        journey = club(**NEXT_YEAR, drop="earned", refund="refund").replay(
            "ann", [*log[:2], *refunds], until=at("2028-01-01")
        )
        assert dated(journey)[-1] == ("2028-01-01", last, "progress")


def test_a_grace_after_the_next_year_can_be_used_for_the_year_that_has_begun() -> None:
    log = [spent("2026-05-01", 2000), spent("2028-02-10", 500)]
    hotel = club(**NEXT_YEAR, grace=Period(months=3))
    assert dated(hotel.replay("ann", log, until=at("2029-01-01")))[2:] == [
        ("2028-01-01", "gold_grace", "progress"),
        ("2028-04-01", "silver", "progress"),
        ("2029-01-01", "silver_held", "progress"),
    ]
    assert dated(hotel.replay("ann", log[:1], until=at("2029-04-01")))[2:] == [
        ("2028-01-01", "gold_grace", "progress"),
        ("2028-04-01", "silver_held", "progress"),
        ("2029-01-01", "silver_grace", "progress"),
        ("2029-04-01", "base", "progress"),
    ]


@pytest.mark.parametrize(
    ("drop", "then"),
    [
        ("one_step", [("2027-07-01", "silver"), ("2028-07-01", "base")]),
        ("earned", [("2027-07-01", "base")]),
    ],
)
def test_a_tier_of_a_calendar_year_can_end_with_it(drop: str, then: list[tuple[str, str]]) -> None:
    preset = club(**LONG, within=Until("year", year_start=7), renewal="calendar_year", drop=drop)
    log = [spent("2026-06-30", 1999), spent("2026-07-01", 1), spent("2026-08-01", 1999)]
    journey = preset.replay("ann", log, until=at("2029-01-01"))
    assert [change[:2] for change in dated(journey)] == [
        ("2026-06-30", "silver"),
        ("2026-07-01", "base"),
        ("2026-08-01", "gold"),
        *then,
    ]


def test_the_year_of_a_program_can_end_in_one_zone_for_all() -> None:
    preset = club(**NEXT_YEAR | {"within": Until("year", zone="Pacific/Auckland")})
    log = [spent("2026-12-31T10:59", 250), spent("2026-12-31T11:00", 250)]
    assert preset.replay("ann", log).customer.stage == "base"
    held = preset.replay("bob", [spent("2026-06-01", 500)], until=at("2027-12-31T11:00")).changes
    assert [change.at for change in held[1:]] == [at("2026-12-31T11:00"), at("2027-12-31T11:00")]


@given(
    log=st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 2500)), min_size=1, max_size=12),
    year_start=st.sampled_from([1, 4, 10]),
    drop=st.sampled_from(["one_step", "earned"]),
)
def test_a_tier_is_what_two_calendar_years_have_earned(
    log: list[tuple[int, int]], year_start: int, drop: str
) -> None:
    rules = NEXT_YEAR | {"within": Until("year", year_start=year_start), "drop": drop}
    journey = club(**rules).replay("ann", [bought(*one) for one in log], until=day(2500))
    for today in {0, 365, 730, 1095, 1461, 2500, *(on for on, _ in log)}:
        if today >= min(on for on, _ in log):
            stage = journey.stage_at(day(today)).removesuffix("_held")
            assert stage == NAMES[of_two_years(log, today, year_start, drop)]


NAMES = ("base", "silver", "gold")


def level(spend: int) -> int:
    return (spend >= 500) + (spend >= 2000)


def of_two_years(log: list[tuple[int, int]], today: int, year_start: int, drop: str) -> int:
    """Work the tier year by year: what this one has earned, or else what is left of before."""

    def fiscal(on: int) -> int:
        return day(on).year - (day(on).month < year_start)

    tier = earned = 0
    for year in range(fiscal(0), fiscal(today) + 1):
        tier = earned if drop == "earned" else max(earned, tier - 1)
        earned = level(sum(value for on, value in log if fiscal(on) == year and on <= today))
        tier = max(tier, earned)
    return tier


# Tiers that are taken back


AT_ONCE = LONG | {"renewal": "at_once"}


@given(
    log=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 2500)), min_size=1, max_size=12),
    drop=st.sampled_from(["one_step", "earned"]),
)
def test_a_tier_is_what_the_last_365_days_have(log: list[tuple[int, int]], drop: str) -> None:
    journey = club(**AT_ONCE, drop=drop).replay("ann", [bought(*on) for on in log], until=day(2000))
    for today in {0, 364, 1300, 2000, *(on + more for on, _ in log for more in (0, 364, 365))}:
        if today >= min(on for on, _ in log):
            held = sum(value for on, value in log if today - 365 < on <= today)
            assert journey.stage_at(day(today)) == NAMES[level(held)]


def test_a_refund_takes_a_tier_back_at_once() -> None:
    log = [
        spent("2026-03-01", 1500),
        spent("2026-11-05", 600),
        Event("refund", at("2026-11-20"), value=200),
        Event("refund", at("2026-12-01"), value=1500),
    ]
    journey = club(**AT_ONCE, refund="refund").replay("ann", log, until=at("2027-12-31"))
    assert dated(journey) == [
        ("2026-03-01", "silver", "conversion"),
        ("2026-11-05", "gold", "progress"),
        ("2026-11-20", "silver", "progress"),
        ("2026-12-01", "base", "progress"),
    ]


def test_an_order_that_is_returned_is_none() -> None:
    preset = presets.loyalty_tiers(
        [("friend", 2)], measure="orders", renewal="at_once", refund="return"
    )
    log = [bought(0), bought(1), Event("return", day(2)), bought(3)]
    changes = preset.replay("ann", log).changes
    assert told(changes) == (
        "0 base conversion, 1 friend progress, 2 base progress, 3 friend progress"
    )


def test_a_refund_counts_when_the_tier_ends_where_none_is_taken_back() -> None:
    log = [
        spent("2026-02-01", 500),
        spent("2026-06-01", 500),
        Event("refund", at("2026-06-02"), value=1),
    ]
    journey = club(refund="refund").replay("ann", log, until=at("2027-02-01"))
    assert dated(journey)[1:] == [("2027-02-01", "base", "progress")]


def test_what_a_refund_took_back_is_reached_again_by_a_purchase() -> None:
    log = [bought(0, 500), Event("refund", day(1), value=500), bought(2, 499), bought(3, 1)]
    changes = club(**AT_ONCE, refund="refund").replay("ann", log).changes
    assert told(changes) == ("0 silver conversion, 1 base progress, 3 silver progress")


def test_a_tier_that_is_taken_back_can_have_a_grace() -> None:
    log = [spent("2026-01-01", 2000), spent("2026-12-31", 500), spent("2027-01-10", 1500)]
    preset = club(**AT_ONCE, grace=Period(days=30))
    assert dated(preset.replay("ann", log, until=at("2027-06-01")))[1:] == [
        ("2027-01-01", "gold_grace", "progress"),
        ("2027-01-10", "gold", "progress"),
    ]
    assert dated(preset.replay("ann", log[:2], until=at("2028-01-30")))[1:] == [
        ("2027-01-01", "gold_grace", "progress"),
        ("2027-01-31", "silver", "progress"),
        ("2027-12-31", "silver_grace", "progress"),
        ("2028-01-30", "base", "progress"),
    ]


# Reminders


def reminded(journey: Journey) -> list[tuple[str, str]]:
    return [(f"{c.at:%Y-%m-%d}", c.source) for c in journey.changes if c.milestone == "tier ends"]


@pytest.mark.parametrize(
    ("rules", "dates"),
    [
        (LONG | {"reminder": Period(months=1)}, ["2027-04-15 gold", "2028-04-15 silver"]),
        (
            NEXT_YEAR | {"renewal": "calendar_year", "reminder": Period(months=1)},
            ["2026-12-01 gold", "2027-12-01 silver"],
        ),
        (
            NEXT_YEAR | {"reminder": Period(months=2)},
            ["2027-11-01 gold_held", "2028-11-01 silver_held"],
        ),
        (
            NEXT_YEAR | {"within": Until("year", year_start=2), "reminder": Period(months=3)},
            ["2027-11-01 gold_held", "2028-11-01 silver_held"],
        ),
        (AT_ONCE | {"reminder": timedelta(days=30)}, ["2027-04-15 gold"]),
        (
            AT_ONCE | {"within": Period(years=1), "reminder": Period(months=1)},
            ["2027-04-15 gold"],
        ),
        (
            AT_ONCE | {"within": Until("year"), "reminder": Period(months=11)},
            [],
        ),
        (AT_ONCE | {"within": Until("year"), "reminder": Period(months=6)}, ["2026-07-01 gold"]),
    ],
)
def test_a_reminder_comes_before_a_tier_ends(rules: dict[str, Any], dates: list[str]) -> None:
    journey = club(**rules).replay("ann", [spent("2026-05-15", 2000)], until=at("2029-01-01"))
    assert [" ".join(each) for each in reminded(journey)] == dates


def test_a_purchase_moves_the_reminder_of_a_tier_that_is_taken_back() -> None:
    log = [spent("2026-05-15", 2000), spent("2027-04-10", 2000)]
    preset = club(**AT_ONCE, reminder=Period(days=30))
    journey = preset.replay("ann", log, until=at("2028-04-09"))
    assert reminded(journey) == [("2028-03-10", "gold")]
    assert dated(journey)[-1] == ("2028-04-09", "base", "progress")


def test_who_reaches_a_tier_after_the_reminder_is_not_told() -> None:
    journey = club(**NEXT_YEAR | {"renewal": "calendar_year"}, reminder=Period(months=1)).replay(
        "ann", [spent("2026-12-01T00:00:01", 500)], until=at("2027-01-01")
    )
    assert dated(journey)[1:] == [("2027-01-01", "base", "progress")]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (
            {"reminder": Period(days=30)},
            (
                "reminder must be shorter than Period(years=1), and of months where that is of "
                "months or years, got Period(days=30)"
            ),
        ),
        ({"reminder": Period(years=1)}, "reminder must be shorter than Period(years=1)"),
        (
            {"renewal": "at_once", "reminder": Period(months=1)},
            "reminder must be shorter than Period(days=365)",
        ),
        (
            {"renewal": "at_once", "reminder": Period(days=365)},
            "reminder must be shorter than Period(days=365)",
        ),
        (
            NEXT_YEAR | {"reminder": Period(days=30)},
            (
                "reminder must be 1 to 11 months before the end of a year; the tiers end with "
                "Until('year'), got Period(days=30)"
            ),
        ),
        (NEXT_YEAR | {"reminder": Period(years=1)}, "reminder must be 1 to 11 months"),
        (
            NEXT_YEAR | {"within": Until("quarter"), "reminder": Period(months=1)},
            (
                "reminder must be 1 to 11 months before the end of a year; the tiers end with "
                "Until('quarter')"
            ),
        ),
        (
            {"renewal": "next_year"},
            (
                "within must be a period of the calendar, such as Until('year'), for "
                "renewal='next_year', got Period(days=365)"
            ),
        ),
        (
            {"within": Until("year")},
            (
                "renewal must be 'calendar_year' or 'next_year' or 'at_once' for "
                "within=Until('year'), got 'anniversary'"
            ),
        ),
        (
            NEXT_YEAR | {"drop": "earned", "grace": Period(days=1)},
            "drop must be 'one_step' where a grace follows renewal='next_year'",
        ),
        ({"refund": "purchase"}, "refund must differ from purchase, got 'purchase'"),
        ({"refund": " "}, "refund must be text that is not blank"),
    ],
)
def test_the_rules_of_a_program_go_together(rules: dict[str, Any], said: str) -> None:
    assert refusal(InvalidValueError, lambda: club(**rules)).startswith(said)


def test_a_calendar_does_as_the_period_that_it_is_of() -> None:
    by_calendar = club(renewal="next_year", within=Calendar("year", year_start=4))
    assert by_calendar == club(renewal="next_year", within=Until("year", year_start=4, zone="UTC"))


def test_a_published_program_worked_by_hand() -> None:
    insider = presets.loyalty_tiers(
        [("insider", 0), ("vib", 350), ("rouge", 1000)],
        **NEXT_YEAR,
        drop="earned",
    )
    log = [
        spent("2026-03-14", 200),
        spent("2026-11-20", 160),  # 360 in 2026: VIB for 2026 and 2027
        spent("2027-05-05", 400),  # VIB for 2028
        spent("2027-12-24", 650),  # 1,050 in 2027: Rouge for 2027 and 2028
        spent("2028-06-01", 380),  # VIB for 2029
    ]
    journey = insider.replay(
        "ann", log, since=at("2026-02-10"), stage="insider", until=at("2030-01-01")
    )
    assert dated(journey) == [
        ("2026-11-20", "vib", "progress"),
        ("2027-01-01", "vib_held", "progress"),
        ("2027-05-05", "vib", "progress"),
        ("2027-12-24", "rouge", "progress"),
        ("2028-01-01", "rouge_held", "progress"),
        ("2029-01-01", "vib_held", "progress"),
        ("2030-01-01", "insider", "progress"),
    ]


def test_twelve_months_from_the_day_and_as_much_again_before_the_anniversary() -> None:
    coffee = presets.loyalty_tiers([("green", 0), ("gold", 300)], within=Period(years=1))
    log = [spent("2026-02-10", 299), spent("2026-03-01", 1), spent("2027-02-28", 300)]
    journey = coffee.replay("ann", log, until=at("2028-03-01"))
    assert dated(journey)[1:] == [
        ("2026-03-01", "gold", "progress"),
        ("2027-03-01", "gold", "renewal"),
        ("2028-03-01", "green", "progress"),
    ]


# Arguments

COUNTS = [
    ("sterne_cutler", "loyal_orders", 2),
    ("five_step", "loyal_orders", 2),
    ("awareness_to_advocacy", "considering_visits", 1),
    ("develop_and_advocate", "developed_orders", 2),
    ("six_phase", "exposures", 1),
    ("value_growth", "promising_orders", 1),
    ("retail", "loyal_orders", 2),
    ("growth", "week_days", 2),
    ("pirate", "retained_visits", 2),
]


def made(name: str, **arguments: Any) -> Callable[[], Lifecycle]:
    if name == "loyalty_tiers":
        return lambda: presets.loyalty_tiers(TIERS, **arguments)
    return lambda: getattr(presets, name)(**arguments)  # type: ignore[no-any-return]


def arguments(name: str, kind: type) -> dict[str, Any]:
    """Give the arguments of a preset whose default is of a type."""
    parameters = inspect.signature(getattr(presets, name)).parameters
    return {key: p.default for key, p in parameters.items() if type(p.default) is kind}


def event_arguments(name: str) -> list[str]:
    return [key for key, default in arguments(name, str).items() if key == default]


@pytest.mark.parametrize(("name", "argument", "least"), COUNTS)
def test_a_count_is_whole_and_large_enough(name: str, argument: str, least: int) -> None:
    assert made(name, **{argument: least})().name == name
    expected = f"{argument} must be at least {least}, got {least - 1}"
    assert refusal(InvalidValueError, made(name, **{argument: least - 1})) == expected
    for wrong in (least + 0.5, True, "3"):
        assert f"{argument} must" in refusal(InvalidTypeError, made(name, **{argument: wrong}))


@each_preset
def test_every_length_and_amount_is_checked(name: str) -> None:
    counts = {argument for one, argument, _ in COUNTS if one == name}
    numbers = arguments(name, int) | arguments(name, float)
    for argument in numbers.keys() - counts:
        if argument != "month_days":
            for wrong in (0, -1, float("nan")):
                said = refusal(InvalidValueError, made(name, **{argument: wrong}))
                assert said.startswith(f"{argument} must be"), said
        assert f"{argument} must" in refusal(InvalidTypeError, made(name, **{argument: "90"}))


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("retail", "at_risk_days", "lapsed_days"),
        ("retail", "lapsed_days", "churned_days"),
        ("five_step", "new_days", "lapsed_days"),
        ("six_phase", "experience_days", "lapsed_days"),
        ("value_growth", "retaining_days", "churned_days"),
        ("growth", "week_days", "month_days"),
        *(
            (name, "lapsed_days", "churned_days")
            for name in (
                *("sterne_cutler", "five_step", "awareness_to_advocacy", "engagement", "pirate"),
                *("develop_and_advocate", "six_phase", "lead_funnel", "loyalty_tiers"),
            )
        ),
    ],
)
def test_a_later_threshold_is_above_the_earlier(name: str, first: str, second: str) -> None:
    given = {first: 5000, second: 5000}
    expected = f"{second} must be above {first}, which is 5000, got 5000"
    assert refusal(InvalidValueError, made(name, **given)) == expected


def test_thresholds_can_be_fractions_of_a_day() -> None:
    preset = presets.retail(at_risk_days=0.5, lapsed_days=0.75, churned_days=Decimal("1.5"))
    journey = preset.replay("ann", [bought(0)], until=day(3))
    assert moves(journey.changes)[1:] == [(0.5, "at_risk"), (0.75, "lapsed"), (1.5, "churned")]


@each_preset
def test_every_event_can_have_another_name(name: str) -> None:
    names = event_arguments(name)
    renamed = made(name, **{key: f"my_{key}" for key in names})()
    assert repr(renamed) != repr(made(name)())
    assert repr(renamed).replace("my_", "") == repr(made(name)())


@each_preset
def test_two_events_have_two_names(name: str) -> None:
    first, second, *_ = event_arguments(name)
    said = refusal(InvalidValueError, made(name, **{second: first}))
    assert said == f"{second} must differ from {first}, got {first!r}"
    assert f"{first} must be text" in refusal(InvalidTypeError, made(name, **{first: 3}))
    assert f"{first} must be text" in refusal(InvalidValueError, made(name, **{first: " "}))


@each_preset
def test_arguments_are_keywords(name: str) -> None:
    parameters = inspect.signature(getattr(presets, name)).parameters
    kinds = {p.kind for key, p in parameters.items() if key != "tiers"}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize(
    ("tiers", "kind", "said"),
    [
        ([], InvalidValueError, "tiers must hold a tier that takes more than 0, got []"),
        ([("base", 0)], InvalidValueError, "tiers must hold a tier that takes more than 0"),
        (["silver"], InvalidTypeError, "tiers must be pairs of a name and a number"),
        (7, InvalidTypeError, "tiers must be pairs of a name and a number"),
        ({"silver": 500}, InvalidTypeError, "tiers must be pairs of a name and a number"),
        ([(3, 500)], InvalidTypeError, "tiers[0][0] must be text"),
        ([(" ", 500)], InvalidValueError, "tiers[0][0] must be text that is not blank"),
        ([("silver", "500")], InvalidTypeError, "tiers[0][1] must be a number"),
        ([("silver", -1)], InvalidValueError, "tiers[0][1] must be at least 0, got -1"),
        (
            [("silver", 500), ("gold", 500)],
            InvalidValueError,
            "tiers[1][1] must be above that of 'silver', which is 500, got 500",
        ),
        *(
            ([("silver", 500), (name, 600)], InvalidValueError, "have names that no other stage")
            for name in ("silver", "base", "prospect", "lapsed", "churned", "abandoned")
        ),
    ],
)
def test_tiers_are_pairs_that_rise(tiers: Any, kind: type[Exception], said: str) -> None:
    assert said in refusal(kind, lambda: presets.loyalty_tiers(tiers))


def test_a_tier_is_not_called_as_the_grace_of_another() -> None:
    tiers = (("silver", 500), ("silver_grace", 600))
    assert len(presets.loyalty_tiers(tiers).stages) == 7
    said = refusal(InvalidValueError, lambda: presets.loyalty_tiers(tiers, grace=Period(days=1)))
    assert said == "tiers must have names that no other stage has, got 'silver_grace'"


@pytest.mark.parametrize("rule", ["measure", "renewal", "drop"])
def test_the_rules_of_a_program_are_those_named(rule: str) -> None:
    assert f"{rule} must be one of" in refusal(UnknownNameError, lambda: club(**{rule: "spent"}))


@pytest.mark.parametrize(
    ("length", "wrong"), [("grace", 30), ("reminder", 30), ("within", 30), ("within", None)]
)
def test_the_lengths_of_a_program_are_periods(length: str, wrong: Any) -> None:
    kinds = "a timedelta, a Period or an Until" if length == "within" else "a timedelta or a Period"
    said = refusal(InvalidTypeError, lambda: club(**{length: wrong}))
    assert said.startswith(f"{length} must be {kinds}, got {wrong}")


def test_the_lengths_of_a_program_are_of_either_kind() -> None:
    by_period = club(within=Period(days=300), grace=Period(days=30))
    assert club(within=timedelta(days=300), grace=timedelta(days=30)) == by_period


# Making one's own


def test_a_preset_and_two_lines_make_a_lifecycle_of_ones_own() -> None:
    shop = presets.retail()
    own = attrs.evolve(
        shop,
        name="my shop",
        stages=(*shop.stages, Stage("erased", Status.CHURNED, final=True)),
        transitions=(*shop.transitions, Transition(lifecycle.ANY, "erased", on="erasure")),
    )
    assert applied(own, bought(0), Event("erasure", day(1))).stage == "erased"
    assert shop == presets.retail()


def test_a_transition_that_is_put_first_comes_first() -> None:
    shop = presets.retail()
    gift = Transition("prospect", "loyal", on="purchase", when=lifecycle.value() >= 1000)
    own = attrs.evolve(shop, transitions=(gift, *shop.transitions))
    assert applied(own, bought(0, 1000)).stage == "loyal"
    assert applied(own, bought(0, 999)).stage == "new"


# What is written about them


def table(text: str) -> list[tuple[str, str]]:
    """Read the first two columns of the first table whose head begins with `stage`."""
    rows = re.findall(r"^ *\| *`?(\w+)`? *\| *(\w+) *\|", text, flags=re.MULTILINE)
    start = next(i for i, row in enumerate(rows) if row == ("stage", "status"))
    return [row for row in rows[start + 1 :] if row[1] in set(Status)]


def staged(name: str) -> list[tuple[str, str]]:
    return [(stage.name, str(stage.status)) for stage in PRESETS[name].stages]


@each_preset
def test_the_docstring_lists_the_stages(name: str) -> None:
    assert table(inspect.getdoc(getattr(presets, name)) or "") == staged(name)


@each_preset
def test_the_page_has_a_section_with_the_stages_the_arguments_and_a_place_for_the_diagram(
    name: str,
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
    assert table(section) == staged(name)
    tiers = '[("silver", 500), ("gold", 2000)]' if name == "loyalty_tiers" else ""
    assert f"\n<!-- diagram: presets.{name}({tiers}) -->\n" in section
    for argument, parameter in inspect.signature(getattr(presets, name)).parameters.items():
        row = re.search(rf"^\| [^|]*`{argument}`[^|]* \|.*$", section, flags=re.MULTILINE)
        assert row, argument
        if isinstance(parameter.default, int | float):
            assert row[0].startswith(f"| `{argument}` | {parameter.default} |")


@each_preset
def test_the_page_says_when_to_choose_the_preset(name: str) -> None:
    section = PAGE.read_text(encoding="utf-8").split("\n## Choose a preset\n")[1].split("\n## ")[0]
    assert f"[`{name}`](#{name})" in section
