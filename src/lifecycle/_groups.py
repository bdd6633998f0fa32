"""`by=`: one result for each group, in every calculator and insight."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Generic, TypeVar

import attrs

from lifecycle import _inputs
from lifecycle._tables import cut, in_words, plain
from lifecycle._values import call
from lifecycle.errors import InvalidValueError, LifecycleError

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
        >>> from lifecycle import insights, presets
        >>> shop, may = presets.retail(), datetime(2026, 5, 1, tzinfo=UTC)
        >>> journeys = [
        ...     shop.replay(name, [Event("purchase", may)], attributes={"plan": plan})
        ...     for name, plan in [("ann", "gold"), ("bob", "basic"), ("cy", "gold")]
        ... ]
        >>> found = insights.drop_off(journeys, by="plan")
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
    return result.to_rows() if hasattr(result, "to_rows") else [dict(result._figures())]  # noqa: SLF001


def _data(result: Any) -> dict[str, Any]:
    if hasattr(result, "to_dict"):
        return dict(result.to_dict())
    return {name: plain(value) for name, value in result._figures().items()}  # noqa: SLF001


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
