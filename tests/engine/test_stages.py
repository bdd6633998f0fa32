"""Stages, and what they mean."""

from collections.abc import Callable
from enum import StrEnum

import attrs
import pytest

from lifecycle import Stage, Status
from lifecycle.errors import InvalidTypeError, InvalidValueError
from samples import again, refusal


class Steps(StrEnum):
    """Names of one's own."""

    LEAD = "lead"


def test_a_stage_has_a_name_and_a_status() -> None:
    stage = Stage("lead", Status.PROSPECT)
    assert (stage.name, stage.status, stage.label, stage.final) == (
        "lead",
        Status.PROSPECT,
        "",
        False,
    )


def test_a_status_is_one_of_four_texts() -> None:
    assert list(Status) == ["prospect", "active", "dormant", "churned"]
    assert isinstance(Status.ACTIVE, str)
    assert str(Status.ACTIVE) == "active"
    assert repr(Status.ACTIVE) == "Status.ACTIVE"


def test_a_member_of_a_str_enum_gives_its_text() -> None:
    stage = Stage(Steps.LEAD, Status.PROSPECT, label=Steps.LEAD)
    assert stage == Stage("lead", Status.PROSPECT, label="lead")
    assert type(stage.name) is str
    assert type(stage.label) is str


def test_a_stage_may_be_called_like_a_status() -> None:
    assert Stage("active", Status.DORMANT).name == "active"


def test_a_stage_shows_itself_as_the_call_that_makes_it() -> None:
    assert repr(Stage("lead", Status.PROSPECT)) == "Stage('lead', Status.PROSPECT)"
    assert repr(Stage("x", Status.CHURNED, label="Gone", final=True)) == (
        "Stage('x', Status.CHURNED, label='Gone', final=True)"
    )


def test_equal_stages_are_one_and_the_same_in_a_set() -> None:
    assert {Stage("x", Status.ACTIVE), Stage("x", Status.ACTIVE)} == {Stage("x", Status.ACTIVE)}
    assert Stage("x", Status.ACTIVE) != Stage("x", Status.DORMANT)
    assert Stage("x", Status.ACTIVE) != Stage("x", Status.ACTIVE, final=True)


def test_a_stage_cannot_be_changed() -> None:
    stage = Stage("x", Status.ACTIVE)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        stage.name = "y"  # type: ignore[misc]


def test_a_stage_survives_pickling() -> None:
    stage = Stage("x", Status.ACTIVE, label="X", final=True)
    assert again(stage) == stage
    assert again(stage).status is Status.ACTIVE


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (
            lambda: Stage("", Status.ACTIVE),
            InvalidValueError,
            "stage.name must be text that is not blank, got ''",
        ),
        (
            lambda: Stage(" \t", Status.ACTIVE),
            InvalidValueError,
            r"stage.name must be text that is not blank, got ' \t'",
        ),
        (
            lambda: Stage(7, Status.ACTIVE),  # type: ignore[arg-type]
            InvalidTypeError,
            "stage.name must be text, got 7 (int)",
        ),
        (
            lambda: Stage(Status.ACTIVE, Status.ACTIVE),
            InvalidTypeError,
            "stage.name must be the name of one stage, not a Status, got Status.ACTIVE (Status)",
        ),
        (
            lambda: Stage("x", "active"),  # type: ignore[arg-type]
            InvalidTypeError,
            (
                "stage.status must be one of Status.PROSPECT, Status.ACTIVE, Status.DORMANT, "
                "Status.CHURNED, got 'active' (str)"
            ),
        ),
        (
            lambda: Stage("x", Status.ACTIVE, label=None),  # type: ignore[arg-type]
            InvalidTypeError,
            "stage.label must be text, got None (NoneType)",
        ),
        (
            lambda: Stage("x", Status.ACTIVE, label="  "),
            InvalidValueError,
            "stage.label must be text that is not blank, got '  '",
        ),
        (
            lambda: Stage("x", Status.ACTIVE, final=1),  # type: ignore[arg-type]
            InvalidTypeError,
            "stage.final must be True or False, got 1 (int)",
        ),
    ],
)
def test_a_stage_refuses(call: Callable[[], object], kind: type[Exception], text: str) -> None:
    assert refusal(kind, call) == text
