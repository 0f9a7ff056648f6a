"""Which candidate serves which spot: a table of crosses, kept sparse in both directions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Incidence:
    """A table of spots (rows) and candidates (columns) with a cross where a candidate serves a spot.

    Attributes
    ----------
    rows, columns : how many
    row_starts, columns_of : (rows + 1,), (crosses,) the candidates of each spot, ascending
    column_starts, rows_of : (columns + 1,), (crosses,) the spots of each candidate, ascending
    """

    rows: int
    columns: int
    row_starts: NDArray[np.int64]
    columns_of: Ints
    column_starts: NDArray[np.int64]
    rows_of: Ints

    @property
    def crosses(self) -> int:
        """How many."""
        return len(self.rows_of)

    def of_column(self, column: int) -> Ints:
        """(k,) the spots that a candidate serves."""
        return self.rows_of[self.column_starts[column] : self.column_starts[column + 1]]

    def of_row(self, row: int) -> Ints:
        """(k,) the candidates that serve a spot."""
        return self.columns_of[self.row_starts[row] : self.row_starts[row + 1]]

    def entries_of_rows(self, rows: ArrayLike) -> tuple[Ints, Ints]:
        """The crosses of some spots: (k,) position in `rows`, (k,) candidate."""
        at = np.asarray(rows, dtype=np.int64)
        return _entries(self.row_starts, self.columns_of, at)

    def entries_of_columns(self, columns: ArrayLike) -> tuple[Ints, Ints]:
        """The crosses of some candidates: (k,) position in `columns`, (k,) spot."""
        at = np.asarray(columns, dtype=np.int64)
        return _entries(self.column_starts, self.rows_of, at)

    def counts(self, chosen: ArrayLike) -> Ints:
        """(rows,) how many of some candidates serve each spot."""
        _, rows = self.entries_of_columns(chosen)
        return np.bincount(rows, minlength=self.rows).astype(np.int32)

    def per_column(self, of_rows: Floats) -> Floats:
        """(columns,) the sum of a value of the spots each candidate serves."""
        return _sums(of_rows[self.rows_of], self.column_starts)

    def per_row(self, of_columns: Floats) -> Floats:
        """(rows,) the sum of a value of the candidates that serve each spot."""
        return _sums(of_columns[self.columns_of], self.row_starts)

    def part(self, rows: ArrayLike, columns: ArrayLike) -> "Incidence":
        """The table of some spots and candidates, numbered anew in the order given."""
        taken, kept = np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64)
        number = np.full(self.columns, -1, dtype=np.int64)
        number[kept] = np.arange(len(kept))
        at, found = self.entries_of_rows(taken)
        here = number[found]
        return incidence(at[here >= 0], here[here >= 0], rows=len(taken), columns=len(kept))


def incidence(row_of: ArrayLike, column_of: ArrayLike, *, rows: int, columns: int) -> Incidence:
    """A table from its crosses; one that is named twice counts once.

    Parameters
    ----------
    row_of, column_of : (crosses,)

    Examples
    --------
    >>> table = incidence([0, 0, 1], [1, 0, 1], rows=2, columns=2)
    >>> table.of_row(0).tolist(), table.of_column(1).tolist()
    ([0, 1], [0, 1])
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - weighs on `plumbline --help`

    at = (np.asarray(row_of, dtype=np.int32), np.asarray(column_of, dtype=np.int32))
    by_row = csr_array((np.ones(len(at[0]), dtype=np.int8), at), shape=(rows, columns))
    by_row.sum_duplicates()
    by_column = by_row.tocsc()
    return Incidence(
        rows,
        columns,
        by_row.indptr.astype(np.int64),
        by_row.indices.astype(np.int32),
        by_column.indptr.astype(np.int64),
        by_column.indices.astype(np.int32),
    )


def incidence_of(served: Sequence[ArrayLike], *, rows: int) -> Incidence:
    """A table from the spots that each candidate serves.

    Examples
    --------
    >>> incidence_of([[0, 2], [1]], rows=3).counts([0, 1]).tolist()
    [1, 1, 1]
    """
    parts = [np.asarray(part, dtype=np.int32) for part in served]
    columns = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])
    flat = np.concatenate(parts) if parts else np.empty(0, np.int32)
    return incidence(flat, columns, rows=rows, columns=len(parts))


def _entries(starts: NDArray[np.int64], items: Ints, at: NDArray[np.int64]) -> tuple[Ints, Ints]:
    lengths = starts[at + 1] - starts[at]
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    flat = np.arange(total) + np.repeat(starts[at] - (ends - lengths), lengths)
    return np.repeat(np.arange(len(at), dtype=np.int32), lengths), items[flat]


def _sums(values: Floats, starts: NDArray[np.int64]) -> Floats:
    # reduceat gives a value, not 0, for an empty stretch
    lengths = np.diff(starts)
    total = np.zeros(len(lengths))
    filled = np.flatnonzero(lengths)
    if len(filled):
        total[filled] = np.add.reduceat(values, starts[filled])
    return total
