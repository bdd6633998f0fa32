"""Columns of pyarrow, checked at once.

Each function returns None where not all values are plain and right, so that they are read one by
one, and the first that is not is named. Only attributes, and values of events, have gaps.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, tzinfo
from typing import Any

from lifecycle import _checks, _packages
from lifecycle.errors import InvalidValueError, LifecycleError
from lifecycle.logs import _arrays, _coding, _columns
from lifecycle.logs._columns import CodedColumn, InstantColumn, InstantForm, LogColumn, PlainColumn
from lifecycle.logs._given import Given
from lifecycle.logs._lists import BELOW, amount

__all__ = ["amounts", "attributes", "identifiers", "ids", "instants", "names"]

_TICKS = {"s": 1, "ms": 1_000, "us": 1_000_000}
"""How many a second has; nanoseconds reach from 1677 to 2262."""

_MANY = 2**18
"""How many values are at least worth a thread."""

_DAY = 86_400_000_000
_FIRST, _LAST = (_columns.micros(at) for at in (datetime.min, datetime.max))  # noqa: DTZ901


def identifiers(given: Given) -> CodedColumn | None:
    """Return ids that recur."""
    pyarrow = _packages.needed("pyarrow")
    values, types = given.values, pyarrow.types
    if types.is_floating(values.type):
        values = _whole_floats(values)
    return _whole(values) if types.is_integer(values.type) else names(given)


def _whole_floats(values: Any) -> Any:
    """Return floats that are all whole as whole numbers; others as they are."""
    compute = _packages.needed("pyarrow.compute")
    lowest, highest = compute.min_max(values.cast("float64")).as_py().values()
    if lowest is None or max(-lowest, highest) > _checks.EXACT:
        return values
    try:
        return values.cast("int64")
    except _packages.needed("pyarrow").ArrowInvalid:  # there are fractions
        return values


def _whole(values: Any) -> CodedColumn:
    """Return whole numbers that recur: by a table if they lie close together, else by a hash."""
    numbers = _numbers(values)
    near = None if isinstance(numbers, tuple) else _coding.of_near(numbers)
    if near is not None:
        codes, found = near
        return CodedColumn(codes, tuple(found.tolist()))
    encoded = _encoded(values)
    return CodedColumn(_numbers(encoded.indices), tuple(encoded.dictionary.to_pylist()))


def ids(given: Given) -> PlainColumn | None:
    """Return ids, each of which occurs once or so: whole numbers, or texts that are right."""
    types, values = _packages.needed("pyarrow").types, given.values
    if types.is_integer(values.type):
        return _numeric(values)
    if not types.is_large_string(values.type):
        return None
    texts = values.to_pylist()
    return PlainColumn(_arrays.of(texts)) if _are_right(texts) else None


def names(given: Given) -> CodedColumn | None:
    """Return names."""
    return _texts(given, _checks.name)


def _texts(given: Given, door: Callable[[str, Any], Any]) -> CodedColumn | None:
    """Return texts that recur, and None where one is missing; None for other values."""
    types, values = _packages.needed("pyarrow").types, given.values
    is_coded = types.is_dictionary(values.type)
    if not (is_coded or types.is_large_string(values.type)):
        return None
    if is_coded and values.null_count:
        values, is_coded = values.cast(values.type.value_type), False
    encoded = values if is_coded else _encoded(values)
    found = CodedColumn(_numbers(encoded.indices), tuple(encoded.dictionary.to_pylist()))
    if is_coded:
        found = found.recoded()
    return found if _are_right([text for text in found.values if text is not None], door) else None


def _are_right(texts: Sequence[str], door: Callable[[str, Any], Any] = _checks.name) -> bool:
    if all(map(str.isprintable, texts)) and all(map(str.strip, texts)):  # as most are
        return True
    try:
        return all(door("", text) is not None for text in texts)
    except LifecycleError:
        return False


def _encoded(values: Any) -> Any:
    """Return values with a dictionary, in which they come as they first appear.

    Each processor reads a part, as most of the time of many values goes into this.
    """
    pyarrow = _packages.needed("pyarrow")
    workers = pyarrow.cpu_count()
    step = max(-(-len(values) // workers), _MANY)
    if len(values) <= step or values.null_count:
        return values.dictionary_encode(null_encoding="encode")
    parts = (values[i : i + step] for i in range(0, len(values), step))
    with ThreadPoolExecutor(workers) as pool:
        encoded = list(pool.map(lambda part: part.dictionary_encode(), parts))
    return pyarrow.chunked_array(encoded).unify_dictionaries().combine_chunks()


def amounts(given: Given) -> PlainColumn | None:
    """Return numbers, and None where one is missing."""
    return _plain(given, amount)


def attributes(given: Given) -> LogColumn | None:
    """Return plain values, and None where one is missing."""
    return _texts(given, _checks.plain) or _plain(given, _checks.plain)


def _plain(given: Given, door: Callable[[str, Any], Any]) -> PlainColumn | None:
    """Return values: all numbers at once, others each checked once."""
    values = given.values
    found = None if values.null_count else _numeric(values)
    return _each_once(given, door) if found is None else found


def _numeric(values: Any) -> PlainColumn | None:
    """Return whole numbers of 64 bits, or finite floats; None for others."""
    pyarrow = _packages.needed("pyarrow")
    if pyarrow.types.is_integer(values.type):
        try:
            return PlainColumn(_numbers(values.cast("int64")))
        except pyarrow.ArrowInvalid:  # some are greater
            return None
    found = values.cast("float64") if pyarrow.types.is_floating(values.type) else None
    return None if found is None or not _are_finite(found) else PlainColumn(_numbers(found))


def _each_once(given: Given, door: Callable[[str, Any], Any]) -> PlainColumn | None:
    """Return values of which equal ones are alike, each checked once; None if one is not right."""
    pyarrow, values = _packages.needed("pyarrow"), given.values
    if pyarrow.types.is_dictionary(values.type):
        return None  # texts are no numbers
    if pyarrow.types.is_temporal(values.type) and not pyarrow.types.is_date32(values.type):
        return None  # several kinds of Python stand for these
    try:
        encoded = values.dictionary_encode(null_encoding="encode")
        found = [door(given.name, value) for value in encoded.dictionary.to_pylist()]
    except (LifecycleError, pyarrow.ArrowNotImplementedError):  # as of decimals of 32 bits
        return None
    return PlainColumn(_arrays.take(_arrays.of(found), _numbers(encoded.indices)))


def _are_finite(values: Any) -> bool:
    compute = _packages.needed("pyarrow.compute")
    return bool(compute.all(compute.is_finite(values), min_count=0).as_py())


def instants(given: Given) -> InstantColumn | None:
    """Return instants, or dates."""
    pyarrow = _packages.needed("pyarrow")
    kind = given.values.type
    if not (pyarrow.types.is_timestamp(kind) or pyarrow.types.is_date(kind)):
        return None
    is_date = pyarrow.types.is_date(kind)
    form = InstantForm(_zone(given, None if is_date else kind.tz), is_date=is_date)
    values = given.values.cast("date32").cast(pyarrow.timestamp("s")) if is_date else given.values
    values = values.cast("int64").cast(pyarrow.timestamp(values.type.unit))
    check = _without_nanoseconds if values.type.unit == "ns" else _within_years
    micros = _numbers(check(given, values, form).cast(pyarrow.timestamp("us")).cast("int64"))
    return InstantColumn(micros, (form,))


def _zone(given: Given, name: str | None) -> tzinfo | None:
    if name is None:
        return None
    found = _packages.needed("pyarrow").lib.string_to_tzinfo(name)
    return UTC if name == "UTC" else _checks.zone(given.name, found)


def _within_years(given: Given, values: Any, form: InstantForm) -> Any:
    """Return instants that Python has; in some zones it has none of the first and last day."""
    compute = _packages.needed("pyarrow.compute")
    numbers, tick = values.cast("int64"), _TICKS[values.type.unit]
    margin = 0 if form.zone in {None, UTC} else _DAY
    first, last = -((-_FIRST - margin) * tick // 1_000_000), (_LAST - margin) * tick // 1_000_000
    least, most = compute.min_max(numbers).as_py().values()
    if least is not None and not first <= least <= most <= last:
        bad = compute.or_(compute.less(numbers, first), compute.greater(numbers, last))
        raise _refused(given, values, bad, "be within years 1 to 9999")
    return values


def _without_nanoseconds(given: Given, values: Any, _: InstantForm) -> Any:
    """Return instants in whole microseconds."""
    pyarrow, compute = _packages.needed("pyarrow"), _packages.needed("pyarrow.compute")
    if given.floor:
        return compute.floor_temporal(values, unit="microsecond")
    try:
        return values.cast(pyarrow.timestamp("us"))
    except pyarrow.ArrowInvalid:
        whole = compute.floor_temporal(values, unit="microsecond")
        raise _refused(given, values, compute.not_equal(whole, values), BELOW) from None


def _refused(given: Given, values: Any, bad: Any, expected: str) -> InvalidValueError:
    """Return the error that names the first of the values that are bad."""
    i = _packages.needed("pyarrow.compute").index(bad, value=True).as_py()
    return InvalidValueError(given.place(i), values[i].cast("string").as_py(), expected)


def _numbers(values: Any) -> Any:
    """Return numbers of pyarrow as an array, of the same memory, which nothing changes."""
    if _packages.optional("numpy") is None:
        return tuple(values.to_pylist())
    found = values.to_numpy(zero_copy_only=False)
    found.flags.writeable = False
    return found
