"""Exponential and logistic functions on SIMD vectors, to float32 rounding (no tables, nothing clamped away)."""

from __future__ import annotations

from typing import Any, NamedTuple

from wordvec.kernels.cpu.vector import Simd

__all__ = ["Logistic", "exponential_of_negative", "logistic"]

LOG2_E = 1.4426950408889634
LN_2_HIGH = 0.693359375  # ln 2 in two parts, so that x - n·ln 2 keeps all its bits (Cody and Waite, 1980)
LN_2_LOW = -2.12194440e-4
LOWEST_EXPONENT = -87.0  # below, exp(x) is smaller than the smallest normal float32

# exp(r) = 1 + r + r²·p(r) for |r| <= ln(2)/2; minimax coefficients of Cephes' expf (Moshier), highest first
EXP_COEFFICIENTS = (
    1.9875691500e-4,
    1.3981999507e-3,
    8.3334519073e-3,
    4.1665795894e-2,
    1.6666665459e-1,
    5.0000001201e-1,
)


class Logistic(NamedTuple):
    """σ(x) with the parts of softplus(x) = ln(1 + exp(x)) = maximum(x, 0) + ln(1 + decay), per lane."""

    sigmoid: Any  # 1 / (1 + exp(-x))
    positive_part: Any  # maximum(x, 0)
    decay: Any  # exp(-|x|), in (0, 1]


def exponential_of_negative(simd: Simd, x: Any) -> Any:
    """exp(x) for x <= 0; exp(-87) below -87."""
    x = simd.maximum(x, simd.constant(LOWEST_EXPONENT))
    twos = simd.round(simd.multiply(x, simd.constant(LOG2_E)))
    rest = simd.fma(twos, simd.constant(-LN_2_HIGH), x)
    rest = simd.fma(twos, simd.constant(-LN_2_LOW), rest)
    polynomial = simd.constant(EXP_COEFFICIENTS[0])
    for coefficient in EXP_COEFFICIENTS[1:]:
        polynomial = simd.fma(polynomial, rest, simd.constant(coefficient))
    squared = simd.multiply(rest, rest)
    mantissa = simd.add(simd.fma(polynomial, squared, rest), simd.constant(1.0))
    return simd.multiply(mantissa, simd.two_to_the(twos))


def logistic(simd: Simd, x: Any) -> Logistic:
    """The logistic function of each lane, and what its logarithm needs."""
    magnitude = simd.absolute(x)
    decay = exponential_of_negative(simd, simd.subtract(simd.constant(0.0), magnitude))
    one = simd.constant(1.0)
    of_magnitude = simd.divide(one, simd.add(one, decay))
    sigmoid = simd.where_negative(x, simd.multiply(decay, of_magnitude), of_magnitude)
    return Logistic(sigmoid, simd.maximum(x, simd.constant(0.0)), decay)
