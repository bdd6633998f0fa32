"""RFM segments: customers cut by rules on their scores."""

import math
import operator
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise, product
from typing import Any, NamedTuple, overload

import attrs

from lifecycle import _checks, _inputs
from lifecycle._activity import Id
from lifecycle._checks import Number
from lifecycle._groups import Groups, made
from lifecycle._tables import Column, Table, many, percent
from lifecycle._values import call
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics._amounts import total_of
from lifecycle.metrics._columns import items
from lifecycle.metrics._customer_tables import (
    MEASURES,
    CustomerRows,
    TableByCustomer,
    column,
    customer_column,
    split,
    values,
)
from lifecycle.metrics.rfm_scores import ScoreTable
from lifecycle.rates import Rate

__all__ = [
    "MemberTable",
    "Segment",
    "SegmentMember",
    "SegmentRule",
    "SegmentTable",
    "segments",
]

ScoreCell = tuple[int, ...]
Claims = Mapping[ScoreCell, Sequence[int]]

_OVERLAPS = ("raise", "first")

_READ = ("monetary", *(f"{measure}_score" for measure in MEASURES))
"""What is read of the scores of a customer."""


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class SegmentRule:
    """The range of scores of each measure that makes a segment.

    Several rules can name one segment.

    Args:
        name: The segment.
        recency: The lowest and the highest score of recency, both included; None for all.
        frequency: The same for frequency.
        monetary: The same for monetary value.

    Raises:
        InvalidTypeError: A range is not a pair of whole numbers.
        InvalidValueError: `name` is blank, or a range begins below 1 or ends before it begins.

    Examples:
        >>> SegmentRule("Champions", recency=(4, 5), frequency=(4, 5))
        SegmentRule('Champions', recency=(4, 5), frequency=(4, 5))
    """

    name: str
    recency: tuple[int, int] | None = None
    frequency: tuple[int, int] | None = None
    monetary: tuple[int, int] | None = None

    def __init__(
        self,
        name: str,
        *,
        recency: tuple[int, int] | None = None,
        frequency: tuple[int, int] | None = None,
        monetary: tuple[int, int] | None = None,
    ) -> None:
        self.__attrs_init__(
            name=_checks.name("name", name),
            recency=_range("recency", recency),
            frequency=_range("frequency", frequency),
            monetary=_range("monetary", monetary),
        )

    def __repr__(self) -> str:
        return call(self, "name")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Segment:
    """The size of a segment.

    Attributes:
        name: Its name.
        customers: How many customers are in it.
        share: Their share of all customers.
        monetary: What they spent together.
    """

    name: str
    customers: int
    share: Rate
    monetary: Number


class SegmentMember(NamedTuple):
    """A customer in a segment.

    Attributes:
        customer: The id.
        segment: The name of the segment.
    """

    customer: Id
    segment: str


@attrs.frozen(repr=False, weakref_slot=False)
class MemberTable(TableByCustomer[SegmentMember]):
    """The segment of each customer, sorted by id.

    Iterating yields (customer, segment) pairs, so that `dict(table)` looks customers up.

    Attributes:
        rows: A `SegmentMember` for each customer, made when it is read.
    """

    rows: Sequence[SegmentMember]

    def _columns(self) -> Sequence[Column]:
        return [customer_column(), column("segment", str)]

    def _title(self) -> str:
        return f"Segments of {many(len(self.rows), 'customer')}"


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class SegmentTable(Table[Segment]):
    """Customers by segment.

    Attributes:
        rows: A `Segment` for each name, in the order of the rules; `otherwise` comes last.
        members: The segment of each customer, as a table; `dict(members)` looks one up.
    """

    _named_by = ("segment",)

    rows: tuple[Segment, ...]
    members: MemberTable

    def _columns(self) -> Sequence[Column]:
        share_of = operator.attrgetter("share.value")
        share = Column("share", float, share_of, percent, share_of)
        name = Column("segment", str, operator.attrgetter("name"))
        customers, monetary = column("customers", int), column("monetary", Number)
        return [name, customers, share, monetary]

    def _title(self) -> str:
        return "Segments of customers"


@overload
def segments(
    scores: ScoreTable,
    *,
    rules: Iterable[SegmentRule],
    overlap: str = "raise",
    otherwise: str | None = None,
    by: None = None,
) -> SegmentTable: ...
@overload
def segments(
    scores: ScoreTable,
    *,
    rules: Iterable[SegmentRule],
    overlap: str = "raise",
    otherwise: str | None = None,
    by: Mapping[Any, Hashable],
) -> Groups[SegmentTable]: ...
def segments(
    scores: ScoreTable,
    *,
    rules: Iterable[SegmentRule],
    overlap: str = "raise",
    otherwise: str | None = None,
    by: Mapping[Any, Hashable] | None = None,
) -> Any:
    """Put each customer into a segment by the three scores.

    All combinations of scores (cells) are checked, not only those of the customers, so rules
    that are accepted today do not fail on next month's customers.

    Args:
        scores: The scores, as `scores` returns them.
        rules: Which scores make which segment.
        overlap: What to do where rules of different segments share cells: "raise", or "first"
            to take the first one in the order of `rules`.
        otherwise: The segment of the scores that no rule covers; None to raise where there
            are such scores.
        by: A mapping of customers to groups, such as the channels they came by; their scores
            stay what they are among all customers. None for one table of all.

    Returns:
        One row for each segment, empty ones included, and each customer's segment. With `by`,
        such a table for each group.

    Raises:
        InvalidTypeError: `scores` or a rule is something else.
        InvalidValueError: A rule goes beyond the scores, or earlier rules cover all of its
            cells; rules overlap and `overlap` is "raise"; or no rule covers some cells and
            `otherwise` is None.
        UnknownNameError: `overlap` is not one of those accepted.

    Convention:
        R's `rfm_segment` takes the first rule in the order of the list, and "Others" where
        there is none: `overlap="first", otherwise="Others"`. The rules that its guide prints
        overlap in 58 of the 125 cells, so their order decides.

    Examples:
        >>> from lifecycle.metrics.rfm import scores
        >>> orders = [(i, date(2026, 1, i), 10.0 * i) for i in range(1, 6)]
        >>> recent = segments(
        ...     scores(orders, until=date(2026, 1, 31)),
        ...     rules=[
        ...         SegmentRule("recent", recency=(4, 5)),
        ...         SegmentRule("at risk", recency=(1, 3)),
        ...     ],
        ... )
        >>> print(recent)
        Segments of customers
        segment  customers  share  monetary
        recent           2  40.0%        90
        at risk          3  60.0%        60
    """
    if not isinstance(scores, ScoreTable):
        raise InvalidTypeError("scores", scores, "be what rfm.scores returns")
    overlap = _checks.choice("overlap", overlap, _OVERLAPS)
    rest = None if otherwise is None else _checks.name("otherwise", otherwise)
    given = _rules(rules, scores.bins)
    if by is not None:
        parts = {group: attrs.evolve(scores, rows=rows) for group, rows in split(scores.rows, by)}
        return made(parts, partial(segments, rules=given, overlap=overlap, otherwise=rest))
    cuts = _cuts(given, scores.bins)
    plan = _plan(given, scores.bins, cuts, overlap, rest)
    monetary, *measured = (items(values(scores.rows, name)) for name in _READ)
    cells = list(zip(*measured, strict=True))
    segment_by = {cell: plan[_block(cuts, cell)] for cell in set(cells)}
    segment_of = list(map(segment_by.__getitem__, cells))
    spent: dict[str, list[Number]] = {
        name: [] for name in (*(rule.name for rule in given), *plan.values())
    }
    for amount, segment in zip(monetary, segment_of, strict=True):
        spent[segment].append(amount)
    everyone = len(scores.rows)
    nothing = 0 * monetary[0] if monetary else 0
    rows = (
        Segment(
            name=name,
            customers=len(amounts),
            share=Rate(len(amounts), everyone),
            monetary=total_of([nothing, *amounts]),
        )
        for name, amounts in spent.items()
    )
    columns = {"customer": values(scores.rows, "customer"), "segment": segment_of}
    members = MemberTable(CustomerRows(SegmentMember, columns))
    return SegmentTable(rows=tuple(rows), members=members)


def _range(measure: str, given: object) -> tuple[int, int] | None:
    if given is None:
        return None
    if not isinstance(given, tuple | list) or len(given) != 2:  # noqa: PLR2004  (lowest, highest)
        raise InvalidTypeError(measure, given, "be a pair of scores, the lowest and the highest")
    low, high = (_checks.whole(f"{measure}[{i}]", x, least=1) for i, x in enumerate(given))
    if low > high:
        raise InvalidValueError(measure, given, "begin with the lowest score")
    return low, high


def _rules(rules: Iterable[SegmentRule], bins: int) -> tuple[SegmentRule, ...]:
    found = tuple(_inputs.series("rules", rules))
    for i, rule in enumerate(found):
        if not isinstance(rule, SegmentRule):
            raise InvalidTypeError(f"rules[{i}]", rule, "be an rfm.SegmentRule")
        for measure, scored in zip(MEASURES, _ranges(rule, bins), strict=True):
            if scored[-1] > bins:
                path = f"rules[{i}].{measure}"
                raise InvalidValueError(path, getattr(rule, measure), f"end at {bins} at most")
    return found


def _ranges(rule: SegmentRule, bins: int) -> tuple[range, ...]:
    given = (getattr(rule, measure) or (1, bins) for measure in MEASURES)
    return tuple(range(low, high + 1) for low, high in given)


# Cells that no rule cuts apart are in the same segment: a block of them, which goes by its lowest
# cell. There are few blocks however fine the scores are.


def _cuts(rules: Sequence[SegmentRule], bins: int) -> list[list[int]]:
    """Return the scores of each measure at which blocks begin: where a rule does, or has ended."""
    spans = [_ranges(rule, bins) for rule in rules]
    return [
        sorted({1, *(x for span in spans for x in (span[j].start, span[j].stop) if x <= bins)})
        for j in range(len(MEASURES))
    ]


def _block(cuts: Sequence[Sequence[int]], cell: ScoreCell) -> ScoreCell:
    """Return the block that contains a cell."""
    pairs = zip(cuts, cell, strict=True)
    return tuple(starts[bisect_right(starts, score) - 1] for starts, score in pairs)


def _sizes(cuts: Sequence[Sequence[int]], bins: int) -> dict[ScoreCell, int]:
    """Return how many cells each block has."""
    lengths = [[b - a for a, b in pairwise([*starts, bins + 1])] for starts in cuts]
    return dict(zip(product(*cuts), map(math.prod, product(*lengths)), strict=True))


def _plan(
    rules: Sequence[SegmentRule],
    bins: int,
    cuts: Sequence[Sequence[int]],
    overlap: str,
    otherwise: str | None,
) -> dict[ScoreCell, str]:
    """Return the segment of every block of cells."""
    sizes = _sizes(cuts, bins)
    spans = [_ranges(rule, bins) for rule in rules]
    claims = {
        block: [i for i, span in enumerate(spans) if all(map(operator.contains, span, block))]
        for block in sizes
    }
    if overlap == "raise":
        _check_apart(rules, claims, sizes)
    _check_reachable(rules, claims)
    named = {block: rules[claim[0]].name for block, claim in claims.items() if claim}
    if otherwise is None:
        _check_complete(claims, sizes)
        return named
    return dict.fromkeys(claims, otherwise) | named


def _check_apart(
    rules: Sequence[SegmentRule], claims: Claims, sizes: Mapping[ScoreCell, int]
) -> None:
    names = {block: tuple({rules[i].name: i for i in claim}) for block, claim in claims.items()}
    shared = {block: claim for block, claim in names.items() if len(claim) > 1}
    if shared:
        cells = f"{sum(map(sizes.__getitem__, shared))} of {sum(sizes.values())} cells"
        expected = f"not share cells, as they do {cells}, unless overlap is 'first'"
        raise InvalidValueError("rules", dict([next(iter(shared.items()))]), expected)


def _check_reachable(rules: Sequence[SegmentRule], claims: Claims) -> None:
    first = {claim[0] for claim in claims.values() if claim}
    for i, rule in enumerate(rules):
        if i not in first:
            raise InvalidValueError(f"rules[{i}]", rule, "have a cell that no earlier rule has")


def _check_complete(claims: Claims, sizes: Mapping[ScoreCell, int]) -> None:
    gaps = [block for block, claim in claims.items() if not claim]
    if gaps:
        expected = "cover every cell of scores, or otherwise name the segment of the rest"
        cells = sum(map(sizes.__getitem__, gaps))
        raise InvalidValueError("rules", f"{cells} uncovered, such as {gaps[0]}", expected)
