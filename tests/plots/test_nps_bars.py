"""NPS bars lie left and right of zero, with the score and its interval."""

import pytest

from lifecycle import Status, insights, nps, plots
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics.nps import Score
from samples import refusal


def test_detractors_lie_left_of_zero_and_promoters_right() -> None:
    ax = plots.nps(Score(promoters=30, passives=50, detractors=20))
    assert [bar.get_width() for bar in ax.patches] == [-20, 30]
    assert [bar.get_label() for bar in ax.containers] == ["detractors", "promoters"]
    assert ax.get_xlim() == (-100, 100)
    (label,) = ax.get_yticklabels()
    assert label.get_text() == "all answers\n100 answers, 50 passive"


def test_the_score_stands_in_its_interval() -> None:
    score = Score(promoters=30, passives=50, detractors=20)
    ax = plots.nps(score, level=0.9)
    interval = score.interval(level=0.9)
    assert interval is not None
    around, within, point = ax.lines[:3]
    assert list(around.get_xdata()) == list(within.get_xdata())
    assert list(within.get_xdata()) == [100 * interval.low, 100 * interval.high]
    assert list(point.get_xdata()) == [score.points]
    assert ax.texts[0].get_text() == "10"
    assert "90%" in ax.get_xlabel()


def test_scores_of_groups_are_drawn_as_a_mapping_is() -> None:
    found = nps.score([9, 3, 7], by=["web", "phone", "web"])
    drawn, as_mapping = plots.nps(found), plots.nps(dict(found.results))
    assert [bar.get_width() for bar in drawn.patches] == [-100, 0, 0, 50]
    texts = [[label.get_text() for label in ax.get_yticklabels()] for ax in (drawn, as_mapping)]
    assert texts[0] == texts[1]


def test_each_group_has_a_row_and_one_without_answers_no_bar() -> None:
    ax = plots.nps({"web": Score(3, 1, 1), "phone": Score(0, 0, 0), 7: Score(0, 0, 4)})
    assert [bar.get_width() for bar in ax.patches] == [-20, 60, -100, 0]
    assert [label.get_text().split("\n")[0] for label in ax.get_yticklabels()] == [
        "web",
        "phone",
        "7",
    ]
    assert [text.get_text() for text in ax.texts] == ["40", "-100"]


def test_scores_without_answers_have_no_legend() -> None:
    ax = plots.nps(Score(0, 0, 0))
    assert len(ax.patches) == 0
    assert ax.get_legend() is None


def test_scores_by_stage_are_read() -> None:
    row = insights.StageScore(stage="buyer", status=Status.ACTIVE, score=Score(1, 0, 0))
    ax = plots.nps(insights.NpsTable(rows=(row,)))
    assert ax.get_yticklabels()[0].get_text() == "buyer\n1 answers, 0 passive"


def test_a_weighted_score_stands_for_its_effective_answers() -> None:
    # Kish: (1 + 1 + 2)^2 / (1 + 1 + 4) = 8/3; shares by weight 1/4, 1/4 and 1/2
    weighted = nps.weighted([10, 7, 0], [1, 1, 2])
    ax = plots.nps({"panel": weighted, "all": Score(1, 1, 2)})
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([-50, 25, -50, 25])
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "panel\n2.7 effective answers, 0.7 passive",
        "all\n4 answers, 1 passive",
    ]
    interval = weighted.interval()
    assert interval is not None
    assert list(ax.lines[1].get_xdata()) == [100 * interval.low, 100 * interval.high]


def test_a_weighted_score_is_drawn_by_itself() -> None:
    ax = plots.nps(nps.weighted([10, 9], [3, 0.5]))
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0, 100])
    assert ax.get_yticklabels()[0].get_text().startswith("all answers\n1.3 effective answers")


def test_a_level_and_a_mapping_of_other_things_are_refused() -> None:
    assert refusal(InvalidValueError, lambda: plots.nps(Score(1, 1, 1), level=95)).startswith(
        "level must be strictly between 0 and 1"
    )
    assert refusal(InvalidTypeError, lambda: plots.nps({"web": 7})).startswith("scores must be a")
