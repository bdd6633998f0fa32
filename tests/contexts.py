"""Decimal contexts in which a host may call the library."""

from decimal import (
    ROUND_UP,
    Context,
    Decimal,
    FloatOperation,
    Inexact,
    InvalidOperation,
    Rounded,
    Subnormal,
)

HOSTS = {
    "of four digits": Context(prec=4),
    "of one digit that traps nothing": Context(prec=1, traps=[]),
    "that rounds up": Context(prec=9, rounding=ROUND_UP),
    "that traps what is rounded": Context(traps=[Inexact, Rounded, Subnormal, InvalidOperation]),
    "that traps floats": Context(traps=[FloatOperation]),
    "of small exponents": Context(Emin=-3, Emax=3),
    "of small letters": Context(capitals=0),
}

AMOUNTS = tuple(map(Decimal, ("99.99", "0.0001", "0.0098", "1234567.891", "33.33")))
"""Amounts, most sums, products and quotients of which have more than four digits."""
