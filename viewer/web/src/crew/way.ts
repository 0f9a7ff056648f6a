/** The way to an order as the crew walks it: outdoors first, then storey by storey. */

import type { RouteStep } from "../types";

/** Steps that follow each other on one storey; `storey` is null outdoors. */
export interface Leg {
  storey: string | null;
  /** Number of its first step in the whole way, from 1. */
  first: number;
  steps: RouteStep[];
}

export function legs(steps: readonly RouteStep[]): Leg[] {
  const found: Leg[] = [];
  for (const [k, step] of steps.entries()) {
    const last = found.at(-1);
    if (last !== undefined && last.storey === step.storey) last.steps.push(step);
    else found.push({ storey: step.storey, first: k + 1, steps: [step] });
  }
  return found;
}

/** The storeys of the way in their order, each once; null is outdoors. */
export function storeysOf(steps: readonly RouteStep[], goal: string | null): (string | null)[] {
  return [...new Set([...steps.map((step) => step.storey), goal])];
}
