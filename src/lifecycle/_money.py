"""Money: whatever number the caller uses, in one currency.

The amounts of one call agree in kind: `Decimal` in, `Decimal` out, and never mixed with a
`float`; an `int` goes with either. Rates may always be floats.

Python rounds `Decimal` as the context of the caller's thread says, and raises what it
traps. The library has two contexts of its own instead, so that the same call gives the
same result everywhere: sums are exact, and all else is rounded to 28 digits.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from decimal import (
    MAX_EMAX,
    MAX_PREC,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from lifecycle import _checks
from lifecycle._checks import Number
from lifecycle.errors import InvalidValueError, MixedNumbersError

__all__ = [
    "added",
    "columns",
    "converter",
    "divided",
    "exact",
    "exactly",
    "held",
    "in_own_context",
    "minus",
    "mixing",
    "plus",
    "shown",
    "summed",
    "times",
    "written",
]

Params = ParamSpec("Params")
Result = TypeVar("Result")


def _context(digits: int, smallest: int, largest: int) -> Context:
    """Return a context that takes nothing from the caller's, nor from Python's default."""
    return Context(
        prec=digits,
        rounding=ROUND_HALF_EVEN,
        Emin=smallest,
        Emax=largest,
        capitals=1,
        clamp=0,
        flags=[],
        traps=[DivisionByZero, InvalidOperation, Overflow],
    )


_EXACT = _context(MAX_PREC, MIN_EMIN, MAX_EMAX)
_ROUNDED = _context(28, -999_999, 999_999)


def converter(amounts: Mapping[str, object]) -> Any:
    """Return what brings every number of a call to the kind of its amounts.

    Args:
        amounts: The money arguments of the call, by the paths that messages name.

    Returns:
        `exact` where an amount is a `Decimal`, else `float`.

    Raises:
        InvalidTypeError: An amount is not a number.
        InvalidValueError: An amount is not finite.
        MixedNumbersError: A `Decimal` and a `float` are mixed; both are named.
    """
    first: dict[type, tuple[str, Number]] = {}
    for argument, amount in amounts.items():
        found = _checks.known(_checks.number, argument, amount)
        first.setdefault(type(found), (argument, found))
    if Decimal in first and float in first:
        raise MixedNumbersError(*first[float], *first[Decimal])
    return exact if Decimal in first else float


def columns(amounts: Mapping[str, Sequence[Any]]) -> list[Sequence[Number]]:
    """Return the amounts of rows, checked as `converter` checks them.

    What holds of all is asked once; the place of an amount is looked for where it does not.

    Args:
        amounts: The amounts of each argument that has rows, by its name.
    """
    kinds = {kind for column in amounts.values() for kind in set(map(type, column))}
    are_plain = kinds <= {int, float} or kinds <= {int, Decimal}
    is_fine = _is_fine if Decimal in kinds else math.isfinite
    if are_plain and all(_are_all(is_fine, column) for column in amounts.values()):
        return list(amounts.values())
    converter(
        {
            f"{argument}[{i}].amount": amount
            for argument, column in amounts.items()
            for i, amount in enumerate(column)
        }
    )
    return [[_checks.number("amount", amount) for amount in column] for column in amounts.values()]


def exact(value: Number) -> Decimal:
    """Return a number as a `Decimal`; a float by its shortest text, so that 0.1 is 0.1."""
    return Decimal(str(value)) if isinstance(value, float) else Decimal(value)


def exactly() -> AbstractContextManager[Context]:
    """Return a context in which sums of `Decimal`s are not rounded, however many digits."""
    return localcontext(_EXACT)


def in_own_context(calculate: Callable[Params, Result]) -> Callable[Params, Result]:
    """Let a calculation round `Decimal`s to 28 digits, whatever context its caller is in.

    An iterator is read before: what the caller's generators compute is the caller's.
    """

    @wraps(calculate)
    def calculated(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        given: Any = [_read(value) for value in args]
        named: Any = {name: _read(value) for name, value in kwargs.items()}
        with localcontext(_ROUNDED):
            return calculate(*given, **named)

    return calculated


def _read(value: object) -> object:
    return list(value) if isinstance(value, Iterator) else value


def plus(one: Any, other: Any) -> Any:
    """Add two numbers; `Decimal`s exactly.

    Raises:
        TypeError: One is a `Decimal` and the other a float.
    """
    are_decimal = isinstance(one, Decimal) or isinstance(other, Decimal)
    return _EXACT.add(one, other) if are_decimal else one + other


def minus(one: Any, other: Any) -> Any:
    """Subtract a number from another; `Decimal`s exactly.

    Raises:
        TypeError: One is a `Decimal` and the other a float.
    """
    are_decimal = isinstance(one, Decimal) or isinstance(other, Decimal)
    return _EXACT.subtract(one, other) if are_decimal else one - other


def times(one: Any, other: Any) -> Any:
    """Multiply two numbers; `Decimal`s to 28 digits."""
    are_decimal = isinstance(one, Decimal) or isinstance(other, Decimal)
    return _ROUNDED.multiply(one, other) if are_decimal else one * other


def divided(amount: Any, by: Any) -> Any:
    """Divide numbers; `Decimal`s to 28 digits."""
    are_decimal = isinstance(amount, Decimal) or isinstance(by, Decimal)
    return _ROUNDED.divide(amount, by) if are_decimal else amount / by


def mixing(combine: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Take a float beside a Decimal by its shortest text: 0.1 is then Decimal("0.1")."""

    def combined(one: Any, other: Any) -> Any:
        if isinstance(one, Decimal) and isinstance(other, float):
            other = Decimal(str(other))
        elif isinstance(one, float) and isinstance(other, Decimal):
            one = Decimal(str(one))
        return combine(one, other)

    return combined


def written(amount: Decimal) -> str:
    """Return the digits of a `Decimal` as text that can be read back."""
    return _EXACT.to_sci_string(amount)


def added(*amounts: Any, less: Iterable[Any] = ()) -> Number:
    """Return a sum, less other amounts: exact, and of floats as near as a float can be."""
    less = tuple(less)
    if any(isinstance(amount, float) for amount in (*amounts, *less)):
        return summed((*amounts, *(-amount for amount in less)))
    with exactly():
        total: Number = sum(amounts) - sum(less)
    return total


def summed(amounts: Iterable[float]) -> float:
    """Return a sum of floats, rounded once, so that their order makes no difference."""
    try:
        total = math.fsum(amounts)
    except (OverflowError, ValueError):  # beyond floats on the way, or infinite on both sides
        total = math.inf
    result: float = held(total)
    return result


def held(result: Any) -> Any:
    """Return the result of a calculation, if a float can hold it."""
    if not _checks.finite(result):
        raise InvalidValueError("the result", result, "be within what a float holds")
    return result


@in_own_context
def shown(amount: Number) -> str:
    """Show money with two digits, and whole numbers, such as cents, as they are."""
    return f"{amount:,}" if isinstance(amount, int) else f"{amount:,.2f}"


def _is_fine(amount: Number) -> bool:
    return _checks.finite(amount) and (
        not isinstance(amount, Decimal) or _checks.is_bounded(amount)
    )


def _are_all(is_fine: Callable[[Any], bool], amounts: Sequence[Number]) -> bool:
    try:
        return all(map(is_fine, amounts))
    except (ValueError, OverflowError):  # a signaling NaN, an int beyond all floats
        return False
