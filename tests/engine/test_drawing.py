"""Drawings: no text meets another, whatever is drawn, and every line ends at its box."""

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

import strategies
from lifecycle import Lifecycle
from lifecycle.engine import diagrams, presets
from lifecycle.engine._drawing.layout import _SIZES, _text_width
from lifecycle.engine._drawing.picture import Arrow, Line, Node, Picture
from lifecycle.engine._drawing.svg import draw
from samples import SHOP

SVG = "{http://www.w3.org/2000/svg}"


class Area(NamedTuple):
    """A rectangle of the picture, and what is in it."""

    left: float
    top: float
    right: float
    bottom: float
    what: str

    def meets(self, other: "Area") -> bool:
        """Say whether the two have a point in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def drawn(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314  (made here)


def style(element: ET.Element) -> set[str]:
    """Give the classes of an element, without the prefix."""
    return {re.sub("^lc[0-9a-f]{8}-", "", name) for name in element.get("class", "").split()}


def written(picture: str) -> Iterator[Area]:
    """Give where each text lies, by its height of capitals and its estimated width."""
    for text in drawn(picture).iter(f"{SVG}text"):
        names, words = style(text), text.text or ""
        size = next(iter(names & set(_SIZES)), "note")
        width = _text_width(words, size)
        start = {"mid": 0.5, "name": 0.5, "final": 0.5, "head": 0.5, "end": 1.0}
        x = float(text.get("x", "")) - width * max(start.get(name, 0) for name in names)
        y = float(text.get("y", ""))
        yield Area(x, y - 9, x + width, y + 2, words)


def boxed(picture: str) -> Iterator[Area]:
    for rect in drawn(picture).iter(f"{SVG}rect"):
        if "box" in style(rect):
            x, y, width, height = (float(rect.get(k, "")) for k in ("x", "y", "width", "height"))
            yield Area(x, y, x + width, y + height, "box")


def lines(picture: str) -> Iterator[Area]:
    """Give each straight part of each line; corners are cut."""
    for path in drawn(picture).iter(f"{SVG}path"):
        if "line" in style(path):
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", path.get("d", ""))]
            points = list(zip(numbers[::2], numbers[1::2], strict=True))
            for (x, y), (x2, y2) in pairwise(points):
                yield Area(min(x, x2), min(y, y2), max(x, x2) + 0.1, max(y, y2) + 0.1, "line")


def clashes(picture: str) -> list[tuple[str, str]]:
    """Give what meets a text and should not."""
    texts, boxes = list(written(picture)), list(boxed(picture))
    inside = {text for text in texts for box in boxes if text.meets(box) and within(text, box)}
    pairs = [pair for pair in combinations(texts, 2) if pair[0].meets(pair[1])]
    pairs += [(t, b) for t in texts for b in boxes if t not in inside and t.meets(b)]
    pairs += [(text, line) for text in texts for line in lines(picture) if text.meets(line)]
    return [(one.what, other.what) for one, other in pairs]


def within(text: Area, box: Area) -> bool:
    across = box.left <= text.left and text.right <= box.right
    return across and box.top <= text.top and text.bottom <= box.bottom


def view(picture: str) -> Area:
    _, _, width, height = map(float, drawn(picture).get("viewBox", "").split())
    return Area(0, 0, width, height, "view")


def everywhere(definition: Lifecycle) -> dict[tuple[str, str], int]:
    """Give a count for every pair of stages, so that there is an arrow for each."""
    names = [stage.name for stage in definition.stages]
    return {(one, two): i for i, one in enumerate(names) for two in names}


@pytest.mark.parametrize("definition", [SHOP, presets.retail()], ids=lambda one: one.name)
@pytest.mark.parametrize("counted", [False, True])
def test_no_text_meets_anything_in_the_known_lifecycles(
    definition: Lifecycle, *, counted: bool
) -> None:
    counts = everywhere(definition) if counted else None
    assert clashes(diagrams.svg(definition, counts=counts)) == []


@settings(max_examples=30)
@given(strategies.lifecycles("days"))
def test_no_text_and_no_box_meets_anything_in_any_lifecycle(definition: Lifecycle) -> None:
    for counts in (None, everywhere(definition)):
        picture = diagrams.svg(definition, counts=counts)
        assert clashes(picture) == []
        assert not any(one.meets(other) for one, other in combinations(boxed(picture), 2))
        assert all(within(area, view(picture)) for area in (*written(picture), *boxed(picture)))


@settings(max_examples=30)
@given(strategies.lifecycles("days"))
def test_every_line_begins_at_a_box_and_every_tip_ends_at_one(definition: Lifecycle) -> None:
    picture = diagrams.svg(definition, counts=everywhere(definition))
    edges = [
        Area(b.left - 0.2, b.top - 0.2, b.right + 0.2, b.bottom + 0.2, "") for b in boxed(picture)
    ]
    for group in drawn(picture).iter(f"{SVG}g"):
        paths = [path.get("d", "") for path in group.iter(f"{SVG}path")]
        if paths and group.find(f"{SVG}title") is not None and group.find(f"{SVG}circle") is None:
            assert any(at(paths[0]).meets(edge) for edge in edges)
            assert any(at(paths[-1]).meets(edge) for edge in edges)


def at(path: str) -> Area:
    """Give the point where a path begins; a tip begins at its point."""
    x, y = map(float, re.findall(r"-?[\d.]+", path)[:2])
    return Area(x, y, x + 0.01, y + 0.01, "point")


# One thing at a time


def picture(*arrows: Arrow, columns: str = "011") -> Picture:
    """Make a picture of boxes in the columns given."""
    boxes = [Node(int(column), f"b{i}", f"box {i}", "active") for i, column in enumerate(columns)]
    names = [f"column {i}" for i in range(max(map(int, columns)) + 1)]
    return Picture("title", "label", "description", names, boxes, arrows)


def arrow(source: int, target: int, words: str = "moves", **more: bool) -> Arrow:
    return Arrow(source, target, (Line(words, "when"),), f"{source} to {target}", **more)


def path(found: str) -> list[tuple[float, float]]:
    """Give the points of the first line that is drawn, its corners included."""
    line = next(p for p in drawn(found).iter(f"{SVG}path") if "line" in style(p))
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", line.get("d", ""))]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_an_arrow_to_the_next_column_runs_level_where_it_can() -> None:
    points = path(draw(picture(arrow(0, 1), columns="01")))
    assert len(points) == 2
    assert points[0][1] == points[1][1]
    assert points[0][0] < points[1][0]


def test_an_arrow_moves_its_beginning_where_its_end_cannot_move() -> None:
    both = draw(picture(arrow(0, 2), arrow(1, 2), columns="001"))
    assert clashes(both) == []


def test_a_way_back_leads_to_the_left() -> None:
    points = path(draw(picture(arrow(1, 0), columns="01")))
    assert points[0][0] > points[-1][0]


def test_an_arrow_over_a_column_runs_above_the_boxes_and_back_below_them() -> None:
    there = draw(picture(arrow(0, 2), columns="012"))
    back = draw(picture(arrow(2, 0), columns="012"))
    assert min(y for _, y in path(there)) < min(box.top for box in boxed(there))
    assert max(y for _, y in path(back)) > max(box.bottom for box in boxed(back))


def test_an_arrow_to_the_next_box_of_a_column_falls_straight() -> None:
    points = path(draw(picture(arrow(0, 1), columns="00")))
    assert len({x for x, _ in points}) == 1


def test_an_arrow_without_words_is_one_line() -> None:
    bare = Arrow(0, 1, (), "bare")
    assert draw(picture(bare, columns="00")).count("-line") == (
        draw(picture(arrow(0, 1), columns="00")).count("-line") - 1
    )


def test_an_arrow_up_a_column_runs_on_the_left_and_a_loop_on_the_right() -> None:
    up = draw(picture(arrow(1, 0), columns="00"))
    loop = draw(picture(arrow(0, 0), columns="0"))
    assert min(x for x, _ in path(up)) < min(box.left for box in boxed(up))
    assert max(x for x, _ in path(loop)) > max(box.right for box in boxed(loop))


def test_pictures_do_not_share_classes_and_equal_ones_are_equal() -> None:
    one, other = draw(picture(arrow(0, 1))), draw(picture(arrow(1, 2)))
    prefixes = [set(re.findall("lc[0-9a-f]{8}", each)) for each in (one, other)]
    assert len(prefixes[0]) == len(prefixes[1]) == 1
    assert prefixes[0].isdisjoint(prefixes[1])
    assert one == draw(picture(arrow(0, 1)))


def test_the_legend_names_what_is_drawn_and_takes_more_lines_where_it_must() -> None:
    plain = draw(picture(columns="0"))
    full = draw(
        picture(arrow(0, 0), arrow(1, 1, dashed=True), arrow(1, 0, back=True), columns="00")
    )
    legend = {"on an event", "after a time-out", "a way back"}
    assert not legend & {area.what for area in written(plain)}
    assert legend <= {area.what for area in written(full)}
    assert len({area.top for area in written(full) if area.what in legend}) > 1


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [("iii", "nnn"), ("nnn", "mmm"), ("nnn", "NNN"), ("nnn", "日本語"), ("n\u0301n", "nnn")],
)
def test_texts_are_measured_by_their_letters(narrow: str, wide: str) -> None:
    assert _text_width(narrow, "when") < _text_width(wide, "when")


def test_no_boxes_make_an_empty_picture() -> None:
    empty = Picture("title", "label", "description", (), (), ())
    assert list(boxed(draw(empty))) == []
