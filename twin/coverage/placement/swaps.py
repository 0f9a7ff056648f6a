"""A choice of candidates under way, which knows at once what every addition and every exchange would change.

What a spot is worth counts for each of the first so many candidates that serve it. Three sums are kept up to date while
candidates come and go: what each would add, what each would take away, and for each pair what the second would make
good of what the first took away. So the best of all exchanges is found by looking at a matrix, not by trying.
"""

from dataclasses import dataclass

import numpy as np

from twin.coverage.placement.incidence import Floats, Incidence, Ints


@dataclass(slots=True, eq=False)
class Choice:
    """Candidates chosen, and what changing them would change.

    Attributes
    ----------
    counts : (rows,) how many of the chosen serve each spot
    gain : (columns,) what choosing each would add
    held : (columns,) what leaving each would take away, if it is chosen
    made_good : (slots, columns) of what leaving the one in the slot takes away, what each other would make good
    slot_of : (columns,) of each that is chosen, -1 of the others
    in_slot : (slots,) candidate in each, -1 none
    """

    table: Incidence
    worth: Floats
    wanted: Ints
    counts: Ints
    gain: Floats
    held: Floats
    made_good: Floats
    slot_of: Ints
    in_slot: Ints
    value: float = 0.0

    @property
    def chosen(self) -> Ints:
        """(k,) ascending."""
        return np.flatnonzero(self.slot_of >= 0).astype(np.int32)

    def add_inplace(self, column: int) -> None:
        """Choose one more."""
        slot = int(np.flatnonzero(self.in_slot < 0)[0])
        rows = self.table.of_column(column)
        before, wanted = self.counts[rows], self.wanted[rows]
        self.value += float(self.gain[column])
        _raise(self.held, self._crosses(rows[before == wanted]), -1.0)
        self._owned_inplace(rows[before == wanted], -1.0)
        self.slot_of[column], self.in_slot[slot] = slot, column
        self.counts[rows] += 1
        _raise(self.gain, self._crosses(rows[before == wanted - 1]), -1.0)
        self._owned_inplace(rows[before == wanted - 1], 1.0)

    def drop_inplace(self, column: int) -> None:
        """Leave one."""
        slot = int(self.slot_of[column])
        rows = self.table.of_column(column)
        before, wanted = self.counts[rows], self.wanted[rows]
        self.value -= float(self.held[column])
        _raise(self.gain, self._crosses(rows[before == wanted]), 1.0)
        self._owned_inplace(rows[before == wanted], -1.0)
        self.slot_of[column], self.in_slot[slot] = -1, -1
        self.made_good[slot] = 0.0
        self.counts[rows] -= 1
        _raise(self.held, self._crosses(rows[before == wanted + 1]), 1.0)
        self._owned_inplace(rows[before == wanted + 1], 1.0)

    def exchanges(self, slots: Ints) -> Floats:
        """(slots, columns) what each exchange would add: out with the one in the slot, in with the other."""
        out = self.in_slot[slots]
        changes: Floats = self.made_good[slots]
        changes += self.gain
        changes -= self.held[out][:, None]
        return changes

    def _crosses(self, rows: Ints) -> tuple[Ints, Floats]:
        at, columns = self.table.entries_of_rows(rows)
        return columns, self.worth[rows][at]

    def _owned_inplace(self, rows: Ints, sign: float) -> None:
        """Count some spots, whose chosen are just enough, in what is made good."""
        if not len(rows):
            return
        at, columns = self.table.entries_of_rows(rows)
        slots = self.slot_of[columns]
        taken = np.flatnonzero(slots >= 0)
        begins = np.searchsorted(at[taken], np.arange(len(rows)))
        ends = np.append(begins[1:], len(taken))
        flat = self.made_good.reshape(-1)
        worth = sign * self.worth[rows]
        for turn in range(int((ends - begins).max())):  # of the spots wanted k times, the k owners in turn
            has = begins + turn < ends
            owner = np.where(has, slots[taken[np.minimum(begins + turn, len(taken) - 1)]], 0)
            value = np.where(has, worth, 0.0)
            np.add.at(flat, owner[at].astype(np.int64) * self.table.columns + columns, value[at])


def choice(table: Incidence, *, worth: Floats, wanted: Ints, slots: int) -> Choice:
    """Nothing chosen yet.

    Parameters
    ----------
    worth : (rows,) of each of the first `wanted` that serve a spot
    slots : most that are ever chosen

    Examples
    --------
    >>> from twin.coverage.placement.incidence import incidence_of
    >>> made = choice(incidence_of([[0, 1], [1, 2]], rows=3), worth=np.ones(3), wanted=np.ones(3, np.int32), slots=2)
    >>> made.add_inplace(0)
    >>> made.value, made.gain.tolist()
    (2.0, [0.0, 1.0])
    """
    asked = table.per_column(np.where(wanted > 0, worth, 0.0))
    nobody = np.full(table.columns, -1, dtype=np.int32)
    return Choice(
        table,
        worth,
        wanted,
        np.zeros(table.rows, dtype=np.int32),
        asked,
        asked.copy(),
        np.zeros((slots, table.columns)),
        nobody,
        np.full(slots, -1, dtype=np.int32),
    )


def _raise(of_columns: Floats, crosses: tuple[Ints, Floats], sign: float) -> None:
    columns, worth = crosses
    of_columns += sign * np.bincount(columns, weights=worth, minlength=len(of_columns))
