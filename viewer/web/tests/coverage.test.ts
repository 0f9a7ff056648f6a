import { describe, expect, it } from "vitest";
import { cellAt, cellValue, CellsError, readCells } from "../src/coverage/cells";
import { cellToken, levelOf, paintCells, type Token } from "../src/coverage/colours";
import { aimedAt, aimOf, axesOf, fieldOf } from "../src/coverage/fields";
import type { Camera, Eye, Place, PlaceHead, Scale } from "../src/coverage/types";
import { parts } from "../src/coverage/way";

const GRID = { corner_m: [0.5, 0.5], step_m: 1, rows: 1, columns: 3, elevation_m: 2, storey: null, offset: 0, zero: -10, scale: 0.5 };
const HEAD = { id: "gate", requirement: "faces", min_count: 1, grid: GRID } as unknown as PlaceHead;
const SCALE: Scale = { unit: "px_per_m", better: "more", steps: [25, 62.5] };
const EYE: Eye = { bearing_deg: 0, tilt_deg: 45, roll_deg: 0, optics: "pinhole", horizontal_fov_deg: 90, vertical_fov_deg: 40, reach_m: 50 };
const CAMERA = { id: "c", position_m: [10, 20, 5], eyes: [EYE] } as unknown as Camera;

function packed(values: number[], counts: number[]): ArrayBuffer {
  const header = new TextEncoder().encode(JSON.stringify({ places: [HEAD], took_ms: 3 }));
  const start = Math.ceil((8 + header.length) / 4) * 4;
  const buffer = new ArrayBuffer(start + 12);
  new Uint8Array(buffer).set([0x50, 0x4c, 0x43, 0x47]);
  new DataView(buffer).setUint32(4, header.length, true);
  new Uint8Array(buffer).set(header, 8);
  values.forEach((value, k) => new DataView(buffer).setUint16(start + 2 * k, value, true));
  new Uint8Array(buffer).set(counts, start + 6);
  return buffer;
}

const place = (values: number[], counts: number[]): Place => readCells<{ places: PlaceHead[]; took_ms: number }>(packed(values, counts)).places[0]!;

describe("packed cells", () => {
  it("are read as the header scales them", () => {
    const found = place([0, 90, 65535], [0, 2, 0]);
    expect([0, 1, 2].map((cell) => cellValue(found, cell))).toEqual([-10, 35, null]);
    expect([...found.counts]).toEqual([0, 2, 0]);
    expect(found.key).toBe("gate faces");
  });

  it("that are something else are refused", () => {
    expect(() => readCells(new ArrayBuffer(4))).toThrow(CellsError);
    expect(() => readCells(new TextEncoder().encode('{"detail": "no"}').buffer as ArrayBuffer)).toThrow(CellsError);
  });

  it("are found by their place", () => {
    const found = place([0, 0, 0], [0, 0, 0]);
    expect([cellAt(found, 0.1, 0.9), cellAt(found, 2.9, 0.2), cellAt(found, 3.2, 0.5), cellAt(found, 1, 1.6)]).toEqual([0, 2, -1, -1]);
  });
});

describe("colours", () => {
  it("tell the highest level that is reached, to the very number", () => {
    expect([0, 24.9, 25, 62.4, 62.5, 1e6].map((value) => levelOf(value, SCALE))).toEqual([0, 0, 1, 1, 2, 2]);
    const near: Scale = { unit: "m", better: "less", steps: [30, 10] };
    expect([31, 30, 10.1, 10, 0].map((value) => levelOf(value, near))).toEqual([0, 1, 1, 2, 2]);
  });

  it("tell what a variant gains and loses", () => {
    const before = place([0, 90, 90], [0, 1, 1]);
    const after = place([90, 90, 0], [1, 1, 0]);
    const tokens = [0, 1, 2].map((cell) => cellToken(after, cell, "change", SCALE, before));
    expect(tokens).toEqual(["cover-gained", "cover-same", "cover-lost"]);
  });

  it("leave what is outside of the place clear", () => {
    const pixels = paintCells(place([65535, 90, 200], [0, 1, 9]), "count", SCALE, (token: Token) => (token === "cover-1" ? [1, 2, 3, 4] : [9, 9, 9, 9]));
    expect([...pixels]).toEqual([0, 0, 0, 0, 1, 2, 3, 4, 9, 9, 9, 9]);
  });
});

describe("fields", () => {
  it("have axes as the engine has them", () => {
    // geometry/poses.py: looking east and level, right is south
    const [right, down, ahead] = axesOf({ bearing_deg: 90, tilt_deg: 0, roll_deg: 0 });
    [[right, [0, -1, 0]], [down, [0, 0, -1]], [ahead, [1, 0, 0]]].forEach(([is, wanted]) => (is as number[]).forEach((v, k) => expect(v).toBeCloseTo((wanted as number[])[k]!)));
  });

  it("end on the floor or where they reach", () => {
    const { rim, spokes } = fieldOf([0, 0, 5], { ...EYE, tilt_deg: 30, vertical_fov_deg: 80 }, 0);
    // the lower edge falls at 70 degrees: 5 / tan 70 ahead; the upper rises, so it ends at the reach
    expect(spokes).toHaveLength(4);
    const low = rim.filter((p) => p[2] < 1e-6);
    expect(Math.min(...low.map((p) => p[1]))).toBeGreaterThan(0);
    expect(Math.hypot(...rim[0]!.map((v, k) => v - [0, 0, 5][k]!))).toBeCloseTo(50);
  });

  it("are aimed at a point and back", () => {
    expect(aimOf(CAMERA, 0)).toEqual([10, 25, 0].map((v) => expect.closeTo(v) as unknown as number));
    expect(aimedAt([10, 20, 5], [10, 25, 0])).toEqual({ bearing_deg: 0, tilt_deg: 45 });
    expect(aimedAt([0, 0, 3], [-4, 0, 0])).toEqual({ bearing_deg: 270, tilt_deg: 36.9 });
    expect(aimOf({ ...CAMERA, eyes: [{ ...EYE, optics: "fisheye" }] }, 0)).toBeNull();
  });
});

it("a way changes its camera as seldom as can be, and tells the fewest that see each part", () => {
  const piece = (cameras: string[]) => ({ point_m: [0, 0, 1.6] as [number, number, number], length_m: 2, cameras });
  const found = parts({ seen_ratio: 0.8, length_m: 10, pieces: [piece(["a", "b"]), piece(["b", "a"]), piece(["b"]), piece([]), piece(["a"])] });
  expect(found.map(({ from_m, to_m, camera, fewest }) => ({ from_m, to_m, camera, fewest }))).toEqual([
    { from_m: 0, to_m: 6, camera: "b", fewest: 1 },
    { from_m: 6, to_m: 8, camera: null, fewest: 0 },
    { from_m: 8, to_m: 10, camera: "a", fewest: 1 },
  ]);
});
