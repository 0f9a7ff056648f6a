import { describe, expect, it } from "vitest";
import { accounted, layOut, missing, wayTo } from "../src/balance_tree";
import type { District } from "../src/leak_types";
import { frameOf, niceStep, pathOf } from "../src/panels/balance_chart";

function district(id: string, parent: string | null, more: Partial<District> = {}): District {
  return {
    id,
    parent,
    name: { zh: id, en: id },
    network: "water",
    inflow_m3_per_s: 0.002,
    leakage_m3_per_s: 0,
    low_m3_per_s: 0,
    high_m3_per_s: 0,
    night_flow_m3_per_s: null,
    balance_m3_per_s: null,
    passed_m3_per_s: 0.001,
    drawn_m3_per_s: 0.0005,
    stored_m3_per_s: 0,
    note: null,
    ...more,
  };
}
const TREE = [district("inlet", null), district("low", "inlet"), district("high", "inlet"), district("t1", "low"), district("t2", "low")];

describe("the tree of districts", () => {
  it("puts each beside the one that feeds it, and that in the middle of what it feeds", () => {
    const { boxes, links, columns, rows } = layOut(TREE);
    const at = (id: string) => boxes.find((b) => b.district.id === id)!;
    expect([columns, rows]).toEqual([3, 3]);
    expect(["inlet", "low", "t1"].map((id) => at(id).column)).toEqual([0, 1, 2]);
    expect(at("low").row).toBe((at("t1").row + at("t2").row) / 2);
    expect(new Set(boxes.map((b) => `${b.column} ${b.row}`)).size).toBe(boxes.length);
    expect(links).toHaveLength(4);
  });

  it("shows a district whose feeder is not told, and a ring of meters, once each", () => {
    const odd = [district("a", "b"), district("b", "a"), district("c", "gone")];
    expect(layOut(odd).boxes.map((b) => b.district.id).sort()).toEqual(["a", "b", "c"]);
  });

  it("knows the way down to a leak", () => {
    expect([...wayTo(TREE, "t1")]).toEqual(["t1", "low", "inlet"]);
    expect([...wayTo(TREE, null)]).toEqual([]);
  });

  it("says what is missing, or nothing where a meter said nothing", () => {
    expect(accounted(TREE[0]!)).toBeCloseTo(0.0015);
    expect(missing(TREE[0]!)).toBeCloseTo(0.0005);
    expect(missing(district("x", null, { stored_m3_per_s: null }))).toBeNull();
  });
});

describe("the chart of a balance", () => {
  const course = { time_s: [0, 86_400, 172_800, 259_200], value_m3_per_s: [0.0001, null, 0.0002, 0.0005], low_m3_per_s: 0, high_m3_per_s: 0.0002 };

  it("has room for every value, its band and nothing at all", () => {
    const { y, levels } = frameOf(course);
    expect(levels[0]!).toBeLessThanOrEqual(0);
    expect(levels.at(-1)!).toBeGreaterThanOrEqual(1.8);
    expect(y(0.0005)).toBeLessThan(y(0));
  });

  it("is broken where nothing is known", () => {
    expect(pathOf(course, (s) => s / 86_400, (v) => v * 10_000)).toBe("M0.0 1.0M2.0 2.0L3.0 5.0");
  });

  it("is divided evenly", () => {
    expect([0.3, 0.11, 4, 7].map(niceStep)).toEqual([0.5, 0.2, 5, 10]);
  });
});
