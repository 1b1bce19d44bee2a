"""Quantities: bytes and seconds as people read them."""

from __future__ import annotations

__all__ = ["duration", "size"]

UNITS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def size(num_bytes: float) -> str:
    """Bytes in the unit that suits them, with as many digits as matter.

    >>> size(0), size(4_321), size(68_400_000), size(2_345_000_000), size(2.3e16)
    ('0.0 kB', '4.3 kB', '68 MB', '2.3 GB', '23,000 TB')
    """
    unit, name = next((unit for unit in UNITS if num_bytes >= unit[0]), UNITS[-1])
    amount = num_bytes / unit
    return f"{amount:.1f} {name}" if amount < 10 else f"{amount:,.0f} {name}"


def duration(seconds: float) -> str:
    """Seconds in the two units that suit them.

    >>> duration(0.25), duration(42), duration(125), duration(7_320), duration(200_000)
    ('0.2 s', '42 s', '2 min 5 s', '2 h 2 min', '2 d 7 h')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    steps = ((60, "s"), (60, "min"), (24, "h"))
    left, parts = round(seconds), []
    for count, name in steps:
        left, here = divmod(left, count)
        parts.append((here, name))
    parts.append((left, "d"))
    first = max(place for place, (amount, _) in enumerate(parts) if amount or place == 0)
    return " ".join(
        f"{amount} {name}" for amount, name in reversed(parts[max(0, first - 1) : first + 1]) if amount
    )
