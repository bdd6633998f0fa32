"""The questions of `logs.py` as a user of pandas writes them: groupby, shift and merge_asof."""

import pandas as pd
from log_data import END, START, STEPS, WITHIN, Columns

Frame = pd.DataFrame


def frame(columns: Columns) -> Frame:
    """Return columns as a dataframe; text is of the dtype that pandas gives it."""
    return pd.DataFrame(dict(columns))


def _month(data: Frame) -> pd.Series:
    months = data["at"].to_numpy().astype("M8[M]").astype("int64")
    return pd.Series(months + 1970 * 12 + 1, index=data.index)


def _months(data: Frame) -> Frame:
    """Return each customer and month once."""
    return pd.DataFrame({"customer": data["customer"], "month": _month(data)}).drop_duplicates()


def _before(lines: Frame, column: str, by: int = 1) -> pd.Series:
    """Return the value of the row before, of the same customer, in a sorted frame."""
    return lines[column].shift(by).where(lines["customer"] == lines["customer"].shift(by))


def grouped(data: Frame) -> Frame:
    """Return the first row, the last row and the sum of each customer."""
    groups = data.groupby("customer")
    return groups.agg(first=("at", "min"), last=("at", "max"), amount=("amount", "sum"))


def cohorts(data: Frame) -> Frame:
    """Count the customers of each cohort and month since."""
    pairs = _months(data)
    cohort = pairs.groupby("customer")["month"].transform("min")
    cells = pd.DataFrame({"cohort": cohort, "k": pairs["month"] - cohort})
    return cells.groupby(["cohort", "k"]).size().reset_index(name="customers")


def growth(data: Frame) -> Frame:
    """Count new, returning, resurrected and dormant customers by month."""
    pairs = _months(data).sort_values(["customer", "month"])
    before = _before(pairs, "month")
    kinds = {
        "new": before.isna(),
        "returning": before + 1 == pairs["month"],
        "resurrected": before + 1 < pairs["month"],
    }
    flags = pd.DataFrame({"month": pairs["month"], **kinds})
    table = flags.groupby("month").sum()
    active = table.sum(axis=1)
    dormant = active.shift(1, fill_value=0) - table["returning"]
    return table.assign(dormant=dormant).reset_index()


def summary(data: Frame) -> Frame:
    """Summarize repeat days: frequency, recency, age in weeks, and mean spend."""
    lines = data.assign(day=data["at"].dt.floor("D"))
    days = lines.groupby(["customer", "day"])["amount"].sum().reset_index()
    groups = days.groupby("customer")
    table = groups.agg(first=("day", "first"), last=("day", "last"), spent=("amount", "sum"))
    table["frequency"] = groups.size() - 1
    later = table["spent"] - groups["amount"].first()
    table["monetary"] = (later / table["frequency"]).where(table["frequency"] > 0)
    week = pd.Timedelta(days=7)
    table["recency"] = (table["last"] - table["first"]) / week
    table["age"] = (pd.Timestamp(END) - pd.Timedelta(days=1) - table["first"]) / week
    return table[["frequency", "recency", "age", "monetary"]].reset_index()


def repeat_rate(data: Frame) -> tuple[int, int]:
    """Count who bought twice in the second half of the time, and who bought."""
    late = data.loc[data["at"] >= START + (END - START) / 2, "customer"]
    counts = late.value_counts()
    return int((counts > 1).sum()), len(counts)


def stickiness(data: Frame) -> Frame:
    """Count customers by the number of months in which they were active."""
    counts = _months(data)["customer"].value_counts().value_counts()
    return counts.rename_axis("periods").reset_index(name="len")


def movements(data: Frame) -> Frame:
    """Split the change of recurring revenue of each month into its kinds."""
    lines = pd.DataFrame(
        {"customer": data["customer"], "month": _month(data), "cents": data["cents"]}
    )
    paid = lines.groupby(["customer", "month"])["cents"].sum().reset_index()
    before, after = _before(paid, "month"), _before(paid, "month", -1)
    month, cents = paid["month"], paid["cents"]
    change = (cents - _before(paid, "cents")).where(before + 1 == month, 0)
    moves = {
        "new": cents.where(before.isna(), 0),
        "expansion": change.clip(lower=0),
        "contraction": -change.clip(upper=0),
        "reactivation": cents.where(before + 1 < month, 0),
        "went": cents.where(after != month + 1, 0),
    }
    table = pd.DataFrame({"month": month, **moves}).groupby("month").sum()
    table["churn"] = table.pop("went").shift(1, fill_value=0)
    return table.reset_index()


def funnel(data: Frame) -> list[int]:
    """Count who reached each step in order, within two weeks of the first."""
    steps = {
        step: data.loc[data["event"] == step, ["customer", "at"]].sort_values("at")
        for step in STEPS
    }
    found = steps[STEPS[0]].assign(**{STEPS[0]: steps[STEPS[0]]["at"]})
    reached = [found["customer"].nunique()]
    for step in STEPS[1:]:
        each = steps[step].assign(**{step: steps[step]["at"]})
        found = pd.merge_asof(
            found.sort_values("at"), each, on="at", by="customer", direction="forward"
        )
        found = found[found[step] - found[STEPS[0]] <= WITHIN].assign(at=found[step])
        reached.append(found["customer"].nunique())
    return reached


def carts(data: Frame) -> tuple[int, int]:
    """Count carts that were ordered within a day, and those that were not."""
    lines = data[data["event"].isin(["cart", "order"])]
    lines = lines.assign(order=lines["event"] == "order")
    lines = lines[["customer", "at", "order"]].sort_values(["customer", "at", "order"])
    soon = lines["at"] - _before(lines, "at") <= pd.Timedelta(days=1)
    goes_on = soon & ~lines["order"].shift(1, fill_value=True)
    started, ordered = (~lines["order"] & ~goes_on).sum(), (lines["order"] & goes_on).sum()
    return int(ordered), int(started - ordered)


def intervals(data: Frame) -> tuple[int, float, float]:
    """Return the number, the median and the mean of the seconds between orders."""
    lines = data[["customer", "at"]].sort_values(["customer", "at"])
    apart = (lines["at"] - _before(lines, "at")).dropna()
    return len(apart), apart.median().total_seconds(), apart.mean().total_seconds()


def nps(data: Frame) -> Frame:
    """Count promoters and detractors by plan."""
    flags = data.assign(promoters=data["rating"] >= 9, detractors=data["rating"] <= 6)
    counted = {"promoters": "sum", "detractors": "sum", "rating": "size"}
    return flags.groupby("group").agg(counted).rename(columns={"rating": "answers"}).reset_index()


def kaplan_meier(data: Frame) -> Frame:
    """Return the share that is still there after each number of days."""
    table = data.groupby("days")["left"].agg(["size", "sum"])
    at_risk = table["size"][::-1].cumsum()
    return (1 - table["sum"] / at_risk).cumprod().reset_index(name="survival")
