import type { Feature } from "geojson";
import { describe, expect, it } from "vitest";
import { merged, shadedFeatures } from "../src/map/overlay_layer";
import type { Identifiability, IsolationPlan } from "../src/leak_types";
import { heat, leakOverlay, logPlace, networkOf, overlayOf, percent, planOverlay, reachOverlay, reachRange, traceOverlay, within, withoutNetwork } from "../src/overlay";
import { ObjectTable } from "../src/scene/objects";
import { Store } from "../src/store";
import { leak, report } from "./leaks";

const PLAN: IsolationPlan = {
  pipe: "R1",
  close: [
    { valve: "V2", name: "V2", point_m: [1, 2, 3], order: 1, reason: "" },
    { valve: "water/V1", name: "V1", point_m: [0, 0, 0], order: 2, reason: "" },
  ],
  keep_closed: [],
  stuck: ["V9"],
  isolated: ["R1", "R2"],
  hours: 4,
  without_water: { flats: ["t1/f1/101"], households: ["h-1"], vulnerable: [], people: 3, hydrants: [], critical: [] },
  low_pressure: [{ space: "t1/f1/102", pressure_head_m: 6, before_m: 20, needed_m: 10 }],
  later: [],
  drain: null,
  checked: true,
  warnings: [],
};
const REACH: Identifiability = {
  size_m3_per_s: 0.001,
  within_s: 259_200,
  length_m: 5000,
  pipes: [
    { id: "water/R1", found_after_s: 3600, area_90_m: 10, smallest_m3_per_s: 1e-4 },
    { id: "water/R2", found_after_s: 86_400, area_90_m: 1000, smallest_m3_per_s: 1e-3 },
    { id: "water/R3", found_after_s: null, area_90_m: null, smallest_m3_per_s: 1e-2 },
  ],
  next_sensors: [
    { node: "J7", gain_ratio: 0.4, point_m: [1, 2, 3] },
    { node: "J8", gain_ratio: 0.0007, point_m: [0, 0, 0] },
  ],
  bound_ratio: 0.6,
};

describe("ids of a network", () => {
  it("are joined and parted once, whichever form comes", () => {
    expect(within("water", "R1")).toBe("water/R1");
    expect(within("water", "water/R1")).toBe("water/R1");
    expect(withoutNetwork("water", "water/R1")).toBe("R1");
    expect(withoutNetwork("water", "R1")).toBe("R1");
  });

  it("name their network, also where one network's id begins another's", () => {
    const networks = [{ id: "water" }, { id: "water-2" }];
    expect(networkOf({ type: "pipe", id: "water-2/R1" }, networks)).toBe("water-2");
    expect(networkOf({ type: "node", id: "water/J" }, networks)).toBe("water");
    expect(networkOf({ type: "space", id: "water/J" }, networks)).toBeNull();
  });
});

describe("the heat map of a leak", () => {
  it("colours the likeliest most, by the root of its share of it", () => {
    const { shades } = leakOverlay(leak());
    expect(shades.get("pipe:water/R1")!.level).toBe(1);
    expect(shades.get("space:t1/f1/101")!.level).toBeCloseTo(0.5);
    expect(shades.get("pipe:water/R2")!.level).toBeCloseTo(heat(0.01, 0.64));
  });

  it("draws what is to be searched first the widest", () => {
    const { shades } = leakOverlay(leak());
    const width = (key: string): number => shades.get(key)!.width_px;
    expect(width("pipe:water/R1")).toBeGreaterThan(width("space:t1/f1/101"));
    expect(width("space:t1/f1/101")).toBeGreaterThan(width("pipe:water/R2"));
  });

  it("writes a number only where it says something, and shows the devices that speak of it", () => {
    const { marks, devices } = leakOverlay(leak());
    expect(marks.map((m) => m.text)).toEqual(["64%", "16%"]);
    expect(devices).toEqual(["meter-1"]);
  });

  it("follows its leak, and goes with it", () => {
    expect(overlayOf({ kind: "leak", leak: "low-2026-03-01T02" }, [leak()])).not.toBeNull();
    expect(overlayOf({ kind: "leak", leak: "low-2026-03-01T02" }, [])).toBeNull();
    expect(overlayOf({ kind: "leak", leak: "low-2026-03-01T02" }, [leak({ candidates: [] })])).toBeNull();
  });
});

describe("percentages", () => {
  it("never claim nothing or everything", () => {
    expect(percent(0.004)).toBe("<1%");
    expect(percent(0)).toBe("0%");
    expect(percent(0.996)).toBe(">99%");
    expect(percent(1)).toBe("100%");
    expect(percent(0.836)).toBe("84%");
  });
});

describe("a shut-down plan", () => {
  it("tells the pipe from what goes with it, and numbers the valves in their order", () => {
    const { shades, marks } = planOverlay("water", PLAN);
    expect(shades.get("pipe:water/R1")!.level).toBeGreaterThan(shades.get("pipe:water/R2")!.level);
    expect(shades.get("space:t1/f1/101")!.level).toBeGreaterThan(shades.get("space:t1/f1/102")!.level);
    expect(marks.map((m) => [m.of.id, m.text, m.tone])).toEqual([
      ["water/V2", "1", "valve"],
      ["water/V1", "2", "valve"],
      ["water/V9", "×", "stuck"],
    ]);
  });
});

describe("a trace", () => {
  it("shows where it began apart from where it leads", () => {
    const trace = { pipes: ["R1", "R2"], nodes: ["J1"], length_m: 20, ends: ["J1"], flats: 3, by: "flow" };
    const { shades, marks } = traceOverlay("water", { type: "pipe", id: "water/R1" }, trace);
    expect(shades.get("pipe:water/R1")!.level).toBe(1);
    expect(shades.get("pipe:water/R2")!.level).toBeLessThan(1);
    expect(marks[0]!.of).toEqual({ type: "node", id: "water/J1" });
  });
});

describe("what would be found", () => {
  it("is read on a logarithmic scale; what would not be found is broken", () => {
    const { shades, marks } = reachOverlay("water", REACH, "area");
    expect(reachRange(REACH, "area")).toEqual([10, 1000]);
    expect(shades.get("pipe:water/R1")).toMatchObject({ level: 0 });
    expect(shades.get("pipe:water/R2")).toMatchObject({ level: 1 });
    expect(shades.get("pipe:water/R3")).toMatchObject({ dashed: true });
    // a place that would change nothing is no advice
    expect(marks.map((m) => [m.text, m.point_m])).toEqual([["+1", [1, 2, 3]]]);
    expect(logPlace(100, [10, 1000])).toBeCloseTo(0.5);
  });

  it("has a smallest leak on every pipe, and one colour where all are alike", () => {
    const { shades } = reachOverlay("water", REACH, "smallest");
    expect([...shades.values()].some((shade) => shade.dashed === true)).toBe(false);
    expect(logPlace(5, [5, 5])).toBe(0);
  });
});

describe("the map's features of an overlay", () => {
  it("are the pipes it has a value for, with that value", () => {
    const pipe = (id: string): Feature => ({ type: "Feature", properties: { layer: "pipe", id }, geometry: { type: "LineString", coordinates: [[0, 0], [1, 1]] } });
    const found = shadedFeatures([pipe("water/R1"), pipe("water/R7")], leakOverlay(leak()));
    expect(found).toHaveLength(1);
    expect(found[0]!.properties).toMatchObject({ id: "water/R1", level: 1, dashed: false });
  });
});

describe("the object table", () => {
  it("keeps shades when what is hidden changes, and flags when shades go", () => {
    const table = new ObjectTable({ types: ["pipe"], type: [0, 0], id: ["a", "b"], parent: [-1, -1] });
    table.shade(0, { level: 0, width_px: 5 });
    table.mark(0, 1);
    table.clear(1);
    expect([table.isShaded(0), table.isShaded(1)]).toEqual([true, false]);
    table.mark(1, 4);
    table.clearShades();
    expect([table.isShaded(0), table.flags(1)]).toEqual([false, 4]);
  });
});

describe("the store", () => {
  it("holds the open leaks, the largest first, and keeps those over when a report leaves them out", () => {
    const store = new Store();
    const small = leak({ id: "b", size_m3_per_s: 1e-5 });
    store.putReport(report({ leaks: [small, leak(), leak({ id: "c", state: "dismissed" })], past: [leak({ id: "p", state: "repaired" })] }));
    expect(store.openLeaks.value.map((l) => l.id)).toEqual(["low-2026-03-01T02", "b"]);
    store.putReport(report({ leaks: [small] }));
    expect(store.leak("p")?.state).toBe("repaired");
    store.putLeak({ ...small, state: "repairing" });
    expect(store.leak("b")?.state).toBe("repairing");
  });
});

describe("signs on the map", () => {
  it("of the pipes of one riser become one with their sum; others stay apart", () => {
    const marks = leakOverlay(leak({ candidates: [0.4, 0.3, 0.2].map((p, k) => ({ type: "pipe" as const, id: `water/R${k}`, probability_ratio: p, size_m3_per_s: 0 })) })).marks;
    const placed = [
      { mark: marks[0]!, at: [120, 30] as [number, number] },
      { mark: marks[1]!, at: [120, 30] as [number, number] },
      { mark: marks[2]!, at: [121, 30] as [number, number] },
    ];
    expect(merged(placed).map(({ mark }) => mark.text)).toEqual(["70%", "20%"]);
  });
});
