"""What a network's instruments said over a long time, as arrays: the input of a survey for leaks."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.errors import PipeNetworkError

Floats = NDArray[np.float64]

HOUR_S: Final = 3600.0
DAY_S: Final = 86_400.0


class RecordError(PipeNetworkError, ValueError):
    """A record that contradicts itself or the network."""


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """Means over each step of what was measured; what is missing is NaN.

    Attributes
    ----------
    times_s : (t,) beginnings of the steps, evenly spaced; 0 is the beginning of the network's patterns [s]
    sensors : nodes with a pressure sensor
    pressure_heads_m : (t, sensors) [m]
    flow_links : links with a flow meter: the sources' pipes, and the pumps
    flows_m3_per_s : (t, flow_links) from start to end [m3/s]
    tanks, levels_m : tanks with a level sensor; (t, tanks) level at the beginning of the step [m]
    meters, meters_m3_per_s : junctions with a consumption meter; (t, meters) [m3/s]
    """

    times_s: Floats
    sensors: tuple[str, ...]
    pressure_heads_m: Floats
    flow_links: tuple[str, ...]
    flows_m3_per_s: Floats
    tanks: tuple[str, ...] = ()
    levels_m: Floats = None  # type: ignore[assignment]  # (t, 0) where there are none
    meters: tuple[str, ...] = ()
    meters_m3_per_s: Floats = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        none = np.empty((len(self.times_s), 0))
        for name in ("levels_m", "meters_m3_per_s"):
            if getattr(self, name) is None:
                object.__setattr__(self, name, none)
        for name, ids in (
            ("pressure_heads_m", self.sensors),
            ("flows_m3_per_s", self.flow_links),
            ("levels_m", self.tanks),
            ("meters_m3_per_s", self.meters),
        ):
            shape, wanted = getattr(self, name).shape, (len(self.times_s), len(ids))
            if shape != wanted:
                raise RecordError(f"{name} has shape {shape}, but there are {wanted[0]} times and {wanted[1]} ids")
        if len(self.times_s) < 2 or not np.allclose(np.diff(self.times_s), self.step_s, rtol=0, atol=1e-3):
            raise RecordError("the times of a record are two or more, evenly spaced; fill gaps with NaN")

    @property
    def step_s(self) -> float:
        """Length of a step. [s]"""
        return float(self.times_s[1] - self.times_s[0])

    def flow_m3_per_s(self, link_id: str) -> Floats:
        """(t,) what the meter of a link said."""
        course: Floats = self.flows_m3_per_s[:, self.flow_links.index(link_id)]
        return course

    def part(self, start_s: float, end_s: float) -> "Record":
        """The steps that begin from `start_s` until before `end_s`."""
        rows = (self.times_s >= start_s) & (self.times_s < end_s)
        return replace(
            self,
            times_s=self.times_s[rows],
            pressure_heads_m=self.pressure_heads_m[rows],
            flows_m3_per_s=self.flows_m3_per_s[rows],
            levels_m=self.levels_m[rows],
            meters_m3_per_s=self.meters_m3_per_s[rows],
        )


def hourly(record: Record) -> Record:
    """The record in steps of an hour: means of the values there are; levels as they were at the hour's beginning.

    Raises
    ------
    RecordError
        If an hour is not a whole number of the record's steps.

    Examples
    --------
    >>> times = np.arange(24) * 300.0
    >>> r = Record(times, ("a",), np.arange(24.0)[:, None], ("p",), np.ones((24, 1)))
    >>> hourly(r).pressure_heads_m.ravel().tolist()
    [5.5, 17.5]
    """
    count = round(HOUR_S / record.step_s)
    if count < 1 or abs(count * record.step_s - HOUR_S) > 1e-3:
        raise RecordError(f"a step of {record.step_s:g} s does not divide an hour")
    if count == 1:
        return record
    skip = round(-record.times_s[0] % HOUR_S / record.step_s)
    hours = (len(record.times_s) - skip) // count
    rows = slice(skip, skip + hours * count)

    def mean(values: Floats) -> Floats:
        blocks = values[rows].reshape(hours, count, values.shape[1])
        known = np.isfinite(blocks).sum(axis=1)
        total = np.nansum(blocks, axis=1)
        result: Floats = np.where(known > 0, total / np.maximum(known, 1), np.nan)
        return result

    return replace(
        record,
        times_s=record.times_s[rows][::count],
        pressure_heads_m=mean(record.pressure_heads_m),
        flows_m3_per_s=mean(record.flows_m3_per_s),
        levels_m=record.levels_m[rows][::count],
        meters_m3_per_s=mean(record.meters_m3_per_s),
    )
