"""How the cost of something grows with its size."""

import gc
import math
import time
from collections.abc import Callable

TIMES = 8
MAX_LINEAR_RATIO = 24.0
"""Eight times as much costs 8 times as much where the cost is linear and 64 times where it is the square: between them,
as far from the one as from the other."""


def growth_ratio(work: Callable[[int], object], size: int) -> float:
    """How many times as much processor time `work` takes for `TIMES` as much as for `size`.

    For what runs in C, where no steps can be counted: a ratio is the same on a slow machine and on a quick one. The
    least of three counts for either size, since whatever else runs can only add; once it is `LINEAR` that is enough.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        less, more = min(_cost(work, size) for _ in range(3)), math.inf
        for _ in range(3):
            more = min(more, _cost(work, TIMES * size))
            if more < MAX_LINEAR_RATIO * less:
                break
    finally:
        if collecting:
            gc.enable()
    return more / less


def _cost(work: Callable[[int], object], size: int) -> float:
    began = time.thread_time()
    work(size)
    return time.thread_time() - began
