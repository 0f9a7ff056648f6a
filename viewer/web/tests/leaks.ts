/** A leak and a report for tests, with what a test says of them. */

import type { Leak, LeakReport } from "../src/leak_types";

const text = (name: string): { zh: string; en: string } => ({ zh: name, en: name });

export function leak(more: Partial<Leak> = {}): Leak {
  return {
    id: "low-2026-03-01T02",
    network: "water",
    shape: "step",
    onset_at: "2026-03-01T02:10:00Z",
    onset_low_at: "2026-03-01T02:00:00Z",
    onset_high_at: "2026-03-01T02:20:00Z",
    size_m3_per_s: 0.8 / 3600,
    size_low_m3_per_s: 0.6 / 3600,
    size_high_m3_per_s: 1.1 / 3600,
    cost_per_day: 74,
    currency: "CNY",
    lost_m3: 12,
    title: text("A leak"),
    place: { name: text("Riser"), object: "water/R1", probability_ratio: 0.83 },
    localisable: true,
    why_not: null,
    groups: [],
    candidates: [
      { type: "pipe", id: "water/R1", probability_ratio: 0.64, size_m3_per_s: 0.0002 },
      { type: "space", id: "t1/f1/101", probability_ratio: 0.16, size_m3_per_s: 0.0002 },
      { type: "pipe", id: "water/R2", probability_ratio: 0.01, size_m3_per_s: 0.0002 },
    ],
    area_50: { length_m: 12, objects: ["water/R1"] },
    area_90: { length_m: 12, objects: ["water/R1", "t1/f1/101"] },
    evidence: [{ kind: "balance", text: text("balance"), channel: "meter-1:flow", weight_nats: 4 }],
    next_measurement: null,
    state: "located",
    alarm: null,
    work_order: null,
    confirmation: null,
    ...more,
  };
}

export function report(more: Partial<LeakReport> = {}): LeakReport {
  return {
    at: "2026-03-02T00:00:00Z",
    window: { start: "2026-02-16T00:00:00Z", end: "2026-03-02T00:00:00Z" },
    status: "watching",
    learning_until: null,
    districts: [],
    leaks: [leak()],
    unanswered: [],
    sensors: [],
    ...more,
  };
}
