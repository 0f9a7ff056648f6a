import { beforeEach, describe, expect, it } from "vitest";
import { store } from "../src/store";
import { ageText, clockText, momentText, reading, readingText, seriesScale, stateName, thousandthsText, weightText } from "../src/units";

beforeEach(() => {
  store.language.value = "en";
});

describe("values", () => {
  it("are shown in the unit people read", () => {
    expect(reading(312_500, "pa")).toEqual({ number: "312.5", unit: "kPa" });
    expect(reading(1_600_000, "pa")).toEqual({ number: "1.600", unit: "MPa" });
    expect(reading(0.0021, "m3_per_s")).toEqual({ number: "7.56", unit: "m³/h" });
    expect(reading(0.00005, "m3_per_s")).toEqual({ number: "3.00", unit: "L/min" });
    expect(readingText(0.42, "ratio")).toBe("42%");
    expect(readingText(21.456, "degc", 1)).toBe("21.5 °C");
    expect(readingText(7200, "w")).toBe("7.20 kW");
    expect(readingText(12345.6, "kwh", 1)).toBe("12,345.6 kWh");
  });

  it("that are absent are a dash, never a zero", () => {
    expect(readingText(null, "pa")).toBe("–");
    expect(readingText(NaN, "degc")).toBe("–");
    expect(stateName(NaN, "bool", {})).toBeNull();
  });

  it("of states are words in the language of the page", () => {
    const states = { "1": { zh: "开", en: "open" } };
    expect(readingText(1, "state", 0, states)).toBe("open");
    store.language.value = "zh";
    expect(readingText(1, "state", 0, states)).toBe("开");
    expect(readingText(0, "bool")).toBe("否");
  });

  it("of one chart share one scale, the largest value's", () => {
    expect(seriesScale("pa", [300_000, null, 1_200_000])).toEqual({ factor: 1e-6, unit: "MPa" });
  });
});

describe("small lengths and slopes", () => {
  it("are told in thousandths", () => {
    expect([thousandthsText(0.15, "mm"), thousandthsText(0.0255, "mm"), thousandthsText(0.003, "permille")]).toEqual(["150 mm", "25.5 mm", "3.0 ‰"]);
  });
});

describe("weights of evidence", () => {
  it("keep to three digits and say which way they speak", () => {
    expect([3.14159, 27.18, 27_804.2, -0.4].map(weightText)).toEqual(["+3.1", "+27", "> 999", "−0.4"]);
  });
});

describe("times", () => {
  it("are told by how long ago", () => {
    expect([0, 3, 150, 9000, 400_000].map(ageText)).toEqual(["now", "3 s ago", "3 min ago", "3 h ago", "5 d ago"]);
    expect(ageText(NaN)).toBe("–");
  });

  it("are the site's, wherever the reader sits", () => {
    const at = new Date("2026-03-01T18:04:05Z");
    expect(clockText(at, "Asia/Shanghai")).toBe("02:04:05");
    expect(momentText(at, "Asia/Shanghai")).toBe("2026-03-02 02:04:05");
  });
});
