"""How the time of every public function grows with what it is given.

Run it with `python benchmarks/growth.py`; `python benchmarks/growth.py 1000` begins with that
many rows, and `python benchmarks/growth.py 1000 engine funnel` takes only these topics. Each
function is given n, 4 n and 16 n rows: events, customers, stages. The last figure is the power
of n by which its processor time grew in the last step: 1 where a row takes as long as before,
2 where twice the rows take four times as long. What grows faster than n log n is marked;
`EXPECTED` says why it does, where it has to, and so does the page on speed.
"""

import platform
import sys
from collections.abc import Mapping

from growing import Topic, grown
from growing_engine import DEFINITIONS, ENGINE
from growing_metrics import CLV, FUNNEL, LOGS, MARKOV, NPS, RETENTION, REVENUE, RFM, SURVIVAL
from growing_models import INSIGHTS, MODELS

TOPICS: Mapping[str, Topic] = {
    "engine": ENGINE,
    "definitions": DEFINITIONS,
    "logs": LOGS,
    "retention": RETENTION,
    "nps": NPS,
    "revenue": REVENUE,
    "funnel": FUNNEL,
    "survival": SURVIVAL,
    "rfm": RFM,
    "clv": CLV,
    "markov": MARKOV,
    "models": MODELS,
    "insights": INSIGHTS,
}

EXPECTED = {
    "Journey.amend, a tenth one by one": "each is a replay: amend at once",
    "Lifecycle, n / 10 stages, a transition from ANY to each": "a way out for each pair",
    "Lifecycle.options, n events": "each copies what the customer remembers",
    "testing.paths, n / 10 stages": "each path leads there from the start",
    "retention.cohorts, n / 5 days": "a cell for each two days",
    "retention.cohort_revenue, n / 5 days": "a cell for each two days",
    "revenue.cohorts, n / 5 days": "a cell for each two days",
    "CustomerBase.cohorts, n / 5 days": "a cell for each two days",
    "survival.log_rank, n / 20 groups": "each pair of groups has a covariance",
    "survival.cumulative_incidence, n / 20 causes": "a curve for each cause",
    "markov.Chain, n / 50 states": "n x n probabilities",
    "Chain.what_if, n / 50 states": "n x n probabilities",
    "Chain.value, n / 50 states": "n equations are solved: n x n x n",
    "Chain.steady_state, n / 50 states": "n equations are solved: n x n x n",
    "Chain.absorption, n / 50 states": "n equations are solved: n x n x n",
    "Chain.expected_time, n / 50 states": "n equations are solved: n x n x n",
    "models.value, n / 5 periods": "a later period has more purchases to sum over",
}
"""Why a call takes longer than n log n; the page on speed and its docstring say so too."""

NOT_GROWING = frozenset(
    {
        *(f"clv.{name}" for name in ("simple", "net", "payback", "to_cac", "referral_value")),
        *(f"clv.{name}" for name in ("acquisition_vs_retention", "viral_coefficient")),
        "clv.earned_growth",
        "models.from_dict",
        "models.to_dict",
        "nps.compare",
        "nps.sample_size",
        "retention.churn_hazard",
        "retention.churn_rate",
        "retention.half_life",
        "revenue.gross_mrr_churn",
        "revenue.net_mrr_churn",
        "revenue.normalise",
    }
)
"""The public functions that are given a few numbers."""

if __name__ == "__main__":
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print(f"Python {platform.python_version()}, milliseconds, from n = {first:,} on")
    print(f"  {'':<58}{'n':>10}{'4 n':>10}{'16 n':>10}{'power':>7}")
    for name in sys.argv[2:] or TOPICS:
        print(name)
        for line in grown(TOPICS[name], first, EXPECTED):
            print(line, flush=True)
