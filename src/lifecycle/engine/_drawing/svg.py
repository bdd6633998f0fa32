"""Charts as SVG, for light and dark pages."""

import zlib
from collections.abc import Iterator, Sequence
from html import escape

from lifecycle.engine._drawing.chart import Chart
from lifecycle.engine._drawing.layout import (
    HEAD,
    LEADING,
    Entry,
    Layout,
    Point,
    Port,
    Route,
    Spot,
    legend,
    tip,
    toward,
    width_of,
)
from lifecycle.engine._drawing.palette import PALETTE
from lifecycle.engine._drawing.picture import Arrow, Line, Picture, picture_of

__all__ = ["draw", "write"]

_STYLE = """\
.~{direction:ltr;max-width:100%;height:auto;\
font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
:root.~{color-scheme:light dark;color:#24292f}
@media(prefers-color-scheme:dark){:root.~{color:#e6edf3}}
.~ text{fill:currentColor;stroke:none}
.~ .~-name{font-size:13px;font-weight:600;text-anchor:middle}
.~ .~-final{font-size:11px;text-anchor:middle;opacity:.75}
.~ .~-head{font-size:11px;font-weight:600;text-anchor:middle;letter-spacing:.05em}
.~ .~-if{font-size:11px;opacity:.8}
.~ .~-count{font-weight:700}
.~ .~-mid{text-anchor:middle}
.~ .~-end{text-anchor:end}
.~ .~-band{stroke:none;fill-opacity:.07}
.~-box{stroke-width:1.5;fill-opacity:.22}
.~ .~-inner{stroke-width:1;fill:none}
.~-note{stroke-dasharray:4 3}
.~-way path{fill:none;stroke:currentColor;stroke-opacity:.7;stroke-width:1.5;stroke-linecap:butt}
.~-way .~-tip{fill:currentColor;fill-opacity:.8;stroke:none}
.~-dashed .~-line{stroke-dasharray:5 4}
.~-back path{stroke:#2f9e63;stroke-opacity:1}
.~-back .~-tip{fill:#2f9e63;fill-opacity:1}
.~-faint{opacity:.5}
.~-way:hover path{stroke-opacity:1}
.~-way:hover text{text-decoration:underline}
""" + "".join(
    f".~-{kind}{{fill:{shade.line};stroke:{shade.line}}}\n" for kind, shade in PALETTE.items()
)


def write(chart: Chart) -> str:
    """Return a chart as an `<svg>` element."""
    return draw(picture_of(chart))


def draw(picture: Picture) -> str:
    """Return the picture as SVG that needs nothing else, for light and dark pages."""
    prefix = f"lc{zlib.crc32(repr(picture).encode()):08x}"
    layout = Layout(picture)
    return "\n".join(_svg(picture, layout, prefix))


def _svg(picture: Picture, layout: Layout, prefix: str) -> Iterator[str]:
    entries, width, height = legend(picture, layout)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{prefix}" role="img" '
        f'aria-label="{escape(picture.label)}" '
        f'viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}">'
    )
    yield f"<title>{escape(picture.title)}</title>"
    yield f"<desc>{escape(picture.description)}</desc>"
    yield f"<style>{_STYLE.replace('~', prefix)}</style>"
    yield from _bands(picture, layout, prefix)
    for spot in layout.spots:
        yield from _node(spot, prefix)
    for port in layout.starts:
        yield from _beginning(port, prefix)
    for spot, arrow in layout.falls.items():
        yield from _fall(arrow, spot, layout, prefix)
    for route in layout.routes:
        yield from _way(route, layout, prefix)
    yield from (_entry(entry, prefix) for entry in entries)
    yield "</svg>"


def _bands(picture: Picture, layout: Layout, prefix: str) -> Iterator[str]:
    for name, x, width in zip(picture.columns, layout.lefts, layout.widths, strict=False):
        height = layout.bottom + 10 - 8
        yield (
            f'<rect class="{prefix}-band {prefix}-{name}" x="{_n(x - 10)}" y="8" '
            f'width="{_n(width + 20)}" height="{_n(height)}" rx="10"/>'
        )
        yield _text(x + width / 2, 27, name, f"{prefix}-head")


def _node(spot: Spot, prefix: str) -> Iterator[str]:
    node, note = spot.node, spot.node.kind == "note"
    yield f"<g><title>{escape(node.title)}</title>"
    yield _rect(spot, 0, f"{prefix}-box {prefix}-{node.kind}", 13 if note else 8)
    if node.final:
        yield _rect(spot, 4, f"{prefix}-inner {prefix}-{node.kind}", 5)
    y = spot.y + spot.height / 2 + 4.5
    style = f"{prefix}-mid" if note else f"{prefix}-name"
    yield _text(spot.middle, y - (7 if node.final else 0), node.text, style)
    if node.final:
        yield _text(spot.middle, y + 8, "final", f"{prefix}-final")
    yield "</g>"


def _rect(spot: Spot, inset: float, style: str, radius: float) -> str:
    return (
        f'<rect class="{style}" x="{_n(spot.x + inset)}" y="{_n(spot.y + inset)}" '
        f'width="{_n(spot.width - 2 * inset)}" height="{_n(spot.height - 2 * inset)}" '
        f'rx="{_n(radius)}"/>'
    )


def _beginning(port: Port, prefix: str) -> Iterator[str]:
    x, y = port.x - 20, port.y
    yield f'<g class="{prefix}-way"><title>Customers begin here</title>'
    yield f'<circle class="{prefix}-tip" cx="{_n(x)}" cy="{_n(y)}" r="4.5"/>'
    yield _line([(x, y), (port.x, y)], 0, prefix)
    yield "</g>"


def _fall(arrow: Arrow, spot: Spot, layout: Layout, prefix: str) -> Iterator[str]:
    """Draw an arrow straight down to the next box, its line broken by its label."""
    x, bottom = spot.middle, layout.columns[spot.node.column][spot.row + 1].y
    room = len(arrow.label) * LEADING
    middle = (spot.bottom + bottom - HEAD / 2) / 2
    yield _group(arrow, prefix)
    if arrow.label:
        yield _stroke([(x, spot.bottom), (x, middle - room / 2 - 2)], arrow.weight, prefix)
    yield _line([(x, middle + room / 2 + 2), (x, bottom)], arrow.weight, prefix)
    yield from _label(arrow.label, x, middle + room / 2 - 3, f"{prefix}-mid", prefix)
    yield "</g>"


def _way(route: Route, layout: Layout, prefix: str) -> Iterator[str]:
    arrow, lane, out = route.arrow, route.lane, route.out
    yield _group(arrow, prefix)
    yield _line(route.points, arrow.weight, prefix)
    if lane is not None:
        x = layout.lefts[lane.over] + layout.widths[lane.over] / 2
        yield from _label(arrow.label, x, lane.y - 6, f"{prefix}-mid", prefix)
    elif out.right:
        yield from _label(arrow.label, out.x + 8, out.y - 6, "", prefix)
    else:
        yield from _label(arrow.label, out.x - 8, out.y - 6, f"{prefix}-end", prefix)
    yield "</g>"


def _group(arrow: Arrow, prefix: str) -> str:
    styles = {"way": True, "dashed": arrow.dashed, "back": arrow.back, "faint": arrow.faint}
    names = " ".join(f"{prefix}-{style}" for style, given in styles.items() if given)
    return f'<g class="{names}"><title>{escape(arrow.title)}</title>'


def _label(lines: Sequence[Line], x: float, last: float, anchor: str, prefix: str) -> Iterator[str]:
    for i, line in enumerate(reversed(lines)):
        yield _text(x, last - i * LEADING, line.text, f"{prefix}-{line.style} {anchor}".strip())


def _line(points: Sequence[Point], weight: float, prefix: str) -> str:
    """Draw a line with rounded corners and a tip."""
    base, corners = tip(points, weight)
    stroke = _stroke([*points[:-1], base], weight, prefix)
    return f'{stroke}<path class="{prefix}-tip" d="M{" L".join(map(_p, corners))}Z"/>'


def _stroke(points: Sequence[Point], weight: float, prefix: str) -> str:
    turns = "".join(_turn(*three) for three in zip(points, points[1:], points[2:], strict=False))
    style = f' style="stroke-width:{_n(width_of(weight))}"' if weight else ""
    way = f"M{_p(points[0])}{turns}L{_p(points[-1])}"
    return f'<path class="{prefix}-line" d="{way}"{style}/>'


def _turn(before: Point, corner: Point, after: Point) -> str:
    start, end = toward(corner, before), toward(corner, after)
    return f"L{_p(start)}Q{_p(corner)} {_p(end)}"


def _entry(entry: Entry, prefix: str) -> str:
    x, y, sample, words = entry
    style = f"{prefix}-way {prefix}-{sample}" if sample else f"{prefix}-way"
    dot = f'<circle class="{prefix}-tip" cx="{_n(x + 4)}" cy="{_n(y)}" r="4.5"/>'
    line = _line([(x, y), (x + 32, y)], 0.0 if sample else 1.0, prefix)
    return (
        f'<g class="{style}">{dot if sample == "start" else ""}{line}'
        f"{_text(x + 40, y + 4, words, f'{prefix}-if')}</g>"
    )


def _text(x: float, y: float, words: str, style: str) -> str:
    return f'<text class="{style}" x="{_n(x)}" y="{_n(y)}">{escape(words)}</text>'


def _p(point: Point) -> str:
    return f"{_n(point[0])} {_n(point[1])}"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
