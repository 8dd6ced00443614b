"""Points out of a number that an event brings, in decimal arithmetic on it as written."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import (
    MAX_EMAX,
    MAX_PREC,
    MIN_EMIN,
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import Any

from gamify_cli.domain import conditions
from gamify_cli.domain.jsontext import Written
from gamify_cli.domain.vocabulary import MAX_AMOUNT
from gamify_cli.errors import UsageError

_ROUNDINGS = {
    "down": ROUND_DOWN,
    "up": ROUND_UP,
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
}
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def of_property(points: Mapping[str, Any], properties: conditions.Properties) -> int:
    """What {"property", "times", "rounding"} comes to.

    Raises UsageError for a property that is missing or no number, and for points outside 1
    to 1,000,000.
    """
    path = points["property"]
    value = conditions.at(properties, path)
    if value is conditions.MISSING:
        raise UsageError(f'property "{path}" is missing')
    if not conditions.is_number(value):
        raise UsageError(f'property "{path}" is no number')
    product = _EXACT.multiply(_decimal(value), _decimal(points["times"]))
    whole = product.to_integral_value(_ROUNDINGS[points["rounding"]])
    if not 1 <= whole <= MAX_AMOUNT:
        raise UsageError(f'property "{path}" gives no amount from 1 to {MAX_AMOUNT:,}')
    return int(whole)


def _decimal(value: int | float) -> Decimal:
    if isinstance(value, int):
        return Decimal(value)
    return Decimal(value.text if isinstance(value, Written) else repr(value))
