/** What shows: isolation, storey slider, x-ray, section and systems, made into flags, cuts and opened storeys. */

import type { Isolation, SectionPlane, StoreyRange } from "../store";
import type { SiteIndex } from "../site_index";
import type { BuildingEntry, ObjectRef, StoreyEntry } from "../types";
import type { Devices } from "./devices";
import type { Estate } from "./estate";
import { HIDDEN, OPENED, OUTLINED, type ObjectTable } from "./objects";

/** Walls of an opened storey are cut at this height, so that one sees the rooms over them. */
export const CUT_M = 1.6;

/** The system that a network's pipes belong to. */
export const NETWORK_SYSTEMS: Record<string, string> = {
  domestic_water: "water", fire_main: "fire", drainage: "drainage", telecom_duct: "telecom", heating: "climate",
  gas: "gas", other: "service",
};

export interface Wishes {
  isolation: Isolation | null;
  range: StoreyRange | null;
  xray: boolean;
  section: SectionPlane;
  systemsOff: ReadonlySet<string>;
  selection: ObjectRef | null;
  /** Storey in which one stands on foot. */
  standing: string | null;
  /** Something lies over the estate's pipes and flats: it is seen through. */
  through: boolean;
  /** Only these devices show; null shows all. */
  over: ReadonlySet<string> | null;
  /** Triangles that opened storeys may cost. */
  budget: number;
}

/** Whether a storey is shown at all. */
export function storeyShows(storey: StoreyEntry, building: string, isolation: Isolation | null, range: StoreyRange | null): boolean {
  if (isolation?.building !== undefined && isolation.building !== building) return false;
  if (isolation?.storey !== undefined) return isolation.storey === storey.id;
  return range === null || (storey.elevation_m >= range.from_m - 0.01 && storey.elevation_m <= range.to_m + 0.01);
}

/** Make the estate and its devices show what is wished. */
export function applyWishes(estate: Estate, devices: Devices, index: SiteIndex, wishes: Wishes): void {
  const { objects } = estate;
  objects.clear(HIDDEN | OPENED | OUTLINED, true);
  const opened = new Set<number>();
  const open = (row: number, cut_m: number): void => {
    if (row < 0) return;
    opened.add(row);
    objects.mark(row, OPENED);
    objects.cut(row, cut_m);
  };
  for (const building of index.buildings) showBuilding(building, wishes, objects, open);
  hidePipes(estate, wishes);
  if (wishes.section.on) openCut(estate, index, wishes, open);
  if (wishes.standing !== null) open(objects.row("storey", wishes.standing), Infinity);
  estate.showInteriors(opened);
  estate.setSection(wishes.section);
  devices.setSection(wishes.section.on ? [estate.section] : null);
  const underground = isUnderground(index, wishes.isolation);
  const piping = wishes.selection?.type === "pipe" || wishes.selection?.type === "node";
  const bare = index.buildings.length === 0; // a network alone is what there is to see
  const over = wishes.through;
  estate.setView({
    xray: wishes.xray || over,
    below: bare || wishes.xray || over || piping || underground || wishes.isolation?.storey !== undefined || wishes.section.on,
    landThrough: wishes.xray || piping || over,
    plants: !over,
    land: wishes.isolation?.storey === undefined && !underground,
    networks: (kind) => over || !wishes.systemsOff.has(NETWORK_SYSTEMS[kind] ?? "service"),
  });
  devices.setShown(deviceFilter(index, wishes));
}

function showBuilding(
  building: BuildingEntry,
  { isolation, range }: Wishes,
  objects: ObjectTable,
  open: (row: number, cut_m: number) => void,
): void {
  const row = objects.row("building", building.id);
  if (isolation?.building !== undefined && isolation.building !== building.id) {
    objects.mark(row, HIDDEN);
    return;
  }
  const upwards = [...building.storeys].sort((a, b) => a.elevation_m - b.elevation_m);
  const shown = upwards.filter((s) => storeyShows(s, building.id, isolation, range));
  for (const storey of upwards) {
    if (!shown.includes(storey)) {
      objects.mark(objects.row("storey", storey.id), isolation?.storey === undefined ? HIDDEN : OUTLINED);
    }
  }
  const top = shown.at(-1);
  const isCut = top !== undefined && (isolation?.storey !== undefined || top !== upwards.at(-1));
  if (isCut || (top !== undefined && isUndergroundBuilding(building) && isolation?.building === building.id)) {
    open(objects.row("storey", top.id), CUT_M);
  }
}

/** Of the pipes, only those that run through what is isolated, or below the highest storey shown. */
function hidePipes(estate: Estate, { isolation, range }: Wishes): void {
  const { objects, uniforms } = estate;
  const band = uniforms.uBand.value.set(-1e9, 1e9);
  if (isolation === null && range === null) return;
  const storey = isolation?.storey;
  const alone = storey !== undefined ? objects.row("storey", storey) : objects.row("building", isolation?.building ?? "");
  const room = estate.boxOf(alone)?.clone();
  if (room !== undefined) band.set(room.min.y, room.max.y);
  if (storey !== undefined && room !== undefined) {
    room.min.y += 0.4; // the neighbours' pipes end at its slabs
    room.max.y -= 0.4;
  }
  for (const { part } of estate.solids) {
    if (part.role !== "pipes" && part.role !== "nodes") continue;
    for (const row of new Set(part.placings!.objects)) {
      const box = estate.boxOf(row);
      if (box === null) continue;
      const away = room !== undefined && !room.intersectsBox(box);
      if (away || (range !== null && box.min.y > range.to_m + 3)) objects.mark(row, HIDDEN);
    }
  }
}

/** Open the buildings that the section plane meets, as many as may be drawn. */
function openCut(estate: Estate, index: SiteIndex, wishes: Wishes, open: (row: number, cut_m: number) => void): void {
  const { axis, position_m } = wishes.section;
  const cost = new Map<number, number>();
  for (const { part } of estate.solids) {
    if (part.role !== "interior") continue;
    for (const row of part.placings!.objects) cost.set(row, part.geometry.indices.length / 3);
  }
  let left = wishes.budget;
  for (const building of index.buildings) {
    const box = estate.box({ type: "building", id: building.id });
    if (box === null) continue;
    const [low, high] = { x: [box.min.x, box.max.x], y: [-box.max.z, -box.min.z], z: [box.min.y, box.max.y] }[axis] as [number, number];
    if (position_m < low || position_m > high) continue;
    for (const storey of building.storeys) {
      if (!storeyShows(storey, building.id, wishes.isolation, wishes.range)) continue;
      const away = axis === "z" && (position_m < storey.elevation_m || position_m > storey.elevation_m + storey.height_m);
      const row = estate.objects.row("storey", storey.id);
      left -= away ? 0 : (cost.get(row) ?? 0);
      if (!away && left > 0) open(row, Infinity);
    }
  }
}

/** Whether all of it is below the ground: a garage's own base is its floor, so the site's datum counts as well. */
export function isUndergroundBuilding(building: BuildingEntry): boolean {
  const ground_m = Math.max(building.base_elevation_m, 0) + 0.6;
  return building.storeys.length > 0 && building.storeys.every((s) => s.elevation_m + s.height_m <= ground_m);
}

function isUnderground(index: SiteIndex, isolation: Isolation | null): boolean {
  const building = isolation?.building === undefined ? undefined : index.building.get(isolation.building);
  return building !== undefined && isUndergroundBuilding(building);
}

function deviceFilter(index: SiteIndex, { isolation, range, systemsOff, over }: Wishes): (k: number) => boolean {
  const { id, building, storey } = index.devices;
  return (k) => {
    if (over !== null && !over.has(id[k]!)) return false;
    if (systemsOff.has(index.kind(k).system)) return false;
    if (isolation?.storey !== undefined) return storey[k] === isolation.storey;
    if (isolation?.building !== undefined && building[k] !== isolation.building) return false;
    const on = storey[k] === null ? undefined : index.storey.get(storey[k]!);
    return on === undefined || storeyShows(on, on.building, isolation, range);
  };
}

/** Before a building's door its storey is open already, so that one meets its walls and not its façade. */
const BEFORE_M = 1;

/** The storey in which a point is, or before whose façade, on foot; null in the open. */
export function storeyAt(estate: Estate, index: SiteIndex, point: { x: number; y: number; z: number }): string | null {
  for (const building of index.buildings) {
    const box = estate.box({ type: "building", id: building.id });
    if (box === null || point.x < box.min.x - BEFORE_M || point.x > box.max.x + BEFORE_M) continue;
    if (point.z < box.min.z - BEFORE_M || point.z > box.max.z + BEFORE_M) continue;
    const found = building.storeys.find((s) => point.y >= s.elevation_m && point.y < s.elevation_m + s.height_m);
    if (found !== undefined) return found.id;
  }
  return null;
}

