"""The door to the engine: a definition, and what can be asked of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Literal, Self, overload

import attrs

from lifecycle import _checks
from lifecycle._values import call
from lifecycle.engine import _soundness, _step
from lifecycle.engine._compiled import Parts, Tables
from lifecycle.engine._step import MOST
from lifecycle.engine.changes import Deadline, Outcome
from lifecycle.engine.customers import Customer
from lifecycle.engine.enrollments import UNDATED, Enrollment, refuse_beside
from lifecycle.engine.events import Event
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.so_far import SoFar
from lifecycle.engine.stages import Stage, stage_name
from lifecycle.engine.transitions import Transition
from lifecycle.errors import InvalidTypeError, NotPermittedError

if TYPE_CHECKING:
    from lifecycle.engine._other_lengths import Lengths
    from lifecycle.engine.clocks import Clock
    from lifecycle.engine.decisions import Decision
    from lifecycle.engine.findings import Finding
    from lifecycle.engine.journeys import Journey

__all__ = ["Lifecycle"]


def _name(value: str) -> str:
    return _checks.name("name", value)


def _initial(value: str | None) -> str:
    if value is None or value == "":
        return ""  # reported with the other problems
    return stage_name("initial", value)


def _stages(value: Iterable[Stage]) -> tuple[Stage, ...]:
    return _values("stages", value, Stage)


def _transitions(value: Iterable[Transition]) -> tuple[Transition, ...]:
    return _values("transitions", value, Transition)


def _milestones(value: Iterable[Milestone]) -> tuple[Milestone, ...]:
    return _values("milestones", value, Milestone)


def _activity(value: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if value is None else _checks.names("activity", value)


def _events(value: Iterable[str]) -> tuple[str, ...]:
    return _checks.names("events", value)


def _version(value: int) -> int:
    return _checks.whole("version", value, least=1)


def _begun(id: _checks.Id, at: datetime | None, given: Mapping[str, Any]) -> Enrollment:  # noqa: A002  (as of enroll)
    """Return the enrollment of a new customer; one who is enrolled has one already."""
    if isinstance(id, Customer):
        error = InvalidTypeError("id", id, "be an id or an Enrollment")
        error.hint = "; pass customer.enrollment"
        raise error
    return Enrollment(id, at, **given)  # type: ignore[arg-type]  # None is refused by name


def _renamed(mapping: Mapping[str, str] | None) -> dict[str, str]:
    """Return the stages that a migration renames."""
    if mapping is not None and not isinstance(mapping, Mapping):
        raise InvalidTypeError("mapping", mapping, "be a mapping from old stages to new ones")
    return dict(mapping or {})


def _instant_or_none(argument: str, value: datetime | None, none: str) -> datetime | None:
    if value is None:
        return None
    if type(value) is not datetime:
        _checks.given(argument, value, "a datetime", none)
    return _checks.instant(argument, value)


def _values(argument: str, values: Any, kind: type[Any]) -> tuple[Any, ...]:
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        raise InvalidTypeError(argument, values, f"be a tuple of {kind.__name__}")
    return tuple(
        _checks.instance(f"{argument}[{i}]", value, kind) for i, value in enumerate(values)
    )


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Lifecycle:
    """A definition of the stages a customer passes through, validated as a whole at construction.

    A lifecycle is data: it holds no customers, reads no clock and never changes, so one
    can serve any number of customers and threads.

    A transition from `ANY`, from a `Status` or from several stages is a way out of each of
    them: n stages with n transitions from `ANY` take time and memory in proportion to n^2.

    Args:
        name: The name of the definition.
        initial: The stage in which customers begin.
        stages: The stages, each with its status.
        transitions: What moves customers. For an event, the first whose condition holds
            is taken: those that name the stage come before those for its `Status`, and
            those before the ones for `ANY`; within a level, in this order.
        milestones: Dated reminders inside stages.
        activity: The events from which `idle` counts; every known event where it is None.
        events: Names of further events that are known and move nobody.
        version: The version of the definition; raise it when you change the definition,
            so that customers of the old one are not mistaken for customers of the new.

    Raises:
        DefinitionError: The definition does not hold together; the error lists
            everything that is wrong.
        InvalidTypeError: An argument is of another type.
        InvalidValueError: A name is blank or used twice.

    Examples:
        >>> club = Lifecycle(
        ...     name="club",
        ...     initial="member",
        ...     stages=[Stage("member", Status.ACTIVE), Stage("lapsed", Status.DORMANT)],
        ...     transitions=[
        ...         Transition("member", "lapsed", after=idle(days=90)),
        ...         Transition("lapsed", "member", on="visit"),
        ...     ],
        ... )
        >>> ann = club.enroll("ann", at=datetime(2026, 1, 1))
        >>> club.advance(ann, to=datetime(2026, 6, 1)).customer.stage
        'lapsed'
    """

    name: str = attrs.field(converter=_name)
    initial: str = attrs.field(converter=_initial)
    stages: Sequence[Stage] = attrs.field(converter=_stages)
    transitions: Sequence[Transition] = attrs.field(converter=_transitions)
    milestones: Sequence[Milestone] = attrs.field(default=(), converter=_milestones)
    activity: Sequence[str] | None = attrs.field(default=None, converter=_activity)
    events: Sequence[str] = attrs.field(default=(), converter=_events)
    version: int = attrs.field(default=1, converter=_version)
    _tables: Tables = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        parts = Parts(
            self.name,
            self.version,
            self.initial,
            self.stages,
            self.transitions,
            self.activity,
            self.events,
            self.milestones,
        )
        object.__setattr__(self, "_tables", _soundness.compiled(parts))

    def __reduce__(self) -> tuple[Callable[..., "Lifecycle"], tuple[Parts]]:
        return _remade, (self._parts,)  # the tables are made anew

    @property
    def _parts(self) -> Parts:
        return self._tables.parts

    @overload
    def enroll(self, id: Enrollment) -> Customer: ...

    @overload
    def enroll(
        self,
        id: _checks.Id,
        *,
        at: datetime,
        stage: str | Stage | None = None,
        attributes: Mapping[str, object] | None = None,
        referred_by: _checks.Id | None = None,
        entered: datetime | None = None,
        last_activity: datetime | None = None,
        so_far: Mapping[str, SoFar] | None = None,
        zone: str | tzinfo | None = None,
    ) -> Customer: ...

    def enroll(  # noqa: PLR0913  (all of an Enrollment)
        self,
        id: _checks.Id | Enrollment,  # noqa: A002  (the customer's field)
        *,
        at: datetime | None = None,
        stage: str | Stage | None = None,
        attributes: Mapping[str, object] | None = None,
        referred_by: _checks.Id | None = None,
        entered: datetime | None = None,
        last_activity: datetime | None = None,
        so_far: Mapping[str, SoFar] | None = None,
        zone: str | tzinfo | None = None,
    ) -> Customer:
        """Return a new customer.

        Args:
            id: Who it is (text, a whole number or a `UUID`), or an `Enrollment`, which says it
                all.
            at: When it enters the lifecycle; a time zone here means a time zone in all
                of the customer's events.
            stage: The stage in which it begins, or its name; the initial stage by default.
            attributes: Known properties of the customer.
            referred_by: The id of the customer who brought it.
            entered: For a customer in mid-life, when it entered `stage`; at `at` by default.
            last_activity: When it was last active; by default, the latest `last` in `so_far`
                of the events that count as activity.
            so_far: What has happened so far, by the name of the event; what is not told
                begins at zero (see `Enrollment`).
            zone: The time zone in which all of its instants are read, by name or of
                `zoneinfo`; by default, each instant counts in its own.

        Returns:
            The customer. A deadline that passed before the last instant told is due at once,
            and dated at that instant.

        Raises:
            UnknownNameError: The lifecycle has no such stage, or no event that `so_far` names.
            InvalidTypeError: An argument is of another type, or an attribute whose date a
                time-out waits for is no `datetime`.
            InvalidValueError: An instant is before `at`, or there is no such zone; or another
                argument is given with an `Enrollment`.
            MixedInstantsError: Some instants, or such dates, have a time zone and others none.
        """
        given = {
            "stage": stage,
            "attributes": attributes,
            "referred_by": referred_by,
            "entered": entered,
            "last_activity": last_activity,
            "so_far": so_far,
            "zone": zone,
        }
        if isinstance(id, Enrollment):
            refuse_beside(at=at, **given)
            return _step.enroll(self._tables, id)
        return _step.enroll(self._tables, _begun(id, at, given))

    def apply(self, customer: Customer, event: Event) -> Outcome:
        """Record an event; what has happened is never refused.

        Deadlines due by then are taken first, each dated at its own deadline. Then the
        event is counted, and the first transition that matches is taken; where none
        does, the event only counts.

        Args:
            customer: The customer the event belongs to.
            event: What happened.

        Returns:
            The customer as it is now, and the stage changes that led there. In a final
            stage, the customer as it was.

        Raises:
            UnknownNameError: The lifecycle does not know the event's name.
            OutOfOrderError: The event is before what is known about the customer;
                `Journey.amend` takes late events.
            InvalidTypeError: It sets an attribute whose date a time-out waits for to what is
                no `datetime`.
            MixedInstantsError: One of the two has a time zone and the other none, or such a
                date has one and they have none, or the reverse.
            MixedNumbersError: A `Decimal` value meets a `float` total, or the reverse.
            TooManyChangesError: More than 100,000 time-outs are due by then; `advance` to
                there first, in steps or with a larger `most`.
            WrongDefinitionError: The customer belongs to another definition.
        """
        return _step.apply(self._tables, customer, event)

    def fire(self, customer: Customer, event: Event) -> Outcome:
        """Carry out a command: as `apply`, but refused when no transition matches.

        Args:
            customer: The customer.
            event: What is asked for.

        Raises:
            NotPermittedError: No transition matches; it carries the `Decision` that
                `explain` returns.
            LifecycleError: As `apply`.
        """
        outcome = _step.apply(self._tables, customer, event)
        if not outcome.changes or outcome.changes[-1].event is not event:
            decision = self.explain(customer, event)
            raise NotPermittedError(customer.id, event.name, outcome.customer.stage, decision)
        return outcome

    def advance(self, customer: Customer, *, to: datetime, most: int = MOST) -> Outcome:
        """Take every deadline due by an instant, each dated at its own deadline.

        Args:
            customer: The customer.
            to: The instant up to which time has passed, itself included. Before what is
                known of the customer, nothing changes.
            most: How many changes are made at most, so that a definition in which short
                time-outs lead in a loop cannot fill the memory.

        Returns:
            The customer as it is then, and its stage changes; the customer unchanged
            when nothing was due.

        Raises:
            MixedInstantsError: `to` has a time zone and the customer none, or the reverse.
            TooManyChangesError: More than `most` changes are due; nothing is changed.
            WrongDefinitionError: The customer belongs to another definition.
        """
        if most is not MOST:
            most = _checks.whole("most", most, least=1)
        return _step.advance(self._tables, customer, _checks.instant("to", to), most)

    def due(self, customer: Customer) -> Deadline | None:
        """Return the next time-out that will be taken, or milestone reached, if nothing happens.

        Store its instant with the customer, in an indexed column, and a nightly job
        finds all who are due; nothing has to wait or poll.

        Args:
            customer: The customer.

        Returns:
            When, and which transition or milestone; None when nothing is due.

        Raises:
            WrongDefinitionError: The customer belongs to another definition.
        """
        found = _step.due(self._tables, customer)
        if found is None:
            return None
        at, edge = found
        return Deadline(at, edge.transition, milestone=edge.milestone)

    def clocks(self, customer: Customer) -> "tuple[Clock, ...]":
        """Say what becomes of each time-out of the customer's stage, and why.

        Args:
            customer: The customer, as things stand; deadlines are not taken first.

        Returns:
            A `Clock` for each time-out that reaches the stage, by its name, its status or
            `ANY`: first what `due` returns, then the others by deadline, then those without
            one. A condition that raises is a reason here, not an error. In a final stage,
            there is none.

        Raises:
            WrongDefinitionError: The customer belongs to another definition.
        """
        from lifecycle.engine import clocks

        return clocks.clocks(self._tables, customer)

    def explain(self, customer: Customer, event: Event) -> "Decision":
        """Say whether an event would move a customer, and why or why not.

        Args:
            customer: The customer.
            event: What would happen; deadlines due by then are taken first.

        Returns:
            The decision. A refused event is an answer here, not an error.

        Raises:
            LifecycleError: As `apply`, for an event that could not be applied at all.
        """
        from lifecycle.engine import decisions

        return decisions.explain(self._tables, customer, event)

    def options(self, customer: Customer, *, at: datetime | None = None) -> "dict[str, Decision]":
        """Decide on each event that the lifecycle knows.

        Args:
            customer: The customer.
            at: When they would happen; at the last instant known of the customer
                by default.

        Returns:
            One decision per event name, for an event without value and attributes. Each
            takes time in proportion to what the definition counts.

        Raises:
            LifecycleError: As `apply`.
        """
        from lifecycle.engine import decisions

        customer = _step.bound(self._tables, customer)
        when = _instant_or_none("at", at, "the last instant known of the customer")
        return decisions.options(self._tables, customer, when or customer.seen)

    def replay(  # noqa: PLR0913  (as enroll, and the events)
        self,
        id: _checks.Id | Enrollment,  # noqa: A002  (the customer's field)
        events: Iterable[Event],
        *,
        until: datetime | None = None,
        since: datetime | None = None,
        stage: str | Stage | None = None,
        attributes: Mapping[str, object] | None = None,
        referred_by: _checks.Id | None = None,
        entered: datetime | None = None,
        last_activity: datetime | None = None,
        so_far: Mapping[str, SoFar] | None = None,
        zone: str | tzinfo | None = None,
        most: int = MOST,
    ) -> "Journey":
        """Follow one customer through its events, in whatever order they are given.

        Args:
            id: Who it is, or the `Enrollment` with which the customer began; `since` and
                all that `enroll` takes are then left out.
            events: What happened. Events of one instant count in the order of their
                `sequence`, then in the order in which the definition first names them,
                then by id; a repeated id is dropped.
            until: The instant up to which time has passed. Later events stay in the
                journey and are not applied. Without it, nothing after the last event's
                own step is taken.
            since: When the customer was enrolled; at the first event by default.
            stage: The stage in which it begins, or its name; the initial stage by default.
            attributes: What was known of it then.
            referred_by: The id of the customer who brought it.
            entered: As in `enroll`; `since` is then given, too.
            last_activity: As in `enroll`.
            so_far: As in `enroll`, of the time before the events.
            zone: As in `enroll`.
            most: How many changes are made by time-outs at most; the changes that events
                make are not counted.

        Raises:
            DuplicateEventError: Two events share an id and differ in content.
            InvalidTypeError: An attribute whose date a time-out waits for is no `datetime`.
            InvalidValueError: There is neither an event nor an instant of enrollment; an
                event or `until` is before the last instant of enrollment; or another argument
                is given with an `Enrollment`.
            MixedInstantsError: Some instants have a time zone and others none.
            TooManyChangesError: Time-outs make more than `most` changes.
            UnknownNameError: The lifecycle does not know an event or the stage.
        """
        from lifecycle.engine.journeys import Journey

        given = {
            "stage": stage,
            "attributes": attributes,
            "referred_by": referred_by,
            "entered": entered,
            "last_activity": last_activity,
            "so_far": so_far,
            "zone": zone,
        }
        dated = isinstance(id, Enrollment) or since is not None
        if isinstance(id, Enrollment):
            refuse_beside(since=since, **given)
            enrollment = id
        else:
            at = _instant_or_none("since", since, "the instant of the first event")
            enrollment = _begun(id, at or UNDATED, given)
        return Journey(
            tables=self._tables,
            enrollment=enrollment,
            dated=dated,
            events=events,
            until=_instant_or_none("until", until, "no time after the last event"),
            most=_checks.whole("most", most, least=1),
        )

    def migrate(
        self,
        customer: Customer,
        *,
        to: "Lifecycle",
        at: datetime,
        mapping: Mapping[str, str] | None = None,
        clocks: Literal["keep", "restart"] = "keep",
    ) -> Outcome:
        """Move a customer of this definition to another, usually a newer version.

        Deadlines due by then are taken first, by this definition. Then the customer goes on
        in the same stage of the other one, or in the one that `mapping` says. What both
        definitions count is kept, also where a measure falls below another number; what only
        the new one counts begins empty, and what falls is counted apart from conditions.
        Where you keep the events, a replay with the new definition says what would have
        happened under it from the start.

        With `clocks="keep"`, the stay goes on: `entered`, the counts with `since_entry` and
        what rests are kept. A time-out that only the new definition has in the stage (another
        clock, length or condition) and whose deadline has passed is due at once: it is dated
        at the migration and taken in this call, if its condition holds then.

        Args:
            customer: The customer.
            to: The definition to move to.
            at: When; not before what is known about the customer.
            mapping: For stages that are called otherwise in `to`: their names there.
            clocks: "keep" lets the clocks of the stage run on, where the stage keeps its name
                or no other stage becomes the same one; otherwise, and with "restart", the
                customer enters its stage anew: `dwell` counts from the migration, `idle` from
                the last activity, and never before the migration.

        Returns:
            The customer as one of `to`, and its changes: those of deadlines due by then, one
            of kind "migration", and those of time-outs that are due at once.

        Raises:
            UnknownNameError: `to` has no such stage, `mapping` names an unknown one, or
                `clocks` is another word.
            InvalidTypeError: An argument is of another type, or an attribute whose date a
                time-out of `to` waits for is no `datetime`.
            InvalidValueError: `at` is before what is known about the customer.
            MixedInstantsError: `at` has a time zone and the customer none, or the reverse.
            WrongDefinitionError: The customer does not belong to this definition.
        """
        from lifecycle.engine._migration import migrate

        if not isinstance(to, Lifecycle):
            raise InvalidTypeError("to", to, "be a Lifecycle")
        renamed = _renamed(mapping)
        for source, target in renamed.items():
            _checks.choice("a key of mapping", source, self._tables.rows)
            _checks.choice(f"mapping[{source!r}]", target, to._tables.rows)
        when = _checks.instant("at", at)
        keep = _checks.choice("clocks", clocks, ("keep", "restart")) == "keep"
        return migrate(self._tables, customer, when, to._tables, renamed, keep=keep)

    def with_lengths(self, lengths: "Lengths", *, version: int | None = None) -> Self:
        """Return a copy in which some time-outs are longer or shorter.

        Args:
            lengths: The new lengths: a `Period` or a `timedelta`, and for `dwell` also an
                `Until`; of an `at` before its date, how long before. A key is a time-out as
                it is written in the definition, wherever it stands, or one of the
                definition's transitions or milestones, for that one alone.
            version: The version of the copy; the next one by default.

        Raises:
            InvalidValueError: The definition has no such time-out, transition or milestone,
                or the length is 0 or negative.
            InvalidTypeError: An argument is of another type.
            DefinitionError: The definition does not hold together with these lengths.

        Examples:
            >>> from lifecycle import Period, presets
            >>> shop = presets.retail()
            >>> longer = shop.with_lengths({idle("purchase", days=60): Period(days=75)})
            >>> longer.version, longer.transitions[3].after
            (2, idle('purchase', days=75))
        """
        from lifecycle.engine import _other_lengths

        _other_lengths.check(lengths, (*self.transitions, *self.milestones))
        return attrs.evolve(
            self,
            transitions=_other_lengths.with_lengths(self.transitions, lengths),
            milestones=_other_lengths.with_lengths(self.milestones, lengths),
            version=self.version + 1 if version is None else version,
        )

    def findings(self) -> "tuple[Finding, ...]":
        """Return what is legal in the definition but probably a mistake; empty where nothing is.

        Returns:
            One `Finding` for each thing: "unreachable_stage", "no_exit", "no_way_back",
            "never_taken", "shadowed_transition", "outrun_timeout", "resting_timeout",
            "never_falls", "resting_fall", "stops_nothing", "fast_loop", "never_reached",
            "look_alike_names" or "code_condition".
        """
        from lifecycle.engine.findings import findings

        return findings(self._parts)

    @property
    def fingerprint(self) -> str:
        """A text that equal definitions share, on any machine, and no others.

        Raises:
            InvalidValueError: A condition is code.
        """
        from lifecycle.engine._fingerprints import fingerprint

        return fingerprint(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Return the definition as data that `json.dumps` takes, exact and versioned.

        Raises:
            InvalidValueError: A condition is code, which data cannot express.
        """
        from lifecycle.engine._lifecycle_data import LIFECYCLE

        return LIFECYCLE.write(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the definition that `to_dict` wrote; nothing in the data is run.

        Args:
            data: What `to_dict` returned, or the same written by hand.

        Raises:
            DefinitionError: The data has mistakes; all of them are listed.
        """
        from lifecycle.engine._lifecycle_data import LIFECYCLE

        return LIFECYCLE.read(data, cls)

    def __repr__(self) -> str:
        return call(self)

    def _repr_html_(self) -> str:
        """Show the diagram in a notebook."""
        from lifecycle.engine._drawing import chart, svg

        return svg.write(chart.chart_of(self._parts))


def _remade(parts: Parts) -> Lifecycle:
    return Lifecycle(**parts._asdict())
