"""How Hypothesis runs: the same examples each time by default, fresh ones to explore.

The seed is in `addopts` of pyproject.toml; `--hypothesis-seed=N` sets another one.
`nox -s explore` draws ten times as many examples until the instant `EXPLORE_UNTIL` of the
monotonic clock, and skips what has not begun by then. The profile `quick` does not shrink.
"""

import os
import time

import pytest
from hypothesis import Phase, is_hypothesis_test, settings

UNTIL = os.environ.get("EXPLORE_UNTIL")
MORE = 10

settings.register_profile("default", deadline=None, print_blob=True, database=None)
settings.register_profile(
    "explore", deadline=None, print_blob=True, max_examples=MORE * settings().max_examples
)
settings.register_profile(
    "quick", deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)
settings.load_profile("explore" if UNTIL else "default")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Draw more examples where a test has a number of its own."""
    for item in items if UNTIL else ():
        test = getattr(item, "obj", None)
        if is_hypothesis_test(test):
            own = test._hypothesis_internal_use_settings  # which `settings` refuses to set anew
            if own.max_examples < settings().max_examples:
                more = settings(own, max_examples=MORE * own.max_examples)
                test._hypothesis_internal_use_settings = more


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin no further test once the time is up."""
    if UNTIL and time.monotonic() > float(UNTIL):
        pytest.skip(f"{item.name} has not begun in time")
