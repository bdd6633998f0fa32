"""How long the units of time are that summaries, models and rates speak in."""

__all__ = ["DAYS"]

DAYS = {"day": 1, "week": 7, "month": 365.2425 / 12, "quarter": 365.2425 / 4, "year": 365.2425}
"""How many days a unit has: the year is the mean of the Gregorian calendar."""
