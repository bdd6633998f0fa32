"""Tests of arrays, which are left out where numpy or scipy is missing."""

from importlib.util import find_spec

MISSING = [name for name in ("numpy", "scipy") if find_spec(name) is None]

collect_ignore_glob = ["test_*.py"] if MISSING else []
