"""Logs read from the dataframes of each library; a test skips where the library is missing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from lifecycle import EventLog

OWN = ("customer", "at", "value", "event", "id")


def of_pandas(columns: Mapping[str, Sequence[Any]]) -> Any:
    return pytest.importorskip("pandas").DataFrame({**columns})


def of_objects(columns: Mapping[str, Sequence[Any]]) -> Any:
    return pytest.importorskip("pandas").DataFrame({**columns}, dtype=object)


def of_nullable(columns: Mapping[str, Sequence[Any]]) -> Any:
    return of_pandas(columns).convert_dtypes()


def of_arrow_dtypes(columns: Mapping[str, Sequence[Any]]) -> Any:
    return of_table(columns).to_pandas(types_mapper=pytest.importorskip("pandas").ArrowDtype)


def of_categories(columns: Mapping[str, Sequence[Any]]) -> Any:
    return of_pandas(columns).astype({"customer": "category"})


def of_polars(columns: Mapping[str, Sequence[Any]]) -> Any:
    return pytest.importorskip("polars").DataFrame({**columns})


def of_lazy(columns: Mapping[str, Sequence[Any]]) -> Any:
    return of_polars(columns).lazy()


def of_table(columns: Mapping[str, Sequence[Any]]) -> Any:
    return pytest.importorskip("pyarrow").table({**columns})


def of_chunks(columns: Mapping[str, Sequence[Any]]) -> Any:
    table = of_table(columns)
    cut = len(table) // 3
    return pytest.importorskip("pyarrow").concat_tables([table[:cut], table[cut:cut], table[cut:]])


def of_dictionaries(columns: Mapping[str, Sequence[Any]]) -> Any:
    """Make a table whose chunks have dictionaries of their own."""
    pyarrow = pytest.importorskip("pyarrow")
    table = of_chunks(columns)
    is_text = pyarrow.types.is_string
    names = [name for name in columns if is_text(table.schema.field(name).type)]
    encoded = [
        pyarrow.table({n: c[n].dictionary_encode() if n in names else c[n] for n in columns})
        for c in map(pyarrow.Table.from_batches, ([batch] for batch in table.to_batches()))
    ]
    return pyarrow.concat_tables(encoded) if encoded else table


def of_stream(columns: Mapping[str, Sequence[Any]]) -> Any:
    return of_chunks(columns).to_reader()


def of_duckdb(columns: Mapping[str, Sequence[Any]]) -> Any:
    return pytest.importorskip("duckdb").from_arrow(of_table(columns))


def of_ibis(columns: Mapping[str, Sequence[Any]]) -> Any:
    return pytest.importorskip("ibis").memtable(of_table(columns))


FRAMES: Mapping[str, Callable[[Mapping[str, Sequence[Any]]], Any]] = {
    "pandas": of_pandas,
    "pandas objects": of_objects,
    "pandas nullable": of_nullable,
    "pandas arrow": of_arrow_dtypes,
    "pandas categories": of_categories,
    "polars": of_polars,
    "polars lazy": of_lazy,
    "pyarrow": of_table,
    "pyarrow chunks": of_chunks,
    "pyarrow dictionaries": of_dictionaries,
    "arrow stream": of_stream,
    "duckdb": of_duckdb,
    "ibis": of_ibis,
}
"""What makes a dataframe of columns, by library."""


def read(library: str, columns: Mapping[str, Sequence[Any]], **options: Any) -> EventLog:
    """Return the log of a dataframe with these columns."""
    pytest.importorskip("narwhals")
    own = {name: name for name in columns if name in OWN}
    others = [name for name in columns if name not in OWN]
    return EventLog.from_frame(FRAMES[library](columns), **own, attributes=others, **options)
