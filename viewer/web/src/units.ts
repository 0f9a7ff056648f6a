/** From SI to what people read: one place for every number, age and time on the pages. */

import { said, t } from "./i18n";
import type { Text } from "./types";

export interface Reading {
  number: string;
  unit: string;
}
interface Scale {
  factor: number;
  offset?: number;
  unit: string;
  decimals?: number;
}

const MISSING = "–";

/** How a unit is read; some depend on how large the value is. */
function scaleOf(unit: string, size: number): Scale {
  switch (unit) {
    case "pa":
      return size >= 1e6 ? { factor: 1e-6, unit: "MPa", decimals: 3 } : { factor: 1e-3, unit: "kPa", decimals: 1 };
    case "m3_per_s":
      return size * 3600 >= 1 || size === 0
        ? { factor: 3600, unit: "m³/h", decimals: 2 }
        : { factor: 60_000, unit: "L/min", decimals: 2 };
    case "w":
      return size >= 1000 ? { factor: 1e-3, unit: "kW", decimals: 2 } : { factor: 1, unit: "W", decimals: 0 };
    case "ratio":
      return { factor: 100, unit: "%", decimals: 0 };
    case "s":
      return size >= 7200
        ? { factor: 1 / 3600, unit: "h", decimals: 1 }
        : size >= 120
          ? { factor: 1 / 60, unit: "min", decimals: 1 }
          : { factor: 1, unit: "s" };
    case "m":
      return { factor: 1, unit: "m" };
    case "m2":
      return { factor: 1, unit: "m²" };
    case "m3":
      return { factor: 1, unit: "m³" };
    case "degc":
      return { factor: 1, unit: "°C" };
    case "kwh":
      return { factor: 1, unit: "kWh" };
    case "deg":
      return { factor: 1, unit: "°" };
    case "m_per_s":
      return { factor: 1, unit: "m/s" };
    case "kg_per_m3":
      return { factor: 1, unit: "kg/m³" };
    case "ug_per_m3":
      return { factor: 1, unit: "µg/m³" };
    case "mg_per_m3":
      return { factor: 1, unit: "mg/m³" };
    case "ms_per_cm":
      return { factor: 1, unit: "mS/cm" };
    case "mg_per_l":
      return { factor: 1, unit: "mg/L" };
    case "px_per_m":
      return { factor: 1, unit: "px/m" };
    case "ntu":
      return { factor: 1, unit: "NTU" };
    case "ph":
      return { factor: 1, unit: "pH" };
    case "db":
      return { factor: 1, unit: "dB" };
    case "dbm":
      return { factor: 1, unit: "dBm" };
    case "v":
      return { factor: 1, unit: "V" };
    case "a":
      return { factor: 1, unit: "A" };
    case "hz":
      return { factor: 1, unit: "Hz" };
    case "lx":
      return { factor: 1, unit: "lx" };
    case "bool":
    case "count":
    case "state":
      return { factor: 1, unit: "", decimals: 0 };
    default:
      return { factor: 1, unit };
  }
}

const formats = new Map<number, Intl.NumberFormat>();
function rounded(value: number, decimals: number): string {
  let format = formats.get(decimals);
  if (format === undefined) {
    format = new Intl.NumberFormat("en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    formats.set(decimals, format);
  }
  return format.format(value);
}

/** A value as people read it, number and unit apart. */
export function reading(value: number | null | undefined, unit: string, decimals = 2): Reading {
  const known = value !== null && value !== undefined && Number.isFinite(value);
  const scale = scaleOf(unit, known ? Math.abs(value) : 0);
  if (!known) return { number: MISSING, unit: scale.unit };
  return { number: rounded(value * scale.factor + (scale.offset ?? 0), scale.decimals ?? decimals), unit: scale.unit };
}

/** A value with its unit in one string; states by their names. */
export function readingText(
  value: number | null | undefined,
  unit: string,
  decimals = 2,
  states: Record<string, Text> = {},
): string {
  const state = stateName(value, unit, states);
  if (state !== null) return state;
  const { number, unit: shown } = reading(value, unit, decimals);
  return shown === "" || number === MISSING ? number : shown === "%" || shown === "°" ? number + shown : `${number} ${shown}`;
}

/** The name of a state or yes-or-no value, or null where the value is a quantity. */
export function stateName(value: number | null | undefined, unit: string, states: Record<string, Text>): string | null {
  if (value === null || value === undefined || !Number.isFinite(value)) return null;
  const named = states[String(Math.round(value))];
  if (named !== undefined) return said(named);
  if (unit === "bool") return value >= 0.5 ? t("value.yes") : t("value.no");
  return null;
}

/** One scale for a whole series, so that its axis does not change unit between ticks. */
export function seriesScale(unit: string, values: readonly (number | null)[]): { factor: number; unit: string } {
  let size = 0;
  for (const v of values) if (v !== null && Number.isFinite(v)) size = Math.max(size, Math.abs(v));
  const { factor, unit: shown } = scaleOf(unit, size);
  return { factor, unit: shown };
}

/** How long ago, in the largest unit that says it well. */
export function ageText(seconds: number): string {
  if (!Number.isFinite(seconds)) return MISSING;
  const s = Math.max(0, seconds);
  if (s < 2) return t("age.now");
  if (s < 120) return t("age.seconds", { n: Math.round(s) });
  if (s < 7200) return t("age.minutes", { n: Math.round(s / 60) });
  if (s < 172_800) return t("age.hours", { n: Math.round(s / 3600) });
  return t("age.days", { n: Math.round(s / 86_400) });
}

export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return MISSING;
  if (seconds < 120) return t("duration.seconds", { n: Math.round(seconds) });
  if (seconds < 7200) return t("duration.minutes", { n: Math.round(seconds / 60) });
  if (seconds < 172_800) return t("duration.hours", { n: Math.round(seconds / 3600) });
  return t("duration.days", { n: Math.round(seconds / 86_400) });
}

/** A round length, as on a scale bar. */
export function lengthText(length_m: number): string {
  return length_m >= 1000 ? `${length_m / 1000} km` : length_m >= 1 ? `${length_m} m` : `${Math.round(length_m * 100)} cm`;
}

/** A leak's flow in m³/h with the digits that it deserves, whatever its size. */
export function leakFlow(m3_per_s: number): string {
  const size = Math.abs(m3_per_s * 3600);
  return rounded(m3_per_s * 3600, size >= 10 ? 1 : size >= 0.095 || size === 0 ? 2 : 3);
}

/** A flow in m³/h for a column of them: all with as many digits. */
export function flowColumn(m3_per_s: number): string {
  return rounded(m3_per_s * 3600, 2);
}

/** The same in litres a second, or an hour where it is a trickle, as crews speak of it. */
export function litresText(m3_per_s: number): string {
  const litres = m3_per_s * 1000;
  return litres >= 0.1 ? `${rounded(litres, litres >= 10 ? 1 : 2)} L/s` : `${rounded(litres * 3600, 0)} L/h`;
}

/** Money in its own sign; whole units from ten on. */
export function moneyText(amount: number, currency: string): string {
  const decimals = Math.abs(amount) >= 10 ? 0 : 2;
  try {
    const options = { style: "currency", currency, currencyDisplay: "narrowSymbol" } as const;
    return new Intl.NumberFormat("en-GB", { ...options, minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(amount);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `${rounded(amount, decimals)} ${currency}`; // a currency that has no code of three letters
  }
}

/** Bores in millimetres, slopes in thousandths. */
export function thousandthsText(value: number, unit: "mm" | "permille"): string {
  const n = value * 1000;
  return unit === "mm" ? `${Number(n.toFixed(1))} mm` : `${rounded(n, 1)} ‰`;
}

/** How strongly something speaks for or against: natural logarithm of the odds; beyond three digits it is only "more". */
export function weightText(weight_nats: number): string {
  const size = Math.abs(weight_nats);
  if (size >= 1000) return weight_nats < 0 ? "< −999" : "> 999";
  return `${weight_nats < 0 ? "−" : "+"}${size.toFixed(size < 10 ? 1 : 0)}`;
}

/** A length of pipe to walk. */
export function walkText(length_m: number): string {
  return length_m >= 1000 ? `${rounded(length_m / 1000, 2)} km` : `${rounded(length_m, length_m < 10 ? 1 : 0)} m`;
}

export function integer(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? MISSING : rounded(value, 0);
}

/** A plain number with so many decimals. */
export function decimal(value: number, decimals: number): string {
  return Number.isFinite(value) ? rounded(value, decimals) : MISSING;
}

export function megabytes(bytes: number): string {
  return `${rounded(bytes / 1e6, 0)} MB`;
}

/** Time of day at the site, which may not be where the reader sits. */
export function clockText(at: Date, timeZone: string, withSeconds = true): string {
  return zoned(at, timeZone, {
    hour: "2-digit",
    minute: "2-digit",
    ...(withSeconds ? { second: "2-digit" } : {}),
    hourCycle: "h23",
  });
}

export function dayText(at: Date, timeZone: string): string {
  return zoned(at, timeZone, { year: "numeric", month: "2-digit", day: "2-digit" });
}

export function momentText(at: Date, timeZone: string): string {
  return `${dayText(at, timeZone)} ${clockText(at, timeZone)}`;
}

function zoned(at: Date, timeZone: string, options: Intl.DateTimeFormatOptions): string {
  if (Number.isNaN(at.getTime())) return MISSING;
  // sv-SE writes dates as 2026-03-01, which both languages read
  return new Intl.DateTimeFormat("sv-SE", { timeZone, ...options }).format(at);
}

/** ISO 8601 text or epoch seconds to a Date. */
export function instant(at: string | number): Date {
  return new Date(typeof at === "number" ? at * 1000 : at);
}
