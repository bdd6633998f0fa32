"""Every public calculator is named, with its formula, in the page of conventions of its topic."""

import inspect
import re
from pathlib import Path

import pytest

from lifecycle import (
    clv,
    funnel,
    insights,
    markov,
    models,
    nps,
    retention,
    revenue,
    rfm,
    survival,
)
from lifecycle.insights import CustomerBase, GroupedBase
from publics import functions

PAGES = Path(__file__).parents[1] / "docs" / "conventions"
TOPICS = (clv, funnel, insights, markov, models, nps, retention, revenue, rfm, survival)
CALCULATORS = sorted(functions(*TOPICS))


QUESTIONS = [name for name, each in vars(GroupedBase).items() if inspect.isfunction(each)]
"""What a base is asked: all that its groups are asked too."""


def is_named(name: str, page: str) -> bool:
    """Say whether a page has a function in code, by its name alone or with its topic."""
    topic, _, function = name.partition(".")
    return re.search(rf"`(?:{topic}\.)?{function}\b", page) is not None


@pytest.mark.parametrize("name", CALCULATORS)
def test_a_calculator_is_named_in_the_page_of_its_topic(name: str) -> None:
    page = (PAGES / f"{name.partition('.')[0]}.md").read_text(encoding="utf-8")
    assert is_named(name, page)


@pytest.mark.parametrize("name", [name for name in QUESTIONS if not name.startswith("_")])
def test_a_question_is_named_in_the_page_of_insights(name: str) -> None:
    page = (PAGES / "insights.md").read_text(encoding="utf-8")
    assert hasattr(CustomerBase, name)
    assert is_named(f"CustomerBase.{name}", page)


def test_a_name_in_prose_or_of_another_topic_is_none() -> None:
    assert is_named("rfm.summary", "what `rfm.summary(orders)` returns, `rfm.scores`")
    assert is_named("rfm.scores", "| `scores` | from 1 |")
    for page in ("the scores", "`rfm.scores_of`", "`nps.scores`", "`rfm_scores`"):
        assert not is_named("rfm.scores", page)
