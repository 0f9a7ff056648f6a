"""Light against sums done by hand."""

import math

import numpy as np
import pytest

from geometry.photometry import (
    Intensities,
    PhotometryError,
    cosine_lamp,
    directions_deg,
    even_lamp,
    illuminance_lx,
    intensity_cd,
    read_ies,
    road_lamp,
)


def ies(
    gammas: list[float], planes: list[float], rows: list[list[float]], *, multiplier: float = 1, ballast: float = 1,
    kind: int = 1, tilt: str = "NONE",
) -> str:  # fmt: skip
    """A file as makers write them."""
    candela = "\n".join(" ".join(f"{v:g}" for v in row) for row in rows)
    extra = "\n1\n2\n0 90\n1.0 0.9" if tilt == "INCLUDE" else ""
    return (
        f"IESNA:LM-63-2002\n[TEST] 1\n[MANUFAC] none\nTILT={tilt}{extra}\n"
        f"1 1000 {multiplier:g} {len(gammas)} {len(planes)} {kind} 2 0.1 0.1 0.0\n{ballast:g} 1 40\n"
        f"{' '.join(map(str, gammas))}\n{' '.join(map(str, planes))}\n{candela}\n"
    )


@pytest.mark.parametrize("height_m", [1.0, 2.5, 6.0, 10.0])
@pytest.mark.parametrize("aside_m", [0.0, 1.0, 4.0, 20.0])
def test_an_even_lamp_follows_the_inverse_square_and_the_cosine(height_m: float, aside_m: float) -> None:
    lamp = even_lamp(flux_lm=4 * math.pi * 500)  # 500 cd everywhere
    found = illuminance_lx(lamp, (3, 4, height_m), [[3 + aside_m, 4, 0]])
    assert found.item() == pytest.approx(500 * height_m / (height_m**2 + aside_m**2) ** 1.5)


@pytest.mark.parametrize("height_m", [2.0, 3.0])
@pytest.mark.parametrize("aside_m", [0.0, 2.0, 3.5])
def test_a_matt_panel_falls_with_the_fourth_power_of_the_cosine(height_m: float, aside_m: float) -> None:
    lamp = cosine_lamp(flux_lm=math.pi * 1000)
    cosine = height_m / math.hypot(height_m, aside_m)
    found = illuminance_lx(lamp, (0, 0, height_m), [[0, aside_m, 0]])
    assert found.item() == pytest.approx(1000 * cosine**4 / height_m**2, rel=1e-3)  # read between angles 2.5 apart


def test_two_lamps_give_what_each_gives() -> None:
    lamp, point = even_lamp(flux_lm=1000), [[2.0, 0, 0]]
    together = sum(illuminance_lx(lamp, (x, 0, 3), point).item() for x in (0.0, 4.0))
    assert together == pytest.approx(2 * illuminance_lx(lamp, (0, 0, 3), point).item())


def test_what_is_above_a_lamp_gets_nothing_on_its_upper_side() -> None:
    assert illuminance_lx(even_lamp(flux_lm=1000), (0, 0, 3), [[1, 0, 3], [1, 0, 5]]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("made", [cosine_lamp, even_lamp, road_lamp])
@pytest.mark.parametrize("flux_lm", [800.0, 6000.0])
def test_generic_lamps_give_the_flux_they_are_made_for(made: object, flux_lm: float) -> None:
    lamp = made(flux_lm=flux_lm)  # type: ignore[operator]
    assert lamp.flux_lm() == pytest.approx(flux_lm, rel=2e-3)  # angles are 2.5 degrees apart


def test_a_road_lamp_throws_along_the_road_and_little_behind() -> None:
    lamp = road_lamp(flux_lm=8000)
    along, ahead, behind = (intensity_cd(lamp, [c], [60.0]).item() for c in (90.0, 0.0, 180.0))
    assert along > 2 * ahead > 2 * behind > 0


@pytest.mark.parametrize(
    ("bearing_deg", "way", "plane_deg"),
    [(0, (0, 1, -1), 0), (90, (1, 0, -1), 0), (90, (0, 1, -1), 270), (180, (0, 1, -1), 180), (45, (1, 1, -1), 0)],
)
def test_planes_turn_with_the_bearing(bearing_deg: float, way: tuple[float, ...], plane_deg: float) -> None:
    plane, _ = directions_deg([way], bearing_deg=bearing_deg)
    assert (plane.item() - plane_deg + 180) % 360 - 180 == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("tilt_deg", "gamma_deg"), [(90, 90), (45, 45), (0, 0)])
def test_a_tilted_lamp_looks_along_its_bearing(tilt_deg: float, gamma_deg: float) -> None:
    _, gamma = directions_deg([[0.0, 7.0, 0.0]], bearing_deg=0, tilt_deg=tilt_deg)
    assert gamma.item() == pytest.approx(gamma_deg, abs=1e-6)


@pytest.mark.parametrize("tilt", ["NONE", "INCLUDE"])
@pytest.mark.parametrize(("multiplier", "ballast"), [(1, 1), (2, 1), (1.5, 0.8)])
def test_a_file_is_read_with_its_factors(tilt: str, multiplier: float, ballast: float) -> None:
    read = read_ies(ies([0, 45, 90], [0], [[100, 80, 0]], multiplier=multiplier, ballast=ballast, tilt=tilt))
    expected = np.array([100, 90, 80, 0]) * multiplier * ballast
    assert intensity_cd(read, [0, 77, 200, 300], [0, 22.5, 45, 90]).tolist() == pytest.approx(expected)
    assert read.power_w == 40


@pytest.mark.parametrize(
    ("planes", "rows", "at", "candela"),
    [
        ([0, 90], [10, 20], [0, 90, 180, 270, 45, 225], [10, 20, 10, 20, 15, 15]),
        ([0, 90, 180], [10, 20, 30], [0, 90, 180, 270, 225], [10, 20, 30, 20, 25]),
        ([0, 90, 180, 270, 360], [10, 20, 30, 40, 10], [0, 90, 180, 270, 315], [10, 20, 30, 40, 25]),
        ([0, 90, 180, 270], [10, 20, 30, 40], [0, 270, 315], [10, 40, 25]),
        ([90, 180, 270], [10, 20, 30], [90, 180, 270, 0, 45], [10, 20, 30, 20, 15]),
    ],
)
def test_symmetry_follows_from_the_planes(
    planes: list[float], rows: list[float], at: list[float], candela: list[float]
) -> None:
    read = read_ies(ies([0, 90], planes, [[v, v] for v in rows]))
    assert intensity_cd(read, at, [30.0] * len(at)).tolist() == pytest.approx(candela)


def test_beyond_the_measured_angles_there_is_no_light() -> None:
    read = read_ies(ies([0, 60], [0], [[100, 50]]))
    assert intensity_cd(read, [0, 0], [60.0, 61.0]).tolist() == [50.0, 0.0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing", "no line TILT="),
        (ies([0, 90], [0], [[1, 2]], kind=2), "type B"),
        (ies([0, 90], [0], [[1]]), "ends early"),
        (ies([90, 0], [0], [[1, 2]]), "do not rise"),
        (ies([0, 90], [0, 70], [[1, 2], [1, 2]]), "0 to 70"),
        ("TILT=lamp.tlt\n1 2", "TILT=LAMP.TLT"),
    ],
)
def test_files_that_cannot_be_used_say_why(text: str, said: str) -> None:
    with pytest.raises(PhotometryError, match=said):
        read_ies(text)


def test_the_flux_of_a_file_is_the_sum_over_the_sphere() -> None:
    gammas = list(range(0, 91, 5))
    read = read_ies(ies([float(g) for g in gammas], [0], [[100 * math.cos(math.radians(g)) for g in gammas]]))
    assert isinstance(read, Intensities)
    assert read.flux_lm() == pytest.approx(100 * math.pi, rel=5e-3)  # angles are 5 degrees apart
