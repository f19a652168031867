"""Figures of a series of times; all series are in seconds, all that is shown in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of the values lie, nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def median(values: Sequence[float]) -> float:
    return quantile(values, 0.5)


def ms(seconds: float) -> str:
    """Milliseconds with the digits that can be believed."""
    value = seconds * 1e3
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 100 else f"{value:.0f}"


def median_and_least(values: Sequence[float]) -> list[str]:
    """Two cells of a table: the median says what one waits, the minimum what the machine can do undisturbed."""
    return [ms(median(values)), ms(min(values))]


def times(value: float, base: float) -> str:
    return f"{value / base:.2f} ×" if value < 10 * base else f"{value / base:.0f} ×"
