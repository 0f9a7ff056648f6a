"""What is written is what is read."""

from pathlib import Path

import pytest

from tests.twin.riverside_in_small import box, building, small_site, storey
from twin.errors import SiteFolderError
from twin.model.base import Text
from twin.model.cameras import CameraModel
from twin.model.devices import Device
from twin.model.grounds import Requirement
from twin.site_folder import load, read, write


def _bytes(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_site_comes_back_as_it_was(tmp_path: Path) -> None:
    site = small_site()
    write(site, tmp_path / "site")
    assert load(tmp_path / "site").issues == ()
    assert read(tmp_path / "site") == site


def test_writing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    write(small_site(), tmp_path / "a")
    write(read(tmp_path / "a"), tmp_path / "b")
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")


def test_a_typical_storey_is_written_once_and_a_feature_takes_one_line(tmp_path: Path) -> None:
    write(small_site(), tmp_path)
    lines = (tmp_path / "buildings" / "tower-1.geojson").read_text(encoding="utf-8").splitlines()
    assert sum('"type":"storey"' in line for line in lines) == 3
    assert '"id":"tower-1/f{n}/01/bed"' in "".join(lines)
    assert len(lines) == 1 + 1 + 3 * (1 + 5 + 4 + 1) + 3 + 1


def test_two_typical_storeys_may_share_their_id_template(tmp_path: Path) -> None:
    low, high = storey("f{n}", 2, 4, 3.0), storey("f{n}", 6, 8, 15.0).replace(spaces=())
    site = small_site().replace(buildings=(building().replace(storeys=(low, high)),))
    write(site, tmp_path)
    assert read(tmp_path) == site


def test_the_order_of_buildings_is_kept(tmp_path: Path) -> None:
    ids = ("tower-10", "tower-2", "annex/north")
    buildings = tuple(building().replace(id=i, storeys=(), stairs=(), lifts=(), ramps=()) for i in ids)
    write(small_site().replace(buildings=buildings), tmp_path)
    assert tuple(b.id for b in read(tmp_path).buildings) == ids
    assert (tmp_path / "buildings" / "annex%2Fnorth.geojson").is_file()


def test_a_building_that_is_gone_leaves_no_file_behind(tmp_path: Path) -> None:
    write(small_site(), tmp_path)
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    bare = small_site().replace(buildings=(), networks=(), rules=())
    write(bare, tmp_path)
    assert read(tmp_path) == bare
    assert (tmp_path / "notes.txt").is_file()


def test_words_that_look_like_other_things_stay_words(tmp_path: Path) -> None:
    words = ("no", "1e5", "012", "~", "null", "2024-05-01", "0o14", ".5", "a: b", "- x", "#", "'", '"', "{n}", "", " ")
    kinds = tuple(
        small_site().kinds[1].replace(id=f"k{i}", name=Text(zh=word, en=word)) for i, word in enumerate(words)
    )
    site = small_site().replace(kinds=(*small_site().kinds, *kinds))
    write(site, tmp_path)
    assert read(tmp_path) == site


def test_two_storeys_that_could_not_be_told_apart_are_not_written(tmp_path: Path) -> None:
    twice = building().replace(storeys=(storey("f1", 1, 1, 0.0), storey("f1", 1, 1, 3.0)))
    with pytest.raises(SiteFolderError, match="tower-1/f1 twice"):
        write(small_site().replace(buildings=(twice,)), tmp_path)


def test_coordinates_are_written_to_the_millimetre(tmp_path: Path) -> None:
    fine = building().replace(footprint=box(0.00049, 0.1 + 0.2, 12, 8))
    write(small_site().replace(buildings=(fine,)), tmp_path)
    assert read(tmp_path).buildings[0].footprint == box(0, 0.3, 12, 8)


def test_cameras_come_back_as_they_were(tmp_path: Path) -> None:
    turning = Device(
        id="cam", kind="smoke-detector", x_m=1, y_m=2, z_m=3, roll_deg=90, presets=("60/20/1", "180.5/-5/4.5")
    )
    own = CameraModel(id="Own 1", width_px=1920, height_px=1080, horizontal_fov_deg=81.5, heads_deg=(0, 90), price=900)
    aimed = turning.replace(id="two", presets=(), heads=("-60/30", "90.5/-5/2"))
    asked = Requirement(
        id="faces", kind="camera", min_value=180, unit="px_per_m", target_heights_m=(0.2, 1.6), by_night=True,
        max_face_angle_deg=40,
    )  # fmt: skip
    zone = small_site().zones[0].replace(id="z-2", facing_deg=270)
    site = small_site()
    site = site.replace(
        devices=(*site.devices, turning, aimed),
        camera_models=(own,),
        requirements=(*site.requirements, asked),
        zones=(*site.zones, zone),
    )
    write(site, tmp_path)
    assert read(tmp_path) == site
