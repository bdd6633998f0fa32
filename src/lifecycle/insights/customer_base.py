"""CustomerBase: the customers of one definition, read once, and every question about them."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from inspect import signature
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

import attrs

from lifecycle import _checks
from lifecycle._activity import Enrolled, Grid, Id, Instant
from lifecycle._checks import Number
from lifecycle._discounts import Discount
from lifecycle._groups import Groups, made
from lifecycle._lengths import Length
from lifecycle._tables import many
from lifecycle.engine.changes import StageChange
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.journeys import Journey
from lifecycle.errors import MissingPeriodsError, NoJourneysError, UnknownNameError
from lifecycle.insights import (
    _funnels,
    _status_cohorts,
    base_tables,
    chains,
    drop_offs,
    due,
    reactivation,
    referral,
    stage_kpis,
    stage_nps,
    stage_times,
    stage_transitions,
    stage_values,
    status_growth,
)
from lifecycle.insights._changes_on_file import ChangesOnFile
from lifecycle.insights._journeys import Journeys
from lifecycle.insights._nps_answers import Answers, placed
from lifecycle.insights._orders import orders
from lifecycle.insights._population import Population, read
from lifecycle.insights._reporting_periods import ALL_TIME, ReportingPeriods, as_one, by_grid
from lifecycle.insights._table_parts import when
from lifecycle.insights.groups import By, split
from lifecycle.logs import EventLog
from lifecycle.metrics.cohorts import CohortTable
from lifecycle.metrics.conversions import FunnelTable
from lifecycle.periods import Calendar, Window

__all__ = ["CustomerBase", "GroupedBase"]

P = ParamSpec("P")
R = TypeVar("R")

_UTC = Calendar()


@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class CustomerBase:
    """The customers of one definition, read once, and every question about them.

    A base maps customers to their journeys: `base["ann"]`, `"ann" in base`, `len(base)`; it
    iterates over the ids of the customers. `over` sets the periods of all questions, and `by`
    splits the customers into groups for all questions. A base never changes; both return
    another one.

    Args:
        journeys: Journeys of one definition, one for each customer.

    Attributes:
        calendar: The periods; None until `over` says which.
        window: The time to read; None for all time.

    Raises:
        InvalidTypeError: `journeys` is no iterable of journeys.
        InvalidValueError: A customer has two journeys.
        MixedInstantsError: Some instants have a time zone, and others have none.
        WrongDefinitionError: The journeys are of several definitions.

    Convention:
        A naive instant is a local time of the calendar that `over` is given, of UTC without
        one. Two bases are equal where they have the same customers, stays and periods.

    Examples:
        >>> from lifecycle import presets
        >>> shop, start = presets.retail(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> dates = {"ann": (3, 60), "bob": (5,), "cy": (8, 40, 250)}
        >>> base = CustomerBase(
        ...     shop.replay(
        ...         name,
        ...         [Event("purchase", start + timedelta(days=day), value=20) for day in days],
        ...         since=start,
        ...         until=start + timedelta(days=365),
        ...         attributes={"channel": "shop" if name == "bob" else "web"},
        ...         referred_by=None if name == "ann" else "ann",
        ...     )
        ...     for name, days in dates.items()
        ... )
        >>> base
        <CustomerBase of 'retail': 3 customers>
        >>> base["ann"].customer.stage
        'lapsed'
        >>> monthly = base.over(Calendar("month"), Window(start, start + timedelta(days=365)))
        >>> monthly.kpis().row("new", date(2026, 1, 20)).entrants
        3
        >>> monthly.by("channel").kpis()["web"].row("new", date(2026, 1, 20)).entrants
        2
    """

    _population: Population
    calendar: Calendar | None
    window: Window | None

    def __init__(self, journeys: Iterable[Journey]) -> None:
        self.__attrs_init__(read(Journeys(journeys), _UTC), None, None)

    @classmethod
    def from_changes(
        cls,
        lifecycle: Lifecycle,
        changes: Iterable[StageChange],
        *,
        enrolled: Enrolled | None = None,
        until: Instant | None = None,
        mapping: Mapping[str, str] | None = None,
    ) -> "CustomerBase":
        """Return a base of stage changes on file, where no journeys are kept.

        It has no events and no attributes: revenue is unknown, and `by` takes a calendar or a
        mapping.

        Args:
            lifecycle: The definition to which the changes belong, in its newest version.
            changes: Stage changes of any number of customers; those of one customer in the
                order in which they happened, where several are of one instant.
            enrolled: When customers began, also those who never changed stage: a mapping of
                customers to instants, or (customer, at) pairs, of which the earliest of a
                customer counts. By default a customer begins at the first change, so that the
                first stay has no length. The first stay begins then, so for a customer that
                was enrolled in mid-life give when it entered its stage.
            until: Up to and including when changes are known: a date for its whole day, or an
                instant; by default the last change.
            mapping: For changes of older versions of the definition: the stages that it no
                longer has, by name, and what each became: a stage of `lifecycle`, or another
                key of `mapping`, so that the renames of several versions can be listed
                together.

        Raises:
            InvalidTypeError: An argument is of another type.
            InvalidValueError: A change does not lead on from the stage of the one before; or a
                customer with changes is not enrolled, or enrolled after the first; or `until`
                is before a change; or `mapping` leads from a stage of the definition to
                another one, or from a name to no stage.
            MixedInstantsError: Some instants have a time zone, and others have none.
            UnknownNameError: A change leads from or to a stage that neither the definition nor
                `mapping` has, or `mapping` leads to such a stage.

        Convention:
            A migration into the same stage is read as if it were not there, also where it is
            the first or the last change of a customer; so is a change between two stages that
            `mapping` makes one. A migration into a different stage is a change of kind
            "migration". The kind of any other change is that which the statuses of `lifecycle`
            give it.

        Examples:
            >>> changes, until = base["ann"].changes, start + timedelta(days=365)
            >>> CustomerBase.from_changes(shop, changes, enrolled={"ann": start}, until=until)
            <CustomerBase of 'retail': 1 customer>
        """
        source = ChangesOnFile(lifecycle, changes, enrolled, until, mapping)
        return cls._made(read(source, _UTC), None, None)

    @classmethod
    def _made(
        cls, population: Population, calendar: Calendar | None, window: Window | None
    ) -> "CustomerBase":
        base = cls.__new__(cls)
        base.__attrs_init__(population, calendar, window)
        return base

    # The customers

    def __getitem__(self, customer: Id) -> Journey:
        history = self._population.by_id.get(customer)
        if history is None:
            raise UnknownNameError("customer", customer, self)
        if history.journey is None:
            raise NoJourneysError("base[id]")
        return history.journey

    def __contains__(self, customer: object) -> bool:
        return customer in self._population.by_id

    def __iter__(self) -> Iterator[Id]:
        return iter(self._population.by_id)

    def __len__(self) -> int:
        return len(self._population.histories)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CustomerBase):
            return NotImplemented
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash((frozenset(self), self.calendar, self.window))

    def _identity(self) -> tuple[object, ...]:
        """Return what bases are equal by."""
        population = self._population
        return population.stages, population.by_id, self.calendar, self.window

    def __repr__(self) -> str:
        parts = self._population.source.parts
        of = "" if parts is None else f" of {parts.name!r}"
        by = "" if self.calendar is None else f" by {self.calendar.grain}"
        time = "" if self.window is None else f",{by} {when(self.window)}"
        return f"<CustomerBase{of}: {many(len(self), 'customer')}{time}>"

    @property
    def customers(self) -> base_tables.CustomerTable:
        """The customers: stage, enrollment, last activity and next time-out, a row for each.

        Instants are in the calendar's zone, those of naive journeys naive.
        """
        return base_tables.customers(self._population)

    @property
    def stays(self) -> base_tables.StayTable:
        """The stays in stages, a row for each, with the change that ended it."""
        return base_tables.stays(self._population)

    @property
    def changes(self) -> base_tables.ChangeTable:
        """The moves between stages, a row for each; of changes on file, as they are counted."""
        return base_tables.changes(self._population)

    @property
    def path(self) -> str:
        """How the customers were followed: "objects", event by event."""
        return "objects"

    def orders(self, event: str | Sequence[str]) -> EventLog:
        """Return the log of some events, which `rfm`, `retention`, `revenue` and `models` read.

        Args:
            event: The name of an event, or several.

        Returns:
            The events up to the end of each journey, whatever the periods of the base: their
            customer, instant and name; their value if any has one, and their id if all have.

        Raises:
            NoJourneysError: There are changes on file, which have no events.
            UnknownNameError: The definition has no such event.

        Examples:
            >>> base.orders("purchase")
            <EventLog: 6 rows of 3 customers, 2026-01-04 to 2026-09-08, with value, event>
        """
        return orders(self._population, event)

    # The periods, and the groups

    def over(
        self, calendar: Calendar | None = None, window: Window | None = None
    ) -> "CustomerBase":
        """Return a base of the same customers with these periods, for all questions.

        Args:
            calendar: The periods; None where the window is one period.
            window: The time to read; with a calendar, it begins where a period does. What is at
                or after its end is ignored.

        Raises:
            InvalidTypeError: An argument is of another type, or there is no window.
            InvalidValueError: The window begins within a period.
            MixedInstantsError: There is no calendar, and the window has a time zone and the
                journeys have none, or the reverse.

        Examples:
            >>> early = base.over(window=Window(start, start + timedelta(days=60)))
            >>> early.drop_off().row("new").still_there
            Rate(2, 3)
        """
        window = _checks.instance("window", window, Window)
        zone = _UTC if calendar is None else Grid(calendar, window).calendar
        population = self._population.by(zone)
        if calendar is None:
            population.reader.window(window)
        return self._made(population, calendar, window)

    def by(self, by: By) -> "GroupedBase":
        """Split the customers: each question of the result returns a table for each group.

        Args:
            by: The name of an attribute, as it is at the end of the journey; a `Calendar`, for
                the period of enrollment; a mapping from customers to groups; or a function of
                the journey. Customers without the attribute, or missing from the mapping, are
                in the group None.

        Raises:
            InvalidTypeError: `by` is none of these, or a group cannot be hashed.
            NoJourneysError: There are changes on file, and `by` needs journeys.
            UnknownNameError: `by` names an attribute that no customer has.

        Examples:
            >>> base.by("channel").drop_off()["web"].row("new").conversion
            Rate(2, 2)
        """
        population = self._population
        parts = made(
            split(population, by),
            lambda part: self._made(population.part(part), self.calendar, self.window),
        )
        return GroupedBase(population, parts)

    def _grid(self, question: str) -> Grid:
        """Return the periods of a question that has no answer without them."""
        if self.calendar is None or self.window is None:
            raise MissingPeriodsError(question)
        return Grid(self.calendar, self.window)

    @property
    def _span(self) -> ReportingPeriods:
        """The window as one period, whatever the calendar; all time without a window."""
        if self.window is None:
            return ALL_TIME
        if self.calendar is None:
            return as_one(*self._population.reader.window(self.window), self.window)
        grid = Grid(self.calendar, self.window)
        return as_one(grid.starts[0], grid.end, self.window)

    # Questions by periods

    def kpis(
        self,
        *,
        targets: Iterable[stage_kpis.Target] = (),
        values: Mapping[str, Number] | None = None,
        answers: Answers | None = None,
    ) -> stage_kpis.KpiTable:
        """Return the key figures of each stage in each period, and which targets were met.

        Args:
            targets: Targets, checked in every period.
            values: The value of a customer in each stage, such as `monthly.value(...).values`.
            answers: Ratings of 0 to 10, as (customer, at, rating): an answer belongs to the
                stage and period in which it was given.

        Returns:
            A row for each period and stage.

        Raises:
            InvalidTypeError: An argument is of another type.
            InvalidValueError: An answer is outside its customer's journey.
            MissingPeriodsError: The base has no periods.
            MixedNumbersError: Some events have `Decimal` values, and others floats.
            UnknownNameError: A target or `values` names a stage that the definition does not
                have.

        Convention:
            The denominator of a rate is all stays that there were in the period: the stock at
            its start, and the entrants. Customers who are still there have neither converted
            nor dropped off. A drop-off stage is dormant, churned, or entered by `idle`
            time-outs alone. A move to one is a drop-off; a move from one to another stage, or
            to a stage later in the definition's order, is a conversion.

        Examples:
            >>> target = insights.Target("new", "conversion", at_least=0.4)
            >>> table = monthly.kpis(targets=[target])
            >>> january = table.row("new", date(2026, 1, 20))
            >>> january.entrants, january.exits, january.stock, january.conversion
            (3, 0, 3, Rate(0, 3))
            >>> [(f"{missed.period:%B}", round(missed.value, 2)) for missed in table.missed]
            [('January', 0.0), ('February', 0.33)]
        """
        return stage_kpis.kpis(
            self._population, self._grid("kpis"), targets=targets, values=values, answers=answers
        )

    def growth(self) -> status_growth.StatusGrowthTable:
        """Account for the number of active customers, period by period, by their statuses.

        What is before the window is read, to know who was active before.

        Returns:
            A row for each period.

        Raises:
            MissingPeriodsError: The base has no periods.

        Convention:
            Statuses are compared at the start and at the end of a period, so several changes
            within one count as their net move; `kpis` counts each of them. A lapse counts in
            the period of its deadline. `retention.growth` reads activity instead, and notices
            one period later that there was none. A customer who went back to a prospective
            stage and is active again is reactivated.

        Examples:
            >>> year = Window(start, start + timedelta(days=365))
            >>> print(base.over(Calendar("quarter"), year).growth())
            Growth by quarter, 2026-01-01 to 2027-01-01, by status at period end
            period      active  new  retained  reactivated  won_back  lapsed  churned  open
            2026-01-01       3    3         0            0         0       0        0
            2026-04-01       0    0         0            0         0       3        0
            2026-07-01       1    0         0            1         0       0        0
            2026-10-01       1    0         1            0         0       0        0
        """
        return status_growth.growth(self._population, self._grid("growth"))

    def cohorts(
        self,
        *,
        retained: Literal["on", "on_or_after"] = "on",
        brackets: Iterable[range] | None = None,
    ) -> CohortTable:
        """Count the customers in an active stage k periods after they first were in one.

        The periods of the window are the cohorts. What is before it is read, to know who is
        new; it ends with the last instant known of any customer of the base, if that is
        earlier.

        Args:
            retained: "on" counts customers active in period k; "on_or_after" in it or later.
            brackets: Ranges of k to take together, as in `retention.cohorts`.

        Returns:
            What `retention.cohorts` returns for the periods in which customers were active:
            those that an active stage overlaps. A cohort begins in the first of them.

        Raises:
            MissingPeriodsError: The base has no periods.
            LifecycleError: As `retention.cohorts`.

        Convention:
            A customer without an event is retained as long as the stage is active: the
            definition says when a customer has lapsed, not the length of a period. A stay of no
            length overlaps no period. A customer who is known less far than others is taken to
            stay where last seen: give all journeys one `until`. n periods have n (n + 1) / 2
            cells.

        Examples:
            >>> print(base.over(Calendar("quarter"), year).cohorts())
            Retention by quarter: first start, retained on, calendar time
            cohort      size       0       1      2      3
            2026-01-01     3  100.0%  100.0%  33.3%  33.3%
            2026-04-01     0
            2026-07-01     0
            2026-10-01     0
        """
        return _status_cohorts.cohorts(
            self._population, self._grid("cohorts"), retained=retained, brackets=brackets
        )

    def chain(self, *, memory: int = 1) -> chains.JourneyChain:
        """Estimate a Markov chain: in which stage customers are a period later.

        A customer gives one step for each whole period between enrollment and the end of what
        is known; several changes within it count as their net move. All periods are pooled: a
        probability is the count of a step divided by that of all from the same state.

        Args:
            memory: How many states a stage becomes, by whole periods since it was entered; the
                last one is open-ended. With a time-out after k periods, take k + 1. An age
                from which no step begins is taken together with the next younger one.

        Returns:
            The chain, with its counts. A final stage is absorbing.

        Raises:
            InvalidTypeError: `memory` is of another type.
            InvalidValueError: `memory` is below 1; there is no step; or a state that is not
                final was only ever a destination, so that its probabilities are unknown.
            MissingPeriodsError: The base has no periods.

        Convention:
            Incomplete periods are left out. A stage is split by the whole periods since entry
            because a time-out makes the probability of leaving depend on them: with memory 1
            the chain does not know how long a customer has been idle, and overstates how many
            leave early and how many stay very long.

        References:
            Anderson, T. W. and Goodman, L. A. (1957). Statistical inference about Markov
            chains. Annals of Mathematical Statistics 28:89-110.

        Examples:
            >>> monthly.chain().rate("new", "repeat")
            Rate(2, 5)
        """
        return chains.chain(self._population, self._grid("chain"), memory)

    def value(
        self,
        *,
        margins: Mapping[str, Number],
        discount: float | Discount,
        periods: int | None = None,
        earned: Literal["start", "middle", "end"] = "middle",
        memory: int = 1,
    ) -> stage_values.ValueTable:
        """Value a customer by stage, from the chain of journeys, lapses and returns included.

        The sum over t = 0, ..., periods - 1 of s P^t R / (1 + discount)^t, with R(i) what a
        period that begins in stage i brings on average, and s the discounting within it (see
        `earned`).

        Args:
            margins: The margin of a full period in each stage, in money, negative where it
                costs; 0 in the stages that are not named.
            discount: The discount rate per period, 0 or more; or a `clv.Discount`, which is
                converted to the period.
            periods: How many periods count, 1 to 100,000: n periods have n rewards, the first
                of them that of the present period; None for an infinite horizon.
            earned: Whether the margin of a period is earned at its start, in its middle or at
                its end, which discounts it by half a period more each time.
            memory: How many states a stage becomes, as in `chain`.

        Returns:
            A row for each stage: the value at entry with its standard error, and that of the
            present stock.

        Raises:
            InvalidTypeError: An argument is of another type.
            InvalidValueError: A number is negative or not finite; `periods` is out of bounds;
                the value over an infinite horizon is not finite; or a value is beyond what a
                float holds.
            MixedNumbersError: One margin is a `Decimal` and another a float.
            UnknownNameError: `margins` names an unknown stage, or `earned` is not recognized.
            LifecycleError: As `chain`.

        Convention:
            A margin is that of a full period in a stage, and is shared out by the time spent in
            it, so that a customer who lapses within the period earns part of it. The standard
            error is that of the probabilities alone (the delta method); margins and shares of
            time are taken as known. The interval is within the least and the greatest margin in
            every period. Results are floats, also for `Decimal` margins.
            `periods=n` has n rewards, where `markov.Chain.value(periods=n)` has n + 1.

        References:
            Pfeifer, P. E. and Carraway, R. L. (2000). Modeling customer relationships as Markov
            chains. Journal of Interactive Marketing 14(2):43-55.

        Examples:
            >>> worth = monthly.value(margins={"new": 10, "repeat": 15}, discount=0.01, periods=12)
            >>> new = worth.row("new").value
            >>> round(new.value, 2), round(new.standard_error, 2)
            (27.89, 8.76)
        """
        return stage_values.value(
            self._population,
            self._grid("value"),
            margins=margins,
            discount=discount,
            periods=periods,
            earned=earned,
            memory=memory,
        )

    # Questions that need no calendar

    def transition_counts(self) -> stage_transitions.TransitionTable:
        """Count the moves from each stage to each other one, in each period.

        Returns:
            A row for each period and pair of stages, and one for those still in the stage; the
            shares of a stage sum to 1. Without a calendar, the window is one period.

        Convention:
            Every stay counts, so that a customer may count several times in one period. The
            denominator has all who could have moved, not only those who did; a matrix over
            movers alone has larger shares. A row of `chain` counts customers at the ends of a
            period, and so the net of their moves.

        Examples:
            >>> table = base.transition_counts()
            >>> [(row.target, row.rate) for row in table if row.source == "new"]
            [('repeat', Rate(2, 3)), ('at_risk', Rate(1, 3)), (None, Rate(0, 3))]
        """
        periods = self._span if self.calendar is None else by_grid(self._grid("transition_counts"))
        return stage_transitions.transition_counts(self._population, periods)

    def drop_off(self) -> drop_offs.DropOffTable:
        """Count how many stays in each stage converted, dropped off, or still go on.

        The window, or all time, is one period.

        Returns:
            A row for each stage of the definition.

        Convention:
            Customers who are still in the stage have neither converted nor dropped off. Funnels
            that count them as lost report a larger drop-off, especially for young customers.

        Examples:
            >>> new = base.drop_off().row("new")
            >>> new.conversion, new.drop_off, new.still_there
            (Rate(2, 3), Rate(1, 3), Rate(0, 3))
        """
        return drop_offs.drop_off(self._population, self._span)

    def funnel(
        self,
        *,
        stages: Iterable[str] | None = None,
        within: Length | None = None,
        until: Instant | None = None,
        order: Literal["ordered", "strict", "any"] = "ordered",
    ) -> FunnelTable:
        """Count the customers who reached each of some stages, in this order.

        Stages count that are entered in the window, or at any time.

        Args:
            stages: The stages to reach, in order; by default those of the definition that are
                no drop-off stages: not dormant, not churned, and not entered by `idle` alone.
            within: How long it may take from the first stage, both ends included: a
                `timedelta`, or a `Period`, whose months are counted in UTC; by default without
                a limit.
            until: Up to and including when journeys are read: an instant, or a date for its
                whole day in the calendar's zone; by default, as far as each journey is known.
            order: "ordered" lets other stages come in between; "strict" does not; "any" lets
                the stages be reached in any order.

        Returns:
            What `funnel.funnel` returns for the stages that customers entered, as events in the
            order of the stays.

        Raises:
            UnknownNameError: The definition has no such stage.
            LifecycleError: As `funnel.funnel`.

        Convention:
            A stage is reached when it is entered, however long the stay; of stages entered at
            one instant, the one entered first comes first. With `within`, an attempt counts
            once its time is over at the end of the journey, `until` or the window; customers
            with open attempts only are in `open`, and in no rate. Without `within` attempts
            never end, and the rates of young customers may still rise.

        Examples:
            >>> print(base.funnel(stages=("new", "repeat", "loyal")))
            Funnel, in order, without a limit
            step    reached  from_first  from_previous  of_all  drop_off
            new           3      100.0%         100.0%  100.0%         0
            repeat        2       66.7%          66.7%   66.7%         1
            loyal         1       33.3%          50.0%   33.3%         1
        """
        return _funnels.funnel(
            self._population,
            self._span,
            stages=stages,
            within=within,
            until=until,
            order=order,
        )

    def reactivations(self) -> reactivation.ReactivationTable:
        """Measure how often customers come back, after how long, how many relapse, and revenue.

        A customer is inactive from the first dormant or churned stage until the next active or
        prospective one. That is a return; it lasts until the customer is inactive again.
        Episodes count that begin in the window, or at any time, as they are at its end.

        Returns:
            A row for each kind: reactivation and win-back.

        Raises:
            MixedNumbersError: Some events have `Decimal` values, and others floats.

        Convention:
            A return to a prospective stage counts like one to an active stage. The event that
            brings a customer back counts for the return, not for the stage that it ends, where
            `kpis` counts it.

        Examples:
            >>> found = base.reactivations().row("reactivation")
            >>> found.return_rate, found.relapse_rate, found.revenue
            (Rate(1, 3), Rate(0, 1), 20)
        """
        return reactivation.reactivations(self._population, self._span)

    def time_in_stage(
        self,
        stage: str,
        *,
        unit: Literal["hour", "day", "week"] = "day",
        exits: Literal["kind", "target"] = "kind",
    ) -> stage_times.TimeInStageTable:
        """Estimate how long customers stay in a stage, and by which kinds of change they leave.

        Stays count that begin in the window, or at any time, as they are at its end.

        Args:
            stage: The name of the stage.
            unit: The unit of time: "hour", "day" (24 hours) or "week" (168 hours).
            exits: How exits are classified: by the "kind" of the change, such as "lapse", or by
                the "target", the stage that followed.

        Returns:
            The survival curve of the stays, and the competing exits.

        Raises:
            UnknownNameError: The definition has no such stage, or `unit` or `exits` is not
                recognized.

        Convention:
            A stay that goes on at the end of what is known is censored. The mean of the stays
            that have ended is too short, since long ones have not ended yet. One minus the
            Kaplan-Meier curve of each kind would sum to more than 1; these are Aalen and
            Johansen's shares. The first stay of a customer that was enrolled in mid-life is at
            risk only from the last instant that the enrollment tells (late entry): customers
            who had left the stage before were not there to be enrolled.

        Examples:
            >>> print(base.time_in_stage("new"))
            Time in stage new, in days, all time: 3 stays
            time  at_risk  left  censored  still_there  exits_progress
              32        3     1         0        66.7%           33.3%
              57        2     1         0        33.3%           66.7%
              60        1     1         0         0.0%          100.0%
        """
        return stage_times.time_in_stage(
            self._population, self._span, stage, unit=unit, exits=exits
        )

    # Questions without periods

    def nps(self, answers: Answers) -> stage_nps.NpsTable:
        """Score answers by the stage in which the customer was when each was given.

        Args:
            answers: Rows (customer, at, rating) in any order, any number for each customer; a
                rating is a whole number, 0 to 10.

        Returns:
            A row for each stage.

        Raises:
            InvalidTypeError: An argument, or a row of one, is of another type.
            InvalidValueError: A rating is outside 0 to 10; a customer is not in the base; or an
                answer is outside the journey, where the stage is unknown.

        Convention:
            The stage is that of the answer's instant, not the customer's stage of today: those
            who left because they were unhappy answered while they were still there. At the
            instant of a change it is the stage that was entered.

        Examples:
            >>> answers = [("ann", start + timedelta(days=d), r) for d, r in [(10, 6), (65, 9)]]
            >>> table = base.nps(answers)
            >>> table.row("new").score.points, table.row("repeat").score.points
            (-100.0, 100.0)
        """
        return stage_nps.nps(self._population, answers)

    def referrals(self) -> referral.ReferralTable:
        """List who referred whom (`Customer.referred_by`), and what became of them.

        Returns:
            A row for each referrer. In a group, of the customers of the group who were
            referred, by whomever.

        Raises:
            MixedNumbersError: Some events have `Decimal` values, and others floats.
            NoJourneysError: There are changes on file, which do not have who referred whom.

        Convention:
            Only direct referrals count. The viral coefficient is the number of referred
            customers who became active over the number of all customers; others divide by the
            customers of the period before, or count invitations.

        Examples:
            >>> print(base.referrals())
            Referrals: 2 of 3 customers were referred
            customer  referred  converted  conversion  revenue
            ann              2          2      100.0%       80
        """
        return referral.referrals(self._population)

    def due(self, *, window: Window) -> due.DueTable:
        """List the customers who take a time-out in a window if nothing happens until then.

        For customers that are stored without their events, `insights.due_between` does it.

        Args:
            window: The time to read, its end excluded; with a time zone where the journeys have
                one.

        Returns:
            A row for each customer whose next time-out is in the window, the earliest first.
            Later time-outs of the same customer are not listed.

        Raises:
            InvalidTypeError: `window` is no window.
            MixedInstantsError: The window has a time zone and the journeys have none, or the
                reverse.
            NoJourneysError: There are changes on file, which do not have what time-outs need.

        Examples:
            >>> autumn = Window(start + timedelta(days=365), start + timedelta(days=600))
            >>> [row.customer.id for row in base.due(window=autumn)]
            ['bob', 'cy', 'ann']
        """
        journeys = self._population.journeys("due()")
        return due.due([(each._tables, each.customer) for each in journeys], window)


def each(
    question: Callable[Concatenate[CustomerBase, P], R],
) -> "Callable[Concatenate[GroupedBase, P], Groups[R]]":
    """Return the question of a base as one that is asked of each group of customers."""
    form = signature(question)

    @wraps(question)
    def asked(groups: "GroupedBase", /, *args: P.args, **options: P.kwargs) -> Groups[R]:
        _, *given = form.bind(groups, *args, **options).arguments.items()
        once = {name: groups._once(name, value) for name, value in given}
        return made(
            dict(groups._bases.results),
            lambda base: question(base, **once),  # type: ignore[call-arg]  # all that were given
        )

    return asked


@attrs.frozen(repr=False, weakref_slot=False)
class GroupedBase:
    """The customers of a base, split into groups; `CustomerBase.by` makes it.

    It has the questions of `CustomerBase`, with the same arguments; each returns `Groups`, a
    result for each group. `groups["web"]` is the base of one group, `len(groups)` counts them,
    and iterating yields their names, sorted, None last.

    Examples:
        >>> monthly.by("channel")
        <GroupedBase: 2 groups of 3 customers>
        >>> monthly.by("channel").growth()["web"].row(date(2026, 1, 20)).new
        2
        >>> monthly.by("channel")["shop"].customers.row("bob").stage
        'lapsed'
    """

    _population: Population = attrs.field(eq=False)
    _bases: Groups[CustomerBase]

    def __getitem__(self, group: Hashable) -> CustomerBase:
        return self._bases[group]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._bases)

    def __len__(self) -> int:
        return len(self._bases)

    def __repr__(self) -> str:
        groups, customers = len(self), len(self._population.histories)
        return f"<GroupedBase: {many(groups, 'group')} of {many(customers, 'customer')}>"

    def _once(self, name: str, value: Any) -> Any:
        """Return an argument that all groups can read: answers are placed once for all."""
        if name == "answers" and value is not None:
            return placed(self._population, value)
        return tuple(value) if isinstance(value, Iterator) else value

    kpis = each(CustomerBase.kpis)
    growth = each(CustomerBase.growth)
    cohorts = each(CustomerBase.cohorts)
    chain = each(CustomerBase.chain)
    value = each(CustomerBase.value)
    transition_counts = each(CustomerBase.transition_counts)
    drop_off = each(CustomerBase.drop_off)
    funnel = each(CustomerBase.funnel)
    reactivations = each(CustomerBase.reactivations)
    time_in_stage = each(CustomerBase.time_in_stage)
    nps = each(CustomerBase.nps)
    referrals = each(CustomerBase.referrals)
    due = each(CustomerBase.due)
