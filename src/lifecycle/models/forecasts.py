"""Forecasts for customers, who stay with what is forecast for them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

import attrs

from lifecycle._checks import Id, Number
from lifecycle._dataframes import Cells
from lifecycle._tables import Column, Table, cut
from lifecycle.models._customers import plain

__all__ = ["Forecast", "ForecastTable"]


class Forecast(NamedTuple):
    """The forecast for one customer.

    Attributes:
        customer: The id.
        value: What is forecast: a probability, a number of purchases, or money.
    """

    customer: Id
    value: Any


def _compared(values: Any) -> tuple[Any, ...]:
    return tuple(plain(values))


@attrs.frozen(kw_only=True, repr=False)
class ForecastTable(Table[Forecast]):
    """A forecast for each customer, in the order in which the customers were given.

    Iterating yields (customer, value) pairs, so that `dict(table)` looks customers up.
    The table can be a column of a dataframe: `frame["p_alive"] = model.p_alive(frame)`.

    Attributes:
        figure: What is forecast: the name of the method, such as "p_alive".
        customers: The ids of the customers.
        values: The forecasts alone, for arithmetic: a list, or an array where the customers
            came in arrays or in a dataframe.
    """

    _named_by = ("customer",)

    figure: str
    customers: tuple[Id, ...] = attrs.field(converter=tuple[Id, ...])
    values: Any = attrs.field(eq=_compared)

    @property
    def rows(self) -> Sequence[Forecast]:
        """The rows, made when they are asked for: a `Forecast` for each customer."""
        return tuple(self)

    def __len__(self) -> int:
        return len(self.customers)

    def __iter__(self) -> Iterator[Forecast]:
        return map(Forecast, self.customers, plain(self.values))

    @cached_property
    def _places(self) -> dict[Id, int]:
        return {customer: place for place, customer in enumerate(self.customers)}

    def _at(self, place: int) -> Forecast:
        return Forecast(self.customers[place], *plain(self.values[place : place + 1]))

    def _near(self, sought: Mapping[str, Any]) -> Sequence[Forecast]:
        customer = sought["customer"]
        place = self._places.get(customer) if isinstance(customer, Id) else None
        return self.rows if place is None else [self._at(place)]

    def _columns(self) -> Sequence[Column]:
        kinds = {"customer": object, "value": Number}
        return [Column(name, kind, attrgetter(name)) for name, kind in kinds.items()]

    def _cells(self) -> dict[str, Cells]:
        values = Cells(Number, plain(self.values))
        return {"customer": Cells(object, self.customers), "value": values}

    def _cut(self) -> tuple[Sequence[Forecast], str, Sequence[Forecast]]:
        first, between, last = cut(range(len(self)), "rows")
        return list(map(self._at, first)), between, list(map(self._at, last))

    def _title(self) -> str:
        return f"{self.figure}, {len(self):,} customers"

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """Return the values as numpy reads them, and with it pandas."""
        import numpy as np

        return np.array(self.values, dtype=dtype, copy=copy)


def by_customer(figure: str, customers: Sequence[Id] | None, values: Any) -> Any:
    """Return forecasts with the customers that they are for; alone, where none are known."""
    if customers is None:
        return values
    return ForecastTable(figure=figure, customers=customers, values=values)
