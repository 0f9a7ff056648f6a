/** The districts of a network as a tree laid out from the inlet to the risers. */

import type { District } from "./leak_types";

export interface Placed {
  district: District;
  column: number;
  /** Middle of its box, in rows from the top. */
  row: number;
}
export interface Laid {
  boxes: Placed[];
  /** From a district to one that it feeds. */
  links: [from: Placed, to: Placed][];
  columns: number;
  rows: number;
}

/** What the meters say went out of a district; null where one of them said nothing. [m3/s] */
export function accounted(district: District): number | null {
  const { passed_m3_per_s: passed, drawn_m3_per_s: drawn, stored_m3_per_s: stored } = district;
  return passed === null || drawn === null || stored === null ? null : passed + drawn + stored;
}

/** Inflow less what is accounted for. [m3/s] */
export function missing(district: District): number | null {
  const out = accounted(district);
  return out === null ? null : district.inflow_m3_per_s - out;
}

/** Each district beside the one that feeds it; those at the end take a row each, the others stand in their middle. */
export function layOut(districts: readonly District[]): Laid {
  const known = new Set(districts.map((d) => d.id));
  const fed = new Map<string | null, District[]>();
  for (const district of districts) {
    const parent = district.parent !== null && known.has(district.parent) ? district.parent : null;
    fed.set(parent, [...(fed.get(parent) ?? []), district]);
  }
  const boxes: Placed[] = [];
  const links: [Placed, Placed][] = [];
  const seen = new Set<string>();
  let rows = 0;
  const place = (district: District, column: number): Placed => {
    seen.add(district.id);
    const children = (fed.get(district.id) ?? []).filter((d) => !seen.has(d.id)).map((d) => place(d, column + 1));
    const row = children.length === 0 ? rows++ : (children[0]!.row + children.at(-1)!.row) / 2;
    const placed = { district, column, row };
    boxes.push(placed);
    for (const child of children) links.push([placed, child]);
    return placed;
  };
  for (const root of fed.get(null) ?? []) place(root, 0);
  // meters that feed each other in a ring have no first one
  for (const district of districts) if (!seen.has(district.id)) place(district, 0);
  return { boxes, links, columns: Math.max(0, ...boxes.map((b) => b.column + 1)), rows };
}

/** The districts from the inlet down to one. */
export function wayTo(districts: readonly District[], id: string | null): Set<string> {
  const byId = new Map(districts.map((d) => [d.id, d]));
  const way = new Set<string>();
  for (let at = id; at !== null && byId.has(at) && !way.has(at); at = byId.get(at)!.parent) way.add(at);
  return way;
}
