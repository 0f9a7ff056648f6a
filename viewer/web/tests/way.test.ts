import { describe, expect, it } from "vitest";
import { legs, storeysOf } from "../src/crew/way";
import type { RouteLeg, RouteStep } from "../src/types";
import { linesOn } from "../src/ways/lines";

const step = (storey: string | null, x_m: number): RouteStep => ({ text: { zh: "走", en: "go" }, storey, point_m: [x_m, 0, 0], length_m: 0, duration_s: 0, opening: null, is_locked: false });
const leg = (kind: RouteLeg["kind"], storey: string | null, ...xs: number[]): RouteLeg => ({ kind, id: "", storey, line_m: xs.map((x) => [x, 0, 0]), length_m: 0, duration_s: 0, rise_m: 0 });
const LEGS = [leg("walk", null, 0, 10), leg("walk", "t/f1", 10, 12), leg("lift", "t/f9", 12, 12), leg("walk", "t/f9", 12, 15), leg("stair", "t/f1", 15, 16), leg("walk", "t/f1", 16, 18)];
const STEPS = [step(null, 0), step("t/f1", 10), step("t/f1", 12), step("t/f9", 13), step("t/f9", 15)];

describe("the way of the crew", () => {
  it("is told storey by storey, its steps numbered through", () => {
    expect(legs(STEPS).map((leg) => [leg.storey, leg.first, leg.steps.length])).toEqual([
      [null, 1, 1],
      ["t/f1", 2, 2],
      ["t/f9", 4, 2],
    ]);
    expect(legs([])).toEqual([]);
  });

  it("is told anew where it comes back to a storey", () => {
    expect(legs([step("a", 0), step("b", 1), step("a", 2)]).map((leg) => leg.storey)).toEqual(["a", "b", "a"]);
  });

  it("draws outdoors as far as the door, indoors its own storey, and what is ridden nowhere", () => {
    const xs = (storey: string | null): number[][] => linesOn({ legs: LEGS }, storey).map((line) => line.map(([x]) => x));
    expect(xs(null)).toEqual([[0, 10]]);
    expect(xs("t/f9")).toEqual([[12, 15]]);
    expect(xs("t/f5")).toEqual([]);
    expect(linesOn(null, null)).toEqual([]);
  });

  it("draws both pieces where it comes back to a storey", () => {
    expect(linesOn({ legs: LEGS }, "t/f1")).toHaveLength(2);
  });

  it("offers each storey once, and the goal's even where the way is unknown", () => {
    expect(storeysOf(STEPS, "t/f9")).toEqual([null, "t/f1", "t/f9"]);
    expect(storeysOf([], "t/f9")).toEqual(["t/f9"]);
  });
});
