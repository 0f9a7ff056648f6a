"""What the model itself refuses, and how templates are filled."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.twin.riverside_in_small import box, kinds, small_site
from twin.model.base import Polygon, Text, fill_template, has_placeholder
from twin.model.devices import Channel, Device
from twin.model.rules import Rule

ROOT = Path(__file__).parents[3]


@given(number=st.integers(-9, 200))
def test_a_template_is_filled_with_its_storey_number(number: int) -> None:
    assert fill_template("t/f{n}/{n}03", number) == f"t/f{number}/{number}03"
    assert fill_template("t-f{nn}", number) == f"t-f{number:02d}"
    assert not has_placeholder(fill_template("{n}-{nn}", number))
    assert Text(zh="{n}层", en="Floor {nn}").fill(number) == Text(zh=f"{number}层", en=f"Floor {number:02d}")


@pytest.mark.parametrize("bad", ["", "Tower", "-a", "a b", "a:b", "塔", "../a", "a" * 121, "a\n"])
def test_a_bad_id_is_refused(bad: str) -> None:
    with pytest.raises(ValidationError, match="id"):
        Device(id=bad, kind="camera", x_m=0, y_m=0, z_m=0)


def test_nothing_is_changed_and_replace_validates_again() -> None:
    device = small_site().devices[2]
    with pytest.raises(ValidationError):
        device.x_m = 3.0  # type: ignore[misc]  # that is the point
    assert device.replace(x_m=3.0).x_m == 3.0
    with pytest.raises(ValidationError):
        device.replace(x_m=float("nan"))


def test_a_device_is_somewhere() -> None:
    with pytest.raises(ValidationError, match="nowhere"):
        Device(id="a", kind="camera")
    with pytest.raises(ValidationError, match="together"):
        Device(id="a", kind="camera", x_m=1.0, space="hall")


def test_a_ring_does_not_repeat_its_first_point() -> None:
    with pytest.raises(ValidationError, match="does not repeat"):
        Polygon(outer=(*box(0, 0, 1, 1).outer, (0, 0)))


def test_a_channel_has_an_ordered_range_and_a_kind_each_channel_once() -> None:
    with pytest.raises(ValidationError, match="first must be below"):
        Channel(id="flow", unit="m3_per_s", range=(1.0, 1.0), interval_s=60)
    kind = kinds()[0]
    with pytest.raises(ValidationError, match="twice"):
        kind.replace(channels=(kind.channels[0], kind.channels[0]))
    with pytest.raises(ValidationError, match="primary"):
        kind.replace(primary="heat")


def test_a_threshold_names_one_limit() -> None:
    with pytest.raises(ValidationError, match="one of above and below"):
        Rule(id="r", name=Text(), kind="threshold", device_kinds=("k",), channel="flow", above=1.0, below=0.0)
    with pytest.raises(ValidationError, match="device_kinds or devices"):
        Rule(id="r", name=Text(), kind="stale")


def test_importing_the_model_loads_nothing_heavy() -> None:
    code = (
        "import sys, twin.model.site\n"
        "heavy = {'trimesh', 'scipy', 'paho', 'fastapi', 'vtk', 'shapely', 'pyproj', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
