import { describe, expect, it, vi } from "vitest";
import { SiteIndex } from "../src/site_index";
import { Store } from "../src/store";
import type { Alarm, IndexDocument } from "../src/types";

const text = (name: string): { zh: string; en: string } => ({ zh: name, en: name });
const channel = (id: string): IndexDocument["kinds"][0]["channels"][0] => ({
  id,
  name: text(id),
  unit: "degc",
  states: {},
  alarm_states: [],
  decimals: 1,
  interval_s: 60,
});
const DOCUMENT: IndexDocument = {
  version: 5,
  kinds: [
    { id: "air", name: text("air"), system: "environment", colour: null, primary: "co2", channels: [channel("temperature"), channel("co2")] },
    { id: "sign", name: text("sign"), system: "service", colour: null, primary: null, channels: [] },
  ],
  devices: {
    id: ["a-1", "sign-1", "a-2"],
    kind: [0, 1, 0],
    name_zh: ["甲", "牌", "乙"],
    name_en: ["A", "Sign", "B"],
    x_m: [0, 1, 2],
    y_m: [0, 1, 2],
    z_m: [0, 1, 2],
    building: ["t1", null, "t1"],
    storey: ["t1/f1", null, "t1/f2"],
    space: [null, null, null],
    first_row: [0, 2, 2],
  },
  buildings: [
    {
      id: "t1",
      name: text("T1"),
      use: "residential",
      height_m: 6,
      base_elevation_m: 0,
      storeys: [1, 2].map((n) => ({ id: `t1/f${n}`, name: text(`F${n}`), number: n, elevation_m: 3 * n, height_m: 3 })),
    },
  ],
};
const alarm = (id: string, more: Partial<Alarm> = {}): Alarm => ({
  id,
  rule: "hot",
  name: text("hot"),
  severity: "minor",
  state: "raised",
  device: "a-1",
  channel: "co2",
  place: null,
  point_m: null,
  value: 1,
  unit: "degc",
  raised_at: "2026-03-01T00:00:00Z",
  acknowledged_at: null,
  cleared_at: null,
  count: 1,
  advice: null,
  work_order: null,
  ...more,
});
const delta = (rows: number[], values: number[], snapshot = false): Parameters<Store["applyFrame"]>[0] => ({
  snapshot,
  index_version: 5,
  number: 1,
  server_time_s: 1000,
  rows: Uint32Array.from(rows),
  values: Float32Array.from(values),
  quality: new Uint8Array(rows.length),
});

describe("the index", () => {
  const index = new SiteIndex(DOCUMENT);
  it("knows rows, their devices and each device's primary channel", () => {
    expect(index.rows).toBe(4);
    expect([...index.deviceOfRow]).toEqual([0, 0, 2, 2]);
    expect([...index.primaryRow]).toEqual([1, -1, 3]);
    expect(index.primary(0)?.id).toBe("co2");
    expect(index.primary(1)).toBeNull();
  });
  it("knows the building of a storey", () => {
    expect(index.storey.get("t1/f2")).toMatchObject({ building: "t1", number: 2 });
  });
});

describe("the store", () => {
  it("tells which rows changed, and all of them after a snapshot or a new index", () => {
    const store = new Store();
    const told = vi.fn();
    const stop = store.onRows(told);
    store.setIndex(new SiteIndex(DOCUMENT));
    store.applyFrame(delta([1], [7]));
    store.applyFrame(delta([0, 1, 2, 3], [1, 2, 3, 4], true));
    stop();
    store.applyFrame(delta([1], [8]));
    expect(told.mock.calls.map(([rows]) => (rows === null ? null : [...(rows as Uint32Array)]))).toEqual([null, [1], null]);
    expect(store.live.values[1]).toBe(8);
  });

  it("counts devices by the quality of their primary channel", () => {
    const store = new Store();
    store.setIndex(new SiteIndex(DOCUMENT));
    store.applyFrame(delta([1], [7]));
    store.tick();
    expect(store.qualityCounts.value).toEqual([1, 0, 0, 0, 1]);
    expect(store.updatesPerSecond.value).toBe(1);
    store.tick();
    expect(store.updatesPerSecond.value).toBe(0);
  });

  it("puts the worst and newest alarm first, and never colours by one that is cleared or shelved", () => {
    const store = new Store();
    store.putAlarms([
      alarm("old"),
      alarm("worse", { severity: "critical" }),
      alarm("cleared", { severity: "critical", state: "cleared", device: "a-2" }),
      alarm("shelved", { state: "shelved", device: "a-2" }),
    ]);
    expect(store.activeAlarms.value.map((a) => a.id)).toEqual(["worse", "old", "shelved"]);
    expect(store.alarmByDevice.value.get("a-1")?.id).toBe("worse");
    expect(store.alarmByDevice.value.has("a-2")).toBe(false);
    store.putAlarms([alarm("worse", { severity: "critical", state: "cleared" })]);
    expect(store.alarmByDevice.value.get("a-1")?.id).toBe("old");
  });

  it("isolates a storey with its building", () => {
    const store = new Store();
    store.setIndex(new SiteIndex(DOCUMENT));
    store.isolate({ storey: "t1/f2" });
    expect(store.isolation.value).toEqual({ building: "t1", storey: "t1/f2" });
  });

  it("shows everything again on reset, but keeps what is selected", () => {
    const store = new Store();
    store.select({ type: "device", id: "a-1" });
    store.toggleSystem("water");
    store.xray.value = true;
    store.isolate({ building: "t1" });
    store.resetView();
    expect([store.xray.value, store.isolation.value, store.systemsOff.value.size]).toEqual([false, null, 0]);
    expect(store.selection.value?.id).toBe("a-1");
  });

  it("makes two equal wishes to the camera two", () => {
    const store = new Store();
    store.flyTo([1, 2, 3]);
    const first = store.camera.value?.serial;
    store.flyTo([1, 2, 3]);
    expect(store.camera.value?.serial).not.toBe(first);
  });
});
