/** The index document made ready for look-ups: by id, by row, by place. */

import type { BuildingEntry, ChannelKind, DeviceKind, IndexDocument, Point3, StoreyEntry, Text } from "./types";

export class SiteIndex {
  readonly version: number;
  readonly kinds: DeviceKind[];
  readonly buildings: BuildingEntry[];
  readonly devices: IndexDocument["devices"];
  /** Number of channels: the length of every live column. */
  readonly rows: number;
  /** Position of a device in the columns, by its id. */
  readonly position: ReadonlyMap<string, number>;
  /** Position of the device that owns a row. */
  readonly deviceOfRow: Int32Array;
  /** Row of the channel that colours and labels a device; -1 where it has no channel. */
  readonly primaryRow: Int32Array;
  readonly building: ReadonlyMap<string, BuildingEntry>;
  readonly storey: ReadonlyMap<string, StoreyEntry & { building: string }>;

  constructor(document: IndexDocument) {
    this.version = document.version;
    this.kinds = document.kinds;
    this.buildings = document.buildings;
    this.devices = document.devices;
    const n = this.devices.id.length;
    this.position = new Map(this.devices.id.map((id, k) => [id, k]));
    this.primaryRow = new Int32Array(n).fill(-1);
    let rows = 0;
    for (let k = 0; k < n; k++) {
      const kind = this.kind(k);
      const first = this.devices.first_row[k]!;
      rows = Math.max(rows, first + kind.channels.length);
      if (kind.channels.length > 0) {
        this.primaryRow[k] =
          first +
          Math.max(
            0,
            kind.channels.findIndex((c) => c.id === kind.primary),
          );
      }
    }
    this.rows = rows;
    this.deviceOfRow = new Int32Array(rows).fill(-1);
    for (let k = 0; k < n; k++) {
      const first = this.devices.first_row[k]!;
      this.deviceOfRow.fill(k, first, first + this.kind(k).channels.length);
    }
    this.building = new Map(this.buildings.map((b) => [b.id, b]));
    this.storey = new Map(this.buildings.flatMap((b) => b.storeys.map((s) => [s.id, { ...s, building: b.id }])));
  }

  /** The building that a room or flat is in, as far as a device in it tells. */
  buildingOf(space: string): string | null {
    const k = this.devices.space.indexOf(space);
    return k < 0 ? null : (this.devices.building[k] ?? null);
  }

  get count(): number {
    return this.devices.id.length;
  }

  kind(position: number): DeviceKind {
    return this.kinds[this.devices.kind[position]!]!;
  }

  name(position: number): Text {
    return { zh: this.devices.name_zh[position]!, en: this.devices.name_en[position]! };
  }

  point(position: number): Point3 {
    const { x_m, y_m, z_m } = this.devices;
    return [x_m[position]!, y_m[position]!, z_m[position]!];
  }

  /** The primary channel of a device, if it has any. */
  primary(position: number): ChannelKind | null {
    const row = this.primaryRow[position]!;
    return row < 0 ? null : (this.kind(position).channels[row - this.devices.first_row[position]!] ?? null);
  }
}
