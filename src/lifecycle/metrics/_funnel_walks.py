"""How far customers came through a funnel, path by path."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, partial
from itertools import takewhile
from typing import Any, NamedTuple

from lifecycle._activity import Id
from lifecycle.metrics._funnel_attempts import Attempt, Plan, best

__all__ = ["Walk", "walked"]


class Walk(NamedTuple):
    """How far customers came, when steps were filled, who is excluded, and who is open.

    Attributes:
        levels: How many steps each customer filled.
        counts: How many customers filled each number of steps from 1 on.
        filled: The attempts of those who filled two or more.
        excluded: The customers whose every attempt is void.
        open: The customers all of whose attempts are open, with the steps filled so far.
    """

    levels: Mapping[Id, int]
    counts: Mapping[int, int]
    filled: Sequence[Attempt]
    excluded: set[Id]
    open: dict[Id, int]


def walked(paths: Any, order: str, plan: Plan) -> Walk:
    """Follow each customer of `FunnelPaths`, or of `LogPaths`.

    Which events a customer has bounds the level: the times do not matter where it is 1 at most,
    except where the attempt may be void or open.
    """
    bits = {event: 1 << k for k, event in enumerate(plan.events)}
    banned = sum({bits[ban.event] for ban in plan.bans})
    most = cache(partial(_most, order, [bits[step] for step in plan.steps]))
    levels = dict.fromkeys(paths.customers, 0)
    filled: list[Attempt] = []
    excluded: set[Id] = set()
    still_open: dict[Id, int] = {}
    for customer, path, mask in paths.read(bits):
        level = most(mask)
        if level > 1 or (level and (plan.cut or mask & banned)):
            events, as_given = None if order == "strict" else bits, plan.same_time == "as_given"
            moments = paths.moments(customer, path, events, as_given=as_given)
            attempt = best(moments, order, plan, paths.end(customer) if plan.cut else None)
            if plan.cut and attempt == ():
                still_open[customer] = len(best(moments, order, plan) or ())
            if attempt is None:
                excluded.add(customer)
            elif len(attempt) > 1:
                filled.append(attempt)
            level = len(attempt or ())
        levels[customer] = level
    for customer in paths.later:
        del levels[customer]
    counts = Counter(filter(None, levels.values()))
    return Walk(levels, counts, tuple(filled), excluded, still_open)


def _most(order: str, steps: Sequence[int], mask: int) -> int:
    """Return how many steps could be filled by events of these kinds."""
    there = [bool(mask & step) for step in steps]
    return sum(there) if order == "any" else sum(takewhile(bool, there))
