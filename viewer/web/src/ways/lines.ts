/** The line of a way as it is drawn on the plan of a storey or on the grounds. */

import type { Point3, Route } from "../types";

/** What of a way lies on a storey, piece by piece; null is outdoors. A ramp is drawn where it leads to. */
export function linesOn(route: Pick<Route, "legs"> | null, storey: string | null): Point3[][] {
  const lines: Point3[][] = [];
  for (const leg of route?.legs ?? []) {
    if (leg.storey === storey && (leg.kind === "walk" || leg.kind === "ramp") && leg.line_m.length > 1) lines.push(leg.line_m);
  }
  return lines;
}
