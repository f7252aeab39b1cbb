"""How sure a share is: Wilson's interval, and from which base on it can be small enough.

Wilson, Journal of the American Statistical Association 22, 1927, pages 209 to 212; at 95 percent.
"""

from __future__ import annotations

import math

# Two-sided 95 percent of the normal distribution.
Z = 1.959963984540054


def wilson(n: int, base: int) -> tuple[float, float]:
    """Both ends of the 95 percent interval for a share between 0 and 1; without a base everything is possible."""
    if base == 0:
        return 0.0, 1.0
    share, square = n / base, Z * Z / base
    middle = (share + square / 2) / (1 + square)
    half = Z / (1 + square) * math.sqrt(share * (1 - share) / base + square / (4 * base))
    # Where nobody or everybody has it, that end is exact and must not suffer from rounding.
    return 0.0 if n == 0 else middle - half, 1.0 if n == base else middle + half


def smallest_base(share: float) -> int:
    """The smallest base at which a trait of a single case is surely below ``share``, which lies between 0 and 1.

    With fewer cases nothing that occurs could be called rare, and „not rare“ would be as wrong.
    """
    base = 1
    while wilson(1, base)[1] >= share:
        base += 1
    return base
