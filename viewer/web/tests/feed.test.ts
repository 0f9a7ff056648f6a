import { describe, expect, it } from "vitest";
import { decodeFrame, FrameError, LiveColumns, QUALITY } from "../src/feed";

function frame(updates: [row: number, quality: number, value: number][], kind = 2, format = 1): ArrayBuffer {
  const buffer = new ArrayBuffer(32 + 8 * updates.length);
  const view = new DataView(buffer);
  view.setUint8(0, kind);
  view.setUint8(1, format);
  view.setUint32(4, 0xfffffff1, true);
  view.setUint32(8, 7, true);
  view.setUint32(12, updates.length, true);
  view.setFloat64(16, 1_763_800_000.25, true);
  updates.forEach(([row, quality, value], k) => {
    view.setUint32(32 + 8 * k, ((quality << 28) | row) >>> 0, true);
    view.setFloat32(36 + 8 * k, value, true);
  });
  return buffer;
}

describe("live frames", () => {
  it("are read field by field, also with the highest row and quality", () => {
    const read = decodeFrame(frame([[0, 0, 1.5], [0x0fffffff, 4, NaN]], 1));
    expect(read.snapshot).toBe(true);
    expect(read.index_version).toBe(0xfffffff1);
    expect(read.number).toBe(7);
    expect(read.server_time_s).toBe(1_763_800_000.25);
    expect([...read.rows]).toEqual([0, 0x0fffffff]);
    expect([...read.quality]).toEqual([0, QUALITY.never]);
    expect(read.values[0]).toBe(1.5);
    expect(read.values[1]).toBeNaN();
  });

  it("of another format, kind or length are refused", () => {
    expect(() => decodeFrame(frame([], 2, 2))).toThrow(FrameError);
    expect(() => decodeFrame(frame([], 3))).toThrow(FrameError);
    expect(() => decodeFrame(frame([[1, 0, 1]]).slice(0, 36))).toThrow(FrameError);
    expect(() => decodeFrame(new ArrayBuffer(8))).toThrow(FrameError);
  });

  it("change only the rows they name, and none outside the index", () => {
    const live = new LiveColumns(3);
    live.apply(decodeFrame(frame([[1, 2, 4.25], [99, 0, 1]])));
    expect([...live.quality]).toEqual([QUALITY.never, QUALITY.stale, QUALITY.never]);
    expect(live.values[1]).toBe(4.25);
    expect(live.seen_s[1]).toBe(1_763_800_000.25);
    expect(live.seen_s[0]).toBeNaN();
  });

  it("of a snapshot do not pretend that the values are new", () => {
    const live = new LiveColumns(1);
    live.apply(decodeFrame(frame([[0, 0, 2]], 1)));
    expect(live.values[0]).toBe(2);
    expect(live.seen_s[0]).toBeNaN();
  });
});
