"""Diagrams: what is drawn, in which words, and what any text may do to them."""

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from html import unescape
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from lifecycle import (
    ANY,
    Customer,
    Event,
    Lifecycle,
    Period,
    Stage,
    Status,
    Transition,
    Until,
    attribute,
    count,
    dwell,
    event_attribute,
    idle,
    mean,
    total,
    value,
)
from lifecycle.engine import diagrams, presets
from lifecycle.engine._drawing.chart import _labels, chart_of
from lifecycle.engine._drawing.palette import PALETTE
from lifecycle.engine._drawing.words import in_figures, one_line, short, wording
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from samples import SHOP, bought, lifecycle, refusal, replayed

FORMATS = tuple(getattr(diagrams, name) for name in diagrams.__all__)
COUNTS = {("visitor", "lead"): 1200, ("visitor", "buyer"): 30, ("lapsed", "buyer"): 7}


def test_each_status_has_its_colors() -> None:
    assert list(PALETTE) == [*(status.value for status in Status), "note"]


def rows(definition: Lifecycle, **more: Any) -> list[str]:
    """Give the rows of the table, without its head."""
    return diagrams.table(definition, **more).splitlines()[2:]


def titles(picture: str) -> list[str]:
    """Give what is shown under the pointer, in the order drawn."""
    root = ET.fromstring(picture)  # noqa: S314  (made here)
    return [title.text or "" for title in root.iter("{http://www.w3.org/2000/svg}title")]


def texts(picture: str) -> list[str]:
    root = ET.fromstring(picture)  # noqa: S314  (made here)
    return [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]


def whole(picture: str) -> str:
    """Give all words of a picture, on one line."""
    return " ".join(texts(picture))


# What is drawn


def test_the_shop_as_a_table() -> None:
    assert (
        diagrams.table(SHOP)
        == """\
| From | To | When | Condition | Change |
| --- | --- | --- | --- | --- |
| visitor | lead | signup |  | progress |
| visitor, lead | buyer | purchase |  | conversion |
| lapsed | buyer | purchase |  | reactivation |
| churned | buyer | purchase |  | win_back |
| buyer | loyal | purchase | count(purchase) ≥ 3 | progress |
| buyer | lapsed | idle 90 days |  | lapse |
| loyal | lapsed | idle 180 days |  | lapse |
| lapsed | churned | idle 365 days |  | churn |
| any stage | erased | erasure |  | churn |"""
    )


def test_the_shop_in_mermaid() -> None:
    assert (
        diagrams.mermaid(SHOP)
        == """\
stateDiagram-v2
    direction LR
    accTitle: shop
    state "visitor" as s0
    state "lead" as s1
    state "buyer" as s2
    state "loyal" as s3
    state "lapsed" as s4
    state "churned" as s5
    state "any stage" as n9
    state "erased" as s6
    [*] --> s0
    s0 --> s1 : signup
    s0 --> s2 : purchase
    s1 --> s2 : purchase
    s4 --> s2 : purchase
    s5 --> s2 : purchase
    s2 --> s3 : purchase #91;count(purchase) #8805; 3#93;
    s2 --> s4 : idle 90 days
    s3 --> s4 : idle 180 days
    s4 --> s5 : idle 365 days
    n9 --> s6 : erasure
    s6 --> [*]
    classDef prospect fill:#d6e6f7,stroke:#4c8dd6,color:#12304f
    class s0,s1 prospect
    classDef active fill:#cfe9da,stroke:#35a06a,color:#0f3d26
    class s2,s3 active
    classDef dormant fill:#f6e3c3,stroke:#d9962b,color:#4a3108
    class s4 dormant
    classDef churned fill:#f3d3d3,stroke:#cf5b5b,color:#4d1717
    class s5,s6 churned
    classDef note fill:#e4e7eb,stroke:#8a94a3,color:#24292f,stroke-dasharray:4 3
    class n9 note"""
    )


def test_a_definition_in_dot() -> None:
    definition = lifecycle(
        Transition("lead", "buyer", on="purchase", when=count("purchase") >= 2),
        Transition("buyer", "gone", after=idle(days=90)),
        stages=(
            Stage("lead", Status.PROSPECT),
            Stage("buyer", Status.ACTIVE, label="Buyers"),
            Stage("gone", Status.CHURNED, final=True),
        ),
    )
    assert (
        diagrams.dot(definition, counts={("lead", "buyer"): 5})
        == """\
digraph "shop" {
  rankdir=LR bgcolor="transparent" fontname="sans-serif" fontcolor="#6b7684"
  node [shape=box style="rounded,filled" fontname="sans-serif" fontcolor="#24292f"]
  edge [fontname="sans-serif" fontsize=11 color="#6b7684" fontcolor="#6b7684"]
  start [shape=point width=0.12 color="#6b7684" tooltip="customers begin here"]
  subgraph cluster_prospect {
    label="prospect" style="rounded" color="#4c8dd6"
    node [fillcolor="#d6e6f7" color="#4c8dd6"]
    s0 [label="lead" tooltip="lead: prospect"]
  }
  subgraph cluster_active {
    label="active" style="rounded" color="#35a06a"
    node [fillcolor="#cfe9da" color="#35a06a"]
    s1 [label="Buyers" tooltip="Buyers (buyer): active, initial"]
  }
  subgraph cluster_churned {
    label="churned" style="rounded" color="#cf5b5b"
    node [fillcolor="#f3d3d3" color="#cf5b5b"]
    s2 [label="gone" tooltip="gone: churned, final" peripheries=2]
  }
  start -> s1
  s0 -> s1 [label="purchase [count(purchase) ≥ 2]\\n5" tooltip="lead to Buyers (conversion): \
on purchase, if count(purchase) ≥ 2; count 5"]
  s1 -> s2 [label="idle 90 days\\n0" tooltip="Buyers to gone (churn): idle 90 days; count 0" \
style=dashed]
}"""
    )


def test_a_stage_says_which_clocks_it_stops() -> None:
    paused = Stage("paused", Status.DORMANT, stops=("idle", "dwell"))
    frozen = Stage("frozen", Status.DORMANT, stops="idle")
    shown = titles(diagrams.svg(lifecycle(stages=(paused, frozen), initial="paused")))
    assert "paused: dormant, initial, stops dwell and idle" in shown
    assert "frozen: dormant, stops idle" in shown


def test_the_shop_in_svg() -> None:
    shown = titles(diagrams.svg(SHOP))
    assert shown[0] == "shop"
    assert "visitor: prospect, initial" in shown
    assert "erased: churned, final" in shown
    assert "Customers begin here" in shown
    assert "loyal to lapsed (lapse): idle 180 days" in shown
    assert "churned to buyer (win_back): on purchase" in shown
    assert "buyer to loyal (progress): on purchase, if count(purchase) ≥ 3" in shown
    assert "any stage to erased (churn): on erasure" in shown


def test_a_picture_needs_nothing_else_and_says_what_it_is() -> None:
    picture = diagrams.svg(SHOP)
    assert 'role="img" aria-label="Lifecycle shop, with 7 stages"' in picture
    assert not re.search(r"<script|<image|@import|url\(|href|<foreignObject", picture)
    assert re.findall("https?://[^\"']*", picture) == ["http://www.w3.org/2000/svg"]
    assert "prefers-color-scheme:dark" in picture


def test_lines_are_dashed_for_time_outs_only_and_ways_back_are_marked() -> None:
    picture = diagrams.svg(
        lifecycle(
            Transition("buyer", "lapsed", after=idle(days=90)),
            Transition("lapsed", "buyer", on="purchase"),
            Transition("lapsed", "buyer", after=dwell(days=9)),
            Transition("lapsed", "lead", after=dwell(days=8)),
        )
    )
    styles = {
        title: re.sub("lc[0-9a-f]{8}-", "", names)
        for names, title in re.findall(r'<g class="([^"]*)"><title>([^:<]*):', picture)
    }
    assert styles == {
        "buyer to lapsed (lapse)": "way dashed",
        "lapsed to buyer (reactivation)": "way back",
        "lapsed to lead (return)": "way dashed back",
    }


@pytest.mark.parametrize("draw", FORMATS)
def test_every_diagram_is_the_same_each_time(draw: Callable[..., str]) -> None:
    assert draw(SHOP, counts=COUNTS) == draw(SHOP, counts=dict(reversed(COUNTS.items())))
    assert draw(presets.retail()) == draw(presets.retail())


@pytest.mark.parametrize("draw", FORMATS)
def test_one_stage_without_transitions_is_drawn(draw: Callable[..., str]) -> None:
    found = draw(lifecycle(stages=(Stage("buyer", Status.ACTIVE),)))
    assert ("buyer" in found) is (draw is not diagrams.table)
    assert draw is not diagrams.svg or "with 1 stage" in found


@pytest.mark.parametrize("draw", FORMATS)
def test_a_thousand_stages_are_drawn(draw: Callable[..., str]) -> None:
    statuses = list(Status)
    names = [f"stage {i}" for i in range(1000)]
    definition = lifecycle(
        Transition(ANY, "stage 7", on="reset"),
        *(Transition(one, two, on="go") for one, two in pairwise(names)),
        *(Transition(two, one, on="back") for one, two in pairwise(names)),
        stages=[Stage(name, statuses[i * 7 % 4]) for i, name in enumerate(names)],
        initial="stage 0",
    )
    assert len(draw(definition, counts={("stage 0", "stage 1"): 3})) > 1000


# What the machine does


def test_a_nearer_level_hides_a_farther_one() -> None:
    definition = lifecycle(
        Transition("buyer", "loyal", on="purchase", when=count("purchase") >= 3),
        Transition("buyer", "lapsed", on="purchase"),
        Transition(Status.ACTIVE, "lost", on="purchase"),
        Transition("buyer", "lapsed", after=idle(days=30)),
        Transition(Status.ACTIVE, "lost", after=idle(days=20)),
        Transition(Status.ACTIVE, "lost", after=dwell(days=20)),
    )
    assert rows(definition) == [
        "| buyer | loyal | purchase | count(purchase) ≥ 3 | progress |",
        "| buyer | lapsed | purchase |  | lapse |",
        "| buyer | lapsed | idle 30 days |  | lapse |",
        "| loyal | lost | purchase |  | churn |",
        "| loyal | lost | idle 20 days |  | churn |",
        "| buyer, loyal | lost | in stage 20 days |  | churn |",
    ]


def test_what_can_be_taken_nowhere_is_not_drawn() -> None:
    definition = lifecycle(
        Transition("buyer", "loyal", on="visit"),
        Transition("loyal", "buyer", on="visit"),
        Transition(Status.ACTIVE, "lapsed", on="visit"),
    )
    assert len(rows(definition)) == 2


@settings(max_examples=30)
@given(strategies.lifecycles("days"))
def test_what_is_drawn_is_what_the_engine_does(definition: Lifecycle) -> None:
    drawn = {
        (source.name, move.target.name, way)
        for move in chart_of(definition._parts).moves
        for source in move.sources
        for way in move.ways
    }
    done = set()
    for name, row in definition._tables.rows.items():
        taken = [timer.edge for timer in row.timers]
        for edges in row.moves.values():
            always = [i for i, edge in enumerate(edges) if edge.test is None]
            taken += edges[: always[0] + 1] if always else edges
        done |= {(name, edge.target.name, wording(edge.transition)) for edge in taken}
    assert drawn == done


def test_sources_stand_in_the_order_of_the_stages() -> None:
    definition = lifecycle(
        Transition("lapsed", "gone", on="visit"),
        Transition(("lapsed", "loyal"), "gone", on="purchase"),
        Transition("lead", "gone", on="purchase"),
    )
    assert rows(definition)[1] == "| lead, loyal, lapsed | gone | purchase |  | churn |"


def test_any_stage_is_one_note_before_its_target() -> None:
    definition = lifecycle(
        Transition("lead", "gone", on="erasure", when=attribute("minor").equals(True)),
        Transition(ANY, "gone", on="erasure"),
        Transition(ANY, "gone", on="death"),
        Transition(("lead", Status.ACTIVE), "lead", on="reset"),
        Transition(ANY, "lead", on="reset"),
    )
    assert rows(definition) == [
        "| lead | gone | erasure | minor is True | churn |",
        "| any stage | gone | erasure |  | churn |",
        "| any stage | gone | death |  | churn |",
        "| any stage | lead | reset |  | progress, return |",
        "| lead | lead | reset |  | renewal |",
    ]
    found = diagrams.mermaid(definition)
    assert found.count('state "any stage"') == 2
    assert ": erasure<br/>death" in found
    assert whole(diagrams.svg(definition)).count("any stage") == 2


def test_a_note_names_the_stages_it_does_not_stand_for() -> None:
    definition = lifecycle(
        Transition(("lead", "buyer"), "lost", on="erasure"), Transition(ANY, "gone", on="erasure")
    )
    assert rows(definition)[1] == "| any stage but lead, buyer | gone | erasure |  | churn |"


def test_a_note_that_names_many_is_short_in_pictures_and_whole_in_the_table() -> None:
    stages = [Stage(f"stage number {i}", Status.ACTIVE) for i in range(20)]
    most = tuple(stage.name for stage in stages[:-3])
    definition = lifecycle(
        Transition(most, "stage number 19", on="leave"),
        Transition(ANY, "stage number 18", on="leave"),
        stages=stages,
        initial="stage number 0",
    )
    assert rows(definition)[-1].count("stage number") == 18
    assert ('"any stage but stage number 0, stage number 1, stage number…"') in diagrams.dot(
        definition
    )


def test_a_crowd_of_one_status_is_one_note_and_a_few_are_not() -> None:
    stages = [Stage(f"tier {i}", Status.ACTIVE) for i in range(4)]
    definition = lifecycle(
        Transition(Status.ACTIVE, "lapsed", on="leave"),
        Transition("tier 0", "lost", on="stop"),
        Transition(Status.ACTIVE, "lost", on="stop", when=count("leave") >= 1),
        stages=[*stages, Stage("lapsed", Status.DORMANT), Stage("lost", Status.CHURNED)],
        initial="tier 0",
    )
    assert rows(definition) == [
        "| any active stage | lapsed | leave |  | lapse |",
        "| tier 0 | lost | stop |  | churn |",
        "| tier 1, tier 2, tier 3 | lost | stop | count(leave) ≥ 1 | churn |",
    ]


def test_any_is_no_note_where_it_means_one_stage() -> None:
    definition = lifecycle(
        Transition(ANY, "lapsed", on="leave"),
        stages=(Stage("buyer", Status.ACTIVE), Stage("lapsed", Status.DORMANT)),
    )
    assert rows(definition) == ["| buyer | lapsed | leave |  | lapse |"]


def test_labels_are_shown_and_names_where_labels_are_alike() -> None:
    definition = lifecycle(
        Transition("a", "b", on="x"),
        Transition("b", "c", on="x"),
        stages=(
            Stage("a", Status.ACTIVE, label="Buyers"),
            Stage("b", Status.ACTIVE, label="Buyers"),
            Stage("c", Status.ACTIVE, label="Others"),
        ),
        initial="a",
    )
    assert rows(definition) == [
        "| Buyers (a) | Buyers (b) | x |  | progress |",
        "| Buyers (b) | Others | x |  | progress |",
    ]
    assert "Others (c): active" in titles(diagrams.svg(definition))


# Words


@pytest.mark.parametrize(
    ("timeout", "words"),
    [
        (idle(days=90), "idle 90 days"),
        (idle(days=1, hours=1, minutes=1.5), "idle 1 day 1 hour 1 minute 30 seconds"),
        (idle("purchase", days=60), "no purchase for 60 days"),
        (dwell(months=1), "in stage 1 month"),
        (dwell(months=15), "in stage 1 year 3 months"),
        (dwell(months=1, anchor="entry"), "in stage 1 month, from the last entry"),
        (dwell(days=9, anchor="enrolled"), "in stage 9 days, from enrollment"),
        (dwell(until="year"), "until the year ends"),
    ],
)
def test_a_time_out_in_words(timeout: Any, words: str) -> None:
    definition = lifecycle(Transition("buyer", "lost", after=timeout), events=("purchase",))
    assert rows(definition) == [f"| buyer | lost | {words} |  | churn |"]


def is_vip(_customer: Customer, _event: Event | None) -> bool:
    return True


class Rule:
    """A condition without a name of its own."""

    def __call__(self, _customer: Customer, _event: Event | None) -> bool:
        """Hold for everybody."""
        return True


BOUGHT = count("purchase") >= 3
SPENT = total("purchase", since_entry=True) > 100
GOLD = attribute("plan").equals("gold")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (BOUGHT, "count(purchase) ≥ 3"),
        (SPENT, "total(purchase since entry) > 100"),
        (
            mean("purchase", within=Period(days=365)) <= Decimal("2.5"),
            "mean(purchase within 365 days) ≤ 2.5",
        ),
        (value() < 3, "value < 3"),
        (GOLD, "plan is 'gold'"),
        (event_attribute("web").is_in(["a", 2]), "event web is in 'a', 2"),
        (
            BOUGHT & SPENT & GOLD,
            f"{'count(purchase) ≥ 3 and total(purchase since entry) > 100'} and plan is 'gold'",
        ),
        (
            BOUGHT | SPENT & GOLD,
            "count(purchase) ≥ 3 or (total(purchase since entry) > 100 and plan is 'gold')",
        ),
        (~(BOUGHT | GOLD), "not (count(purchase) ≥ 3 or plan is 'gold')"),
        (is_vip, "is_vip"),
        (Rule(), "Rule"),
    ],
)
def test_a_condition_in_words(condition: Any, words: str) -> None:
    definition = lifecycle(Transition("buyer", "loyal", on="purchase", when=condition))
    assert rows(definition) == [f"| buyer | loyal | purchase | {words} | progress |"]
    assert f"on purchase, if {words}" in titles(diagrams.svg(definition))[-1]


def test_a_long_condition_is_short_on_the_arrow_and_whole_elsewhere() -> None:
    long = BOUGHT & SPENT & GOLD & (attribute("country").is_in(["CH", "LI"]))
    definition = lifecycle(Transition("buyer", "loyal", on="purchase", when=long))
    picture = diagrams.svg(definition)
    assert "country is in" not in whole(picture)
    assert "…" in whole(picture)
    assert any("country is in 'CH', 'LI'" in title for title in titles(picture))
    assert "country is in 'CH', 'LI'" in diagrams.table(definition)
    assert "…" in diagrams.dot(definition)
    assert "#8230;" in diagrams.mermaid(definition)


def test_many_ways_of_one_arrow_are_counted_beyond_the_third() -> None:
    ways = [Transition("buyer", "lost", on=f"way {i}") for i in range(5)]
    shown = texts(diagrams.svg(lifecycle(*ways)))
    assert [text for text in shown if text.startswith(("way", "and"))] == [
        "and 2 more",
        "way 2",
        "way 1",
        "way 0",
    ]


# Counts


def test_counts_are_shown_on_every_arrow() -> None:
    assert "s0 --> s1 : signup<br/>1#44;200" not in diagrams.mermaid(SHOP, counts=COUNTS)
    assert "s0 --> s1 : signup<br/>1,200" in diagrams.mermaid(SHOP, counts=COUNTS)
    assert "s2 --> s4 : idle 90 days<br/>0" in diagrams.mermaid(SHOP, counts=COUNTS)
    assert "visitor to lead (progress): on signup; count 1,200" in titles(
        diagrams.svg(SHOP, counts=COUNTS)
    )
    assert "1,200" in texts(diagrams.svg(SHOP, counts=COUNTS))


def test_with_counts_each_pair_has_a_row_of_its_own() -> None:
    definition = lifecycle(
        Transition(("buyer", "loyal"), "lost", on="stop", when=BOUGHT),
        Transition(("buyer", "loyal"), "lost", after=idle(days=9)),
        events=("purchase",),
    )
    assert diagrams.table(definition, counts={("buyer", "lost"): 2}).splitlines() == [
        "| From | To | When | Condition | Change | Count |",
        "| --- | --- | --- | --- | --- | ---: |",
        "| buyer | lost | stop<br>idle 9 days | count(purchase) ≥ 3<br> | churn | 2 |",
        "| loyal | lost | stop<br>idle 9 days | count(purchase) ≥ 3<br> | churn | 0 |",
    ]


def test_stage_changes_are_counted() -> None:
    changes = replayed(SHOP, bought(1), bought(200), bought(500)).changes
    assert rows(SHOP, counts=changes) == rows(SHOP, counts=iter(changes))
    assert "| buyer | lapsed | idle 90 days |  | lapse | 2 |" in rows(SHOP, counts=changes)
    assert "| visitor | buyer | purchase |  | conversion | 1 |" in rows(SHOP, counts=changes)
    assert all(row.endswith("| 0 |") for row in rows(SHOP, counts=[]))


def test_a_note_counts_what_no_arrow_of_its_own_counts() -> None:
    definition = lifecycle(
        Transition("lead", "gone", on="left"),
        Transition(ANY, "gone", on="erasure"),
        Transition(ANY, "gone", on="death", when=BOUGHT),
        events=("purchase",),
    )
    pairs = {("lead", "gone"): 1, ("buyer", "gone"): 20, ("loyal", "gone"): Decimal("300.5")}
    assert rows(definition, counts={**pairs, ("lost", "gone"): 4000.0}) == [
        "| lead | gone | left |  | churn | 1 |",
        "| any stage | gone | erasure<br>death | <br>count(purchase) ≥ 3 | churn | 4,320 |",
    ]


def test_what_was_counted_without_a_way_is_shown() -> None:
    definition = lifecycle(Transition("buyer", "lapsed", on="leave"))
    counts = {("buyer", "lead"): 2, ("buyer", "lost"): 0}
    assert rows(definition, counts=counts) == [
        "| buyer | lapsed | leave |  | lapse | 0 |",
        "| buyer | lead | no transition |  | progress | 2 |",
    ]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (12345, "12,345"),
        (3.0, "3"),
        (0.05, "0.05"),
        (Decimal("12.5"), "12.5"),
        (12345.678, "12,346"),
        (10**30, f"{10**30:,}"),
    ],
)
def test_a_figure(number: Any, text: str) -> None:
    definition = lifecycle(Transition("buyer", "lapsed", on="leave"))
    assert rows(definition, counts={("buyer", "lapsed"): number})[0].endswith(f" {text} |")


def test_lines_are_wider_where_more_moved() -> None:
    picture = diagrams.svg(SHOP, counts={("visitor", "lead"): 400, ("lead", "buyer"): 100})
    assert set(re.findall(r"stroke-width:([\d.]+)\"", picture)) == {"5", "3.2"}
    assert "the wider, the more often" in texts(picture)
    assert "the wider, the more often" not in texts(diagrams.svg(SHOP, counts={}))


@pytest.mark.parametrize("draw", FORMATS)
@pytest.mark.parametrize(
    ("counts", "kind", "text"),
    [
        (
            {("buyer", "lapse"): 1},
            UnknownNameError,
            (
                "counts[('buyer', 'lapse')] must be one of 'visitor', 'lead', 'buyer', 'loyal', "
                "'lapsed', 'churned', 'erased', got 'lapse'; did you mean 'lapsed'?"
            ),
        ),
        (
            {("nobody", "lapsed"): 1},
            UnknownNameError,
            "counts[('nobody', 'lapsed')] must be one of ",
        ),
        (
            {("buyer", "lapsed"): -1},
            InvalidValueError,
            "counts[('buyer', 'lapsed')] must be at least 0, got -1",
        ),
        (
            {("buyer", "lapsed"): float("nan")},
            InvalidValueError,
            "counts[('buyer', 'lapsed')] must be finite, got nan",
        ),
        *(
            (
                {("buyer", "lapsed"): number},
                InvalidValueError,
                "counts[('buyer', 'lapsed')] must have at most 1,000 digits",
            )
            for number in (Decimal("1e-10000000"), Decimal("-1e-1001"), 10**1001)
        ),
        (
            {("buyer", "lapsed"): Decimal("1e10000000")},
            InvalidValueError,
            "counts[('buyer', 'lapsed')] must be finite as a float",
        ),
        (
            {("buyer", "lapsed"): "1"},
            InvalidTypeError,
            "counts[('buyer', 'lapsed')] must be a number",
        ),
        (
            {("buyer", "lapsed"): True},
            InvalidTypeError,
            "counts[('buyer', 'lapsed')] must be a number",
        ),
        (
            {("buyer", 3): 1},
            InvalidTypeError,
            "counts[('buyer', 3)] must be text, got 3 (int)",
        ),
        (
            {"buyer": 1},
            InvalidTypeError,
            "the key of a count must be a pair (source, target), got 'buyer' (str)",
        ),
        (
            {("a", "b", "c"): 1},
            InvalidTypeError,
            "the key of a count must be a pair (source, target), got ('a', 'b', 'c') (tuple)",
        ),
        (
            [("buyer", "lapsed")],
            InvalidTypeError,
            (
                "counts must map (source, target) to a number, or hold stage changes, "
                "got ('buyer', 'lapsed') (tuple)"
            ),
        ),
        ("buyer", InvalidTypeError, "counts must map (source, target) to a number"),
        (3, InvalidTypeError, "counts must map (source, target) to a number"),
    ],
)
def test_counts_refuse(
    draw: Callable[..., str], counts: Any, kind: type[Exception], text: str
) -> None:
    assert refusal(kind, lambda: draw(SHOP, counts=counts)).startswith(text)


# Any text


ODD = (
    "<script>alert('1')</script>",
    'a "quoted" & <b>bold</b>',
    "colon: semi; #35; #x[y]{z}",
    "two\nlines\r\nand\ttabs",
    "back\\slash \\n \\",
    "pipe | and `code` and _em_ and *strong* and $x$ and [a](b)",
    "direction TB",
    "note right of s0",
    "%% comment",
    "s0 --> s1",
    "שלום עולם",
    "\u202eevil\u202c",
    "👩\u200d👩\u200d👧 family",
    "日本語のとても長い名前なのでここで切れます、まだまだ続きます",
    "\x01\x1b\ufffe",
    "x" * 300,
)
names = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30),
    st.text(alphabet=list("<>&\"'\\|:;#[]{}()*_`~$% \n-ds"), min_size=1),
).filter(lambda text: not text.isspace())


@st.composite
def oddly_named(draw: st.DrawFn) -> Lifecycle:
    """Draw a lifecycle of three stages whose names and labels may be anything."""
    one, two, three = draw(st.lists(names, min_size=3, max_size=3, unique=True))
    event, key, wanted, label = draw(st.tuples(names, names, names, names))
    return Lifecycle(
        name=draw(names),
        initial=one,
        stages=(
            Stage(one, Status.PROSPECT, label=label),
            Stage(two, Status.ACTIVE),
            Stage(three, Status.CHURNED, final=True),
        ),
        transitions=(
            Transition(one, two, on=event, when=attribute(key).equals(wanted)),
            Transition(two, one, after=idle(event, days=3)),
            Transition(ANY, three, on=event),
        ),
    )


def clean(text: str) -> str:
    """Give the text as a picture can hold it."""
    return one_line(text)


@given(oddly_named())
def test_any_text_is_well_formed_svg(definition: Lifecycle) -> None:
    picture = diagrams.svg(definition)
    shown = titles(picture)
    assert shown[0] == clean(definition.name)
    assert len(ET.fromstring(picture.encode())) > 3  # noqa: S314  (made here)
    labels = _labels(definition.stages).values()
    assert {short(label, 24) for label in labels} <= set(texts(picture))


@given(oddly_named())
def test_any_text_in_mermaid_is_letters_and_entities(definition: Lifecycle) -> None:
    text = re.compile(r"(?:[^\W_]|[ _.,()]|#\d+;)+")
    stated = []
    for line in diagrams.mermaid(definition).splitlines()[2:]:
        if found := re.fullmatch(r'    state "(.*)" as [sn]\d+', line):
            stated.append(found[1])
            assert text.fullmatch(found[1])
        elif found := re.fullmatch(r"    [sn]\d+ --> s\d+ : (.*)", line):
            assert all(map(text.fullmatch, found[1].split("<br/>")))
        elif not re.match(r"    (?:class|classDef) ", line):
            assert re.fullmatch(r"    (?:accTitle: .*|\[\*\] --> s0|s2 --> \[\*\])", line)
        assert not re.search(r"direction", line, re.IGNORECASE)
    back = [re.sub(r"#(\d+);", lambda code: chr(int(code[1])), one) for one in stated]
    assert clean(definition.stages[1].name) in back or "(" in "".join(back)


@given(oddly_named())
def test_any_text_in_dot_is_one_quoted_string(definition: Lifecycle) -> None:
    graph = diagrams.dot(definition)
    bare = re.sub(r'"(?:[^"\\\n]|\\["\\n])*"', "Q", graph)
    assert '"' not in bare
    assert "\\" not in bare
    assert bare.splitlines()[0] == "digraph Q {"
    named = re.findall(r's1 \[label="((?:[^"\\]|\\.)*)"', graph)[0]
    assert clean(definition.stages[1].name) in unescape(re.sub(r"\\(.)", r"\1", named))


@given(oddly_named())
def test_any_text_leaves_a_table_its_cells(definition: Lifecycle) -> None:
    for row in diagrams.table(definition).splitlines():
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 6
        assert not re.search(r"(?<!\\)(?:\\\\)*<[A-Za-z/!?]", row)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("at_risk", "at_risk"),
        ("_em_", r"\_em\_"),
        ("a|b", r"a\|b"),
        ("<b>", r"\<b>"),
        ("&amp;", "&amp;amp;"),
        ("a\\b", r"a\\b"),
        ("*a* [b] `c` $d$ ~e~", r"\*a\* \[b\] \`c\` \$d\$ \~e\~"),
        ("a\n b", "a b"),
    ],
)
def test_a_cell_says_what_was_written(text: str, cell: str) -> None:
    definition = lifecycle(Transition("buyer", "lost", on=text))
    assert rows(definition) == [f"| buyer | lost | {cell} |  | churn |"]


def test_a_count_is_exact() -> None:
    assert in_figures(Fraction(1, 3)) == "0.3333"


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (Until("week", week_start="sunday"), "until the week from Sunday ends"),
        (Until("year", year_start=4), "until the year from April ends"),
        (Until("day", zone="Asia/Tokyo"), "until the day in Asia/Tokyo ends"),
    ],
)
def test_what_is_unusual_of_a_calendar_period_is_said(until: Until, words: str) -> None:
    way = Transition("buyer", "lost", after=dwell(until=until))
    assert f"| {words} |" in diagrams.table(lifecycle(way))


def test_scopes_of_measures_are_said() -> None:
    visits = count(("visit", "login"), within=Until("year"), where=value() >= 5, since_entry=True)
    way = Transition("buyer", "lost", on="visit", when=visits >= 3)
    drawn = diagrams.table(lifecycle(way, events=("login",)))
    assert "count(visit or login since entry this year where value \u2265 5) \u2265 3" in drawn
    timeout = idle(("visit", "login"), days=9, where=value() >= 5)
    way = Transition("buyer", "lost", after=timeout)
    drawn = diagrams.table(lifecycle(way, events=("visit", "login")))
    assert "| no visit or login where value \u2265 5 for 9 days |" in drawn


@pytest.mark.parametrize("draw", FORMATS)
@pytest.mark.parametrize("other", [None, "shop", SHOP.to_dict(), Lifecycle])
def test_what_is_no_lifecycle_is_refused(draw: Callable[..., str], other: object) -> None:
    with pytest.raises(InvalidTypeError, match=r"^lifecycle must be a Lifecycle, got "):
        draw(other)
