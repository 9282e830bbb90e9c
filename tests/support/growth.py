"""How the processor time of a function grows with the size of its input."""

import gc
import math
import time
from collections.abc import Callable

SIZE_FACTOR = 8
MAX_LINEAR_RATIO = 24.0
"""An input of eight times the size costs 8 times as much where the cost is linear, and 64 times where it is quadratic.
This lies between the two, at about the same ratio from each."""


def growth_ratio(work: Callable[[int], object], size: int) -> float:
    """Return the ratio of the processor time of `work` for `SIZE_FACTOR * size` to that for `size`.

    For code in C, whose steps cannot be counted: the ratio does not depend on the speed of the machine. The minimum
    of three runs counts, since other processes only add time; runs stop early once the ratio is below
    `MAX_LINEAR_RATIO`.
    """
    gc_enabled = gc.isenabled()
    gc.disable()
    try:
        small, large = min(_cost(work, size) for _ in range(3)), math.inf
        for _ in range(3):
            large = min(large, _cost(work, SIZE_FACTOR * size))
            if large < MAX_LINEAR_RATIO * small:
                break
    finally:
        if gc_enabled:
            gc.enable()
    return large / small


def _cost(work: Callable[[int], object], size: int) -> float:
    started = time.thread_time()
    work(size)
    return time.thread_time() - started
