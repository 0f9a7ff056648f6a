"""Pictures of an estate with what is covered draped over its floors, drawn off screen."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geometry.culling import Eye
from geometry.lenses import Pinhole, directions
from geometry.meshes import Mesh, merged, polygons_of, prism, sheet
from geometry.poses import in_site
from twin.coverage.cameras import Camera
from twin.coverage.check import CameraCoverage
from twin.coverage.kinds import KindAnswer
from twin.coverage.levels import editions
from twin.coverage.picture import OCCLUDER_COLOURS, camera_picture
from twin.coverage.prepared import Prepared
from twin.coverage.result import PlaceResult
from twin.fabric.occluders import OccluderKind
from twin.index import to_shapely
from viewer.documents.png import png
from viewer.drawing import must_draw
from viewer.reports.alike import devices_of, storey_of
from viewer.reports.caption import HIGH_PX, Caption, captioned, titled
from viewer.reports.heat import heat, steps_of
from viewer.reports.key import shades
from viewer.reports.tables import floor_text
from viewer.reports.words import Language, named, word

Floats = NDArray[np.float64]

_SIZE_PX: Final = (1920, 1200 - HIGH_PX)
_CAMERA_PX: Final = 640
_CUT_M: Final = 1.4
"""How high walls stand where a storey is cut open."""
_LIFT_M: Final = 0.12
"""Of cells above their floor, so that from afar they do not mix with it."""
_CORNERS: Final = ((1.0, -1.0), (-1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))
_ASKED: Final = 1500
_LENGTH_M: Final = 3.0
"""Of the lines along the edges of cameras' pictures."""
_VIEW_DEG: Final = 34.0
_EDGE_RATIO: Final = 0.06


@dataclass(frozen=True, slots=True)
class Draped:
    """What a picture shows of a floor.

    Attributes
    ----------
    body : what stands there, its triangles coloured by `body_rgb`
    cells : (n, 4, 3) corners of each, coloured by `cells_rgb`
    gaps : outlines
    eyes_m : (k, 3) where devices are; `rays_m` : (r, 2, 3) edges of cameras' pictures
    """

    body: Mesh
    body_rgb: NDArray[np.uint8]
    crowns: Mesh
    cells: Floats
    cells_rgb: NDArray[np.uint8]
    gaps: tuple[Floats, ...]
    eyes_m: Floats
    rays_m: Floats


def write_pictures(
    folder: Path, prepared: Prepared, answers: Mapping[str, KindAnswer], *, language: Language = "en"
) -> tuple[Path, ...]:
    """Write the estate with each kind's coverage, storeys that cameras are required for, and what each camera sees.

    Raises
    ------
    MissingPartError
        If pyvista is not installed, VTK cannot draw here, or there is no font for the words.
    """
    must_draw()
    import pyvista  # noqa: PLC0415 - an extra

    pyvista.vtk_verbosity("error")  # VTK warns of a missing screen, then does without
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for kind, answer in answers.items():
        for floor, shown in _floors(prepared, kind, answer):
            name = f"overview-{kind}.png" if floor is None else f"storey-{_file(floor)}.png"
            made.append(folder / name)
            places = [place for place in answer.places if place.storey == floor]
            hiding = prepared if floor is None else None
            position, middle = seen_from(shown, hiding)
            title, north = _title(prepared, kind, floor, language), north_on(position - middle)
            caption = Caption(title, shades(places[0], language), north, language)
            made[-1].write_bytes(captioned(_drawn(pyvista, shown, position, middle), caption))
    cameras = answers.get("camera")
    if isinstance(cameras, CameraCoverage):
        made += _camera_pictures(folder / "cameras", cameras)
    return tuple(made)


def _floors(prepared: Prepared, kind: str, answer: KindAnswer) -> Iterator[tuple[str | None, Draped]]:
    """The open, where anything is required there, and the storeys that cameras are required for."""
    if any(place.storey is None for place in answer.places):
        yield None, overview(prepared, kind, answer)
    if isinstance(answer, CameraCoverage):
        for floor in dict.fromkeys(place.storey for place in answer.places if place.storey is not None):
            yield floor, cut_open(prepared, floor, kind, answer)


def _title(prepared: Prepared, kind: str, floor: str | None, language: Language) -> str:
    site = prepared.index.site
    where = floor_text(floor, prepared.index, language)
    return titled([named(site.name, language, site.id), word(f"kind_{kind}", language), where])


def north_on(way: Floats) -> tuple[float, float]:
    """Where north is on a picture taken along a way from afar: right and up."""
    right, up = _across(way / np.linalg.norm(way))
    return float(right[1]), float(up[1])


def _file(name: str) -> str:
    """An id as a file's name; ~ is in no id.

    Examples
    --------
    >>> _file("tower-1/f1")
    'tower-1~f1'
    """
    return name.replace("/", "~")


def _camera_pictures(folder: Path, answer: CameraCoverage) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for camera in answer.cameras:
        for number, picture in enumerate(_pictures(camera, answer), 1):
            path = folder / (_file(camera.id) + (f"-{number}" if len(camera.eyes) > 1 else "") + ".png")
            path.write_bytes(picture)
            yield path


def _pictures(camera: Camera, answer: CameraCoverage) -> Iterator[bytes]:
    asked = [place.requirement.edition for place in answer.places if place.requirement.edition]
    levels = editions()[max(sorted(set(asked)), key=asked.count, default="2015")].levels
    for eye in camera.eyes:
        yield png(camera_picture(answer.of, eye, width_px=_CAMERA_PX, levels=levels))


def overview(prepared: Prepared, kind: str, answer: KindAnswer) -> Draped:
    """The whole estate with what is covered in the open."""
    opaque = prepared.scene.opaque
    kinds = _kinds(prepared, opaque)
    crowns = kinds == "tree"
    places = [place for place in answer.places if place.storey is None]
    return _draped(prepared, kind, answer, places, None, _part(opaque, ~crowns), kinds[~crowns], _part(opaque, crowns))


def cut_open(prepared: Prepared, floor: str, kind: str, answer: KindAnswer) -> Draped:
    """A storey with its walls cut at breast height."""
    storey = prepared.index.storeys[floor]
    z_m = storey.elevation_m
    ground = sheet(to_shapely(storey.template.polygon), z_m=z_m, owner=0)
    taken = polygons_of(prepared.occluders.taken_at(floor, z_m))
    walls = [prism(part, bottom_m=z_m, top_m=z_m + _CUT_M, owner=1) for part in taken]
    body = merged([ground, *walls])
    kinds = np.where(body.owners == 0, "slab", "wall")
    places = [place for place in answer.places if place.storey == floor]
    return _draped(prepared, kind, answer, places, floor, body, kinds, _part(body, np.zeros(len(kinds), bool)))


def _draped(
    prepared: Prepared, kind: str, answer: KindAnswer, places: Sequence[PlaceResult], floor: str | None,
    body: Mesh, kinds: NDArray[np.str_], crowns: Mesh,
) -> Draped:  # fmt: skip
    cells, colours = [np.zeros((0, 4, 3))], [np.zeros((0, 3), np.uint8)]
    for place in sorted(places, key=lambda p: -p.area_m2):
        for quads, rgb in _cells(answer, place):
            cells.append(quads)
            colours.append(rgb)
    index = prepared.index
    here = {device.id for device in devices_of(index, kind) if storey_of(index, device) == floor}
    found = [index.device_point(index.devices[device]) for device in sorted(here)]
    eyes = [e for c in answer.cameras if c.id in here for e in c.eyes] if isinstance(answer, CameraCoverage) else []
    rays = [np.stack([np.repeat([e.pose.position_m], 4, axis=0), _edges(e)], axis=1) for e in eyes
            if isinstance(e.lens, Pinhole)]  # fmt: skip
    painted: dict[str, tuple[int, int, int]] = {str(name): rgb for name, rgb in OCCLUDER_COLOURS.items()}
    return Draped(
        body=body,
        body_rgb=np.array([painted[name] for name in kinds.tolist()], dtype=np.uint8).reshape(-1, 3),
        crowns=crowns,
        cells=np.concatenate(cells),
        cells_rgb=np.concatenate(colours),
        gaps=tuple(ring for place in places for gap in place.gaps for ring in _rings(gap.area, gap.elevation_m)),
        eyes_m=np.array(found, dtype=np.float64).reshape(-1, 3),
        rays_m=np.concatenate([np.zeros((0, 2, 3)), *rays]),
    )


def _edges(eye: Eye) -> Floats:
    """(4, 3) where lines from an eye through the corners of its picture end."""
    width, height = eye.lens.width_px, eye.lens.height_px
    pixels = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
    ways = in_site(eye.pose, directions(eye.lens, pixels))
    ends: Floats = np.asarray(eye.pose.position_m) + _LENGTH_M * ways / np.linalg.norm(ways, axis=1, keepdims=True)
    return ends


def _cells(answer: KindAnswer, place: PlaceResult) -> Iterator[tuple[Floats, NDArray[np.uint8]]]:
    """The cells of a place as quads with their colours; a line has none."""
    made = answer.made_of.get((place.place_id, place.requirement.id))
    steps = steps_of(place.requirement)
    if made is None or steps is None or place.line is not None:
        return
    grid = made.grids[0]
    rows, columns = np.nonzero(grid.inside)
    middle = made.cells_m
    half = grid.step_m / 2
    z = grid.plane_m[0] + grid.plane_m[1] * columns * grid.step_m + grid.plane_m[2] * rows * grid.step_m + _LIFT_M
    turns = ((-half, -half), (half, -half), (half, half), (-half, half))
    quads = np.stack([np.column_stack((middle[:, 0] + dx, middle[:, 1] + dy, z)) for dx, dy in turns], axis=1)
    yield quads, heat(grid, place, steps)[::-1][grid.inside][:, :3]


def _rings(area: BaseGeometry, z_m: float) -> Iterator[Floats]:
    for part in shapely.get_parts(area):
        line = part.exterior if isinstance(part, shapely.Polygon) else part
        points = np.asarray(line.coords)[:, :2]
        yield np.column_stack((points, np.full(len(points), z_m + 2 * _LIFT_M)))


def _kinds(prepared: Prepared, mesh: Mesh) -> NDArray[np.str_]:
    """What each triangle belongs to."""
    rows, back = np.unique(mesh.owners, return_inverse=True)
    names: list[OccluderKind] = [prepared.owner(int(row)).kind for row in rows]
    return np.array(names, dtype=np.str_)[back]


def _part(mesh: Mesh, chosen: NDArray[np.bool_]) -> Mesh:
    return Mesh(mesh.vertices_m, mesh.triangles[chosen], mesh.owners[chosen])


def seen_from(shown: Draped, prepared: Prepared | None) -> tuple[Floats, Floats]:
    """Where a picture is taken from and what it looks at: the corner that most cells are seen from. [m]

    Parameters
    ----------
    prepared : what may hide cells; none where nothing is higher than the walls of a storey cut open
    """
    told = shown.cells.reshape(-1, 3) if prepared is not None and len(shown.cells) else shown.body.vertices_m
    low, high = told.min(axis=0), told.max(axis=0)
    middle = (low + high) / 2
    steep = 0.75 if prepared is not None else 1.3
    ways = [np.array([0.7 * dx, dy, steep]) / np.linalg.norm((0.7, 1.0, steep)) for dx, dy in _CORNERS]
    spots = [
        middle + way * _away_m(np.array(list(itertools.product(*zip(low, high, strict=True)))) - middle, way)
        for way in ways
    ]
    if prepared is None or not len(shown.cells):
        return spots[0], middle
    picked = np.linspace(0, len(shown.cells) - 1, min(_ASKED, len(shown.cells))).astype(int)
    targets = shown.cells[picked].mean(axis=1) + np.array([0.0, 0.0, _LIFT_M])
    hidden = [np.count_nonzero(prepared.scene.blocked(np.repeat([s], len(targets), axis=0), targets)) for s in spots]
    return spots[int(np.argmin(hidden))], middle


def _across(way: Floats) -> tuple[Floats, Floats]:
    """Right and up on a picture that is looked at along a way, of length 1, towards whom it is taken by."""
    right = np.cross((0.0, 0.0, 1.0), way)
    right /= np.linalg.norm(right)
    return right, np.cross(way, right)


def _away_m(corners: Floats, way: Floats) -> float:
    """How far off along a way a picture must be taken to have all corners, relative to its middle, in it. [m]"""
    right, up = _across(way)
    high = math.tan(math.radians(_VIEW_DEG / 2)) * (1 - _EDGE_RATIO)
    wide = high * _SIZE_PX[0] / _SIZE_PX[1]
    aside = np.maximum(np.abs(corners @ right) / wide, np.abs(corners @ up) / high)
    return float((corners @ way + aside).max())


def _drawn(pyvista: Any, shown: Draped, position: Floats, middle: Floats) -> NDArray[np.uint8]:  # noqa: ANN401
    """(rows, columns, 3) the picture."""
    # in metres around the middle: the renderer reckons in single precision
    plotter = pyvista.Plotter(off_screen=True, window_size=list(_SIZE_PX), lighting="light kit")
    plotter.set_background("#eef2f5", top="#c9d9e6")
    plotter.enable_anti_aliasing("msaa", multi_samples=8)
    body = _surface(pyvista, shown.body, middle)
    body.cell_data["rgb"] = shown.body_rgb
    plotter.add_mesh(body, scalars="rgb", rgb=True, ambient=0.5, diffuse=0.65)
    if len(shown.crowns.triangles):
        plotter.add_mesh(_surface(pyvista, shown.crowns, middle), color="#7aa070", opacity=0.35)
    if len(shown.cells):
        corners = (shown.cells - middle).reshape(-1, 3).astype(np.float32)
        faces = np.column_stack((np.full(len(shown.cells), 4), np.arange(len(corners)).reshape(-1, 4)))
        cells = pyvista.PolyData(corners, faces.ravel())
        cells.cell_data["rgb"] = shown.cells_rgb
        plotter.add_mesh(cells, scalars="rgb", rgb=True, lighting=False)
    for ring in shown.gaps:
        plotter.add_mesh(pyvista.lines_from_points((ring - middle).astype(np.float32)), color="#b3123c", line_width=3)
    if len(shown.eyes_m):
        dots = pyvista.PolyData((shown.eyes_m - middle).astype(np.float32))
        plotter.add_mesh(dots, color="#12385c", point_size=11, render_points_as_spheres=True)
    if len(shown.rays_m):
        ends = (shown.rays_m - middle).reshape(-1, 3).astype(np.float32)
        plotter.add_mesh(pyvista.line_segments_from_points(ends), color="#1f5f99", line_width=1.5)
    plotter.camera_position = [tuple(position - middle), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0)]
    plotter.camera.view_angle = _VIEW_DEG
    picture: NDArray[np.uint8] = plotter.screenshot(None, return_img=True)
    plotter.close()
    return picture


def _surface(pyvista: Any, mesh: Mesh, middle: Floats) -> Any:  # noqa: ANN401
    faces = np.column_stack((np.full(len(mesh.triangles), 3), mesh.triangles))
    return pyvista.PolyData((mesh.vertices_m - middle).astype(np.float32), faces.ravel())
