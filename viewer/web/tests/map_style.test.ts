import { readFileSync } from "node:fs";
import { join } from "node:path";
import { latest, validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { roundLength_m } from "../src/map/scale";
import { networksShown, siteStyle } from "../src/map/style";

const CSS = readFileSync(join(import.meta.dirname, "../src/tokens.css"), "utf8").split(":root[data-theme")[0]!;
const TOKENS = Object.fromEntries([...CSS.matchAll(/(--[a-z0-9-]+): (#[0-9a-f]+);/g)].map(([, name, colour]) => [name!, colour!]));
const NETWORKS = [
  { id: "domestic-water", kind: "domestic_water" },
  { id: "fire-main", kind: "fire_main" },
];

describe("the map's style", () => {
  beforeAll(() => {
    // the tokens as the light theme of a page has them
    vi.stubGlobal("document", { documentElement: {} });
    vi.stubGlobal("getComputedStyle", () => ({ getPropertyValue: (name: string) => ` ${TOKENS[name]} ` }));
  });

  it("asks for nothing from outside: no tiles, glyphs, sprites or addresses", () => {
    const style = siteStyle(NETWORKS);
    expect(style.glyphs).toBeUndefined();
    expect(style.sprite).toBeUndefined();
    expect(new Set(Object.values(style.sources).map((source) => source.type))).toEqual(new Set(["geojson"]));
    expect(JSON.stringify(style)).not.toMatch(/https?:|symbol/);
  });

  it("draws each layer once, from a source that is there", () => {
    const { layers, sources } = siteStyle(NETWORKS);
    expect(new Set(layers.map((layer) => layer.id)).size).toBe(layers.length);
    for (const layer of layers) if ("source" in layer) expect(sources).toHaveProperty([layer.source as string]);
  });

  it("is one that MapLibre takes, in every expression", () => {
    for (const networks of [NETWORKS, []]) expect(validateStyleMin(siteStyle(networks), latest)).toEqual([]);
  });

  it("takes every colour from a token that is there", () => {
    const used = [...JSON.stringify(siteStyle(NETWORKS)).matchAll(/#[0-9a-f]{6}|undefined|rgb|hsl/gi)].map(([colour]) => colour);
    expect(used.length).toBeGreaterThan(20);
    for (const colour of used) expect(Object.values(TOKENS)).toContain(colour);
  });

  it("gives each network the colour of its system", () => {
    const pipe = siteStyle(NETWORKS).layers.find((layer) => layer.id === "pipe")!;
    expect(JSON.stringify(pipe.paint)).toContain(`"domestic-water","${TOKENS["--system-water"]}","fire-main","${TOKENS["--system-fire"]}"`);
  });

  it("leaves out the pipes of a system that is off", () => {
    const { outdoors, indoors } = networksShown(NETWORKS, new Set(["water"]));
    for (const filter of [outdoors, indoors]) {
      expect(JSON.stringify(filter)).toContain('["fire-main"]');
      expect(JSON.stringify(filter)).not.toContain("domestic-water");
    }
  });
});

describe("the scale bar", () => {
  it.each([
    [110, 100],
    [99.9, 50],
    [50, 50],
    [23, 20],
    [5, 5],
    [0.7, 0.5],
    [1999, 1000],
  ])("of at most %d m is %d m long", (longest_m, length_m) => {
    expect(roundLength_m(longest_m)).toBeCloseTo(length_m, 9);
  });
});
