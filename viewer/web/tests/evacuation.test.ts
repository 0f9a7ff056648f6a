import { describe, expect, it } from "vitest";
import { now } from "../src/evacuation/state";
import { clock } from "../src/evacuation/times";
import type { Stream } from "../src/evacuation/types";
import { along, isShown } from "../src/scene/evacuation_view";

const STREAM: Stream = { line_m: [[0, 0, 0], [12, 0, 0], [12, 0.3, 0]], persons: 40, storey: "a/f2" };
const buildingOf = (storey: string): string => storey.split("/")[0]!;

describe("the moment that is shown", () => {
  it.each([
    [0, 10],
    [5, 8],
    [15, 3],
    [20, 0],
    [99, 0],
    [-1, 10],
  ])("at %i s is between what was recorded", (moment_s, many) => {
    expect(now([10, 6, 0], [0, 10, 20], moment_s)).toBe(many);
  });
  it("is nothing where nothing was recorded", () => {
    expect(now(undefined, [0], 0)).toBe(0);
    expect(now([], [], 3)).toBe(0);
  });
  it("is written in minutes and seconds", () => {
    expect([0, 59.6, 75, 3600].map(clock)).toEqual(["0:00", "1:00", "1:15", "60:00"]);
  });
});

describe("streams in 3D", () => {
  it("have cones along their stretches, none on the shortest", () => {
    const cones = along(STREAM);
    expect(cones).toHaveLength(2);
    expect(cones[0]!.from.distanceTo(cones[1]!.to)).toBeCloseTo(12);
  });
  it.each([
    [null, STREAM, true],
    [null, { ...STREAM, persons: 1 }, false],
    [{ building: "a", storey: "a/f2" }, { ...STREAM, persons: 1 }, true],
    [{ building: "a", storey: "a/f3" }, STREAM, false],
    [{ building: "b" }, STREAM, false],
    [{ building: "b" }, { ...STREAM, storey: null }, true],
  ])("with %o alone", (isolation, stream, is) => {
    expect(isShown(stream as Stream, isolation, buildingOf)).toBe(is);
  });
});
