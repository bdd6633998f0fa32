"""`by=`: one result for each group, in every calculator and insight."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Generic, TypeVar

import attrs

from lifecycle import _inputs
from lifecycle._checks import Number
from lifecycle._dataframes import Cells, frame_of
from lifecycle._tables import Kind, Table, cut, in_words, plain
from lifecycle._values import call
from lifecycle.errors import InvalidValueError, LifecycleError, UnknownNameError

__all__ = ["Groups"]


Part = TypeVar("Part")
Result = TypeVar("Result")


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Groups(Generic[Result]):
    """One result for each group: a table, a rate, a score, or whatever the question has.

    `str` and a notebook show all of up to 60 groups, and of more the first and last ten.

    Attributes:
        results: The groups with their results, sorted by group, None last.

    Examples:
        >>> from lifecycle import CustomerBase, presets
        >>> shop, may = presets.retail(), datetime(2026, 5, 1, tzinfo=UTC)
        >>> base = CustomerBase(
        ...     shop.replay(name, [Event("purchase", may)], attributes={"plan": plan})
        ...     for name, plan in [("ann", "gold"), ("bob", "basic"), ("cy", "gold")]
        ... )
        >>> found = base.by("plan").drop_off()
        >>> [(plan, table.row("prospect").stays) for plan, table in found.results]
        [('basic', 1), ('gold', 2)]
        >>> found["gold"].row("prospect").conversion
        Rate(2, 2)
    """

    results: tuple[tuple[Any, Result], ...]

    def __repr__(self) -> str:
        return call(self)

    @property
    def groups(self) -> tuple[Any, ...]:
        """The groups, sorted, None last."""
        return tuple(group for group, _ in self.results)

    @property
    def rows(self) -> tuple[tuple[Any, Any], ...]:
        """The rows of all tables, each with its group."""
        results: Iterable[tuple[Any, Any]] = self.results
        return tuple((group, row) for group, table in results for row in table.rows)

    def __getitem__(self, group: Hashable) -> Result:
        for found, table in self.results:
            if found == group:
                return table
        names = [name for name in self.groups if isinstance(name, str)]
        if names and isinstance(group, str):
            raise UnknownNameError("group", group, names)
        raise InvalidValueError("group", group, f"be one of {list(self.groups)}")

    def __iter__(self) -> Iterator[Any]:
        return iter(self.groups)

    def __len__(self) -> int:
        return len(self.results)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the rows of all tables as plain dicts, each with its group.

        A result that is no table, such as a rate, is one row of its figures.
        """
        return [{"group": group, **row} for group, found in self.results for row in _rows(found)]

    def to_dict(self) -> dict[str, Any]:
        """Return the results as data that `json.dumps` takes.

        Returns:
            "groups": for each group its "group" and what `to_dict` of its table returns; of a
            result that is no table, its figures.
        """
        groups = [{"group": plain(group), **_data(found)} for group, found in self.results]
        return {"groups": groups}

    def to_frame(self, kind: Kind | None = None, *, like: Any = None, naive: bool = False) -> Any:
        """Return the rows of all tables as one dataframe, each with its group in a column `group`.

        A column that only some tables have is missing in the rows of the others.

        Args:
            kind: "pandas", "polars" or "pyarrow"; pandas by default.
            like: A dataframe, instead of the kind, as in `to_frame` of a table.
            naive: Whether instants are local times of their zone, without it.

        Returns:
            A dataframe whose columns have the types that `to_frame` of a table gives them.

        Raises:
            InvalidTypeError: As `to_frame` of a table; or groups are of several types, which
                only pandas can hold.
            MissingExtraError: pyarrow, or the package of the dataframe, is not installed.
            UnknownNameError: There is no such kind.
        """
        tables: list[Any] = [found for _, found in self.results if isinstance(found, Table)]
        zone, keys = (tables[0]._zone(), tables[0]._named_by) if tables else (None, ())  # noqa: SLF001  (what groups share)
        return frame_of(self._cells(), zone, ("group", *keys), kind, like, naive=naive)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.to_frame("pyarrow").__arrow_c_stream__(requested_schema)

    def _cells(self) -> dict[str, Cells]:
        """Return the values of each column, those of all groups one after another."""
        parts = [_cells(found) for _, found in self.results]
        sizes = [max((len(each.values) for each in cells.values()), default=0) for cells in parts]
        names = dict.fromkeys(name for cells in parts for name in cells)
        groups = [group for group, n in zip(self.groups, sizes, strict=True) for _ in range(n)]
        return {"group": Cells(object, groups), **{n: _joined(n, parts, sizes) for n in names}}

    def __str__(self) -> str:
        first, between, last = cut(self.results, "groups")
        return "\n\n".join([*map(_text, first), *filter(None, [between]), *map(_text, last)])

    def _repr_html_(self) -> str:
        first, between, last = cut(self.results, "groups")
        return f"{_html(first)}{between and f'<p>{between}</p>'}{_html(last)}"


def made(parts: Mapping[Any, Part], make: Callable[[Part], Result]) -> Groups[Result]:
    """Make a result for each group, sorted by group, None last."""
    named = _inputs.in_order(group for group in parts if group is not None)
    groups = [*named, None] if None in parts else named
    return Groups(results=tuple((group, _made(make, group, parts[group])) for group in groups))


def _made(make: Callable[[Part], Result], group: object, part: Part) -> Result:
    try:
        return make(part)
    except LifecycleError as error:
        error.add_note(f"in the group {group!r}")
        raise


def _rows(result: Any) -> list[dict[str, Any]]:
    return result.to_rows() if hasattr(result, "to_rows") else [_figures(result)]


def _cells(result: Any) -> dict[str, Cells]:
    """Return the columns of a table, or those of figures, of which there is one each."""
    if isinstance(result, Table):
        return result._cells()  # noqa: SLF001  (what a table is made of)
    return {name: Cells(Number, [value]) for name, value in _figures(result).items()}


def _joined(name: str, parts: Sequence[Mapping[str, Cells]], sizes: Sequence[int]) -> Cells:
    """Return one column of several tables, without values where a table lacks it."""
    kind = next(cells[name].kind for cells in parts if name in cells)
    absent = (Cells(kind, [None] * size) for size in sizes)
    found = (cells.get(name, other) for cells, other in zip(parts, absent, strict=True))
    return Cells(kind, [value for cells in found for value in cells.values])


def _data(result: Any) -> dict[str, Any]:
    if hasattr(result, "to_dict"):
        return dict(result.to_dict())
    return {name: plain(value) for name, value in _figures(result).items()}


def _figures(result: Any) -> dict[str, Any]:
    """Return the figures of a result that is no table: its own, or a number."""
    return dict(result._figures()) if hasattr(result, "_figures") else {"value": result}  # noqa: SLF001  (what a result shows)


def _text(part: tuple[Any, Any]) -> str:
    group, result = part
    return f"{_label(group)}\n{result}"


def _html(parts: Sequence[tuple[Any, Any]]) -> str:
    return "".join(f"<h4>{escape(_label(group))}</h4>{_body(result)}" for group, result in parts)


def _body(result: Any) -> Any:
    if hasattr(result, "_repr_html_"):
        return result._repr_html_()
    return f"<p>{escape(str(result))}</p>"


def _label(group: Any) -> str:
    return "(none)" if group is None else in_words(group)
