"""Files made to hurt get a clear refusal, and never a traceback."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.twin.riverside_in_small import small_site
from twin.site_folder import SiteIssue, write
from twin.validation import check_folder

GIB = 1 << 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(small_site(), tmp_path / "site")
    return tmp_path / "site"


def issues_of(folder: Path) -> tuple[SiteIssue, ...]:
    _, issues = check_folder(folder)
    assert all(issue.message and issue.cure and issue.file for issue in issues)
    return issues


def the_issue(folder: Path, file: str) -> SiteIssue:
    """The only fault there is, in the file named: nothing that follows from it is called a second one."""
    (issue,) = issues_of(folder)
    assert issue.file == file
    return issue


@pytest.mark.parametrize(
    "file",
    ["site.yaml", "kinds.yaml", "devices.csv", "grounds.geojson", "buildings/tower-1.geojson", "networks/water.inp"],
)
def test_a_file_of_two_gigabytes_is_refused_unread(folder: Path, file: str) -> None:
    os.truncate(folder / file, 2 * GIB)
    issue = the_issue(folder, file)
    assert issue.code == "file-too-big"
    assert "2,048 MiB" in issue.message


def test_many_files_that_are_big_together_are_refused(folder: Path) -> None:
    for number in range(9):
        path = folder / "buildings" / f"big-{number}.geojson"
        path.write_text("{", encoding="utf-8")
        os.truncate(path, 60 << 20)
    assert {"folder-too-big"} <= {issue.code for issue in issues_of(folder)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x [1, 2]\nb: *x\n", "yaml-alias"),
        ("a: &a [x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n", "yaml-alias"),
        ("kinds: !!python/object/apply:os.system ['true']\n", "yaml-tag"),
        ("kinds: " + "[" * 5000 + "]" * 5000, "too-deep"),
        ("kinds: " + "{a: " * 500 + "1" + "}" * 500, "too-deep"),
        ("- 1\n- 2\n", "not-a-map"),
        ("kinds: [1, 2\n", "not-yaml"),
        ("kinds: []\n---\nkinds: []\n", "not-yaml"),
        ("kinds: []\n? [a, b]\n: 1\n", "not-yaml"),
        ("kinds: []\nkinds: []\n", "duplicate-key"),
        ("", "empty-file"),
        ("  \n\n", "empty-file"),
        ("kinds: 5\n", "wrong-type"),
        ("kinds: [5]\n", "wrong-type"),
        ("sorts: []\n", "unknown-field"),
    ],
)
def test_yaml_that_is_not_this_format_is_refused(folder: Path, text: str, code: str) -> None:
    (folder / "kinds.yaml").write_text(text, encoding="utf-8")
    assert code in {issue.code for issue in issues_of(folder) if issue.file == "kinds.yaml"}


def test_a_yaml_bomb_costs_nothing_and_hides_nothing(folder: Path) -> None:
    bomb = "a: &a [lol]\n" + "".join(
        f"{c}: &{c} [{', '.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    (folder / "rules.yaml").write_text(bomb, encoding="utf-8")
    assert the_issue(folder, "rules.yaml").place == "line 1"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 200_000, "not-json"),
        ('{"a":' * 100_000, "not-json"),
        ('{"type": "FeatureCollection", "features": [NaN]}', "not-json"),
        ('{"type": "FeatureCollection", "features": [1e999, null, "x", {}]}', "not-geojson"),
        ('{"type": "FeatureCollection", "features": 1' + "0" * 5000 + "}", "not-json"),
        ('{"type": "FeatureCollection"}', "not-geojson"),
        ("[]", "not-geojson"),
        ("null", "not-geojson"),
    ],
)
def test_json_that_is_not_this_format_is_refused(folder: Path, text: str, code: str) -> None:
    (folder / "grounds.geojson").write_text(text, encoding="utf-8")
    assert code in {issue.code for issue in issues_of(folder) if issue.file == "grounds.geojson"}


def feature(
    properties: str = '"type":"ground","use":"tree"', geometry: str = '{"type":"Point","coordinates":[1,2]}'
) -> str:
    return f'{{"type":"Feature","id":"t","properties":{{{properties}}},"geometry":{geometry}}}'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (feature(geometry='{"type":"Point","coordinates":[1e999,2]}'), "not-finite"),
        (feature(geometry='{"type":"Point","coordinates":["1",2]}'), "bad-coordinates"),
        (feature(geometry='{"type":"Point","coordinates":[true,2]}'), "bad-coordinates"),
        (feature(geometry='{"type":"Point","coordinates":[1,2,3]}'), "bad-coordinates"),
        (feature(geometry='{"type":"Point"}'), "bad-coordinates"),
        (feature(geometry="null"), "no-geometry"),
        (feature(geometry="[]"), "no-geometry"),
        (feature(geometry='{"type":"MultiPolygon","coordinates":[1,2]}'), "wrong-geometry"),
        (feature(geometry='{"type":["Point"],"coordinates":[1,2]}'), "wrong-geometry"),
        (feature(geometry='{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}'), "ring-not-closed"),
        (feature(geometry='{"type":"Polygon","coordinates":[[[0,0],[1,0]]]}'), "bad-coordinates"),
        (feature(geometry='{"type":"Polygon","coordinates":[]}'), "bad-coordinates"),
        (feature(properties='"type":"ground"'), "missing-field"),
        (feature(properties='"type":"ground","use":"tre"'), "unknown-word"),
        (feature(properties='"type":["ground"],"use":"tree"'), "unknown-word"),
        (feature(properties='"type":"ground","use":"tree","width_m":-1'), "out-of-range"),
        (feature(properties='"type":"ground","use":"tree","width_m":"wide"'), "wrong-type"),
        (feature().replace('"id":"t"', '"id":"Täg 1"'), "bad-id"),
        (feature().replace('"id":"t"', '"id":7'), "missing-field"),
    ],
)
def test_one_broken_feature_is_named_and_the_others_are_read(folder: Path, text: str, code: str) -> None:
    path = folder / "grounds.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace("\n]}", f",\n{text}\n]}}"), encoding="utf-8")
    loaded, issues = check_folder(folder)
    assert [issue.code for issue in issues] == [code]
    assert loaded.site is None
    assert loaded.readable is not None
    assert loaded.readable.grounds == small_site().grounds


def test_a_key_given_twice_is_named(folder: Path) -> None:
    path = folder / "grounds.geojson"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"width_m":6', '"width_m":6,"width_m":7'), encoding="utf-8"
    )
    issue = the_issue(folder, "grounds.geojson")
    assert (issue.code, issue.place) == ("duplicate-key", "road-1")


def test_a_slip_in_one_line_of_geojson_does_not_hide_the_others(folder: Path) -> None:
    path = folder / "buildings" / "tower-1.geojson"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[4] = lines[4].replace('"properties":{', '"properties":', 1)
    lines[6] = lines[6].replace('"use":"living_room"', '"use":"livingroom"').replace('"flat"', '"flatt"')
    path.write_text("\n".join(lines), encoding="utf-8")
    found = {(issue.code, issue.place) for issue in issues_of(folder)}
    assert ("not-json", "line 5") in found
    assert any(code == "unknown-word" for code, _ in found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "empty-file"),
        (b"\xff\xfe\x00i", "not-utf8"),
        ("id,kind,名称".encode("gbk"), "not-utf8"),
        (b"id,kind\n\x00\x00,a\n", "binary-file"),
        (b"\x7fELF\x01", "binary-file"),
        (b"id,kind," + b"c," * 1_000_000 + b"\n", "too-many-columns"),
        (b"id,kind,id\n", "duplicate-column"),
        (b"id;kind\na;b\n", "not-csv"),
        (b'id,kind\n"a,b\n', "not-csv"),
        (b"id,kind\n" + b"a" * 200_000 + b",b\n", "not-csv"),
        (b"id\na\n", "missing-field"),
        (b"id,kind,colour\n", "unknown-field"),
        (b"id,kind,space\na,b\n", "ragged-row"),
        (b"id,kind,x_m,y_m,z_m\na,smoke-detector,nan,0,0\n", "not-finite"),
        (b"id,kind,x_m,y_m,z_m\na,smoke-detector,1e999,0,0\n", "not-finite"),
        (b"id,kind,x_m,y_m,z_m\na,smoke-detector,1,2,\n", "broken-rule"),
        (b"id,kind\na,smoke-detector\n", "broken-rule"),
        (b"id,kind,space,installed_on\na,smoke-detector,tower-1/f1/corridor,1.5.2024\n", "wrong-type"),
        (b"id,kind,space,bearing_deg\na,smoke-detector,tower-1/f1/corridor,360\n", "out-of-range"),
    ],
)
def test_tables_that_are_not_this_format_are_refused(folder: Path, text: bytes, code: str) -> None:
    (folder / "devices.csv").write_bytes(text)
    found = {issue.code for issue in issues_of(folder) if issue.file == "devices.csv"}
    assert found == {code}


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(folder: Path) -> None:
    path = folder / "devices.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert issues_of(folder) == ()


def test_lines_are_those_an_editor_shows(folder: Path) -> None:
    path = folder / "devices.csv"
    rows = ['a,smoke-detector,"two\nlines",,0,0,0,,,,,,,,,,', "b,smoke-detector,,,0,0,x,,,,,,,,,,"]
    path.write_text(path.read_text(encoding="utf-8") + "\n".join(rows) + "\n", encoding="utf-8")
    assert [issue.place for issue in issues_of(folder)] == ["line 7"]


def _link_file(folder: Path) -> None:
    outside = folder.parent / "secret.csv"
    (folder / "devices.csv").replace(outside)
    (folder / "devices.csv").symlink_to(outside)


def _link_folder(folder: Path) -> None:
    (folder / "buildings").rename(folder.parent / "elsewhere")
    (folder / "buildings").symlink_to(folder.parent / "elsewhere")


def _loop(folder: Path) -> None:
    (folder / "devices.csv").unlink()
    (folder / "devices.csv").symlink_to("devices.csv")


def _dangling(folder: Path) -> None:
    (folder / "devices.csv").unlink()
    (folder / "devices.csv").symlink_to("nothing.csv")


def _folder_for_file(folder: Path) -> None:
    (folder / "devices.csv").unlink()
    (folder / "devices.csv").mkdir()


def _pipe(folder: Path) -> None:
    (folder / "devices.csv").unlink()
    os.mkfifo(folder / "devices.csv")


def _file_for_folder(folder: Path) -> None:
    (folder / "buildings" / "tower-1.geojson").unlink()
    (folder / "buildings").rmdir()
    (folder / "buildings").write_text("x", encoding="utf-8")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (_link_file, "leaves-folder"),
        (_link_folder, "leaves-folder"),
        (_loop, "unreadable"),
        (_dangling, "unreadable"),
        (_folder_for_file, "not-a-file"),
        (_pipe, "not-a-file"),
        (_file_for_folder, "unreadable"),
    ],
)
def test_what_is_no_plain_file_of_the_folder_is_not_read(folder: Path, make: Callable[[Path], None], code: str) -> None:
    make(folder)
    assert code in {issue.code for issue in issues_of(folder)}


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    """Root may read everything, so it becomes nobody for a while."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize(("locked", "file"), [("devices.csv", "devices.csv"), ("buildings", "buildings"), (".", ".")])
def test_what_may_not_be_read_is_named(locked: str, file: str) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folder is closed to nobody as a whole
        folder = Path(name) / "site"
        write(small_site(), folder)
        Path(name).chmod(0o755)
        (folder / locked).chmod(0)
        with unprivileged():
            issue = the_issue(folder, file)
        (folder / locked).chmod(0o755)
    assert issue.code == "unreadable"


def test_a_typical_storey_without_end_is_refused(folder: Path) -> None:
    path = folder / "buildings" / "tower-1.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace('"last":4', '"last":2000000000'), encoding="utf-8")
    assert "too-many-storeys" in {issue.code for issue in issues_of(folder)}


def test_more_storeys_than_any_building_has_are_refused(folder: Path) -> None:
    path = folder / "buildings" / "tower-1.geojson"
    text = path.read_text(encoding="utf-8")
    storey = next(line for line in text.splitlines() if '"id":"tower-1/f5"' in line)
    many = "\n".join(storey.replace("tower-1/f5", f"tower-1/x{k}") for k in range(600))
    path.write_text(text.replace(storey, f"{many}\n{storey}"), encoding="utf-8")
    assert "too-many-storeys" in {issue.code for issue in issues_of(folder)}


def test_a_building_that_would_fill_the_memory_is_refused(folder: Path) -> None:
    path = folder / "buildings" / "tower-1.geojson"
    text = path.read_text(encoding="utf-8").replace('"last":4', '"last":390')
    space = next(line for line in text.splitlines() if '"id":"tower-1/f{n}/01/bed"' in line)
    many = "\n".join(space.replace("/bed", f"/bed-{k}") for k in range(700))
    path.write_text(text.replace(space, f"{many}\n{space}"), encoding="utf-8")
    assert {"too-many-features"} <= {issue.code for issue in issues_of(folder)}


def test_a_site_without_its_first_file_is_still_checked(folder: Path) -> None:
    (folder / "site.yaml").unlink()
    assert the_issue(folder, "site.yaml").code == "missing-file"


def test_a_broken_head_does_not_hide_the_rest(folder: Path) -> None:
    path = folder / "site.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("lat_deg: 31", "lat_deg: 131"), encoding="utf-8")
    rules = folder / "rules.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("channel: smoke", "channel: smok"), encoding="utf-8")
    assert {(i.file, i.code) for i in issues_of(folder)} == {
        ("site.yaml", "out-of-range"),
        ("rules.yaml", "unknown-channel"),
    }


def test_what_points_to_an_unreadable_thing_is_no_second_fault(folder: Path) -> None:
    path = folder / "kinds.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("unit: ratio", "unit: ratios"), encoding="utf-8")
    assert the_issue(folder, "kinds.yaml").code == "unknown-word"


def test_a_network_needs_both_its_files(folder: Path) -> None:
    (folder / "networks" / "water.yaml").unlink()
    assert the_issue(folder, "networks/water.yaml").code == "missing-file"


def test_a_building_file_is_named_by_its_building(folder: Path) -> None:
    (folder / "buildings" / "tower-1.geojson").rename(folder / "buildings" / "tower-2.geojson")
    assert "file-name" in {issue.code for issue in issues_of(folder)}


def test_a_misspelt_file_is_not_silently_left_out(folder: Path) -> None:
    (folder / "devices.csv").rename(folder / "Device.csv")
    assert "misspelt-file" in {issue.code for issue in issues_of(folder)}


def test_a_fault_in_every_row_does_not_bury_the_rest(folder: Path) -> None:
    rows = "".join(f"d{n},smoke-detector,,,x,0,0,,,,,,,\n" for n in range(5000))
    path = folder / "devices.csv"
    path.write_text(path.read_text(encoding="utf-8") + rows, encoding="utf-8")
    issues = issues_of(folder)
    assert len(issues) < 300
    assert "4800 more" in issues[-1].message


@pytest.mark.parametrize("name", ["nothing", "file.txt"])
def test_no_folder_is_one_fault(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.txt").write_text("x", encoding="utf-8")
    (issue,) = issues_of(tmp_path / name)
    assert issue.code == "no-folder"
