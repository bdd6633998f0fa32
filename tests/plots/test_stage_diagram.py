"""The diagram shows each stage, what moves customers, and how many moved."""

from typing import Any

import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon

from lifecycle import Lifecycle, Stage, Status, Transition, idle, plots, presets
from lifecycle.engine._drawing.layout import Layout
from lifecycle.engine.diagrams import picture
from lifecycle.errors import UnknownNameError
from samples import SHOP, bought, replayed

CLUB = Lifecycle(
    name="club",
    initial="member",
    stages=[
        Stage("member", Status.ACTIVE, label="Members"),
        Stage("lapsed", Status.DORMANT),
        Stage("gone", Status.CHURNED, final=True),
    ],
    transitions=[
        Transition("member", "lapsed", after=idle(days=90)),
        Transition("lapsed", "member", on="visit"),
        Transition("lapsed", "gone", on="$leave$"),
    ],
)


def words(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def strokes(ax: Any) -> list[PathPatch]:
    return [patch for patch in ax.patches if isinstance(patch, PathPatch)]


def test_each_stage_and_each_arrow_has_its_words() -> None:
    ax = plots.diagram(CLUB)
    assert words(ax) == [
        *("active", "dormant", "churned"),
        *("Members", "lapsed", "final", "gone"),
        *("idle 90 days", "visit", "$leave$"),
        *("customers begin here", "on an event", "after a time-out", "a way back"),
    ]
    assert ax.get_title() == "club"


def test_the_counts_are_written_and_widen_the_lines() -> None:
    pale = plots.diagram(CLUB)
    ax = plots.diagram(CLUB, counts={("member", "lapsed"): 1200, ("lapsed", "member"): 300})
    assert {"1,200", "300", "0"} <= set(words(ax))
    widths = [stroke.get_linewidth() for stroke in strokes(ax)]
    assert max(widths) / strokes(pale)[0].get_linewidth() == pytest.approx(5 / 1.5, rel=0.1)
    assert widths[1] > widths[2] > widths[3]


def test_stage_changes_are_counted() -> None:
    journey = replayed(SHOP, bought(1), bought(2), bought(3))
    ax = plots.diagram(SHOP, counts=journey.changes)
    assert words(ax).count("1") == 2


def test_time_outs_are_dashed_and_ways_back_green() -> None:
    _, idle_line, visit_line, leave_line = strokes(plots.diagram(CLUB))[:4]
    assert idle_line.get_linestyle() != "solid"
    assert idle_line.get_linestyle() != visit_line.get_linestyle()
    assert to_hex(visit_line.get_edgecolor()) == "#1f7a4a"
    assert to_hex(leave_line.get_edgecolor()) == to_hex(idle_line.get_edgecolor()) == "#24292f"


def test_an_arrow_that_nobody_took_is_faint() -> None:
    ax = plots.diagram(CLUB, counts={("member", "lapsed"): 1})
    assert [stroke.get_alpha() for stroke in strokes(ax)[1:4]] == [0.85, 0.4, 0.4]


@pytest.mark.parametrize("name", [name for name in presets.__all__ if name != "loyalty_tiers"])
def test_each_preset_is_drawn_as_the_layout_has_it(name: str) -> None:
    preset = getattr(presets, name)()
    ax = plots.diagram(preset)
    layout = Layout(picture(preset))
    arrows = len(layout.routes) + len(layout.falls) + len(layout.starts)
    entries = sum(said in words(ax) for said in LEGEND)
    assert sum(isinstance(patch, Polygon) for patch in ax.patches) == arrows + entries
    boxes = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    assert len(boxes) == len(layout.columns) + 2 * len(layout.spots)
    assert [stage.label in words(ax) for stage in preset.stages] == [True] * len(preset.stages)


LEGEND = ("customers begin here", "on an event", "after a time-out", "a way back")


def test_no_text_leaves_the_box_or_the_picture() -> None:
    ax = plots.diagram(presets.lead_funnel())
    ax.figure.canvas.draw()
    frame = ax.get_window_extent().padded(1)
    boxes = [p.get_window_extent() for p in ax.patches if isinstance(p, FancyBboxPatch)]
    for text in ax.texts:
        extent = text.get_window_extent()
        assert frame.x0 <= extent.x0 <= extent.x1 <= frame.x1
        if text.get_text() in {"Subscriber", "Marketing qualified", "Customer"}:
            assert any(b.x0 <= extent.x0 and extent.x1 <= b.x1 for b in boxes)


def test_texts_are_as_small_as_the_axes() -> None:
    _, (small, large) = plt.subplots(1, 2, figsize=(12, 4), width_ratios=[1, 4])
    sizes = [plots.diagram(CLUB, ax=ax).texts[0].get_fontsize() for ax in (small, large)]
    assert sizes[0] < sizes[1]


def test_a_count_of_an_unknown_stage_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="nobody"):
        plots.diagram(CLUB, counts={("member", "nobody"): 1})
