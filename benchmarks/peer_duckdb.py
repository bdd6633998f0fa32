"""The questions of `logs.py` as a user of DuckDB writes them, of a table that is loaded."""

from typing import Any

import duckdb
import pyarrow as pa
from log_data import END, START, STEPS, WITHIN, Columns

Frame = duckdb.DuckDBPyConnection

_NAMES = {"at": "moment", "group": "plan"}
"""What is named otherwise, as these are words of SQL."""

_MONTHS = "select distinct customer, year(moment) * 12 + month(moment) as month from data"
_EACH = "partition by customer order by month"


def frame(columns: Columns) -> Frame:
    """Load columns into a table of a database in memory."""
    database = duckdb.connect()
    arrow = pa.table({_NAMES.get(name, name): column for name, column in columns.items()})
    database.register("arrow", arrow)
    database.execute("create table data as select * from arrow")
    database.unregister("arrow")
    return database


def _asked(database: Frame, query: str) -> dict[str, Any]:
    return database.execute(query).fetchnumpy()


def _row(database: Frame, query: str) -> tuple[Any, ...]:
    return database.execute(query).fetchall()[0]


def grouped(database: Frame) -> dict[str, Any]:
    """Return the first row, the last row and the sum of each customer."""
    return _asked(
        database,
        """select customer, min(moment) as first, max(moment) as last, sum(amount) as amount
        from data group by customer""",
    )


def cohorts(database: Frame) -> dict[str, Any]:
    """Count the customers of each cohort and month since."""
    return _asked(
        database,
        f"""with pairs as ({_MONTHS}),
        firsts as (select customer, min(month) as cohort from pairs group by customer)
        select cohort, month - cohort as k, count(*) as customers
        from pairs join firsts using (customer) group by all""",
    )


def growth(database: Frame) -> dict[str, Any]:
    """Count new, returning, resurrected and dormant customers by month."""
    return _asked(
        database,
        f"""with pairs as ({_MONTHS}),
        lagged as (select month, lag(month) over ({_EACH}) as before from pairs),
        table_ as (select month,
            count(*) filter (before is null) as new,
            count(*) filter (before + 1 = month) as returning_,
            count(*) filter (before + 1 < month) as resurrected,
            count(*) as active from lagged group by month)
        select month, new, returning_ as returning, resurrected,
            lag(active, 1, 0) over (order by month) - returning_ as dormant from table_""",
    )


def summary(database: Frame) -> dict[str, Any]:
    """Summarize repeat days: frequency, recency, age in weeks, and mean spend."""
    return _asked(
        database,
        f"""with days as (
            select customer, moment::date as day, sum(amount) as amount from data group by all)
        select customer, count(*) - 1 as frequency,
            date_diff('day', min(day), max(day)) / 7 as recency,
            (date_diff('day', min(day), date '{END:%Y-%m-%d}') - 1) / 7 as age,
            case when count(*) > 1
                then (sum(amount) - arg_min(amount, day)) / (count(*) - 1) end as monetary
        from days group by customer""",
    )


def repeat_rate(database: Frame) -> tuple[Any, ...]:
    """Count who bought twice in the second half of the time, and who bought."""
    return _row(
        database,
        f"""with counts as (select count(*) as n from data
            where moment >= timestamp '{START + (END - START) / 2}' group by customer)
        select count(*) filter (n > 1), count(*) from counts""",
    )


def stickiness(database: Frame) -> dict[str, Any]:
    """Count customers by the number of months in which they were active."""
    return _asked(
        database,
        f"""with pairs as ({_MONTHS}),
        counts as (select count(*) as periods from pairs group by customer)
        select periods, count(*) as len from counts group by periods""",
    )


def movements(database: Frame) -> dict[str, Any]:
    """Split the change of recurring revenue of each month into its kinds."""
    return _asked(
        database,
        f"""with paid as (
            select customer, year(moment) * 12 + month(moment) as month, sum(cents)::bigint as cents
            from data group by all),
        lagged as (select month, cents, lag(month) over w as before,
            cents - lag(cents) over w as change, lead(month) over w as after
            from paid window w as ({_EACH})),
        table_ as (select month,
            coalesce(sum(cents) filter (before is null), 0) as new,
            coalesce(sum(change) filter (before + 1 = month and change > 0), 0) as expansion,
            coalesce(-sum(change) filter (before + 1 = month and change < 0), 0) as contraction,
            coalesce(sum(cents) filter (before + 1 < month), 0) as reactivation,
            coalesce(sum(cents) filter (after is distinct from month + 1), 0) as went
            from lagged group by month)
        select month, new::bigint as new, expansion::bigint as expansion,
            contraction::bigint as contraction, reactivation::bigint as reactivation,
            lag(went, 1, 0) over (order by month)::bigint as churn from table_""",
    )


def funnel(database: Frame) -> list[int]:
    """Count who reached each step in order, within two weeks of the first."""
    first, second, third = STEPS
    limit = f"interval {WITHIN.days} days"
    return list(
        _row(
            database,
            f"""with one as (select customer, moment from data where event = '{first}'),
            two as (select customer, moment from data where event = '{second}'),
            three as (select customer, moment from data where event = '{third}'),
            tried as (select one.customer, one.moment as began, two.moment as moment
                from one asof left join two
                on one.customer = two.customer and one.moment <= two.moment),
            reached as (select tried.customer, began, tried.moment as second, three.moment as third
                from tried asof left join three
                on tried.customer = three.customer and tried.moment <= three.moment)
            select count(distinct customer),
                count(distinct customer) filter (second <= began + {limit}),
                count(distinct customer) filter (third <= began + {limit}) from reached""",
        )
    )


def carts(database: Frame) -> tuple[Any, ...]:
    """Count carts that were ordered within a day, and those that were not."""
    return _row(
        database,
        """with lines as (
            select customer, moment, event = 'order' as ordered from data
            where event in ('cart', 'order')),
        lagged as (select ordered, coalesce(not lag(ordered) over w
            and moment - lag(moment) over w <= interval 1 day, false) as goes_on
            from lines window w as (partition by customer order by moment, ordered)),
        counts as (select count(*) filter (not ordered and not goes_on) as started,
            count(*) filter (ordered and goes_on) as bought from lagged)
        select bought, started - bought from counts""",
    )


def intervals(database: Frame) -> tuple[Any, ...]:
    """Return the number, the median and the mean of the seconds between orders."""
    return _row(
        database,
        """with lagged as (
            select date_diff('microsecond', lag(moment) over w, moment) / 1e6 as apart
            from data window w as (partition by customer order by moment))
        select count(apart), median(apart), avg(apart) from lagged""",
    )


def nps(database: Frame) -> dict[str, Any]:
    """Count promoters and detractors by plan."""
    return _asked(
        database,
        """select plan as "group", count(*) filter (rating >= 9) as promoters,
            count(*) filter (rating <= 6) as detractors, count(*) as answers
        from data group by all""",
    )


def kaplan_meier(database: Frame) -> dict[str, Any]:
    """Return the share that is still there after each number of days."""
    return _asked(
        database,
        """with counts as (
            select days, count(*) as n, count(*) filter ("left") as gone
            from data group by days),
        risks as (select days, gone, sum(n) over (order by days desc) as at_risk from counts)
        select days, product(1 - gone / at_risk) over (order by days) as survival from risks""",
    )
