"""Definitions as data.

What the reader of a definition cannot make sense of is noted, and the rest is still checked,
so that one error names every mistake.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any

from lifecycle import _checks
from lifecycle.engine import _reading, _soundness
from lifecycle.engine._compiled import Parts, Tables
from lifecycle.engine._forms import TEXT, VERSION, Document, Field, Form, listed, maybe
from lifecycle.engine._reading import Data, Notes
from lifecycle.engine._stage_data import STAGE
from lifecycle.engine._transition_data import MILESTONE, TRANSITION
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.stages import Stage, is_name
from lifecycle.engine.transitions import Transition
from lifecycle.errors import DefinitionError, closest

__all__ = ["LIFECYCLE", "tables_of"]


def _sketch_stage(notes: Notes, path: str, data: Any) -> Any:
    """Read a stage; of a broken one, keep what lets the rest of the definition be checked."""
    before, found = len(notes.found), _sketched(notes, path, data, STAGE)
    if len(notes.found) == before:
        return Stage(**found)
    return SimpleNamespace(
        name=found.get("name", ""),
        status=found.get("status"),
        final=found.get("final", False),
        stops=found.get("stops", ()),
    )


def _sketched(notes: Notes, path: str, data: Any, form: Form) -> Data:
    """Read the fields that can be read, or none of what is not an object, to keep its place."""
    with notes.at(path):
        return form.sketch(notes, path, data)
    return {}


def _sketch_transition(notes: Notes, path: str, data: Any) -> Any:
    """Read a transition; a broken one counts as conditional, so that it breaks no other."""
    before = len(notes.found)
    found = _sketched(notes, path, data, TRANSITION)
    if len(notes.found) == before:
        with notes.at(path):
            return Transition(**found)
    sources = found.get("source", ())
    when = found.get("when")
    return SimpleNamespace(
        sources=sources if isinstance(sources, tuple) else (sources,),
        target=found.get("target", ""),
        on=found.get("on"),
        after=found.get("after") if "target" in found else None,
        when=bool if when is None else when,
    )


def _sketch_milestone(notes: Notes, path: str, data: Any) -> Any:
    """Read a milestone; of a broken one, keep what can be checked."""
    before, found = len(notes.found), _sketched(notes, path, data, MILESTONE)
    if len(notes.found) == before:
        with notes.at(path):
            return Milestone(**found)
    stages = found.get("stage", ())
    return SimpleNamespace(
        sources=stages if isinstance(stages, tuple) else (stages,),
        target=None,
        on=None,
        after=found.get("after"),
        when=found.get("when"),
        name=found.get("name", ""),
    )


def _names(notes: Notes, path: str, data: Any) -> tuple[str, ...]:
    return _checks.names(path, _reading.each(_reading.text)(notes, path, data))


_NAMES = Field(lambda _, names: list(names), _names)

_LIFECYCLE = Form(
    {
        "name": TEXT,
        "version": VERSION,
        "initial": TEXT,
        "stages": listed(Field(STAGE.write, _sketch_stage)),
        "transitions": listed(Field(TRANSITION.write, _sketch_transition)),
        "milestones": listed(Field(MILESTONE.write, _sketch_milestone)),
        "activity": maybe(_NAMES),
        "events": _NAMES,
    },
    required=("name", "initial", "stages", "transitions"),
    rare=("milestones",),
)


def _field(build: Callable[..., Any]) -> Field:
    """Return the field of a definition; reading it notes everything that is wrong with it."""

    def read(notes: Notes, path: str, data: Any) -> Any:
        before = len(notes.found)
        found = _LIFECYCLE.sketch(notes, path, data)
        if len(notes.found) == before:
            try:
                return build(**found)
            except DefinitionError as error:
                notes.found += error.problems
        elif "stages" in found:
            notes.found += _soundness.problems(_sketch(found))
        raise _reading.NotedError

    return Field(_LIFECYCLE.write, read)


LIFECYCLE = Document("lifecycle", _field)


def tables_of(**found: Any) -> Tables:
    """Return the tables of a definition that was read."""
    return _soundness.compiled(_parts(**found))


def _parts(**found: Any) -> Parts:
    return Parts(**{"version": 1, "activity": None, "events": (), "milestones": (), **found})


def _sketch(found: Data) -> Parts:
    """Return the parts of a broken definition, as far as they are known."""
    stages, transitions = found["stages"], found.get("transitions", ())
    initial = found.get("initial", "")
    _name_the_nameless(stages, [initial, *_mentioned(transitions)])
    known = next((stage.name for stage in stages if stage.name), "?")
    return _parts(**{"name": "?", "transitions": (), **found, "initial": initial or known})


def _mentioned(transitions: Iterable[Any]) -> Iterator[str]:
    """Yield the names of stages that transitions mention."""
    for transition in transitions:
        yield from (one for one in (*transition.sources, transition.target) if is_name(one))


_FEW = 20
"""Among how many unknown names the misspelt ones are sought: each is compared with all known."""


def _name_the_nameless(stages: Iterable[Any], mentioned: Iterable[str]) -> None:
    """Give each stage whose name cannot be read one that is mentioned and not known.

    One wrong name is then one mistake, and not one more wherever the stage is mentioned. If
    there are more such names than stages, those that are close to a known one are misspelt.
    """
    known = {stage.name: None for stage in stages if stage.name}
    nameless = [stage for stage in stages if not stage.name]
    often = Counter(name for name in mentioned if name and name not in known)
    names = [name for name, _ in often.most_common()]
    if _FEW >= len(names) > len(nameless) > 0:
        names.sort(key=lambda name: bool(closest(name, known)))
    for stage, name in zip(nameless, names if known else [*names, "?"], strict=False):
        stage.name = name
