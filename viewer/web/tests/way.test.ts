import { describe, expect, it } from "vitest";
import { legs, lineOn, storeysOf } from "../src/crew/way";
import type { RouteStep } from "../src/types";

const step = (storey: string | null, x_m: number): RouteStep => ({ text: { zh: "走", en: "go" }, storey, point_m: [x_m, 0, 0] });
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

  it("draws outdoors as far as the door, and indoors only its own storey", () => {
    expect(lineOn(STEPS, null).map(([x]) => x)).toEqual([0, 10]);
    expect(lineOn(STEPS, "t/f9").map(([x]) => x)).toEqual([13, 15]);
    expect(lineOn(STEPS, "t/f5")).toEqual([]);
  });

  it("offers each storey once, and the goal's even where the way is unknown", () => {
    expect(storeysOf(STEPS, "t/f9")).toEqual([null, "t/f1", "t/f9"]);
    expect(storeysOf([], "t/f9")).toEqual(["t/f9"]);
  });
});
