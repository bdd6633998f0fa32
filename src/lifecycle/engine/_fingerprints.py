"""A text that equal definitions share, on any machine."""

import hashlib
import json
from decimal import Decimal
from typing import Any

from lifecycle import _checks, _money
from lifecycle.engine._reading import Data
from lifecycle.engine._scalars import instant_from_text

__all__ = ["fingerprint"]


def fingerprint(data: Data) -> str:
    """Return the SHA-256 of the data of a definition, in hexadecimal."""
    text = json.dumps(_canonical(data), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(data: Any) -> Any:
    """Write alike what is equal: 500 and Decimal("500.00"), one instant in two zones."""
    if isinstance(data, list):
        return [_canonical(item) for item in data]
    if isinstance(data, int | float) and not isinstance(data, bool):
        return _canonical_number(Decimal(data))
    if not isinstance(data, dict):
        return data
    if list(data) == ["decimal"]:
        return _canonical_number(Decimal(data["decimal"]))
    if list(data) == ["instant"]:
        return {"instant": _checks.utc(instant_from_text("instant", data["instant"])).isoformat()}
    return {key: _canonical(item) for key, item in data.items()}


def _canonical_number(number: Decimal) -> Data:
    """Write a number by all of its digits, without zeros after the point."""
    with _money.exactly():
        return {"number": format(number.normalize() if number else Decimal(), "f")}
