"""Writes src/samplers/sobol/direction-numbers.ts: the direction numbers of Joe and Kuo for all primitive polynomials up to
degree 13, as scipy ships them (new-joe-kuo-6.21201).

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install scipy==1.17.1
    /tmp/goldens/bin/python scripts/sobol-directions.py > src/samplers/sobol/direction-numbers.ts
"""

import os

import numpy as np
import scipy.stats

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
DEGREE = 13
WIDTH = 100


def digits(number, count):
    return "".join(DIGITS[(number >> (6 * place)) & 63] for place in reversed(range(count)))


table = np.load(os.path.join(os.path.dirname(scipy.stats.__file__), "_sobol_direction_numbers.npz"))
lines = []
for polynomial, numbers in zip(table["poly"].tolist(), table["vinit"].tolist()):
    degree = polynomial.bit_length() - 1
    if degree == 0:
        continue
    if degree > DEGREE:
        break
    # The first number is 1, and all are odd: number i has i - 1 bits that are not known.
    lines.append(digits(polynomial, 3) + "".join(digits(numbers[i] >> 1, -(-i // 6)) for i in range(1, degree)))
text = "".join(lines)
print("""// Written by scripts/sobol-directions.py.

/**
 * Primitive polynomials over two elements and initial direction numbers for the Sobol sequence (S. Joe and F. Y. Kuo,
 * "Constructing Sobol sequences with better two-dimensional projections", SIAM Journal on Scientific Computing 30, 2008;
 * their table new-joe-kuo-6.21201), for all dimensions but the first: the polynomial's bits in three digits to base 64,
 * then half of each number but the first, which is 1, in as many digits as it can have. Digits are 0-9, A-Z, a-z, - and _.
 */
export const DIRECTIONS =""")
parts = [text[at : at + WIDTH] for at in range(0, len(text), WIDTH)]
print("\n".join(f'  "{part}"{" +" if at < len(parts) - 1 else ";"}' for at, part in enumerate(parts)))
