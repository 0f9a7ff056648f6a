import { describe, expect, it } from "vitest";
import { toLonLat, toSite } from "../src/map/projection";

// from PROJ's +proj=tmerc at these origins, as geometry/frames.py uses it
const REFERENCE: [lon: number, lat: number, x_m: number, y_m: number, east: number, north: number][] = [
  [120.15, 30.28, 0, 0, 120.15, 30.28],
  [120.15, 30.28, 850, -620, 120.158833948, 30.274406918],
  [120.15, 30.28, -1500, 1900, 120.134407086, 30.297138219],
  [13.4, 52.5, 850, -620, 13.412514941, 52.494427646],
  [13.4, 52.5, -1500, 1900, 13.377903458, 52.517072446],
  [151.2, -33.9, 850, -620, 151.209190494, -33.905589239],
];

describe("the site frame on the earth", () => {
  it.each(REFERENCE)("agrees with PROJ to five millimetres at origin %d, %d for (%d, %d)", (lon_deg, lat_deg, x_m, y_m, east, north) => {
    const [lon, lat] = toLonLat({ lon_deg, lat_deg }, x_m, y_m);
    expect(Math.abs(lon - east) * 111_320).toBeLessThan(0.005);
    expect(Math.abs(lat - north) * 111_320).toBeLessThan(0.005);
  });
  it.each(REFERENCE)("is found again from longitude and latitude at origin %d, %d for (%d, %d)", (lon_deg, lat_deg, x_m, y_m) => {
    const origin = { lon_deg, lat_deg };
    const [x, y] = toSite(origin, toLonLat(origin, x_m, y_m));
    // the last step's remainder is far below what a click can tell
    expect(Math.hypot(x - x_m, y - y_m)).toBeLessThan(1e-6);
  });
});
