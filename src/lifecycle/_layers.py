"""Dicts that grow as values: each new one shares what it can with the one before.

To copy a dict for each key that is added takes time in proportion to the square of their
number. So what is large is in layers, of which a later one overrides the earlier; a
new layer takes in those before it that are no larger, so that there are few, and each key
is copied a few times at most.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

__all__ = ["Items", "joined"]

_SMALL = 32
"""Up to how many keys a dict is copied: it takes less than looking through one more layer."""


class _Layers(Mapping[str, object]):
    """A mapping of several dicts, read from the last to the first."""

    __slots__ = ("dicts",)
    dicts: tuple[dict[str, object], ...]

    def __init__(self, dicts: tuple[dict[str, object], ...]) -> None:
        self.dicts = dicts

    def __getitem__(self, key: str) -> object:
        for layer in reversed(self.dicts):
            if key in layer:
                return layer[key]
        raise KeyError(key)

    def whole(self) -> dict[str, object]:
        """Return all in one dict, each key where it was first set."""
        found: dict[str, object] = {}
        for layer in self.dicts:
            found.update(layer)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.whole())

    def __len__(self) -> int:
        return len(self.whole())


Items: TypeAlias = dict[str, object] | _Layers
"""What attributes are kept in; nothing changes it once it is made."""


def joined(items: Items, new: Mapping[str, object]) -> Items:
    """Return what a dict with other keys and values set holds, leaving it as it is."""
    dicts = items.dicts if isinstance(items, _Layers) else (items,)
    last = dict(new)
    while dicts and len(dicts[-1]) <= max(len(last), _SMALL):
        last = {**dicts[-1], **last}
        dicts = dicts[:-1]
    return _Layers((*dicts, last)) if dicts else last
