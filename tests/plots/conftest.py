"""Pictures are tested where matplotlib is, without a screen, and let go after each test."""

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

collect_ignore_glob = [] if find_spec("matplotlib") else ["test_*.py"]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Close what a test has drawn."""
    yield
    from matplotlib import pyplot as plt  # noqa: PLC0415  (where it is installed)

    plt.close("all")
