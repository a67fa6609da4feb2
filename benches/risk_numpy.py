"""The pool of benches/risk.rs in NumPy and in Numba, in path-steps a second, one thread each.

    python -m venv venv && venv/bin/pip install numpy scipy numba && venv/bin/python benches/risk_numpy.py

Ballast needs neither. Numba is left out where it is not installed. With `--turns` it runs as benches/risk.rs asks: the name
of a program on a line of input, seconds of 2,048 paths on a line of output, `none` where it is not installed.
"""

import math
import statistics
import sys
import time

import numpy as np
from scipy.special import ndtr

HOURS, DT, PATHS = 2_190, 1.0 / 8_760.0, 2_048
DRIFT, DEVIATION = -2.5 * DT, math.sqrt(DT)
PROBABILITY, JUMP, SMOOTHING = 0.017, math.log(0.8), 0.07


def with_numpy(paths, random):
    x, log_value = np.zeros(paths), np.zeros(paths)
    weight = np.full(paths, ndtr(0.25))
    for hour in range(1, HOURS + 1):
        moved = DRIFT + DEVIATION * random.standard_normal(paths)
        moved += JUMP * (random.random(paths) < PROBABILITY)
        x += moved
        log_value += weight * moved
        left = (HOURS - hour) * DT
        if left > 0.0:
            spread = math.sqrt(left)
            new = weight + SMOOTHING * (ndtr(x / spread + 0.5 * spread) - weight)
            log_value += new * np.log(weight / new) + (1 - new) * np.log((1 - weight) / (1 - new))
            weight = new
    return np.exp(log_value)


def compiled():
    try:
        from numba import njit
    except ImportError:
        return None

    @njit
    def with_numba(paths):
        values = np.empty(paths)
        for path in range(paths):
            x, log_value = 0.0, 0.0
            weight = 0.5 * math.erfc(-0.25 / math.sqrt(2.0))
            for hour in range(1, HOURS + 1):
                moved = DRIFT + DEVIATION * np.random.standard_normal()
                if np.random.random() < PROBABILITY:
                    moved += JUMP
                x += moved
                log_value += weight * moved
                left = (HOURS - hour) * DT
                if left > 0.0:
                    spread = math.sqrt(left)
                    delta = 0.5 * math.erfc(-(x / spread + 0.5 * spread) / math.sqrt(2.0))
                    new = weight + SMOOTHING * (delta - weight)
                    log_value += new * math.log(weight / new)
                    log_value += (1 - new) * math.log((1 - weight) / (1 - new))
                    weight = new
            values[path] = math.exp(log_value)
        return values

    with_numba(1)
    return with_numba


def seconds(work, paths):
    began = time.perf_counter()
    values = work(paths)
    return time.perf_counter() - began, values.mean()


def programs():
    random = np.random.default_rng(1)
    return {"NumPy": lambda paths: with_numpy(paths, random), "Numba": compiled()}


def turns():
    found = programs()
    for line in sys.stdin:
        work = found[line.strip()]
        print("none" if work is None else seconds(work, PATHS)[0], flush=True)


def main():
    for name, work in programs().items():
        if work is None:
            print(f"{name}: not installed")
            continue
        times, means = zip(*(seconds(work, PATHS) for _ in range(5)))
        steps = PATHS * HOURS / statistics.median(times)
        # The mean is printed so that the programs can be seen to do the same.
        print(f"{name}, one thread: {steps:.3e} path-steps a second, mean final value {means[-1]:.4f}")


if __name__ == "__main__":
    turns() if "--turns" in sys.argv else main()
