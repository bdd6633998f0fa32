"""The questions of `logs.py` as a user of Polars writes them: one lazy query each."""

import polars as pl
from log_data import END, START, STEPS, WITHIN, Columns

Frame = pl.DataFrame


def frame(columns: Columns) -> Frame:
    """Return columns as a dataframe."""
    return pl.DataFrame(dict(columns))


def _month() -> pl.Expr:
    at = pl.col("at").dt
    return (at.year().cast(pl.Int32) * 12 + at.month()).alias("month")


def _months(data: Frame) -> pl.LazyFrame:
    """Return each customer and month once."""
    return data.lazy().select("customer", _month()).unique()


def _before(column: str) -> pl.Expr:
    """Return the value of the row before, of the same customer, in a sorted frame."""
    same = pl.col("customer") == pl.col("customer").shift(1)
    return pl.when(same).then(pl.col(column).shift(1))


def grouped(data: Frame) -> Frame:
    """Return the first row, the last row and the sum of each customer."""
    first, last = pl.col("at").min().alias("first"), pl.col("at").max().alias("last")
    return data.group_by("customer").agg(first, last, pl.col("amount").sum())


def cohorts(data: Frame) -> Frame:
    """Count the customers of each cohort and month since."""
    pairs = _months(data)
    firsts = pairs.group_by("customer").agg(cohort=pl.col("month").min())
    k = (pl.col("month") - pl.col("cohort")).alias("k")
    return pairs.join(firsts, on="customer").group_by("cohort", k).len("customers").collect()


def growth(data: Frame) -> Frame:
    """Count new, returning, resurrected and dormant customers by month."""
    pairs = _months(data)
    firsts = pairs.group_by("customer").agg(pl.col("month").min())
    later = pairs.with_columns(pl.col("month") + 1)
    again = pairs.join(later, on=["customer", "month"], how="semi")
    table = pairs.group_by("month").len("active")
    for found, name in ((firsts, "new"), (again, "returning")):
        table = table.join(found.group_by("month").len(name), on="month", how="left")
    new, returning, active = (
        pl.col(name).fill_null(0).cast(pl.Int64) for name in ("new", "returning", "active")
    )
    return (
        table.sort("month")
        .select(
            "month",
            new=new,
            returning=returning,
            resurrected=active - new - returning,
            dormant=active.shift(1, fill_value=0) - returning,
        )
        .collect()
    )


def summary(data: Frame) -> Frame:
    """Summarize repeat days: frequency, recency, age in weeks, and mean spend."""
    day = pl.col("at").dt.date().alias("day")
    days = data.lazy().group_by("customer", day).agg(pl.col("amount").sum())
    table = days.group_by("customer").agg(
        frequency=pl.len() - 1,
        first=pl.col("day").min(),
        last=pl.col("day").max(),
        spent=pl.col("amount").sum(),
    )
    table = table.join(days, left_on=["customer", "first"], right_on=["customer", "day"])
    end, later = pl.lit(END.date()).dt.offset_by("-1d"), pl.col("spent") - pl.col("amount")
    return table.select(
        "customer",
        "frequency",
        recency=(pl.col("last") - pl.col("first")).dt.total_days() / 7,
        age=(end - pl.col("first")).dt.total_days() / 7,
        monetary=pl.when(pl.col("frequency") > 0).then(later / pl.col("frequency")),
    ).collect()


def repeat_rate(data: Frame) -> tuple[int, int]:
    """Count who bought twice in the second half of the time, and who bought."""
    late = data.lazy().filter(pl.col("at") >= START + (END - START) / 2)
    per_customer = late.group_by("customer").len()
    again = (pl.col("len") > 1).sum()
    return per_customer.select(again=again, customers=pl.len()).collect().row(0)  # type: ignore[return-value]  # two numbers of one row


def stickiness(data: Frame) -> Frame:
    """Count customers by the number of months in which they were active."""
    return _months(data).group_by("customer").len("periods").group_by("periods").len().collect()


def movements(data: Frame) -> Frame:
    """Split the change of recurring revenue of each month into its kinds."""
    paid = data.lazy().group_by("customer", _month()).agg(pl.col("cents").sum())
    paid = paid.sort("customer", "month").with_columns(
        before=_before("month"),
        paid=_before("cents"),
        after=pl.when(pl.col("customer") == pl.col("customer").shift(-1)).then(
            pl.col("month").shift(-1)
        ),
    )
    cents, change = pl.col("cents"), pl.col("cents") - pl.col("paid")
    stayed = pl.col("before") + 1 == pl.col("month")
    came = paid.group_by("month").agg(
        new=cents.filter(pl.col("before").is_null()).sum(),
        expansion=change.filter(stayed & (change > 0)).sum(),
        contraction=-change.filter(stayed & (change < 0)).sum(),
        reactivation=cents.filter(pl.col("before") + 1 < pl.col("month")).sum(),
        went=cents.filter((pl.col("after") != pl.col("month") + 1).fill_null(value=True)).sum(),
    )
    churn = pl.col("went").shift(1, fill_value=0).alias("churn")
    return came.sort("month").with_columns(churn).drop("went").collect()


def funnel(data: Frame) -> list[int]:
    """Count who reached each step in order, within two weeks of the first."""
    picked = data.select("customer", "at", "event")
    first, *others = (
        picked.filter(pl.col("event") == step).select("customer", pl.col("at").alias(step), at="at")
        for step in STEPS
    )
    found = first.sort("at")
    for step, each in zip(STEPS[1:], others, strict=True):
        found = found.sort("at").join_asof(
            each.sort("at"), on="at", by="customer", strategy="forward", check_sortedness=False
        )
        late = pl.col(step) - pl.col(STEPS[0]) > WITHIN
        found = found.with_columns(pl.when(~late).then(pl.col(step))).with_columns(at=step)
        found = found.with_columns(pl.col("at").fill_null(END + WITHIN))
    furthest = found.group_by("customer").agg(pl.col(step).count() > 0 for step in STEPS)
    return list(furthest.select(pl.col(step).sum() for step in STEPS).row(0))


def carts(data: Frame) -> tuple[int, int]:
    """Count carts that were ordered within a day, and those that were not."""
    order = pl.col("event") == "order"
    lines = (
        data.lazy()
        .filter(pl.col("event").is_in(["cart", "order"]))
        .select("customer", "at", order=order)
        .sort("customer", "at", "order")
    )
    same = pl.col("customer") == pl.col("customer").shift(1)
    soon = pl.col("at") - pl.col("at").shift(1) <= pl.duration(days=1)
    goes_on = same & soon & ~pl.col("order").shift(1)
    started = (~pl.col("order") & ~goes_on.fill_null(value=False)).sum()
    ordered = (pl.col("order") & goes_on.fill_null(value=False)).sum()
    return lines.select(ordered=ordered, lost=started - ordered).collect().row(0)  # type: ignore[return-value]  # two numbers of one row


def intervals(data: Frame) -> tuple[int, float, float]:
    """Return the number, the median and the mean of the seconds between orders."""
    lines = data.lazy().select("customer", "at").sort("customer", "at")
    apart = (pl.col("at") - _before("at")).dt.total_microseconds().alias("apart") / 1e6
    found = lines.select(apart.drop_nulls())
    return (
        found.select(pl.len(), median=pl.first().median(), mean=pl.first().mean()).collect().row(0)
    )  # type: ignore[return-value]  # two numbers of one row


def nps(data: Frame) -> Frame:
    """Count promoters and detractors by plan."""
    rating = pl.col("rating")
    return data.group_by("group").agg(
        promoters=(rating >= 9).sum(), detractors=(rating <= 6).sum(), answers=pl.len()
    )


def kaplan_meier(data: Frame) -> Frame:
    """Return the share that is still there after each number of days."""
    table = data.group_by("days").agg(pl.len(), pl.col("left").sum()).sort("days")
    at_risk = pl.col("len").sum() - pl.col("len").cum_sum() + pl.col("len")
    return table.select("days", survival=(1 - pl.col("left") / at_risk).cum_prod())
