"""Each thing that can be wrong with a site, and the code it is reported with."""

from collections.abc import Callable

import pytest

from tests.twin.riverside_in_small import INP, box, building, kinds, small_site
from twin.model.base import Polygon, Text
from twin.model.buildings import Building, Opening, Space, Storey
from twin.model.devices import Device
from twin.model.grounds import GroundFeature, Zone
from twin.model.networks import LinkTie, NodeTie
from twin.model.registers import Household
from twin.model.rules import Binding, Rule
from twin.model.site import Site
from twin.validation import check

Break = Callable[[Site], Site]


def typical(site: Site) -> Storey:
    return site.buildings[0].storeys[1]


def in_building(**changes: object) -> Break:
    return lambda site: site.replace(buildings=(site.buildings[0].replace(**changes),))


def with_storey(change: Callable[[Storey], Storey]) -> Break:
    def broken(site: Site) -> Site:
        tower = site.buildings[0]
        storeys = (tower.storeys[0], change(tower.storeys[1]), tower.storeys[2])
        return site.replace(buildings=(tower.replace(storeys=storeys),))

    return broken


def with_space(k: int, **changes: object) -> Break:
    return with_storey(lambda s: s.replace(spaces=(*s.spaces[:k], s.spaces[k].replace(**changes), *s.spaces[k + 1 :])))


def with_opening(k: int, **changes: object) -> Break:
    return with_storey(
        lambda s: s.replace(openings=(*s.openings[:k], s.openings[k].replace(**changes), *s.openings[k + 1 :]))
    )


def more(field: str, *things: object) -> Break:
    return lambda site: site.replace(**{field: (*getattr(site, field), *things)})


def with_device(k: int, **changes: object) -> Break:
    return lambda site: site.replace(
        devices=(*site.devices[:k], site.devices[k].replace(**changes), *site.devices[k + 1 :])
    )


def cameras(**changes: object) -> Break:
    """One good camera with something changed."""
    made = {"id": "cam", "kind": "camera", "x_m": 25, "y_m": 5, "z_m": 3, "bearing_deg": 0.0, "model": "4MP-4mm"}
    device, kind = Device.model_validate(made | changes), kinds()[0].replace(id="camera", reaches="camera")
    return lambda site: site.replace(devices=(*site.devices, device), kinds=(*site.kinds, kind))


def requiring(**changes: object) -> Break:
    return lambda site: cameras()(site).replace(
        requirements=(site.requirements[0].replace(**changes), *site.requirements[1:])
    )


def with_network(**changes: object) -> Break:
    return lambda site: site.replace(networks=(site.networks[0].replace(**changes),))


def binding(**fields: object) -> Break:
    defaults = {"id": "new", "topic": "new/{device}/{channel}", "payload": "compact"}
    return more("bindings", Binding.model_validate({**defaults, **fields}))


def rule(**fields: object) -> Break:
    defaults = {"id": "new", "name": Text(en="New"), "kind": "threshold", "channel": "smoke", "above": 0.5}
    return more("rules", Rule.model_validate({**defaults, "device_kinds": ["smoke-detector"], **fields}))


BOW_TIE = Polygon(outer=((3, 0), (12, 2), (12, 0), (3, 2)))
CLOCKWISE = Polygon(outer=((3, 0), (3, 2), (12, 2), (12, 0)))
FLAT = "tower-1/f{n}/01"

BREAKAGES: list[tuple[str, str, Break]] = [
    ("bow tie space", "bad-polygon", with_space(0, polygon=BOW_TIE)),
    ("bow tie footprint", "bad-polygon", in_building(footprint=BOW_TIE)),
    ("space without area", "bad-polygon", with_space(0, polygon=Polygon(outer=((3, 0), (5, 0), (12, 0))))),
    ("clockwise ring", "ring-wrong-way", with_space(0, polygon=CLOCKWISE)),
    ("corridor over stair", "spaces-overlap", with_space(0, polygon=box(2, 0, 12, 2))),
    ("bed over living", "spaces-overlap", with_space(4, polygon=box(5, 2, 12, 8))),
    ("bed out of the flat", "outside-parent", with_space(4, polygon=box(6, 1, 12, 8))),
    ("space out of the storey", "outside-storey", with_space(0, polygon=box(3, -2, 12, 2))),
    ("unknown parent", "unknown-space", with_space(3, parent="tower-1/f{n}/02")),
    ("parent of itself", "cyclic-parents", with_space(3, parent=f"{FLAT}/living")),
    ("door in the air", "on-no-wall", with_opening(2, line=((8, 5), (9, 5)))),
    ("door between others", "not-between", with_opening(2, line=((3, 0.5), (3, 1.5)))),
    ("door wider than wall", "wider-than-wall", with_opening(0, line=((3, 0.5), (3, 3.5)))),
    ("clear width over line", "wider-than-wall", with_opening(0, width_m=2.0)),
    ("door to an unknown space", "leads-nowhere", with_opening(2, connects=(f"{FLAT}/living", f"{FLAT}/attic"))),
    ("door from outside to outside", "leads-nowhere", with_opening(3, connects=("outside", "outside"))),
    ("door without length", "no-length", with_opening(2, line=((6, 4), (6, 4)))),
    ("door higher than its storey", "too-high", with_opening(2, height_m=3.5)),
    ("same id on all numbers", "no-placeholder", with_space(0, id="tower-1/corridor")),
    ("id of another storey", "duplicate-id", with_space(0, id="tower-1/f{n}/stair")),
    ("storey of another storey", "duplicate-id", with_storey(lambda s: s.replace(first=1, elevation_m=3.0))),
    ("numbers reversed", "numbers-reversed", with_storey(lambda s: s.replace(first=9))),
    ("storeys within each other", "storeys-overlap", with_storey(lambda s: s.replace(elevation_m=1.0))),
    ("storey beside its building", "outside-building", in_building(footprint=box(100, 0, 112, 8))),
    ("stair without space", "no-shaft-space", with_space(1, id="tower-1/f{n}/staircase")),
    ("device twice", "duplicate-id", more("devices", Device(id="t1-inlet", kind="water-meter", x_m=0, y_m=0, z_m=0))),
    ("device of no kind", "unknown-kind", with_device(2, kind="water-metre")),
    ("device in no space", "unknown-space", with_device(1, space="tower-1/f9/corridor")),
    ("device on no device", "unknown-device", with_device(1, parent="gateway-7")),
    ("devices on each other", "cyclic-parents", with_device(0, parent="t1-f03-smoke")),
    ("device off the site", "outside-site", with_device(2, x_m=500.0)),
    ("device out of its space", "outside-space", with_device(0, y_m=5.0)),
    ("device over its ceiling", "outside-space", with_device(0, z_m=7.0)),
    ("camera of no model", "unknown-model", cameras(model="4MP-3mm")),
    ("camera looking nowhere", "no-view", cameras(bearing_deg=None)),
    ("camera beyond its zoom", "no-view", cameras(presets=("10/20/9",))),
    ("camera beyond the compass", "no-view", cameras(presets=("380/20/1",))),
    ("level of the other edition", "unknown-level", requiring(level="outline", edition="2015")),
    ("cameras asked for nothing", "unknown-level", requiring(level=None, edition=None)),
    ("camera of another unit", "wrong-unit", requiring(level=None, edition=None, min_value=9.0, unit="lx")),
    ("pixels below none", "unknown-level", requiring(level=None, edition=None, min_value=-1.0)),
    ("lit less than dark", "asks-nothing", requiring(kind="lighting", level=None, edition=None, min_value=-1.0)),
    ("camera above the clouds", "outside-site", cameras(z_m=1e6)),
    ("zone above the clouds", "zone-outside", lambda s: s.replace(zones=(s.zones[0].replace(elevation_m=1e6),))),
    ("camera in a wall", "inside-wall", cameras(x_m=6.0, y_m=6.0, z_m=4.5)),
    ("extinguishers of no class", "unknown-level", requiring(kind="extinguisher", level="mild", edition=None)),
    ("hydrants within no length", "broken-rule", requiring(kind="hydrant", level=None, edition=None, min_value=-1.0)),
    ("more cameras than there are", "never-met", requiring(min_count=3)),
    ("household in no space", "unknown-space", more("households", Household(id="h-9", space="tower-1/f9/01"))),
    ("household twice", "duplicate-id", more("households", Household(id="h-101", space="tower-1/f1/01"))),
    (
        "zone asking for nothing known",
        "unknown-requirement",
        more("zones", Zone(id="z", requirement="x", polygon=box(0, 0, 9, 9))),
    ),
    (
        "zone on no storey",
        "unknown-storey",
        more("zones", Zone(id="z", requirement="see-faces", polygon=box(0, 0, 9, 9), storey="tower-1/f9")),
    ),
    (
        "zone off the site",
        "outside-site",
        more("zones", Zone(id="z", requirement="see-faces", polygon=box(300, 0, 309, 9))),
    ),
    ("ground twice", "duplicate-id", more("grounds", GroundFeature(id="road-1", use="path", geometry=(0.0, 0.0)))),
    ("self-crossing green", "bad-polygon", more("grounds", GroundFeature(id="g", use="green", geometry=BOW_TIE))),
    ("tie to an unknown node", "unknown-node", with_network(nodes={"J9": NodeTie()})),
    ("tie to an unknown link", "unknown-link", with_network(links={"P9": LinkTie()})),
    ("tie to an unknown device", "unknown-device", with_network(links={"P1": LinkTie(device="meter-9")})),
    ("tie to an unknown household", "unknown-household", with_network(nodes={"J1": NodeTie(household="h-9")})),
    ("tie to an unknown space", "unknown-space", with_network(nodes={"J1": NodeTie(space="tower-9/f1")})),
    ("pipe to nowhere", "epanet", with_network(inp=INP.replace("P2  J1  1", "P2  J1  9"))),
    (
        "EPANET file in map coordinates",
        "other-coordinates",
        with_network(inp=INP.replace("J1  10  10", "J1  354010 3456010")),
    ),
    ("unknown time zone", "unknown-time-zone", lambda site: site.replace(time_zone="Asia/Chang An")),
    ("time zone out of its folder", "unknown-time-zone", lambda site: site.replace(time_zone="../../etc/passwd")),
    ("origin in no reference system", "bad-origin", lambda site: site.replace(origin=site.origin.replace(epsg=3857))),
    ("topic with a wildcard", "bad-topic", binding(topic="a/+/{device}/{channel}")),
    ("topic with a control character", "bad-topic", binding(topic="a/{device}/{channel}\n")),
    ("topic with half a brace", "bad-topic", binding(topic="a/{device}/{channel")),
    ("rest in the middle", "bad-topic", binding(topic="a/{device#}/{channel}")),
    ("template without its part", "bad-template", binding(topic="a/{device}", channel="{what}")),
    ("path in a plain payload", "bad-template", binding(payload="plain", device="{$.id}", channel="flow")),
    ("binding to no device", "unknown-device", binding(device="t1-outlet", channel="flow")),
    ("binding that matches none", "never-matches", binding(device="t9-{device}", channel="flow")),
    ("binding to no channel", "unknown-channel", binding(channel="flaw")),
    ("binding to another kind's channel", "unknown-channel", binding(device="t1-inlet", channel="smoke")),
    ("unit of another quantity", "wrong-unit", binding(channel="flow", unit="kpa")),
    ("unit nobody knows", "unknown-unit", binding(channel="flow", unit="furlong")),
    ("binding twice", "duplicate-binding", binding(topic="small/{other}/batch", payload="batch")),
    ("rule on no channel", "unknown-channel", rule(channel="heat")),
    ("rule on no kind", "unknown-kind", rule(device_kinds=["smoke-detectors"])),
    ("rule on no device", "unknown-device", rule(devices=["t1-f99-smoke"])),
    ("threshold beyond the range", "never-fires", rule(above=20.0)),
    (
        "alarm of a device that has none",
        "never-fires",
        rule(kind="device", device_kinds=["water-meter"], channel=None, above=None),
    ),
    (
        "unknown use",
        "unknown-word",
        lambda site: site.replace(
            requirements=(site.requirements[0], site.requirements[1].replace(space_uses=("coridor",)))
        ),
    ),
]


def test_the_small_site_is_fine() -> None:
    assert check(small_site()) == ()


def test_a_good_camera_is_fine() -> None:
    assert check(cameras()(small_site())) == ()
    assert check(requiring(min_count=1)(small_site())) == ()


@pytest.mark.parametrize(("code", "broken"), [(c, b) for _, c, b in BREAKAGES], ids=[name for name, _, _ in BREAKAGES])
def test_a_fault_is_found_by_its_code(code: str, broken: Break) -> None:
    issues = check(broken(small_site()))
    found = [issue for issue in issues if issue.code == code]
    assert found, [str(issue) for issue in issues]
    assert all(issue.message.endswith((".", "?")) and issue.cure for issue in issues)
    assert found[0].object_ids


def test_all_faults_are_found_at_once() -> None:
    site = small_site()
    apart = [
        (code, broken) for name, code, broken in BREAKAGES if name in {"device off the site", "rule on no channel"}
    ]
    for _, broken in apart:
        site = broken(site)
    site = with_space(0, polygon=CLOCKWISE)(site)
    assert {issue.code for issue in check(site)} == {code for code, _ in apart} | {"ring-wrong-way"}


def test_thousands_of_spaces_on_one_another_are_listed_in_part() -> None:
    heap = tuple(
        Space(id=f"tower-1/f{{n}}/heap-{k}", use="other", polygon=box(0, 0, 12, 8), parent="tower-1/f{n}/01")
        for k in range(5000)
    )
    issues = check(with_storey(lambda s: s.replace(spaces=(*s.spaces, *heap)))(small_site()))
    overlaps = [issue for issue in issues if issue.code == "spaces-overlap"]
    assert 200 <= len(overlaps) <= 201


def test_an_opening_may_lie_a_little_beside_its_wall() -> None:
    assert check(with_opening(2, line=((6.3, 4), (6.3, 5)))(small_site())) == ()
    assert check(with_opening(2, line=((6.5, 4), (6.5, 5)))(small_site())) != ()


def test_storeys_side_by_side_may_have_the_same_height() -> None:
    tower = building()
    annex = Storey(
        id="tower-1/annex", first=1, last=1, elevation_m=0.0, height_m=4.0, polygon=box(12, 0, 20, 8),
        spaces=(Space(id="tower-1/annex/shop", use="shop", polygon=box(12, 0, 20, 8)),),
        openings=(
            Opening(id="tower-1/annex/d", kind="door", line=((12, 1), (12, 2)),
                    connects=("tower-1/annex/shop", "tower-1/f1/corridor")),
        ),
    )  # fmt: skip
    site = small_site().replace(buildings=(tower.replace(storeys=(*tower.storeys, annex)),))
    assert check(site) == ()


@pytest.mark.parametrize(
    ("dx", "dy", "scale", "system"),
    [
        (354_000.0, 3_456_000.0, 1.0, "UTM"),
        (13_522_000.0, 3_662_000.0, 1.0, "Web Mercator"),
        (121.4737, 31.2304, 1e-5, "longitude and latitude"),
    ],
)
def test_coordinates_of_another_system_are_named(dx: float, dy: float, scale: float, system: str) -> None:
    moved = Polygon(outer=tuple((x * scale + dx, y * scale + dy) for x, y in box(0, 0, 12, 8).outer))
    tower = Building(id="tower-1", use="residential", height_m=15.0, footprint=moved)
    site = Site(id="s", name=Text(en="S"), origin=small_site().origin, buildings=(tower,), kinds=kinds())
    (issue,) = check(site)
    assert issue.code == "other-coordinates"
    assert system in issue.message
