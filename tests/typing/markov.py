"""What a type checker says of Markov chains: checked by mypy, never run."""

from decimal import Decimal
from typing import assert_type

from lifecycle.metrics.markov import Chain, ProjectionTable

chain = Chain(["active", "churned"], [[0.8, 0.2], [0, 1]])
assert_type(chain.states, tuple[str, ...])
assert_type(chain.matrix, tuple[tuple[float, ...], ...])
assert_type(chain.closed_classes, tuple[tuple[str, ...], ...])
assert_type(chain.value({"active": 100}, discount=0.1), dict[str, float])
assert_type(chain.value({"active": 99.5}, discount=0.1, periods=12), dict[str, float])
assert_type(chain.value({"active": Decimal(100)}, discount=Decimal("0.1")), dict[str, Decimal])
assert_type(chain.project({"active": 1000}, periods=3), ProjectionTable)
assert_type(chain.project({"active": 1000}, periods=3).at(1), dict[str, float])
assert_type(chain.absorption(), dict[str, dict[str, float]])
assert_type(chain.expected_time(to="churned"), dict[str, float | None])
assert_type(chain.expected_time(to=("active", "churned")), dict[str, float | None])
assert_type(chain.steady_state(), dict[str, float])
assert_type(chain.what_if({("active", "churned"): 0.1}), Chain)

chain.expected_time("churned")  # type: ignore[call-arg]
chain.what_if({"active": 0.1})  # type: ignore[dict-item]
Chain("active", [["a"]])  # type: ignore[list-item]
