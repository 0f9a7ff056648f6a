"""Reads the BattLeDIM competition's own files, as they are published: for whoever has them.

``2018_SCADA_Pressures.csv``, ``..._Demands.csv``, ``..._Flows.csv``, ``..._Levels.csv``, the same of 2019,
``2019_Leakages.csv`` where it is there, and the model ``L-TOWN.inp``. Names are taken tolerantly: a year and a word.
Columns are separated by semicolons with decimal commas, or by commas with points.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.inp import parse
from pipe_network.model import Network
from pipe_network.record import HOUR_S, Record
from viewer.bench.leaks.year_truth import TrueLeak
from viewer.errors import MissingPartError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

_STEP_S: Final = 300.0
_WORDS: Final = {"pressures": "pressure", "flows": "flow", "levels": "level", "demands": "demand", "leakages": "leak"}
_LITRES_PER_M3: Final = 1000.0
_LEAST_LEAK_M3_PER_H: Final = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class Competition:
    """What a folder holds; the leaks are none where it has no file of them.

    Attributes
    ----------
    leak_times_s, leaks_m3_per_s : (t,), (t, leaks) [s], [m3/s]
    """

    network: Network
    record: Record
    leaks: tuple[TrueLeak, ...] = ()
    leak_times_s: Floats | None = None
    leaks_m3_per_s: Floats | None = None


def read_competition(folder: Path) -> Competition:
    """The competition's data of a folder and those below it; times count from the beginning of 2019.

    Raises
    ------
    MissingPartError
        If something is missing; the message names all of it.
    """
    found = _files(folder)
    models = sorted(folder.rglob("*.inp"), key=lambda path: (len(path.name), path.name))
    needed = ("pressures", "flows", "levels")
    years = ["2018", "2019"] if any(("2018", kind) in found for kind in needed) else ["2019"]
    missing = [f"{year} {kind}" for year in years for kind in needed if (year, kind) not in found]
    missing += [] if models else ["model L-TOWN.inp"]
    if missing:
        raise MissingPartError(
            f"no {', no '.join(missing)} in {folder}; put the competition's files there as CSV, such as"
            " 2019_SCADA_Pressures.csv (of an .xlsx, save each sheet under such a name); 2018 wholly or not at all"
        )
    tables = {
        kind: _table([found[key] for key in sorted(found) if key[1] == kind]) for kind in _WORDS if kind != "leakages"
    }
    times_s = _grid(tables["pressures"])
    network = parse(models[0].read_text(encoding="utf-8", errors="replace"))
    flows = _on(tables["flows"], times_s)
    demands = _on(tables["demands"], times_s)
    levels = _on(tables["levels"], times_s)
    pressures = _on(tables["pressures"], times_s)
    record = Record(
        times_s=times_s,
        sensors=_ids(pressures),
        pressure_heads_m=_values(pressures),
        flow_links=_ids(flows),
        flows_m3_per_s=_values(flows) / HOUR_S,
        tanks=_ids(levels),
        levels_m=_values(levels),
        meters=_ids(demands),
        meters_m3_per_s=_values(demands) / _LITRES_PER_M3 / HOUR_S,
    )
    if ("2019", "leakages") not in found:
        return Competition(network, record)
    leaking = _table([found["2019", "leakages"]])
    leak_times_s = leaking.index.to_numpy(dtype=np.float64)
    flows_m3_per_h = np.nan_to_num(_values(leaking))
    leaks, columns = _leaks(_ids(leaking), leak_times_s, flows_m3_per_h)
    return Competition(network, record, leaks, leak_times_s, flows_m3_per_h[:, columns] / HOUR_S)


def _files(folder: Path) -> dict[tuple[str, str], Path]:
    if not folder.is_dir():
        raise MissingPartError(f"{folder} is not a folder; name the one with the competition's files")
    found: dict[tuple[str, str], Path] = {}
    for path in sorted(folder.rglob("*")):
        name = path.name.lower()
        year = re.search(r"201[89]", name)
        if year and name.endswith((".csv", ".csv.gz", ".txt")):
            for kind, word in _WORDS.items():
                if word in name:
                    found.setdefault((year[0], kind), path)
    return found


def _table(paths: list[Path]) -> "pd.DataFrame":
    """The files one below the other, by seconds from the beginning of 2019."""
    import pandas as pd  # noqa: PLC0415 - seconds that only this needs

    tables = [_one(path) for path in paths]
    if not tables:
        return pd.DataFrame(index=pd.Index([], dtype=np.float64))
    joined = pd.concat(tables)
    return joined[~joined.index.duplicated()].sort_index()


def _one(path: Path) -> "pd.DataFrame":
    import gzip  # noqa: PLC0415

    import pandas as pd  # noqa: PLC0415

    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            is_continental = b";" in lines.readline()
        separator, decimal = (";", ",") if is_continental else (",", ".")
        table = pd.read_csv(path, sep=separator, decimal=decimal, index_col=0)
    except (ValueError, EOFError, gzip.BadGzipFile) as error:  # pandas' own are ValueErrors
        raise MissingPartError(f"{path} is not a table of text: {error}; save it as CSV again") from error
    at = pd.to_datetime(table.index.astype(str), errors="coerce", dayfirst=False)
    if at.isna().all() or not len(table.columns):
        raise MissingPartError(f"{path} has no timestamps such as 2019-01-01 00:05:00 in its first column")
    table.index = pd.Index((at - pd.Timestamp(2019, 1, 1)).total_seconds().to_numpy(dtype=np.float64))
    named = table.rename(columns=lambda name: str(name).strip())
    dated = named[np.isfinite(named.index.to_numpy(dtype=np.float64))]
    numbers: pd.DataFrame = dated.apply(pd.to_numeric, errors="coerce")
    if not np.isfinite(numbers.to_numpy(dtype=np.float64)).any():
        raise MissingPartError(
            f"{path} has no numbers; columns go by semicolons and decimal commas, or commas and points"
        )
    return numbers


def _grid(pressures: "pd.DataFrame") -> Floats:
    at_s = pressures.index.to_numpy(dtype=np.float64)
    return np.arange(at_s[0] // HOUR_S * HOUR_S, at_s[-1] + _STEP_S, _STEP_S)


def _on(table: "pd.DataFrame", times_s: Floats) -> "pd.DataFrame":
    return table.reindex(times_s, method="nearest", tolerance=_STEP_S / 2) if len(table) else table.reindex(times_s)


def _ids(table: "pd.DataFrame") -> tuple[str, ...]:
    return tuple(str(name) for name in table.columns)


def _values(table: "pd.DataFrame") -> Floats:
    return table.to_numpy(dtype=np.float64)


def _leaks(ids: tuple[str, ...], times_s: Floats, flows_m3_per_h: Floats) -> tuple[tuple[TrueLeak, ...], list[int]]:
    """The leaks of a file of flows, and their columns: each runs from its first to its last flow."""
    leaks, columns = [], []
    for column, pipe_id in enumerate(ids):
        rows = np.flatnonzero(flows_m3_per_h[:, column] > _LEAST_LEAK_M3_PER_H)
        if len(rows):
            start_s, end_s = float(times_s[rows[0]]), float(times_s[rows[-1]]) + _STEP_S
            peak_s = float(times_s[int(flows_m3_per_h[:, column].argmax())])
            leaks.append(TrueLeak(pipe_id, start_s, end_s, peak_s, 0.0))
            columns.append(column)
    return tuple(leaks), columns
