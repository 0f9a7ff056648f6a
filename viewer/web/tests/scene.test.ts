import { describe, expect, it } from "vitest";
import * as THREE from "three";
import { cells, shownSpeed } from "../src/scene/arrows";
import { readScene, SceneFileError, type ObjectColumns } from "../src/scene/glb";
import { HIDDEN, ObjectTable, SELECTED } from "../src/scene/objects";
import { isUndergroundBuilding, storeyShows } from "../src/scene/visibility";
import type { StoreyEntry } from "../src/types";

const COLUMNS: ObjectColumns = {
  types: ["building", "storey", "space", "ground", "pipe", "node"],
  type: [0, 1, 2, 2, 1, 2, 3],
  id: ["t", "t/f1", "t/f1/room", "t/f1/flat", "t/f2", "t/f2/room", "lawn"],
  // the room of the first storey comes before the flat that it is part of
  parent: [-1, 0, 3, 1, 0, 4, -1],
};

/** A file of one triangle, put together byte by byte. */
function file(format = 1): ArrayBuffer {
  const floats = new Float32Array([0, 0, 0, 1, 0, 0, 0, 1, 0, /* objects */ 0, 0, 0, /* place */ 5, 6, 7, /* row */ 2]);
  const binary = new Uint8Array(floats.byteLength + 12 + 8);
  binary.set(new Uint8Array(floats.buffer));
  binary.fill(255, floats.byteLength, floats.byteLength + 12);
  binary.set(new Uint8Array(new Uint16Array([0, 1, 2]).buffer), floats.byteLength + 12);
  const document = {
    asset: { version: "2.0", extras: { format, objects: COLUMNS } },
    nodes: [
      {
        name: "one",
        mesh: 0,
        extras: { role: "shell" },
        extensions: { EXT_mesh_gpu_instancing: { attributes: { TRANSLATION: 2, _OBJECT: 3 } } },
      },
    ],
    meshes: [{ primitives: [{ attributes: { POSITION: 0, COLOR_0: 4, _OBJECT: 1 }, indices: 5, mode: 4 }] }],
    accessors: [
      { bufferView: 0, componentType: 5126, count: 3, type: "VEC3" },
      { bufferView: 1, componentType: 5126, count: 3, type: "SCALAR" },
      { bufferView: 2, componentType: 5126, count: 1, type: "VEC3" },
      { bufferView: 3, componentType: 5126, count: 1, type: "SCALAR" },
      { bufferView: 4, componentType: 5121, count: 3, type: "VEC4" },
      { bufferView: 5, componentType: 5123, count: 3, type: "SCALAR" },
    ],
    bufferViews: [0, 36, 48, 60, 64, 76].map((byteOffset) => ({ byteOffset })),
  };
  let text = new TextEncoder().encode(JSON.stringify(document));
  text = new Uint8Array([...text, ...Array<number>((4 - (text.length % 4)) % 4).fill(32)]);
  const whole = new Uint8Array(12 + 8 + text.length + 8 + binary.length);
  const header = new DataView(whole.buffer);
  [0x46546c67, 2, whole.length, text.length, 0x4e4f534a].forEach((word, k) => header.setUint32(k * 4, word, true));
  whole.set(text, 20);
  header.setUint32(20 + text.length, binary.length, true);
  header.setUint32(24 + text.length, 0x004e4942, true);
  whole.set(binary, 28 + text.length);
  return whole.buffer;
}

describe("the scene file", () => {
  it("gives its parts as they were written", () => {
    const [part] = readScene(file()).parts;
    expect(part!.role).toBe("shell");
    expect([...part!.geometry.positions]).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0]);
    expect([...part!.geometry.indices]).toEqual([0, 1, 2]);
    expect([...part!.placings!.places]).toEqual([5, 6, 7]);
    expect([...part!.placings!.objects]).toEqual([2]);
  });

  it("of another format is refused in words", () => {
    expect(() => readScene(file(9))).toThrow(/format 9.*reads format 1/);
  });

  it("that is not glTF is refused in words", () => {
    expect(() => readScene(new ArrayBuffer(64))).toThrow(SceneFileError);
  });
});

describe("the object table", () => {
  it("finds rows by type and id, and what they are part of", () => {
    const table = new ObjectTable(COLUMNS);
    const room = table.row("space", "t/f1/room");
    expect(table.id(table.within(room, "storey"))).toBe("t/f1");
    expect(table.id(table.within(room, "building"))).toBe("t");
    expect(table.within(table.row("ground", "lawn"), "building")).toBe(-1);
    expect(table.row("space", "nowhere")).toBe(-1);
  });

  it("marks a thing with all that is within it, and nothing else", () => {
    const table = new ObjectTable(COLUMNS);
    table.mark(table.row("space", "t/f1/flat"), SELECTED);
    const marked = COLUMNS.id.filter((_, row) => (table.flags(row) & SELECTED) !== 0);
    expect(marked).toEqual(["t/f1/room", "t/f1/flat"]);
  });

  it("clears what it is told to and keeps the rest", () => {
    const table = new ObjectTable(COLUMNS);
    table.mark(0, HIDDEN | SELECTED);
    table.clear(HIDDEN);
    expect(table.flags(table.row("space", "t/f2/room"))).toBe(SELECTED);
  });

  it("cuts the walls of a storey and leaves the others whole", () => {
    const table = new ObjectTable(COLUMNS);
    table.cut(table.row("storey", "t/f1"), 1.6);
    expect(table.cut_m(table.row("space", "t/f1/room"))).toBeCloseTo(1.6);
    expect(table.cut_m(table.row("space", "t/f2/room"))).toBe(Infinity);
  });
});

describe("which storeys show", () => {
  const storey = (id: string, elevation_m: number): StoreyEntry => ({
    id,
    name: { zh: id, en: id },
    number: 1,
    elevation_m,
    height_m: 3,
  });

  it("with one isolated, only that one", () => {
    const isolation = { building: "t", storey: "t/f1" };
    expect(storeyShows(storey("t/f1", 0), "t", isolation, null)).toBe(true);
    expect(storeyShows(storey("t/f2", 3), "t", isolation, null)).toBe(false);
    expect(storeyShows(storey("u/f1", 0), "u", isolation, null)).toBe(false);
  });

  it("with a building isolated, the slider still takes its upper storeys away", () => {
    const range = { from_m: -10, to_m: 2 };
    expect(storeyShows(storey("t/f1", 0), "t", { building: "t" }, range)).toBe(true);
    expect(storeyShows(storey("t/f2", 3), "t", { building: "t" }, range)).toBe(false);
  });
});

describe("what is under the ground", () => {
  const building = (base_elevation_m: number, floors_m: number[]) => ({
    id: "b",
    name: { zh: "", en: "" },
    use: "garage",
    height_m: 5,
    base_elevation_m,
    storeys: floors_m.map((elevation_m) => ({ id: `b/${elevation_m}`, name: { zh: "", en: "" }, number: 1, elevation_m, height_m: 4 })),
  });

  it("is a garage whose base is its own floor", () => {
    expect(isUndergroundBuilding(building(-5, [-5]))).toBe(true);
  });

  it("is no tower with a basement, wherever it stands", () => {
    expect(isUndergroundBuilding(building(0, [-4, 0, 4]))).toBe(false);
    expect(isUndergroundBuilding(building(20, [16, 20]))).toBe(false);
  });
});

describe("cones along a pipe", () => {
  const [a, b] = [new THREE.Vector3(0, 0, 0), new THREE.Vector3(21, 0, 0)];

  it("point the way the water goes, one every few metres", () => {
    const ahead = cells(a, b, 1);
    expect(ahead).toHaveLength(3);
    expect(ahead.every(([from, to]) => to.x > from.x)).toBe(true);
    const back = cells(a, b, -1);
    expect(back.every(([from, to]) => to.x < from.x)).toBe(true);
  });

  it("are left out where water stands and on the shortest pieces", () => {
    expect(cells(a, b, 0)).toEqual([]);
    expect(cells(a, new THREE.Vector3(0.3, 0, 0), 1)).toEqual([]);
  });

  it("go as fast as an eye follows", () => {
    const flow = { pipe: "p", way: 1, flow_m3_per_s: 1, velocity_m_per_s: 1, measured: false } as const;
    expect(shownSpeed(flow)).toBeCloseTo(1.6);
    expect(shownSpeed({ ...flow, velocity_m_per_s: 40 })).toBe(3.5);
    expect(shownSpeed({ ...flow, velocity_m_per_s: null })).toBeGreaterThan(0);
    expect(shownSpeed({ ...flow, way: 0 })).toBe(0);
    expect(shownSpeed({ ...flow, velocity_m_per_s: 0.0001 })).toBe(0);
  });
});
