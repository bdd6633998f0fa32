"""What a type checker says of logs: checked by mypy, never run."""

from datetime import date
from typing import assert_type

from lifecycle import Calendar, EventLog, Window, funnel, nps, retention, revenue, rfm
from lifecycle.logs import Grouped
from lifecycle.metrics.retention import CohortTable
from lifecycle.metrics.rfm import SummaryTable

MONTHLY = Calendar("month")
YEAR = Window(date(2026, 1, 1), date(2027, 1, 1))

log = EventLog(customer=["ann", 7], at=[date(2026, 1, 3)] * 2, value=[1, 2.5])
assert_type(EventLog.from_rows([("ann", date(2026, 1, 3))]), EventLog)
assert_type(EventLog.from_frame(object(), customer="who", at="day", missing="drop"), EventLog)
assert_type(log.where(event=("visit", "order")), EventLog)
assert_type(log.grouped, Grouped)
assert_type(log.events, tuple[str, ...])
assert_type(log.dropped, int)

assert_type(retention.cohorts(log, calendar=MONTHLY, window=YEAR, enrolled=log), CohortTable)
assert_type(rfm.summary(log, until=date(2026, 6, 1)), SummaryTable)
retention.cohort_revenue(log, calendar=MONTHLY, window=YEAR)
revenue.movements(log, calendar=MONTHLY, window=YEAR, same_period=log)
revenue.net_retention(log, calendar=MONTHLY, window=YEAR)
funnel.funnel(log, steps=("visit", "order"))
nps.rolling(log, window=date(2026, 1, 2) - date(2026, 1, 1), calendar=MONTHLY)
nps.score(log, by="plan")

EventLog(["ann"], [date(2026, 1, 3)])  # type: ignore[call-arg]
EventLog.from_frame(object(), customer="who", at="day", missing="ignore")  # type: ignore[arg-type]
log.to_frame("numpy")  # type: ignore[arg-type]
log.dropped = 3  # type: ignore[misc]
