import { describe, expect, it } from "vitest";
import * as THREE from "three";
import { Estate } from "../src/scene/estate";
import type { Part } from "../src/scene/glb";
import type { Devices } from "../src/scene/devices";
import { Picker } from "../src/scene/picking";
import { BODY_M, stepBy, type Meet } from "../src/scene/walking";

const [WALL, DOOR, GLASS_DOOR, GLASS] = [255, 240, 168, 160];

/** Upright faces from (x, z) to (x, z), three metres high, each of a matter. */
function facade(faces: [[number, number], [number, number], number][]): Part {
  const positions = faces.flatMap(([[a, b], [c, d]]) => [a, 0, b, c, 0, d, c, 3, d, a, 3, b]);
  return {
    name: "walls",
    role: "shell",
    extras: {},
    geometry: {
      positions: new Float32Array(positions),
      colours: new Uint8Array(faces.flatMap(([, , matter]) => Array.from({ length: 4 }, () => [200, 200, 200, matter]).flat())),
      objects: new Float32Array(faces.length * 4),
      indices: new Uint16Array(faces.flatMap((_, k) => [0, 1, 2, 0, 2, 3].map((i) => i + k * 4))),
      lines: false,
    },
    placings: null,
  };
}

function walls(...faces: [[number, number], [number, number], number][]): Meet {
  const objects = { types: ["building"], type: [0], id: ["t"], parent: [-1] };
  const picker = new Picker(new Estate({ parts: [facade(faces)], objects }, false), {} as Devices);
  return (ray, within_m) => picker.obstacle(ray, within_m);
}

/** Where a walker gets who holds a key for some steps of 4 cm. */
function walk(meet: Meet, way: [number, number], steps: number): THREE.Vector3 {
  const at = new THREE.Vector3();
  const step = new THREE.Vector3(way[0], 0, way[1]).setLength(0.04);
  for (let k = 0; k < steps; k++) at.add(stepBy(at, step, meet));
  return at;
}

describe("a step on foot", () => {
  it("goes its whole way where nothing stands", () => {
    expect(walk(walls([[50, -5], [50, 5], WALL]), [1, 0], 100).x).toBeCloseTo(4);
  });

  it.each([["a wall", WALL], ["a window", GLASS]])("ends before %s, a body away", (_, matter) => {
    const at = walk(walls([[2, -5], [2, 5], matter]), [1, 0], 200);
    expect(at.x).toBeLessThanOrEqual(2 - BODY_M + 1e-6);
    expect(at.x).toBeGreaterThan(2 - BODY_M - 0.05);
  });

  it.each([["a door", DOOR], ["a glass door", GLASS_DOOR]])("leads through %s between walls", (_, matter) => {
    const meet = walls([[2, -5], [2, -0.45], WALL], [[2, -0.45], [2, 0.45], matter], [[2, 0.45], [2, 5], WALL]);
    expect(walk(meet, [1, 0], 100).x).toBeCloseTo(4);
  });

  it("goes along a wall that it meets aslant, and stays before it", () => {
    const at = walk(walls([[2, -50], [2, 50], WALL]), [1, 1], 200);
    expect(at.x).toBeLessThanOrEqual(2 - BODY_M + 1e-6);
    expect(at.z).toBeGreaterThan(4);
  });

  it("does not leave a corner through either wall", () => {
    const at = walk(walls([[2, -5], [2, 2], WALL], [[-5, 2], [2, 2], WALL]), [1, 0.8], 400);
    expect(Math.max(at.x, at.z)).toBeLessThanOrEqual(2 - BODY_M + 1e-6);
  });

  it("does not jump over a wall in one long step of a slow machine", () => {
    const meet = walls([[0.5, -5], [0.5, 5], WALL]);
    expect(stepBy(new THREE.Vector3(), new THREE.Vector3(0.72, 0, 0), meet).x).toBe(0);
  });
});
