/** The binary live frames of docs/api.md: a 32-byte header, then updates of 8 bytes. */

export const QUALITY = { good: 0, uncertain: 1, stale: 2, bad: 3, never: 4 } as const;
export const QUALITY_NAMES = ["good", "uncertain", "stale", "bad", "never"] as const;

const HEADER_BYTES = 32;
const UPDATE_BYTES = 8;
const FORMAT = 1;
const ROW_MASK = 0x0fffffff;

export interface Frame {
  snapshot: boolean;
  index_version: number;
  number: number;
  server_time_s: number;
  rows: Uint32Array;
  values: Float32Array;
  quality: Uint8Array;
}

export class FrameError extends Error {}

/** The frame in a message; throws FrameError when it is not one. */
export function decodeFrame(buffer: ArrayBuffer): Frame {
  if (buffer.byteLength < HEADER_BYTES) {
    throw new FrameError(`frame of ${buffer.byteLength} bytes: the header alone has ${HEADER_BYTES}`);
  }
  const view = new DataView(buffer);
  const kind = view.getUint8(0);
  const format = view.getUint8(1);
  if (format !== FORMAT || (kind !== 1 && kind !== 2)) {
    throw new FrameError(`frame of kind ${kind}, format ${format}: this page reads kinds 1 and 2 of format ${FORMAT}`);
  }
  const count = view.getUint32(12, true);
  if (buffer.byteLength !== HEADER_BYTES + UPDATE_BYTES * count) {
    throw new FrameError(`frame of ${buffer.byteLength} bytes names ${count} updates`);
  }
  const rows = new Uint32Array(count);
  const values = new Float32Array(count);
  const quality = new Uint8Array(count);
  for (let k = 0, at = HEADER_BYTES; k < count; k++, at += UPDATE_BYTES) {
    const word = view.getUint32(at, true);
    rows[k] = word & ROW_MASK;
    quality[k] = word >>> 28;
    values[k] = view.getFloat32(at + 4, true);
  }
  return {
    snapshot: kind === 1,
    index_version: view.getUint32(4, true),
    number: view.getUint32(8, true),
    server_time_s: view.getFloat64(16, true),
    rows,
    values,
    quality,
  };
}

/** The latest value, quality and time of every channel, by row of the index. */
export class LiveColumns {
  readonly values: Float32Array;
  readonly quality: Uint8Array;
  /** Epoch seconds at which this page last saw the row change; NaN before that. */
  readonly seen_s: Float64Array;

  constructor(rows: number) {
    this.values = new Float32Array(rows).fill(NaN);
    this.quality = new Uint8Array(rows).fill(QUALITY.never);
    this.seen_s = new Float64Array(rows).fill(NaN);
  }

  /** Write a frame; rows that this index does not have are left out. */
  apply(frame: Frame): void {
    const n = this.values.length;
    for (let k = 0; k < frame.rows.length; k++) {
      const row = frame.rows[k]!;
      if (row >= n) continue;
      this.values[row] = frame.values[k]!;
      this.quality[row] = frame.quality[k]!;
      if (!frame.snapshot) this.seen_s[row] = frame.server_time_s;
    }
  }
}
