"""Sets of small whole numbers, each kept as one number that has a bit for each of them.

Such a set costs little, is joined and shifted in one step, and can be counted by.
"""

from collections.abc import Iterator

__all__ = ["bits"]


def bits(numbers: int) -> Iterator[int]:
    """Iterate over the numbers of a set, ascending."""
    while numbers:
        lowest = numbers & -numbers
        yield lowest.bit_length() - 1
        numbers ^= lowest
