"""Folders broken at random: never a traceback, always a fault with its place and its cure."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.twin.riverside_in_small import small_site
from twin.site_folder import SiteIssue, load, read, write
from twin.validation import check_folder

FILES = (
    "site.yaml", "kinds.yaml", "requirements.yaml", "bindings.yaml", "rules.yaml", "devices.csv", "households.csv",
    "staff.csv", "grounds.geojson", "zones.geojson", "buildings/tower-1.geojson", "networks/water.yaml",
    "networks/water.inp",
)  # fmt: skip
MANY = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

FEW_NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**30), 10**30), st.sampled_from([0, -1, 1e308])
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), FEW_NUMBERS, st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    write(small_site(), folder)
    return folder


def checked(good: Path, file: str, data: bytes) -> tuple[SiteIssue, ...]:
    """The faults of the good folder with one file changed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "site"
        shutil.copytree(good, folder)
        (folder / file).write_bytes(data)
        loaded, issues = check_folder(folder)
        assert (loaded.site is None) == bool(loaded.issues)
        if loaded.site is not None:
            assert read(folder) == loaded.site
    for issue in issues:
        assert CODE.fullmatch(issue.code)
        assert issue.message.strip()
        assert issue.cure.strip()
        assert (folder / issue.file).relative_to(folder)
    json.dumps([issue.model_dump(mode="json") for issue in issues], allow_nan=False)
    return issues


@given(file=st.sampled_from(FILES), data=st.binary(min_size=1, max_size=200))
@MANY
def test_random_bytes_are_refused(good: Path, file: str, data: bytes) -> None:
    issues = checked(good, file, data)
    assert any(issue.file == file for issue in issues)


@given(file=st.sampled_from(FILES), draw=st.data())
@MANY
def test_text_cut_doubled_or_overwritten_anywhere_never_raises(good: Path, file: str, draw: st.DataObject) -> None:
    text = (good / file).read_text(encoding="utf-8")
    start = draw.draw(st.integers(0, len(text)))
    end = draw.draw(st.integers(start, min(len(text), start + 40)))
    put = draw.draw(st.one_of(st.just(""), st.just(text[start:end] * 2), st.text(max_size=10)))
    checked(good, file, (text[:start] + put + text[end:]).encode("utf-8", "surrogatepass"))


def _paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from _paths(part, (*path, key))


@given(file=st.sampled_from([f for f in FILES if f.endswith("geojson")]), draw=st.data())
@settings(MANY, max_examples=200)
def test_any_value_in_geojson_may_be_anything(good: Path, file: str, draw: st.DataObject) -> None:
    data = json.loads((good / file).read_text(encoding="utf-8"))
    *way, last = draw.draw(st.sampled_from(list(_paths(data))[1:]))
    holder = data
    for key in way:
        holder = holder[key]
    if draw.draw(st.booleans()):
        holder[last] = draw.draw(JSON)
    else:
        del holder[last]
    checked(good, file, json.dumps(data).encode())


@given(noise=st.lists(st.floats(-5, 5), min_size=8, max_size=8), which=st.integers(0, 30))
@MANY
def test_moved_corners_never_raise(good: Path, noise: list[float], which: int) -> None:
    data = json.loads((good / "buildings" / "tower-1.geojson").read_text(encoding="utf-8"))
    polygons = [f["geometry"] for f in data["features"] if f["geometry"] and f["geometry"]["type"] == "Polygon"]
    ring = polygons[which % len(polygons)]["coordinates"][0]
    for k in range(4):
        ring[k] = [ring[k][0] + noise[2 * k], ring[k][1] + noise[2 * k + 1]]
    ring[-1] = ring[0]
    checked(good, "buildings/tower-1.geojson", json.dumps(data).encode())


@given(row=st.integers(1, 3), column=st.integers(0, 13), cell=st.text(max_size=30))
@MANY
def test_any_cell_of_a_table_may_be_anything(good: Path, row: int, column: int, cell: str) -> None:
    lines = (good / "devices.csv").read_text(encoding="utf-8").splitlines()
    cells = lines[row].split(",")
    cells[min(column, len(cells) - 1)] = cell
    lines[row] = ",".join(cells)
    checked(good, "devices.csv", "\n".join(lines).encode("utf-8", "surrogatepass"))


@given(
    file=st.sampled_from([f for f in FILES if f.endswith("yaml")]),
    key=st.integers(0, 200),
    value=st.sampled_from(["", "~", "[]", "{}", "x", "-1", ".nan", "&a 1", "*a", "!!int 3", "{", "1e400"]),
)
@MANY
def test_any_value_in_yaml_may_be_anything(good: Path, file: str, key: int, value: str) -> None:
    text = (good / file).read_text(encoding="utf-8")
    places = [match.end() for match in re.finditer(r": ", text)]
    start = places[key % len(places)]
    end = start + len(re.split(r"[,}\n]", text[start:], maxsplit=1)[0])
    checked(good, file, (text[:start] + value + text[end:]).encode())


@pytest.mark.parametrize("file", FILES)
def test_any_file_but_the_first_may_be_absent(good: Path, tmp_path: Path, file: str) -> None:
    shutil.copytree(good, tmp_path / "site")
    (tmp_path / "site" / file).unlink()
    assert (load(tmp_path / "site").site is None) == (file == "site.yaml" or file.startswith("networks/"))
