"""Where everything is placed in a picture, so that no text meets another.

Boxes stand in columns, and arrows run in the gutters between them. Each arrow leaves
and enters its boxes through ports of its own; its label is above its line, where it
leaves, in room that the port keeps for it. Beyond the labels, in the middle of a
gutter, lie the tracks on which arrows change height. An arrow that passes a column
takes a lane above all boxes when it leads forward, and below them when it leads back;
there its label is over a column, where nothing runs up or down. So texts meet neither
texts nor boxes nor lines, whatever is drawn, and each step takes time in proportion to
what there is, or sorts it.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, TypeAlias

import attrs

from lifecycle.engine._drawing.picture import Arrow, Line, Node, Picture

__all__ = [
    "HEAD",
    "LEADING",
    "Entry",
    "Layout",
    "Point",
    "Port",
    "Route",
    "Spot",
    "legend",
    "tip",
    "toward",
    "width_of",
]

Point: TypeAlias = tuple[float, float]
Home: TypeAlias = Literal["left", "middle", "right"]

_MARGIN = 16.0
_HEADER = 34.0
_STUB = 26.0  # from a box to the first track, where no label needs more
_TRACK = 12.0  # between parallel lines
_PORT = 14.0  # between ports without a label
_EDGE = 13.0  # from the corner of a box to its first and last port
_GAP = 30.0  # between boxes of a column
_ROUND = 7.0
HEAD = 9.0

_SIZES = {"name": 13.0, "note": 12.0, "when": 12.0, "if": 11.0, "count": 12.0, "head": 11.0}
LEADING = 14.0


@attrs.define(eq=False)
class Port:
    """Where an arrow leaves or enters a box; `room` is the height it needs for its label."""

    spot: "Spot"
    right: bool
    room: float
    wide: float
    order: tuple[float, ...]
    y: float = 0.0

    @property
    def x(self) -> float:
        return self.spot.x + (self.spot.width if self.right else 0)

    @property
    def gutter(self) -> int:
        return self.spot.node.column + self.right


@attrs.define(eq=False)
class Spot:
    """A node, and its place."""

    node: Node
    row: int
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0
    ports: tuple[list[Port], list[Port]] = attrs.Factory(lambda: ([], []))

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height


@attrs.define(eq=False)
class _Riser:
    """The part of a route that runs up or down in a gutter."""

    gutter: int
    home: Home
    start: Port
    end: "Port | _Lane"
    x: float = 0.0

    @property
    def span(self) -> tuple[float, float]:
        return min(self.start.y, self.end.y), max(self.start.y, self.end.y)

    @property
    def length(self) -> float:
        """How far it runs beside boxes, whichever lane it takes."""
        return abs(self.start.y - (self.end.edge if isinstance(self.end, _Lane) else self.end.y))

    @property
    def fall(self) -> float:
        """How far it runs down from its left end to its right end."""
        down = self.end.y - self.start.y
        return down if self.start.right else -down

    @property
    def left(self) -> float:
        """The height of its left end."""
        return self.start.y if self.start.right else self.end.y


@attrs.define(eq=False)
class _Lane:
    """A line above or below all boxes, from one gutter to another."""

    top: bool
    first: int
    last: int
    over: int
    arrow: Arrow
    order: tuple[int, ...]
    y: float = 0.0
    edge: float = 0.0  # where the boxes end

    @property
    def room(self) -> float:
        return _room(self.arrow.label)


@attrs.define(eq=False)
class Route:
    """An arrow on its way: from port to port by one leg, or by two legs and a lane."""

    arrow: Arrow
    out: Port
    into: Port
    legs: tuple[_Riser, ...]
    lane: _Lane | None = None

    @property
    def points(self) -> list[Point]:
        start, end = (self.out.x, self.out.y), (self.into.x, self.into.y)
        turns = [(self.legs[0].x, self.out.y)]
        if self.lane is not None:
            turns += [(leg.x, self.lane.y) for leg in self.legs]
        elif self.out.y == self.into.y:
            return [start, end]
        return [start, *turns, (self.legs[-1].x, self.into.y), end]


class Layout:
    """Where everything is placed; from the inside out: ports, heights, lanes, tracks, widths."""

    def __init__(self, picture: Picture) -> None:
        self.columns: list[list[Spot]] = [[] for _ in picture.columns]
        self.spots = [_put(node, self.columns[node.column]) for node in picture.nodes]
        self.falls: dict[Spot, Arrow] = {}
        self.routes: list[Route] = []
        for arrow in picture.arrows:
            self._add(arrow)
        self.lanes = [route.lane for route in self.routes if route.lane is not None]
        self.starts = [
            _port(spot, right=False, order=(-1,)) for spot in self.spots if spot.node.initial
        ]
        self.widths = self._column_widths(picture)
        self.lefts: list[float] = []
        self._place_boxes()
        self._place_lanes()
        self._place_columns()

    def _add(self, arrow: Arrow) -> None:
        source, target = self.spots[arrow.source], self.spots[arrow.target]
        if source.node.column == target.node.column and target.row == source.row + 1:
            self.falls[source] = arrow
        else:
            self.routes.append(_route(arrow, source, target))

    def _place_boxes(self) -> None:
        for spot in self.spots:
            spot.height = max(_least_height(spot.node), *map(_side_height, spot.ports))
        tallest = max(map(self._column_height, self.columns), default=0.0)
        self.top = _HEADER + 12 + self._lanes_height(top=True)
        self.bottom = self.top + tallest
        for column in self.columns:
            y = self.top + (tallest - self._column_height(column)) / 2
            for spot in column:
                spot.y = y
                y = spot.bottom + self._gap(spot)
                _place_ports(spot)
        for route in self.routes:
            if route.lane is None:
                _straighten(route)

    def _gap(self, spot: Spot) -> float:
        fall = self.falls.get(spot)
        return _GAP if fall is None else max(_GAP, _room(fall.label) + 34)

    def _column_height(self, column: Sequence[Spot]) -> float:
        return sum(spot.height + self._gap(spot) for spot in column) - _GAP

    def _levels(self, *, top: bool) -> list[list[_Lane]]:
        lanes = sorted(
            (lane for lane in self.lanes if lane.top is top), key=lambda lane: lane.order
        )
        levels: defaultdict[int, list[_Lane]] = defaultdict(list)
        spans = [(float(lane.first), float(lane.last)) for lane in lanes]
        for lane, level in zip(lanes, _stacked(spans, apart=0.4), strict=True):
            levels[level].append(lane)
        return [levels[level] for level in sorted(levels)]

    def _lanes_height(self, *, top: bool) -> float:
        levels = self._levels(top=top)
        return sum(max(lane.room for lane in level) for level in levels) + (20 if levels else 0)

    def _place_lanes(self) -> None:
        y = self.top - 20
        for level in self._levels(top=True):
            for lane in level:
                lane.y, lane.edge = y, self.top
            y -= max(lane.room for lane in level)
        y = self.bottom + 14
        for level in self._levels(top=False):
            y += max(lane.room for lane in level)
            for lane in level:
                lane.y, lane.edge = y, self.bottom
        self.bottom = y

    def _place_columns(self) -> None:
        legs: defaultdict[int, list[_Riser]] = defaultdict(list)
        for leg in (leg for route in self.routes for leg in route.legs):
            legs[leg.gutter].append(leg)
        x = _MARGIN
        for gutter, width in enumerate([*self.widths, 0.0]):
            x = self._place_gutter(x, gutter, legs[gutter])
            self.lefts.append(x)
            for spot in self.columns[gutter] if gutter < len(self.columns) else ():
                spot.width = width if spot.node.kind != "note" else _node_width(spot.node)
                spot.x = x + (width - spot.width) / 2
            x += width
        self.right = x + _MARGIN

    def _place_gutter(self, x: float, gutter: int, legs: Sequence[_Riser]) -> float:
        """Lay the tracks of a gutter between the labels of both sides; return where it ends."""
        left, right = self._label_widths(gutter)
        bending = [leg for leg in legs if leg.start.y != leg.end.y]
        inner = _leveled(bending, ("left", "middle"))
        outer = _leveled(bending, ("right",))
        tracks = [1 + max(levels.values(), default=-1) for levels in (inner, outer)]
        width = left + right + _TRACK * (sum(tracks) + (1 if any(tracks) else 0))
        end = x + max(width, 48.0 if 0 < gutter < len(self.widths) else 0.0)
        for leg, level in inner.items():
            leg.x = x + left + _TRACK * (level + 1)
        for leg, level in outer.items():
            leg.x = end - right - _TRACK * (level + 1)
        return end

    def _label_widths(self, gutter: int) -> tuple[float, float]:
        """Return how far the labels of the boxes on both sides reach into a gutter."""
        sides = (self.columns[gutter - 1] if gutter else [], self.columns[gutter : gutter + 1])
        left = [port.wide for spot in sides[0] for port in spot.ports[1]]
        right = [port.wide for column in sides[1] for spot in column for port in spot.ports[0]]
        return max(left, default=0.0), max(right, default=0.0)

    def _column_widths(self, picture: Picture) -> list[float]:
        widths = [_text_width(name, "head") * 1.3 for name in picture.columns]
        for spot in self.spots:
            labels = [self.falls[spot].label] if spot in self.falls else []
            wide = max(_node_width(spot.node), *map(_label_width, labels), 0.0)
            widths[spot.node.column] = max(widths[spot.node.column], wide)
        for lane in self.lanes:
            widths[lane.over] = max(widths[lane.over], _label_width(lane.arrow.label))
        return widths


def _put(node: Node, column: list[Spot]) -> Spot:
    spot = Spot(node, len(column))
    column.append(spot)
    return spot


def _port(spot: Spot, *, right: bool, order: tuple[float, ...], label: Sequence[Line] = ()) -> Port:
    port = Port(spot, right, _room(label) or _PORT, max(_STUB, _label_width(label) + 8), order)
    spot.ports[right].append(port)
    return port


def _route(arrow: Arrow, source: Spot, target: Spot) -> Route:
    steps = target.node.column - source.node.column
    right = steps > 0 or (steps == 0 and target.row >= source.row)
    enters = right if steps == 0 else not right
    lane = _lane(arrow, source, target) if abs(steps) > 1 else None
    label = () if lane else arrow.label
    forward = steps > 0
    out = _port(source, right=right, order=_order(source, target, forward=forward), label=label)
    into = _port(target, right=enters, order=_order(target, source, forward=forward, entering=True))
    if lane is None:
        home: Home = "middle" if steps else "left" if right else "right"
        return Route(arrow, out, into, (_Riser(out.gutter, home, out, into),))
    legs = tuple(
        _Riser(port.gutter, "left" if port.right else "right", port, lane) for port in (out, into)
    )
    return Route(arrow, out, into, legs, lane)


def _lane(arrow: Arrow, source: Spot, target: Spot) -> _Lane:
    """Lead forward above the boxes and back below them; short lanes are within long ones."""
    here, there = source.node.column, target.node.column
    first, last = min(here, there) + 1, max(here, there)
    if there > here:
        order = (last - first, -target.row, -source.row)
        return _Lane(True, first, last, first, arrow, order)
    return _Lane(False, first, last, last - 1, arrow, (last - first, target.row, source.row))


def _order(spot: Spot, other: Spot, *, forward: bool, entering: bool = False) -> tuple[float, ...]:
    """Sort the ports of a side so that few lines cross: by where the other end lies."""
    away = abs(other.node.column - spot.node.column)
    if away > 1:
        return (0, -away, other.row) if forward else (4, away, other.row)
    if away:
        return (2, other.row, not forward)
    return (2.5, entering) if other is spot else (1 if other.row < spot.row else 3, -other.row)


def _least_height(node: Node) -> float:
    return 26.0 if node.kind == "note" else 52.0 if node.final else 42.0


def _lead(ports: Sequence[Port]) -> float:
    """Return how far below the top of a box its first port lies: labels may reach above it."""
    return max(_EDGE, ports[0].room - 14) if ports else _EDGE


def _reach(ports: Sequence[Port]) -> float:
    return sum(port.room for port in ports[1:])


def _side_height(ports: list[Port]) -> float:
    ports.sort(key=lambda port: port.order)
    return _lead(ports) + _reach(ports) + _EDGE


def _place_ports(spot: Spot) -> None:
    for ports in spot.ports:
        y = max(spot.y + _lead(ports), spot.y + (spot.height - _reach(ports)) / 2)
        for i, port in enumerate(ports):
            y += port.room if i else 0
            port.y = y


def _straighten(route: Route) -> None:
    """Let an arrow run level where one of its ports can move to the height of the other."""
    for port, other in ((route.into, route.out), (route.out, route.into)):
        if port.right is not other.right and _may_move(port, other.y):
            port.y = other.y
            return


def _may_move(port: Port, y: float) -> bool:
    ports = port.spot.ports[port.right]
    i = ports.index(port)
    lowest = ports[i - 1].y + port.room if i else port.spot.y + _lead(ports)
    following = ports[i + 1] if i + 1 < len(ports) else None
    highest = port.spot.bottom - _EDGE if following is None else following.y - following.room
    return lowest <= y <= highest


def _leveled(legs: Iterable[_Riser], homes: Sequence[Home]) -> dict[_Riser, int]:
    """Number the tracks of legs: short ones are near their boxes, and steps do not cross."""
    chosen = [leg for home in homes for leg in sorted(legs, key=_nested) if leg.home == home]
    return dict(zip(chosen, _stacked([leg.span for leg in chosen], apart=5), strict=True))


def _nested(leg: _Riser) -> tuple[float, float]:
    if leg.home != "middle":
        return (0, leg.length)
    return (0, -leg.left) if leg.fall > 0 else (1, leg.left)


def _stacked(spans: Sequence[tuple[float, float]], apart: float) -> list[int]:
    """Give each span the lowest level above those before it that it meets or nearly meets."""
    wider = [(low - apart, high + apart) for low, high in spans]
    place = {end: i for i, end in enumerate(sorted({end for span in wider for end in span}))}
    heights = [0] * len(place)
    levels = []
    for low, high in wider:
        cells = slice(place[low], place[high])
        levels.append(max(heights[cells]))
        heights[cells] = [levels[-1] + 1] * (cells.stop - cells.start)
    return levels


# The size of text, for want of a font


def _text_width(text: str, style: str) -> float:
    bold = 1.08 if style in ("name", "count") else 1.0
    return sum(map(_letter_width, text)) * _SIZES[style] * bold


def _letter_width(letter: str) -> float:
    """Return the width in ems, as in a wide font."""
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return 1.25
    if letter in "mwMW@%\u2026\u2014":
        return 1.0
    if letter in "fijlrtI.,:;'|!()[]- ":
        return 0.39
    return 0.74 if letter.isupper() else 0.63


def _label_width(label: Sequence[Line]) -> float:
    return max((_text_width(line.text, line.style) for line in label), default=0.0)


def _node_width(node: Node) -> float:
    if node.kind == "note":
        return _text_width(node.text, "note") + 24
    return max(96.0, _text_width(node.text, "name") + 28)


def _room(label: Sequence[Line]) -> float:
    return len(label) * LEADING + 8 if label else 0.0


# Lines and the legend


def tip(points: Sequence[Point], weight: float) -> tuple[Point, tuple[Point, Point, Point]]:
    """Return where a line ends within its tip, and the corners of the tip."""
    (before_x, before_y), (x, y) = points[-2:]
    along = (_sign(x - before_x), _sign(y - before_y))
    base = (x - along[0] * (HEAD - 1), y - along[1] * (HEAD - 1))
    half = 4 + 2.5 * weight
    back = (x - along[0] * HEAD, y - along[1] * HEAD)
    left = (back[0] + along[1] * half, back[1] + along[0] * half)
    right = (back[0] - along[1] * half, back[1] - along[0] * half)
    return base, ((x, y), left, right)


def width_of(weight: float) -> float:
    """Return how wide the line of an arrow is."""
    return 1.5 + 3.5 * weight


def toward(corner: Point, other: Point) -> Point:
    """Return the point where a rounded corner ends, at most half way to the other point."""
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    radius = min(_ROUND, (abs(dx) + abs(dy)) / 2)
    return corner[0] + _sign(dx) * radius, corner[1] + _sign(dy) * radius


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


class Entry(NamedTuple):
    """An entry of the legend: a sample of an arrow, and what it means."""

    x: float
    y: float
    sample: str
    words: str


def legend(picture: Picture, layout: Layout) -> tuple[list[Entry], float, float]:
    """Return the legend of what is drawn, and the width and height of the whole."""
    entries = [
        (sample, words)
        for needed, sample, words in (
            (layout.starts, "start", "customers begin here"),
            (any(not arrow.dashed for arrow in picture.arrows), "event", "on an event"),
            (any(arrow.dashed for arrow in picture.arrows), "dashed", "after a time-out"),
            (any(arrow.back for arrow in picture.arrows), "back", "a way back"),
            (any(arrow.weight for arrow in picture.arrows), "", "the wider, the more often"),
        )
        if needed
    ]
    width = max(layout.right, 260.0)
    x, y = _MARGIN, layout.bottom + 34
    found = []
    for sample, words in entries:
        wide = 40 + _text_width(words, "note") + 18
        if x > _MARGIN and x + wide > width:
            x, y = _MARGIN, y + 20
        found.append(Entry(x, y, sample, words))
        x += wide
    return found, width, y + 14
