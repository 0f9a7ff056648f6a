"""Binary glTF 2.0, written by hand: a few meshes of coloured vertices, most of them instanced.

The site frame has z up, glTF has y up; the turn is made here and nowhere else: (x, y, z) becomes (x, z, -y).

References
----------
Khronos Group, glTF 2.0 Specification (2021); EXT_mesh_gpu_instancing.
"""

import json
import struct
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_MAGIC: Final = 0x46546C67
_JSON_CHUNK: Final = 0x4E4F534A
_BINARY_CHUNK: Final = 0x004E4942
_FLOAT: Final = 5126
_UNSIGNED_BYTE: Final = 5121
_UNSIGNED_SHORT: Final = 5123
_UNSIGNED_INT: Final = 5125
_VERTICES: Final = 34962
_INDICES: Final = 34963
_TRIANGLES: Final = 4
_LINES: Final = 1

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Surface:
    """Triangles or lines with a colour and an object at each vertex.

    Attributes
    ----------
    positions_m : (n, 3), site frame or relative to the instance. [m]
    colours : (n, 4) uint8, linear; the fourth says what the vertex belongs to (`viewer.scene.palette.Matter`)
    objects : (n,) row in the object table, or what is added to the instance's row
    indices : (m,) three a triangle, two a line
    """

    positions_m: Floats
    colours: NDArray[np.uint8]
    objects: Floats
    indices: NDArray[np.uint32]
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Instances:
    """Where a surface stands, k times.

    Attributes
    ----------
    places_m : (k, 3), site frame. [m]
    objects : (k,) row in the object table
    turns : (k, 4), unit quaternions x, y, z, w in the site frame
    sizes_ratio : (k, 3), scale along x, y, z
    """

    places_m: Floats
    objects: Floats
    turns: Floats | None = None
    sizes_ratio: Floats | None = None


def y_up(vectors: NDArray[Any]) -> Floats:
    """(n, 3) or (n, 4) vectors or quaternions of the site frame in glTF's.

    Examples
    --------
    >>> y_up(np.array([[1.0, 2.0, 3.0]])).tolist()
    [[1.0, 3.0, -2.0]]
    """
    turned = np.array(vectors, dtype=np.float32)
    turned[:, 1] = vectors[:, 2]
    turned[:, 2] = -vectors[:, 1]
    return turned


@dataclass
class GlbWriter:
    """Collects nodes and makes one binary file of them."""

    _nodes: list[dict[str, Any]] = field(default_factory=list)
    _meshes: list[dict[str, Any]] = field(default_factory=list)
    _accessors: list[dict[str, Any]] = field(default_factory=list)
    _views: list[dict[str, Any]] = field(default_factory=list)
    _binary: bytearray = field(default_factory=bytearray)

    def add(self, name: str, surface: Surface, extras: dict[str, Any], instances: Instances | None = None) -> None:
        """Add a node with its own mesh; an empty surface, or none of it standing anywhere, adds nothing."""
        if len(surface.indices) == 0 or (instances is not None and len(instances.places_m) == 0):
            return
        node: dict[str, Any] = {"name": name, "mesh": self._mesh(name, surface), "extras": extras}
        if instances is not None:
            node["extensions"] = {"EXT_mesh_gpu_instancing": {"attributes": self._instances(instances)}}
        self._nodes.append(node)

    def _mesh(self, name: str, surface: Surface) -> int:
        positions = y_up(surface.positions_m)
        small = len(positions) < 2**16
        indices = surface.indices.astype(np.uint16 if small else np.uint32)
        primitive = {
            "attributes": {
                "POSITION": self._accessor(positions, _FLOAT, target=_VERTICES, bounded=True),
                "COLOR_0": self._accessor(surface.colours, _UNSIGNED_BYTE, target=_VERTICES),
                "_OBJECT": self._accessor(surface.objects.astype(np.float32), _FLOAT, target=_VERTICES),
            },
            "indices": self._accessor(indices, _UNSIGNED_SHORT if small else _UNSIGNED_INT, target=_INDICES),
            "mode": _LINES if surface.lines else _TRIANGLES,
            "material": 0,
        }
        self._meshes.append({"name": name, "primitives": [primitive]})
        return len(self._meshes) - 1

    def _instances(self, instances: Instances) -> dict[str, int]:
        attributes = {"TRANSLATION": self._accessor(y_up(instances.places_m), _FLOAT)}
        if instances.turns is not None:
            attributes["ROTATION"] = self._accessor(y_up(instances.turns), _FLOAT)
        if instances.sizes_ratio is not None:
            attributes["SCALE"] = self._accessor(instances.sizes_ratio.astype(np.float32)[:, (0, 2, 1)], _FLOAT)
        attributes["_OBJECT"] = self._accessor(instances.objects.astype(np.float32), _FLOAT)
        return attributes

    def _accessor(self, data: NDArray[Any], component: int, *, target: int | None = None, bounded: bool = False) -> int:
        self._binary.extend(b"\0" * (-len(self._binary) % 4))
        raw = np.ascontiguousarray(data).tobytes()
        view: dict[str, Any] = {"buffer": 0, "byteOffset": len(self._binary), "byteLength": len(raw)}
        if target is not None:
            view["target"] = target
        self._binary.extend(raw)
        self._views.append(view)
        kind = {1: "SCALAR", 3: "VEC3", 4: "VEC4"}[1 if data.ndim == 1 else data.shape[1]]
        accessor: dict[str, Any] = {
            "bufferView": len(self._views) - 1, "componentType": component, "count": len(data), "type": kind,
        }  # fmt: skip
        if component == _UNSIGNED_BYTE:
            accessor["normalized"] = True
        if bounded:
            accessor |= {"min": data.min(axis=0).tolist(), "max": data.max(axis=0).tolist()}
        self._accessors.append(accessor)
        return len(self._accessors) - 1

    def to_bytes(self, extras: dict[str, Any]) -> bytes:
        """The file; `extras` go to its asset."""
        used = any("extensions" in node for node in self._nodes)
        document: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": "Plumbline", "extras": extras},
            "scene": 0,
            "scenes": [{"nodes": list(range(len(self._nodes)))}],
            "nodes": self._nodes,
            "meshes": self._meshes,
            "materials": [{"doubleSided": True, "pbrMetallicRoughness": {"metallicFactor": 0, "roughnessFactor": 0.9}}],
            "accessors": self._accessors,
            "bufferViews": self._views,
            "buffers": [{"byteLength": len(self._binary)}],
        }
        if used:
            document |= {"extensionsUsed": ["EXT_mesh_gpu_instancing"]}
            document |= {"extensionsRequired": ["EXT_mesh_gpu_instancing"]}
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        binary = bytes(self._binary) + b"\0" * (-len(self._binary) % 4)
        total = 12 + 8 + len(text) + 8 + len(binary)
        return b"".join((
            struct.pack("<III", _MAGIC, 2, total),
            struct.pack("<II", len(text), _JSON_CHUNK), text,
            struct.pack("<II", len(binary), _BINARY_CHUNK), binary,
        ))  # fmt: skip
