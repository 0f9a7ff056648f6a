/** The packed answer of the server: a header in JSON, then each place's cells (docs/api.md, Coverage). */

import type { Place, PlaceHead } from "./types";

export const OUTSIDE = 65535;
const MAGIC = 0x47434c50; // "PLCG", read little endian

export class CellsError extends Error {}

export function keyOfPlace(place: { id: string; requirement: string }): string {
  return `${place.id} ${place.requirement}`;
}

/** The header, its places with their cells. */
export function readCells<Header extends { places: PlaceHead[] }>(buffer: ArrayBuffer): Omit<Header, "places"> & { places: Place[] } {
  const view = new DataView(buffer);
  if (buffer.byteLength < 8 || view.getUint32(0, true) !== MAGIC) throw new CellsError("the server's answer is not packed coverage");
  const length = view.getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length))) as Header;
  const start = Math.ceil((8 + length) / 4) * 4;
  const places = header.places.map((place): Place => {
    const n = place.grid.rows * place.grid.columns;
    const at = start + place.grid.offset;
    return { ...place, key: keyOfPlace(place), values: new Uint16Array(buffer, at, n), counts: new Uint8Array(buffer, at + 2 * n, n) };
  });
  return { ...header, places };
}

/** The value of a cell in the place's unit; null outside of the place. */
export function cellValue(place: Place, cell: number): number | null {
  const raw = place.values[cell]!;
  return raw === OUTSIDE ? null : place.grid.zero + raw * place.grid.scale;
}

/** The cell at a point of the site frame; -1 outside of the grid. */
export function cellAt(place: Place, x_m: number, y_m: number): number {
  const { corner_m, step_m, rows, columns } = place.grid;
  const [column, row] = [Math.round((x_m - corner_m[0]) / step_m), Math.round((y_m - corner_m[1]) / step_m)];
  return column < 0 || row < 0 || column >= columns || row >= rows ? -1 : row * columns + column;
}
