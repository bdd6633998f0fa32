"""What a type checker says of customer lifetime value: checked by mypy, never run."""

from datetime import date
from decimal import Decimal
from typing import assert_type

from lifecycle import Groups
from lifecycle.metrics import clv
from lifecycle.rates import Ratio

euros = Decimal("19.90")

assert_type(clv.simple(annual_profit=120, years=3), float)
assert_type(clv.simple(annual_profit=euros, years=0.5), Decimal)
assert_type(clv.net(annual_revenue=200, years=3), float)
assert_type(clv.net(annual_revenue=euros, years=3, acquisition_cost=5), Decimal)
assert_type(clv.net(annual_revenue=euros, years=3, service_cost=euros), Decimal)

assert_type(
    clv.geometric(margin=100, retention=0.8, discount=0.1, first_margin="next_period"), float
)
assert_type(
    clv.geometric(
        margin=euros,
        retention=0.8,
        discount=Decimal("0.1"),
        first_margin="now",
        periods=5,
        growth=0.02,
        acquisition_cost=euros,
    ),
    Decimal,
)
assert_type(clv.from_curve([1, 0.8], margin=100, discount=0, first_margin="now"), float)
assert_type(clv.from_curve([1, 0.8], margin=[euros], discount=0, first_margin="now"), Decimal)
assert_type(
    clv.promotion(contribution=euros, promotion=5, retention=0.8, discount=0.1, periods=3), Decimal
)

by_month = clv.Discount(0.01, per="month")
assert_type(
    clv.geometric(margin=5, retention=0.8, discount=by_month, period="quarter", first_margin="now"),
    float,
)

payments: list[tuple[date, Decimal]] = [(date(2026, 1, 1), euros)]
yearly = clv.Discount(0.1, per="year")
assert_type(yearly.for_period("month"), float | Decimal)
assert_type(clv.historic(payments, until=date(2026, 2, 1), discount=yearly), Decimal)
assert_type(clv.historic([(date(2026, 1, 1), 5)], until=date(2026, 2, 1), discount=0.1), float)

assert_type(
    clv.payback(margin=euros, acquisition_cost=euros, retention=0.8, first_margin="now"),
    float | None,
)
assert_type(clv.to_cac(euros, 120), Ratio)
assert_type(clv.equity([euros, euros]), Decimal)
assert_type(clv.equity([1, 2.5]), float)

costs = clv.acquisition_vs_retention(acquisition_cost=120, retention_spend=16, retention=0.8)
assert_type(costs, clv.Tradeoff)
assert_type(costs.cost_ratio, Ratio)
assert_type(costs.break_even, float | Decimal)
assert_type(clv.referral_value(referrals=1.5, value=euros, reward=euros), Decimal)
assert_type(clv.viral_coefficient(invites=5, conversion=0.2), Ratio)
assert_type(clv.earned_growth(net_retention=0.85, earned_new=0.25).ratio, float | Decimal | None)

clv.net(annual_revenue=200.5, years=3, acquisition_cost=euros)  # type: ignore[type-var]
clv.simple(120, 3)  # type: ignore[call-arg]
clv.geometric(margin=100, retention=0.8, discount=0.1)  # type: ignore[call-arg]
clv.geometric(margin=100, retention=0.8, discount="10 %", first_margin="now")  # type: ignore[arg-type]
assert_type(clv.historic(payments, until=date(2026, 1, 1), by="plan"), Groups[Decimal])
clv.historic(payments)  # type: ignore[call-overload]
