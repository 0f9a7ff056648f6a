"""The bench of ways: its reference is right where one can reckon by hand, and its figures hold."""

import math
import os
from pathlib import Path

import numpy as np
import pytest
import shapely

from viewer.bench.evacuation.drawn import drawn_storey
from viewer.bench.evacuation.plans import exact_lengths_m, halls, rooms
from viewer.bench.evacuation.routes import OFFICE, OFFICE_STOREYS_M, ratios

SHARED = Path(os.environ.get("PLUMBLINE_SHARED_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))


def test_the_reference_goes_round_corners_as_a_taut_string_does() -> None:
    ell = shapely.Polygon([(0, 0), (6, 0), (6, 2), (2, 2), (2, 6), (0, 6)])
    found = exact_lengths_m(ell, np.array([(5.0, 1.0), (1.0, 5.0), (4.0, 1.0)]))
    assert found[0, 1] == pytest.approx(2 * math.sqrt(10))  # round (2, 2)
    assert found[0, 2] == pytest.approx(1.0)


def test_the_reference_goes_round_a_hole_on_the_shorter_side_and_knows_floors_apart() -> None:
    ring = shapely.box(0, 0, 10, 10) - shapely.box(2, 2, 8, 6)
    both = shapely.union_all([ring, shapely.box(20, 0, 25, 5)])
    found = exact_lengths_m(both, np.array([(1.0, 5.0), (9.0, 5.0), (22.0, 1.0)]))
    assert found[0, 1] == pytest.approx(2 * math.sqrt(2) + 6)  # over the top of the hole
    assert math.isinf(found[0, 2])


@pytest.mark.parametrize("seed", [11, 12])
def test_ways_through_rooms_and_obstacles_are_as_long_as_the_exact_ones(seed: int) -> None:
    for index in (rooms(np.random.default_rng(seed)), halls(np.random.default_rng(seed))):
        found = ratios(index, seed=seed)
        assert len(found) > 20
        # doors are chosen by ways that bend in their middles; the goals the product is held to
        assert found.mean() <= 1.01
        assert found.max() <= 1.10
        assert found.min() >= 0.9999


FILE = """#1=IFCCARTESIANPOINT((0.,0.,0.));
#2=IFCDIRECTION((0.,1.,0.));
#3=IFCDIRECTION((0.,0.,1.));
#4=IFCAXIS2PLACEMENT3D(#1,$,$);
#5=IFCLOCALPLACEMENT($,#4);
#10=IFCCARTESIANPOINT((5.,4.));
#11=IFCAXIS2PLACEMENT2D(#10,$);
#12=IFCRECTANGLEPROFILEDEF(.AREA.,$,#11,10.,8.);
#13=IFCEXTRUDEDAREASOLID(#12,#4,#3,3.);
#14=IFCSHAPEREPRESENTATION(#9,'Body','SweptSolid',(#13));
#15=IFCPRODUCTDEFINITIONSHAPE($,$,(#14));
#16=IFCSPACE('a',#9,'1','',$,#5,#15,'Hall, (west)',.ELEMENT.,.INTERNAL.,$);
#20=IFCCARTESIANPOINT((10.2,0.,0.));
#21=IFCAXIS2PLACEMENT3D(#20,$,$);
#22=IFCLOCALPLACEMENT(#5,#21);
#23=IFCCARTESIANPOINT((0.,0.));
#24=IFCCARTESIANPOINT((10.,0.));
#25=IFCCARTESIANPOINT((10.,8.));
#26=IFCCARTESIANPOINT((0.,8.));
#27=IFCPOLYLINE((#23,#24,#25,#26,#23));
#28=IFCARBITRARYCLOSEDPROFILEDEF(.AREA.,$,#27);
#29=IFCEXTRUDEDAREASOLID(#28,#4,#3,3.);
#30=IFCSHAPEREPRESENTATION(#9,'Body','SweptSolid',(#29));
#31=IFCPRODUCTDEFINITIONSHAPE($,$,(#30));
#32=IFCSPACE('b',#9,'2','',$,#22,#31,'Hall',.ELEMENT.,.INTERNAL.,$);
#40=IFCCARTESIANPOINT((10.1,3.,0.));
#41=IFCAXIS2PLACEMENT3D(#40,#3,#2);
#42=IFCLOCALPLACEMENT(#5,#41);
#43=IFCDOOR('d',#9,'door',$,$,#42,$,$,2.1,0.9);
"""


def test_rooms_and_doors_of_a_drawn_file_stand_where_it_says(tmp_path: Path) -> None:
    (tmp_path / "two.ifc").write_text(FILE, encoding="utf-8")
    index = drawn_storey(tmp_path / "two.ifc", 0.0)
    assert index.spaces["h/f1/r16"].template.polygon.outer[2] == (10.0, 8.0)
    assert index.spaces["h/f1/r32"].template.polygon.outer[0] == (10.2, 0.0)
    door = index.openings["h/f1/d43"]
    # turned a quarter: its own x runs north
    assert door.template.line == ((10.1, 3.0), (10.1, 3.9))
    assert set(door.connects) == {"h/f1/r16", "h/f1/r32"}
    assert ratios(index, seed=1).max() <= 1.01


@pytest.mark.shared_data
def test_ways_through_an_office_that_architects_drew_are_as_long_as_the_exact_ones() -> None:
    path = SHARED / "buildings" / OFFICE
    if not path.is_file():
        pytest.skip(f"no {path}")
    found = np.concatenate([ratios(drawn_storey(path, z_m), seed=3) for z_m in OFFICE_STOREYS_M])
    assert len(found) > 20
    assert found.mean() <= 1.01
    assert found.max() <= 1.10
    assert found.min() >= 0.9999
