import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import en from "../src/i18n/en.json";
import zh from "../src/i18n/zh.json";

const SOURCES = join(import.meta.dirname, "../src");
const words = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();

function sources(): string {
  return readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(join(SOURCES, name), "utf8"))
    .join("\n");
}

describe("words", () => {
  it("are the same keys in both languages", () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  });

  it("are never empty, and take the same parameters in both languages", () => {
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      expect(en[key], key).not.toBe("");
      expect(zh[key], key).not.toBe("");
      expect(words(zh[key]), key).toEqual(words(en[key]));
    }
  });

  it("that the pages ask for are all there", () => {
    const asked = [...sources().matchAll(/\bt\(\s*"([a-z_0-9.]+)"/g)].map(([, key]) => key!);
    expect(asked.length).toBeGreaterThan(100);
    for (const key of asked) expect(en, key).toHaveProperty([key]);
  });

  it("name every code that the pages show: severities, states, qualities, systems, uses", () => {
    const root = join(import.meta.dirname, "../../..");
    const model = (file: string): string => readFileSync(join(root, "twin/model", file), "utf8");
    const literal = (text: string, name: string): string[] => {
      const body = new RegExp(`${name} = Literal\\[([^\\]]*)\\]`).exec(text)?.[1] ?? "";
      return [...body.replaceAll(/#.*/g, "").matchAll(/"([a-z_]+)"/g)].map(([, code]) => code!);
    };
    const coded: [string, string[]][] = [
      ["system", literal(model("devices.py"), "System")],
      ["use", literal(model("buildings.py"), "SpaceUse")],
      ["use", literal(model("grounds.py"), "GroundUse")],
      ["severity", literal(model("rules.py"), "Severity")],
    ];
    for (const [prefix, codes] of coded) {
      expect(codes.length, prefix).toBeGreaterThan(3);
      for (const code of codes) expect(en, `${prefix}.${code}`).toHaveProperty([`${prefix}.${code}`]);
    }
  });
});
