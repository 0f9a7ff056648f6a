/**
 * Site frame to longitude and latitude: the transverse Mercator centred on the origin, inverted to the third order.
 * Within two kilometres of the origin that is a millimetre from the full series.
 */

const A_M = 6_378_137;
const F = 1 / 298.257_223_563;
const E2 = F * (2 - F);

export type LonLat = [lon_deg: number, lat_deg: number];

export function toLonLat(origin: { lon_deg: number; lat_deg: number }, x_m: number, y_m: number): LonLat {
  const rad = Math.PI / 180;
  const lat0 = origin.lat_deg * rad;
  // latitude at the foot of the point: along the meridian, with the change of its radius on the way
  const m = (lat: number): number => (A_M * (1 - E2)) / (1 - E2 * Math.sin(lat) ** 2) ** 1.5;
  let foot = lat0;
  for (let k = 0; k < 4; k++) foot = lat0 + y_m / m((lat0 + foot) / 2);
  const n = A_M / Math.sqrt(1 - E2 * Math.sin(foot) ** 2);
  const t = Math.tan(foot);
  const d = x_m / n;
  const lat = foot - ((n * t) / m(foot)) * (d ** 2 / 2);
  const lon = (d - ((1 + 2 * t * t) * d ** 3) / 6) / Math.cos(foot);
  return [origin.lon_deg + lon / rad, lat / rad];
}

/** Longitude and latitude to the site frame: steps until `toLonLat` gives them back. */
export function toSite(origin: { lon_deg: number; lat_deg: number }, [lon_deg, lat_deg]: LonLat): [x_m: number, y_m: number] {
  const rad = Math.PI / 180;
  let [x_m, y_m] = [0, 0];
  // each step leaves less than a hundredth of the last one's error
  for (let k = 0; k < 6; k++) {
    const [lon, lat] = toLonLat(origin, x_m, y_m);
    x_m += (lon_deg - lon) * rad * A_M * Math.cos(lat * rad);
    y_m += (lat_deg - lat) * rad * A_M;
  }
  return [x_m, y_m];
}
