from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import attrs
import pytest

from lifecycle import (
    Calendar,
    CustomerBase,
    Event,
    Lifecycle,
    Stage,
    StageChange,
    Status,
    Transition,
    Window,
    idle,
)
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    MixedInstantsError,
    NoJourneysError,
    UnknownNameError,
)
from lifecycle.insights._revenue import payments
from samples import SHOP, START, bought, day, lifecycle, naive, refusal

ANN = SHOP.replay("ann", [bought(3, 10), bought(40)], since=START, until=day(200))
MONTHS: Any = {"calendar": Calendar("month"), "window": Window(START, day(181))}


def test_a_base_of_changes_without_enrollments_begins_with_the_first_change() -> None:
    log = CustomerBase.from_changes(SHOP, ANN.changes)
    history = log._population.histories[0]
    assert history.moments == [day(3), day(3), day(130)]
    assert history.until == day(130)
    assert repr(log) == "<CustomerBase of 'shop': 1 customer>"


def test_those_who_never_moved_stand_in_the_initial_stage() -> None:
    log = CustomerBase.from_changes(
        SHOP, [], enrolled={"bob": date(2026, 1, 2)}, until=date(2026, 3, 1)
    )
    history = log._population.histories[0]
    last = datetime(2026, 3, 2, tzinfo=UTC) - timedelta.resolution
    assert (history.stages, history.until) == (["visitor"], last)


def test_changes_of_one_instant_keep_their_order() -> None:
    club = Lifecycle(
        name="club",
        initial="a",
        stages=[Stage(name, Status.ACTIVE) for name in "abc"],
        transitions=[Transition("a", "b", on="x"), Transition("b", "c", on="x")],
    )
    journey = club.replay("ann", [Event("x", START, id=1), Event("x", START, id=2)])
    base = CustomerBase.from_changes(club, journey.changes)
    assert base._population.histories[0].stages == ["a", "b", "c"]


def test_a_change_that_does_not_lead_on_raises() -> None:
    message = refusal(
        InvalidValueError, lambda: CustomerBase.from_changes(SHOP, [ANN.changes[0]] * 2)
    )
    assert message.startswith(
        "changes[1].source must be 'buyer', which customer 'ann' had entered before, got 'visitor'"
    )


def test_a_change_of_an_unknown_stage_raises() -> None:
    club = lifecycle(Transition("lost", "gone", on="end"), initial="lost")
    changes = club.replay("ann", [Event("end", START)]).changes
    with pytest.raises(UnknownNameError, match=r"changes\[0\].source must be one of"):
        CustomerBase.from_changes(SHOP, changes)


def test_who_has_changes_is_enrolled_and_before_them() -> None:
    asked = partial(CustomerBase.from_changes, SHOP, ANN.changes)
    message = refusal(InvalidValueError, partial(asked, enrolled={"bob": START}))
    assert message == "changes[0].customer must be one of those enrolled, got 'ann'"
    message = refusal(InvalidValueError, partial(asked, enrolled={"ann": day(4)}))
    assert message.startswith("enrolled['ann'] must not be after the first change, 2026-01-04")


def test_a_base_of_changes_until_a_date_is_until_its_last_instant() -> None:
    """In Berlin, 11 May 2026 ends at 22:00 UTC."""
    day_, ends = date(2026, 5, 11), {"UTC": 24, "Europe/Berlin": 22}
    for zone, hour in ends.items():
        last = datetime(2026, 5, 11, tzinfo=UTC) + timedelta(hours=hour) - timedelta.resolution
        calendar, window = Calendar("month", zone=zone), Window(date(2026, 1, 1), date(2026, 6, 1))
        window = Window(calendar.floor(window.start), calendar.floor(window.end))
        by_day, by_instant = (
            CustomerBase.from_changes(SHOP, ANN.changes, until=until).over(calendar, window)
            for until in (day_, last)
        )
        assert by_day._population.histories[0].until == last
        assert by_day == by_instant
        assert by_day.kpis() == by_instant.kpis()


def test_until_lies_at_or_after_the_last_change() -> None:
    message = refusal(
        InvalidValueError, lambda: CustomerBase.from_changes(SHOP, ANN.changes, until=day(129))
    )
    assert message.startswith("until must not be before what is known last, 2026-05-11")
    base = CustomerBase.from_changes(SHOP, ANN.changes, until=day(130))
    assert base._population.histories[0].until == day(130)


@pytest.mark.parametrize(
    "changes", [ANN.changes[0], "changes", None, [ANN], [ANN.changes[0], None]]
)
def test_what_is_no_series_of_changes_raises(changes: object) -> None:
    with pytest.raises(InvalidTypeError, match="changes"):
        CustomerBase.from_changes(SHOP, changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "rows",
    [
        [("cy", day(2)), ("ann", START)],
        [("ann", day(3)), ("cy", day(2)), ("ann", START)],  # the earliest counts
        [("ann", START), ("cy", day(2)), ("ann", day(3)), ("cy", day(2))],
    ],
)
def test_enrollments_may_be_pairs_as_well_as_a_mapping(rows: list[Any]) -> None:
    mapped = CustomerBase.from_changes(SHOP, ANN.changes, enrolled={"ann": START, "cy": day(2)})
    for given in (rows, iter(rows), tuple(rows)):
        log = CustomerBase.from_changes(SHOP, ANN.changes, enrolled=given)
        assert log == mapped
        assert hash(log) == hash(mapped)
        assert [one.id for one in log._population.histories] == list(dict(rows))
        assert log.over(**MONTHS).growth() == mapped.over(**MONTHS).growth()


def test_days_of_enrollment_are_read_as_in_a_mapping() -> None:
    day_of = date(2026, 1, 1)
    for given in ([("bob", day_of)], {"bob": day_of}):
        log = CustomerBase.from_changes(SHOP, [], enrolled=given, until=date(2026, 3, 1))
        assert log._population.histories[0].moments == [START]


def test_pairs_lack_no_customer_with_changes() -> None:
    message = refusal(
        InvalidValueError,
        lambda: CustomerBase.from_changes(SHOP, ANN.changes, enrolled=[("bob", START)]),
    )
    assert message == "changes[0].customer must be one of those enrolled, got 'ann'"


def test_the_other_arguments_of_a_base_of_changes_are_checked() -> None:
    with pytest.raises(InvalidTypeError, match="lifecycle must be a Lifecycle"):
        CustomerBase.from_changes("shop", [])  # type: ignore[arg-type]
    for enrolled, message in (
        (3, "enrolled must be"),
        ([("ann",)], "enrolled[0] must be"),
        ([("ann", START), ("bob", "now")], "enrolled[1].at must be a datetime or a date"),
        ([(None, START)], "enrolled[0].customer must be"),
        ({"ann": "now"}, "enrolled['ann'] must be a datetime or a date"),
        ({1.5: START}, "enrolled[0].customer must be"),
    ):
        asked: Any = partial(CustomerBase.from_changes, SHOP, [], enrolled=enrolled)
        with pytest.raises((InvalidTypeError, InvalidValueError)) as raised:
            asked()
        assert str(raised.value).startswith(message)
    with pytest.raises(MixedInstantsError):
        CustomerBase.from_changes(SHOP, ANN.changes, until=naive("2026-12-01"))


def test_a_base_of_changes_is_a_value() -> None:
    one, other = (
        CustomerBase.from_changes(SHOP, ANN.changes, enrolled={"ann": START}) for _ in range(2)
    )
    assert one == other
    assert hash(one) == hash(other)
    assert one != CustomerBase.from_changes(SHOP, ANN.changes[:1], enrolled={"ann": START})
    assert one != CustomerBase([ANN])


def test_what_only_journeys_know_is_unknown_from_a_base_of_changes() -> None:
    log = CustomerBase.from_changes(SHOP, ANN.changes, enrolled={"ann": START}, until=day(200))
    population = log._population
    assert list(payments(population.histories[0], population.reader)) == []
    assert log.over(**MONTHS).kpis().row("buyer", day(5)).revenue is None
    assert log.reactivations().row("reactivation").revenue is None
    assert log.reactivations().row("reactivation").revenue_per_return is None
    with pytest.raises(NoJourneysError, match=r"referrals\(\) must be asked of journeys"):
        log.referrals()


# Several versions of a definition


def version(number: int, paying: str = "paying") -> Lifecycle:
    """Make a trial, a stage of those who pay, and one of those idle for 90 days."""
    return Lifecycle(
        name="club",
        initial="trial",
        stages=[
            Stage("trial", Status.PROSPECT),
            Stage(paying, Status.ACTIVE),
            Stage("lapsed", Status.DORMANT),
        ],
        transitions=[
            Transition(("trial", "lapsed"), paying, on="payment"),
            Transition(paying, "lapsed", after=idle(days=90)),
        ],
        version=number,
    )


def told(*versions: Lifecycle) -> CustomerBase:
    """Give four customers who pay on days 4 to 7, and migrate on days 31, 41, ... of the year."""
    changes: list[StageChange] = []
    enrolled: dict[Any, Any] = {}
    renames: dict[str, str] = {}
    for number in range(4):
        now = versions[0]
        customer = now.enroll(f"c{number}", at=START)
        enrolled[customer.id] = START
        customer, made = now.apply(customer, Event("payment", day(4 + number)))
        changes += made
        for place, newer in enumerate(versions[1:]):
            old, new = now.stages[1].name, newer.stages[1].name
            mapping = {old: new} if old != new else {}
            renames |= mapping
            customer, made = now.migrate(
                customer, to=newer, at=day(31 + 10 * place), mapping=mapping
            )
            changes += made
            now = newer
        changes += now.advance(customer, to=day(151)).changes
    return CustomerBase.from_changes(
        now, changes, enrolled=enrolled, until=day(151), mapping=renames or None
    )


PLAIN = told(version(1))
"""Each of the four pays for 90 days, and then lapses: 4 stays, all of them away."""


@pytest.mark.parametrize(
    ("log", "name"),
    [
        (PLAIN, "paying"),
        (told(version(1), version(2)), "paying"),
        (told(version(1), version(2), version(3), version(5)), "paying"),
        (told(version(1), version(2, "member")), "member"),
        (told(version(1), version(2, "member"), version(3, "subscriber")), "subscriber"),
        (told(version(1), version(2, "member"), version(3, "paying")), "paying"),
    ],
)
def test_a_new_version_does_not_change_the_numbers(log: CustomerBase, name: str) -> None:
    times = log.time_in_stage(name)
    assert (times.stays, times.kinds, times.median) == (4, ("lapse",), 90)
    assert [row[:4] for row in times.rows] == [(90, 4, 4, 0)]
    paying = log.drop_off().row(name)
    assert (paying.stays, paying.converted, paying.dropped_off, paying.left_otherwise) == (
        4,
        0,
        4,
        0,
    )
    assert log.transition_counts().counts == {("trial", name): 4, (name, "lapsed"): 4}
    figures = log.over(**MONTHS).kpis()
    january, february, april = (figures.row(name, day(each)) for each in (5, 40, 100))
    assert (january.entrants, january.exits, january.stock) == (4, 0, 4)
    assert (february.entrants, february.exits, february.stock) == (0, 0, 4)
    assert january.median_time == timedelta(days=90)
    assert april.exits_by_kind == {"lapse": 4}
    for memory in (1, 2, 3):
        mine, theirs = (each.over(**MONTHS).chain(memory=memory) for each in (log, PLAIN))
        assert (mine.counts, mine.occupancy, mine.stock) == (
            theirs.counts,
            theirs.occupancy,
            theirs.stock,
        )


def change(number: float, source: str, target: str, kind: Any = "progress") -> StageChange:
    cause: Any = "migration" if kind == "migration" else "event"
    return StageChange(
        customer="ann", at=day(number), source=source, target=target, kind=kind, cause=cause
    )


def test_stages_that_became_one_are_one_from_the_start() -> None:
    changes = [
        change(3, "trial", "new", "conversion"),
        change(10, "new", "regular"),
        change(12, "regular", "regular", "renewal"),
        change(20, "regular", "paying", "migration"),
        change(30, "paying", "lapsed", "lapse"),
    ]
    mapping = dict.fromkeys(("new", "regular"), "paying")
    log = CustomerBase.from_changes(
        version(2), changes, enrolled={"ann": START}, until=day(40), mapping=mapping
    )
    history = log._population.histories[0]
    assert history.stages == ["trial", "paying", "paying", "lapsed"]
    assert history.moments == [START, day(3), day(12), day(30)]
    assert history.kinds == ["conversion", "renewal", "lapse"]


def test_a_migration_into_another_stage_is_neither_a_conversion_nor_a_drop_off() -> None:
    changes = [
        change(3, "trial", "paying", "conversion"),
        change(20, "paying", "lapsed", "migration"),
        change(25, "lapsed", "paying", "migration"),
    ]
    log = CustomerBase.from_changes(version(2), changes, enrolled={"ann": START}, until=day(40))
    assert log.transition_counts().counts == {
        ("trial", "paying"): 1,
        ("paying", "lapsed"): 1,
        ("lapsed", "paying"): 1,
    }
    moved = [
        (row.stage, row.converted, row.dropped_off, row.left_otherwise)
        for row in log.drop_off().rows
    ]
    assert moved == [("trial", 1, 0, 0), ("paying", 0, 0, 1), ("lapsed", 0, 0, 1)]
    january = log.over(**MONTHS).kpis().row("paying", day(5))
    assert (january.entrants, january.exits_by_kind, january.stock) == (2, {"migration": 1}, 1)
    assert (january.conversion.numerator, january.drop_off.numerator) == (0, 0)
    times = log.time_in_stage("paying")
    assert [(row.time, row.left, row.exits) for row in times.rows] == [
        (15, 0, (("migration", 0),)),
        (17, 1, (("migration", 1),)),
    ]
    assert log.reactivations().row("reactivation").returns == 1
    assert log.over(**MONTHS).growth().rows[0].active == 1


def test_the_newest_version_says_what_a_change_means() -> None:
    trial, _, lapsed = version(2).stages
    newest = attrs.evolve(version(2), stages=[trial, Stage("paying", Status.DORMANT), lapsed])
    log = CustomerBase.from_changes(newest, [change(3, "trial", "paying", "conversion")])
    assert log._population.histories[0].kinds == ["lapse"]


def test_a_migration_is_no_first_change_and_no_last_one() -> None:
    only = first = change(2, "trial", "trial", "migration")
    last = change(9, "paying", "paying", "migration")
    moved = [first, change(3, "trial", "paying", "conversion"), last]
    history = CustomerBase.from_changes(version(2), moved)._population.histories[0]
    assert (history.stages, history.moments, history.until) == (
        ["trial", "paying"],
        [day(3), day(3)],
        day(3),
    )
    assert CustomerBase.from_changes(version(2), [only])._population.histories == []
    known = CustomerBase.from_changes(
        version(2), [only], enrolled={"ann": START}
    )._population.histories[0]
    assert (known.stages, known.moments, known.until) == (["trial"], [START], START)


def test_a_migration_of_who_did_not_begin_in_the_initial_stage_says_so() -> None:
    log = CustomerBase.from_changes(
        version(2), [change(2, "paying", "paying", "migration")], enrolled={"ann": START}
    )
    assert log._population.histories[0].stages == ["paying"]


def test_what_is_wrong_with_a_migration_is_told() -> None:
    moved = change(5, "lapsed", "lapsed", "migration")
    converted = change(3, "trial", "paying", "conversion")
    message = refusal(
        InvalidValueError, lambda: CustomerBase.from_changes(version(2), [converted, moved])
    )
    assert message.startswith("changes[1].source must be 'paying', which customer 'ann'")
    again = change(5, "paying", "paying", "migration")
    asked: dict[str, Any] = {"enrolled": {"ann": START}, "until": day(4)}
    with pytest.raises(InvalidValueError, match="until must not be before what is known last"):
        CustomerBase.from_changes(version(2), [converted, again], **asked)
    early = change(1, "trial", "trial", "migration")
    with pytest.raises(InvalidValueError, match=r"enrolled.* must not be after the first change"):
        CustomerBase.from_changes(version(2), [early, converted], enrolled={"ann": day(2)})


def test_a_log_over_a_rename_needs_the_mapping() -> None:
    renamed = version(2, "member")
    with pytest.raises(UnknownNameError, match=r"changes\[0\].target must be one of 'trial'"):
        CustomerBase.from_changes(renamed, [change(3, "trial", "paying", "conversion")])


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (["paying"], "mapping must be a mapping from stages of older versions to those of"),
        ({3: "member"}, "a key of mapping must be text, got 3"),
        ({"": "member"}, "a key of mapping must be text that is not blank, got ''"),
        (
            {"paying": "membr"},
            (
                "mapping['paying'] must be one of 'trial', 'member', 'lapsed', 'paying', got "
                "'membr'; did you mean 'member'?"
            ),
        ),
        (
            {"trial": "member"},
            (
                "mapping['trial'] must lead back to 'trial', which is a stage of lifecycle: a "
                "change does not say which version's stage of this name it means, got 'member'"
            ),
        ),
        (
            {"a": "b", "b": "a", "paying": "member"},
            "mapping['a'] must lead to a stage of lifecycle in the end, got 'b'",
        ),
    ],
)
def test_a_mapping_leads_from_stages_of_older_versions_to_the_newest(
    mapping: Any, message: str
) -> None:
    found = refusal(
        LifecycleError, lambda: CustomerBase.from_changes(version(2, "member"), [], mapping=mapping)
    )
    assert found.startswith(message)


def test_a_mapping_may_name_what_kept_its_name() -> None:
    asked = (version(2, "member"), [change(3, "trial", "paying", "conversion")])
    renames = {"paying": "member"}
    same = {"trial": "trial", "lapsed": "lapsed"}
    one = CustomerBase.from_changes(*asked, mapping=renames)
    assert one == CustomerBase.from_changes(*asked, mapping={**renames, **same})
    assert one.stays.rows[-1].stage == "member"
