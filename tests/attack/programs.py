"""Integer programs over numbers of people, solved by HiGHS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.optimize
from scipy.sparse import csr_array

OPTIMIZE: Any = scipy.optimize
"""Typed in part only."""
Key = tuple[Any, ...]
LARGE = 1_000_000


class Contradiction(AssertionError):
    """The truth does not fit what is public: the document or the JSON says what is not so."""


@dataclass
class Program:
    """Whole numbers of people, none below 0, and linear constraints on them."""

    variables: dict[Key, int] = field(default_factory=dict[Key, int])
    rows: list[dict[int, float]] = field(default_factory=list[dict[int, float]])
    low: list[float] = field(default_factory=list[float])
    high: list[float] = field(default_factory=list[float])

    def constrain(self, terms: Mapping[Key, float], low: float, high: float) -> None:
        """Require that the sum of the terms lies between these."""
        row: dict[int, float] = {}
        for key, factor in terms.items():
            index = self.variables.setdefault(key, len(self.variables))
            row[index] = row.get(index, 0) + factor
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def range_of(self, terms: Mapping[Key, float]) -> tuple[int, int]:
        """Return the least and the most that the sum of the terms can be."""
        return self.extreme(terms, 1), self.extreme(terms, -1)

    def extreme(self, terms: Mapping[Key, float], sign: int) -> int:
        """Return the least (sign 1) or the most (sign -1) that the sum of the terms can be."""
        goal = np.zeros(len(self.variables))
        for key, factor in terms.items():
            goal[self.variables[key]] += sign * factor
        entries = [(row, column, value) for row, terms in enumerate(self.rows) for column, value in terms.items()]
        rows, columns, values = zip(*entries, strict=True)
        matrix = csr_array((values, (rows, columns)), shape=(len(self.rows), len(self.variables)))
        solution = OPTIMIZE.milp(
            goal,
            constraints=OPTIMIZE.LinearConstraint(matrix, self.low, self.high),
            integrality=np.ones(len(goal)),
            bounds=OPTIMIZE.Bounds(0, LARGE),
            options={"time_limit": 20},
        )
        if solution.status == 2:
            raise Contradiction
        # Where the solver ran out of time its proven bound stands for what nobody reached: never less than the truth.
        return round(sign * (solution.fun if solution.status == 0 else solution.mip_dual_bound))
