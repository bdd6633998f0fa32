"""Models and fits as plain data, which JSON keeps exactly."""

import math
from collections.abc import Mapping
from typing import Any

import attrs

from lifecycle import _checks
from lifecycle._checks import Attributes
from lifecycle.errors import DataError, InvalidTypeError, InvalidValueError, LifecycleError
from lifecycle.models.bdw import BetaDiscreteWeibull
from lifecycle.models.bg_bb import BetaGeoBetaBinomial
from lifecycle.models.bg_nbd import BetaGeoNBD
from lifecycle.models.fitting import Fit
from lifecycle.models.gamma_gamma import GammaGamma
from lifecycle.models.mbg_nbd import ModifiedBetaGeoNBD
from lifecycle.models.pareto_nbd import ParetoNBD
from lifecycle.models.sbg import ShiftedBetaGeometric

__all__ = ["from_dict", "to_dict"]

_MODELS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        BetaGeoNBD,
        ModifiedBetaGeoNBD,
        ParetoNBD,
        GammaGamma,
        BetaGeoBetaBinomial,
        ShiftedBetaGeometric,
        BetaDiscreteWeibull,
    )
}
_FIELDS = tuple(field.name for field in attrs.fields(Fit))
"""What the data of a fit has, in this order."""


def to_dict(value: Any) -> dict[str, Any]:
    """Return a model, or a fit, as plain data.

    Args:
        value: A model or a `Fit`.

    Returns:
        A dict of text, numbers, lists and dicts, which JSON keeps exactly; `from_dict` reads it.

    Raises:
        InvalidTypeError: `value` is neither.

    Examples:
        >>> from lifecycle.models import ShiftedBetaGeometric
        >>> to_dict(ShiftedBetaGeometric(alpha=0.668, beta=3.806, unit="year"))
        {'model': 'ShiftedBetaGeometric', 'alpha': 0.668, 'beta': 3.806, 'unit': 'year'}
    """
    if isinstance(value, Fit):
        data = attrs.asdict(value, recurse=False)
        return {
            **data,
            "model": to_dict(value.model),
            "standard_errors": dict(value.standard_errors),
            "covariance": list(map(list, value.covariance)),
        }
    name = type(value).__name__
    if type(value) is not _MODELS.get(name):
        raise InvalidTypeError("value", value, "be a model or a Fit")
    return {"model": name, **attrs.asdict(value)}


def from_dict(data: Mapping[str, Any]) -> Any:
    """Return the model, or the fit, that data describes.

    Args:
        data: What `to_dict` returned.

    Returns:
        A model, or a `Fit`, equal to the one that was stored.

    Raises:
        DataError: The data describes neither; everything wrong is listed.
        InvalidTypeError: `data` is not a mapping.

    Examples:
        >>> from_dict({"model": "GammaGamma", "p": 6.25, "q": 3.74, "v": 15.44})
        GammaGamma(p=6.25, q=3.74, v=15.44)
    """
    if not isinstance(data, Mapping):
        raise InvalidTypeError("data", data, "be a mapping, as to_dict returns it")
    return _fit(data) if isinstance(data.get("model"), Mapping) else _model(data)


def _model(data: Mapping[str, Any]) -> Any:
    name = data.get("model")
    kind = _MODELS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise DataError("model", [f"model must be one of {', '.join(_MODELS)}, got {name!r}"])
    fields = attrs.fields(kind)
    needed = {field.alias for field in fields if field.default is attrs.NOTHING}
    _check_keys("model", data, needed, {"model", *(field.alias for field in fields)})
    try:
        return kind(**{key: value for key, value in data.items() if key != "model"})
    except LifecycleError as error:
        raise DataError("model", [str(error)]) from error


def _fit(data: Mapping[str, Any]) -> Fit[Any]:
    _check_keys("fit", data, set(_FIELDS), set(_FIELDS))
    model = _model(data["model"])
    names = [field.alias for field in attrs.fields(type(model)) if field.name != "unit"]
    try:
        return Fit(
            model=model,
            log_likelihood=_number("log_likelihood", data["log_likelihood"]),
            standard_errors=_errors(names, data["standard_errors"]),
            covariance=_covariance(len(names), data["covariance"]),
            n=_number("n", data["n"], above=0.0),
            iterations=_checks.whole("iterations", data["iterations"], least=1),
            converged=_true("converged", data["converged"]),
        )
    except LifecycleError as error:
        raise DataError("fit", [str(error)]) from error


def _number(argument: str, value: object, above: float = -math.inf) -> float:
    found = float(_checks.number(argument, value))
    if found <= above:
        raise InvalidValueError(argument, value, f"be above {above:g}")
    return found


def _true(argument: str, value: object) -> bool:
    if value is not True:
        raise InvalidValueError(argument, value, "be True: a search that fails makes no fit")
    return True


def _errors(names: list[str], data: object) -> Any:
    if not isinstance(data, Mapping) or set(data) != set(names):
        expected = f"be a mapping of {', '.join(names)}"
        raise InvalidTypeError("standard_errors", data, expected)
    return Attributes({k: _number(f"standard_errors.{k}", data[k], above=0.0) for k in names})


def _covariance(size: int, data: object) -> tuple[tuple[float, ...], ...]:
    rows = _of_size("covariance", data, size)
    return tuple(
        tuple(
            _number(f"covariance[{i}][{j}]", value)
            for j, value in enumerate(_of_size(f"covariance[{i}]", row, size))
        )
        for i, row in enumerate(rows)
    )


def _of_size(argument: str, data: object, size: int) -> Any:
    if not isinstance(data, list | tuple) or len(data) != size:
        raise InvalidTypeError(argument, data, f"be a list of {size}")
    return data


def _check_keys(kind: str, data: Mapping[str, Any], needed: set[str], known: set[str]) -> None:
    problems = [f"{key} is missing" for key in sorted(needed - set(data))]
    problems += [f"{key!r} is not known" for key in sorted(set(data) - known, key=str)]
    if problems:
        raise DataError(kind, problems)
