"""Coverage over the web interface."""

import json
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.twin.coverage.rooms import camera, site, zone
from tests.twin.riverside_in_small import box
from tests.viewer.conftest import client_of, standing
from twin.model.base import Text
from twin.model.devices import Device, DeviceKind
from twin.model.grounds import GroundFeature, Requirement

pytestmark = pytest.mark.anyio
BASE = "/api/sites/hall/coverage"


@pytest.fixture(scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """A hall whose counter is seen by one camera, the other looks away."""
    cameras = [camera("a"), camera("b", x_m=9.0, bearing_deg=180.0)]
    folder: Path = tmp_path_factory.mktemp("hall")
    async with standing(site([zone(box(4, 5, 6, 7))], cameras), folder) as runtime, client_of(runtime) as client:
        yield client


def unpacked(body: bytes) -> tuple[dict[str, Any], dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Header, and the values and counts of each place (rows, columns); NaN outside."""
    assert body[:4] == b"PLCG"
    (length,) = struct.unpack("<I", body[4:8])
    header = json.loads(body[8 : 8 + length])
    start = 8 + length + -(8 + length) % 4
    cells = {}
    for place in header["places"]:
        grid = place["grid"]
        shape, n, at = (grid["rows"], grid["columns"]), grid["rows"] * grid["columns"], start + grid["offset"]
        raw = np.frombuffer(body, "<u2", n, at).reshape(shape)
        counts = np.frombuffer(body, "u1", n, at + 2 * n).reshape(shape)
        cells[place["id"]] = np.where(raw == 65535, np.nan, grid["zero"] + raw * grid["scale"]), counts
    return header, cells


async def test_answer_tells_place_cameras_and_what_hangs_on_them(hall: httpx.AsyncClient) -> None:
    answer = (await hall.get(BASE)).json()
    (place,) = answer["places"]
    assert (place["id"], place["is_met"], place["devices"], place["depends_on"]) == ("zone", True, ["a"], ["a"])
    first = answer["cameras"][0]
    assert (first["id"], first["position_m"], first["needed_by"]) == ("a", [5.0, 0.5, 2.5], ["zone"])
    (eye,) = first["eyes"]
    # 90 degrees across 2000 pixels are 1000 in focal length; 750 of them are seen down: 2 atan 0.75
    assert (eye["horizontal_fov_deg"], eye["vertical_fov_deg"]) == (90.0, pytest.approx(73.74, abs=0.01))


async def test_cells_tell_the_density_a_hand_can_reckon(hall: httpx.AsyncClient) -> None:
    reply = await hall.get(f"{BASE}/cells")
    header, cells = unpacked(reply.content)
    values, counts = cells["zone"]
    grid = header["places"][0]["grid"]
    assert (grid["rows"], grid["columns"], grid["storey"]) == (8, 8, "hall/f1")
    assert set(counts.ravel()) == {1}
    # rows go from y = 5.125 north: 1000 px over the depth from y = 0.5
    assert values[:, 3] == pytest.approx(1000 / (5.125 + 0.25 * np.arange(8) - 0.5), abs=0.06)
    assert [m["id"] for m in header["models"]][-2:] == ["square", "around"]


@pytest.mark.parametrize(
    ("question", "was", "share_ratio"),
    [
        ({"devices": [{"id": "a", "bearing_deg": 180.0}]}, True, 0.0),
        ({"without": ["a"]}, True, 0.0),
        ({"vehicles": [{"x_m": 5.0, "y_m": 3.0, "bearing_deg": 90.0, "kind": "lorry"}]}, True, 0.0),
    ],
    ids=["turned away", "down", "lorry before it"],
)
async def test_what_if_tells_what_changes(
    hall: httpx.AsyncClient, question: dict[str, Any], was: bool, share_ratio: float  # noqa: FBT001
) -> None:  # fmt: skip
    header, cells = unpacked((await hall.post(f"{BASE}/what-if", json=question)).content)
    (place,), (before,) = header["places"], header["was"]
    assert (before["is_met"], before["share_ratio"]) == (was, 1.0)
    assert (place["is_met"], place["share_ratio"]) == (False, share_ratio)
    assert place["gaps"]
    assert (cells["zone"][1] == 0).all()
    # and nothing of it lasts
    assert (await hall.get(BASE)).json()["places"][0]["is_met"]


async def test_a_new_camera_counts_beside_the_others(hall: httpx.AsyncClient) -> None:
    new = {"id": "new", "kind": "camera", "model": "square", "x_m": 5.0, "y_m": 1.0, "z_m": 2.5, "bearing_deg": 0.0}
    header, cells = unpacked((await hall.post(f"{BASE}/what-if", json={"devices": [new], "explain": False})).content)
    assert (cells["zone"][1] == 2).all()
    assert [c["id"] for c in header["cameras"]] == ["new"]
    assert header["places"][0]["depends_on"] == []


async def test_what_changes_nothing_answers_with_no_place(hall: httpx.AsyncClient) -> None:
    question = {"devices": [{"id": "b", "bearing_deg": 170.0}], "explain": False}
    header, _ = unpacked((await hall.post(f"{BASE}/what-if", json=question)).content)
    assert header["places"] == header["was"] == []


async def test_variant_is_given_as_rows_of_the_site_folder(hall: httpx.AsyncClient) -> None:
    question = {"devices": [{"id": "a", "bearing_deg": 12.5, "tilt_deg": 10.0}]}
    text = (await hall.post(f"{BASE}/what-if/devices.csv", json=question)).text
    header, row = (line.split(",") for line in text.strip().split("\n"))
    told = dict(zip(header, row, strict=True))
    assert (told["id"], told["bearing_deg"], told["tilt_deg"], told["model"]) == ("a", "12.5", "10", "square")


async def test_point_names_who_sees_it(hall: httpx.AsyncClient) -> None:
    seen = (await hall.post(f"{BASE}/point", json={"x_m": 5, "y_m": 6, "z_m": 1.6})).json()["cameras"]
    assert [(c["id"], c["density_px_per_m"]) for c in seen] == [("a", pytest.approx(1000 / 5.5, abs=0.1))]


async def test_way_tells_where_nobody_sees(hall: httpx.AsyncClient) -> None:
    # along y = 1.5 the camera at (5, 0.5) sees from x = 4 to 6
    body = {"points_m": [[0, 1.5, 0], [10, 1.5, 0]], "height_m": 2.5}
    found = (await hall.post(f"{BASE}/way", json=body)).json()
    assert found["length_m"] == 10.0
    assert found["unseen_m"] == [[0.0, 4.0], [6.0, 10.0]]


async def test_point_and_way_are_asked_of_a_variant(hall: httpx.AsyncClient) -> None:
    variant = {"without": ["a"]}
    point = {"x_m": 5, "y_m": 6, "z_m": 1.6, "variant": variant}
    seen = (await hall.post(f"{BASE}/point", json=point)).json()["cameras"]
    assert [(camera["id"], camera["is_offline"]) for camera in seen] == [("a", True)]
    way = {"points_m": [[0, 1.5, 0], [10, 1.5, 0]], "height_m": 2.5, "variant": variant}
    assert (await hall.post(f"{BASE}/way", json=way)).json()["unseen_m"] == [[0.0, 10.0]]


async def test_places_that_lack_nothing_need_nobody_to_take_over(hall: httpx.AsyncClient) -> None:
    assert (await hall.get(f"{BASE}/places/zone/successors")).json() == {"cameras": []}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("post", "/what-if", {"without": ["nobody"]}, 404, "nobody"),
        ("post", "/what-if", {"open_doors": ["nowhere"]}, 404, "nowhere"),
        ("post", "/what-if", {"devices": [{"id": "new", "kind": "spyglass"}]}, 404, "spyglass"),
        ("post", "/what-if", {"devices": [{"id": "new", "kind": "camera"}]}, 422, "nowhere"),
        ("post", "/what-if", {"devices": [{"id": "a", "presets": ["up"]}]}, 422, "presets"),
        ("post", "/what-if", {"devices": [{"id": "a", "bearing_deg": 360}]}, 422, "bearing_deg"),
        ("post", "/what-if", {"anything": 1}, 422, "anything"),
        ("post", "/way", {"points_m": [[0, 0, 0]]}, 422, "points_m"),
        ("post", "/point", {"x_m": 1, "y_m": 2}, 422, "z_m"),
        ("get", "/places/elsewhere/successors", None, 404, "elsewhere"),
        ("get", "/cameras/nobody/looking", None, 404, "nobody"),
    ],
)
async def test_refusals_say_what_is_wrong(
    hall: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None, status: int, says: str
) -> None:
    answer = await hall.request(method, f"{BASE}{path}", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert says in answer.text


async def test_a_camera_of_an_unknown_model_is_told_and_the_rest_answered(hall: httpx.AsyncClient) -> None:
    question = {"devices": [{"id": "b", "model": "mystery"}]}
    header, _ = unpacked((await hall.post(f"{BASE}/what-if", json=question)).content)
    assert any(p["object_id"] == "b" and "mystery" in p["message"] for p in header["problems"])


async def test_picture_is_the_changed_camera_s(hall: httpx.AsyncClient) -> None:
    question = {"devices": [{"id": "a", "bearing_deg": 90.0}]}
    shots = [
        await hall.post(f"{BASE}/cameras/a/picture.png?width_px=160", json=body)
        for body in ({}, question, {"devices": [{"id": "a", "model": "mystery"}]})
    ]
    assert [s.status_code for s in shots] == [200, 200, 422]
    assert [s.headers["content-type"] for s in shots[:2]] == ["image/png"] * 2
    assert struct.unpack(">II", shots[0].content[16:24]) == (160, 120)
    assert shots[0].content != shots[1].content
    assert "mystery" in shots[2].json()["detail"]


FIELDS = ("id", "kind", "model", "x_m", "y_m", "z_m", "bearing_deg", "tilt_deg", "roll_deg", "presets", "space")


@pytest.mark.parametrize("way", ["turn", "add"])
async def test_a_suggestion_is_a_what_if_that_meets_what_lacks(hall: httpx.AsyncClient, way: str) -> None:
    lost = {"without": ["a"]}
    found = (await hall.post(f"{BASE}/suggestions", json={"way": way, "variant": lost})).json()
    (one,) = found["suggestions"]
    assert (one["way"], one["is_met"], one["proof"]["is_optimal"]) == (way, True, True)
    assert [d["id"] for d in one["devices"]] == (["b"] if way == "turn" else ["new-camera-1"])
    assert one["gains"][0]["before_ratio"] == 0.0
    devices = [{field: device[field] for field in FIELDS if field in device} for device in one["devices"]]
    header, _ = unpacked((await hall.post(f"{BASE}/what-if", json={**lost, "devices": devices})).content)
    # without a the place was lost; with what was suggested it is as it was, by another camera
    assert all(place["is_met"] for place in header["places"])


async def test_nothing_is_suggested_where_nothing_lacks(hall: httpx.AsyncClient) -> None:
    assert (await hall.post(f"{BASE}/suggestions", json={})).json()["suggestions"] == []


@pytest.mark.parametrize(
    ("wish", "status", "words"),
    [
        ({"cameras": 1, "budget": 5.0}, 422, "not both"),
        ({"places": ["zoan"]}, 404, "zone"),
        ({"keep": ["x"]}, 404, "x"),
        ({"way": "teleport"}, 422, "way"),
        ({"seconds": 1e9}, 422, "seconds"),
        ({"budget": 100.0, "variant": {"without": ["a"]}, "way": "add"}, 422, "price"),
    ],
    ids=["both", "place", "camera", "way", "seconds", "price"],
)
async def test_a_wish_that_cannot_be_is_refused(
    hall: httpx.AsyncClient, wish: dict[str, Any], status: int, words: str
) -> None:
    reply = await hall.post(f"{BASE}/suggestions", json=wish)
    assert (reply.status_code, words in reply.text) == (status, True)


async def test_a_perimeter_is_a_band_of_cells_with_its_gaps(tmp_path: Path) -> None:
    fence = GroundFeature.model_validate(
        {"id": "fence", "use": "perimeter", "geometry": {"points": ((0, 0), (60, 0))}, "height_m": 2.0}
    )
    beam = Device.model_validate({"id": "beam", "kind": "beam", "x_m": 10.0, "y_m": 0.0, "z_m": 1.5})
    kind = DeviceKind(id="beam", name=Text(en="beam"), system="security", channels=(), reaches="perimeter")
    guarded = Requirement(id="guarded", kind="perimeter")
    of = site([], []).replace(grounds=(fence,), requirements=(guarded,), kinds=(kind,), devices=(beam,))
    async with standing(of, tmp_path) as runtime, client_of(runtime) as client:
        reply = await client.get(f"{BASE}/cells", params={"kind": "perimeter"})
    header, cells = unpacked(reply.content)
    (place,) = header["places"]
    assert (place["length_m"], place["line"]["type"]) == (60.0, "LineString")
    values, counts = cells["fence"]
    inside = np.isfinite(values)
    assert inside.sum() == pytest.approx(2 * 60, abs=6)  # a band of 2 m
    assert counts[inside].mean() == pytest.approx(place["share_ratio"], abs=0.05)
    assert 0 < place["share_ratio"] < 1


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"devices": [{"id": "a", "presets": ["left"]}]}, 422, "such as 60/20/1"),
        ({"devices": [{"id": "a", "heads": ["left"]}]}, 422, "such as -60/30"),
        ({"devices": [{"id": "a", "space": "hall/f9/attic"}]}, 404, "no space"),
        ({"devices": [{"id": "a"}, {"id": "a", "bearing_deg": 9}]}, 422, "there twice"),
        ({"devices": [{"id": "a", "x_m": 1e9}]}, 422, "x_m"),
        ({"devices": [{"id": "new", "kind": "camera", "x_m": 1.0}]}, 422, "together"),
        ({"without": ["none"]}, 404, "no device"),
        ({"open_doors": ["none"]}, 404, "no opening"),
    ],
)
async def test_a_question_that_cannot_be_is_refused_with_what_to_mend(
    hall: httpx.AsyncClient, body: dict[str, Any], status: int, words: str
) -> None:
    reply = await hall.post(f"{BASE}/what-if", json=body)
    assert reply.status_code == status
    assert words in reply.json()["detail"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"y_m": 0.0}, "camera-blocked"), ({"z_m": -5.0}, "camera-blocked"), ({"x_m": 9000.0}, "camera-outside"),
     ({"model": "none"}, "camera-unusable"), ({"presets": ["10/20/9"]}, "camera-unusable"),
     ({"heads": ["0/0", "90/0"]}, "camera-unusable")],
)  # fmt: skip
async def test_a_variant_with_a_camera_that_cannot_be_is_answered_and_says_so(
    hall: httpx.AsyncClient, changes: dict[str, Any], code: str
) -> None:
    reply = await hall.post(f"{BASE}/what-if", json={"devices": [{"id": "a", **changes}]})
    assert reply.status_code == 200
    header, _ = unpacked(reply.content)
    assert [(p["code"], p["object_id"]) for p in header["problems"]] == [(code, "a")]


async def test_a_way_that_leads_nowhere_is_refused(hall: httpx.AsyncClient) -> None:
    reply = await hall.post(f"{BASE}/way", json={"points_m": [[5, 3, 0], [5, 3, 0]]})
    assert (reply.status_code, "two points" in reply.json()["detail"]) == (422, True)


async def test_the_point_where_a_camera_hangs_can_be_asked_about(hall: httpx.AsyncClient) -> None:
    assert (await hall.post(f"{BASE}/point", json={"x_m": 5.0, "y_m": 0.5, "z_m": 2.5})).status_code == 200


async def test_heads_are_aimed_in_a_variant(hall: httpx.AsyncClient) -> None:
    reply = await hall.post(f"{BASE}/what-if", json={"devices": [{"id": "a", "heads": ["180/0"]}]})
    header, _ = unpacked(reply.content)
    (place,) = header["places"]
    (made,) = header["cameras"]
    assert (place["share_ratio"], made["heads"], made["eyes"][0]["bearing_deg"]) == (0.0, ["180/0"], 180.0)
    rows = await hall.post(f"{BASE}/what-if/devices.csv", json={"devices": [{"id": "a", "heads": ["180/0"]}]})
    assert "180/0" in rows.text
