/** What is missing in the leak's district by hours, and what flowed in by nights, against what is usual there. */

import type { JSX } from "preact";
import { t } from "../i18n";
import type { BalanceCourse, Course, Leak } from "../leak_types";
import { store } from "../store";
import { dayText, flowColumn, instant, leakFlow } from "../units";

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [316, 104, 34, 6, 8, 18];
const DAY_S = 86_400;
const MOST_TICKS = 5;
const HOURLY = 3600;

export function BalanceCharts({ balance, leak }: { balance: BalanceCourse; leak: Leak }): JSX.Element {
  const [low_s, onset_s, high_s] = [leak.onset_low_at, leak.onset_at, leak.onset_high_at].map((at) => instant(at).getTime() / 1000) as [number, number, number];
  const onset = { low_s, at_s: onset_s, high_s };
  return (
    <section>
      <h3>{t("balance.chart")}</h3>
      <Chart course={balance.missing} onset={onset} title={t("balance.missing_by_hour")} />
      {balance.nights.time_s.length > 1 && <Chart course={balance.nights} onset={onset} title={t("balance.by_night")} bars />}
    </section>
  );
}

interface Onset {
  low_s: number;
  at_s: number;
  high_s: number;
}

function Chart({ course, onset, title, bars = false }: { course: Course; onset: Onset; title: string; bars?: boolean }): JSX.Element | null {
  const known = course.value_m3_per_s.filter((v) => v !== null);
  if (known.length === 0) return null;
  const zone = store.site.value?.time_zone ?? "UTC";
  const frame = frameOf(course, bars);
  const { x, y } = frame;
  const [low, high] = [course.low_m3_per_s, course.high_m3_per_s];
  const latest = known.at(-1)!;
  const said = low === null || high === null ? "" : t("balance.usual", { low: flowColumn(low), high: flowColumn(high) });
  const inside = onset.at_s >= frame.start_s && onset.at_s <= frame.end_s;
  return (
    <figure class="balance-chart">
      <figcaption>
        <span>{title}</span>
        <small>m³/h</small>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title}: ${leakFlow(latest)} m³/h. ${said}`}>
        {low !== null && high !== null && <rect class="usual" x={LEFT} width={WIDTH - LEFT - RIGHT} y={y(high)} height={Math.max(1.5, y(low) - y(high))} />}
        {frame.levels.map((v) => (
          <g key={v}>
            <line class="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(v / HOURLY)} y2={y(v / HOURLY)} />
            <text x={LEFT - 5} y={y(v / HOURLY) + 3.5} text-anchor="end">
              {v}
            </text>
          </g>
        ))}
        {frame.days.map((s) => (
          <text key={s} x={x(s)} y={HEIGHT - 4} text-anchor="middle">
            {dayText(new Date(s * 1000), zone).slice(5)}
          </text>
        ))}
        {inside && <rect class="onset-doubt" x={x(Math.max(onset.low_s, frame.start_s))} width={Math.max(1, x(Math.min(onset.high_s, frame.end_s)) - x(Math.max(onset.low_s, frame.start_s)))} y={TOP} height={HEIGHT - TOP - BOTTOM} />}
        {inside && <line class="onset" x1={x(onset.at_s)} x2={x(onset.at_s)} y1={TOP} y2={HEIGHT - BOTTOM} />}
        {bars ? (
          course.time_s.map((s, k) => {
            const v = course.value_m3_per_s[k] ?? null;
            if (v === null) return null;
            const odd = high !== null && v > high;
            return <rect key={s} class={odd ? "bar-odd" : "bar-usual"} x={x(s) - 4} width={8} y={Math.min(y(v), y(0))} height={Math.max(1, Math.abs(y(0) - y(v)))} rx={1.5} />;
          })
        ) : (
          <path class="course" d={pathOf(course, x, y)} />
        )}
      </svg>
      {said !== "" && <p class="caption">{said}</p>}
    </figure>
  );
}

interface Frame {
  start_s: number;
  end_s: number;
  x: (time_s: number) => number;
  y: (m3_per_s: number) => number;
  /** [m3/h] */
  levels: number[];
  days: number[];
}

/** Where times and flows lie in the picture, and which of them are written beside it. */
export function frameOf(course: Course, bars = false): Frame {
  const values = [...course.value_m3_per_s, course.low_m3_per_s, course.high_m3_per_s, 0].filter((v) => v !== null).map((v) => v * HOURLY);
  const pad = bars ? DAY_S / 2 : 0;
  const [start_s, end_s] = [course.time_s[0]! - pad, course.time_s.at(-1)! + pad];
  const step = niceStep((Math.max(...values) - Math.min(...values)) / 3);
  const [bottom, top] = [Math.floor(Math.min(...values) / step) * step, Math.max(step, Math.ceil(Math.max(...values) / step) * step)];
  const levels: number[] = [];
  for (let v = bottom; v <= top + step / 2; v += step) levels.push(Number(v.toPrecision(6)));
  const span_s = Math.max(1, end_s - start_s);
  const every = Math.max(1, Math.ceil(span_s / DAY_S / MOST_TICKS)) * DAY_S;
  const days: number[] = [];
  for (let s = Math.ceil(start_s / DAY_S) * DAY_S; s <= end_s; s += every) days.push(s);
  return {
    start_s,
    end_s,
    x: (s) => LEFT + ((s - start_s) / span_s) * (WIDTH - LEFT - RIGHT),
    y: (v) => HEIGHT - BOTTOM - ((v * HOURLY - bottom) / (top - bottom)) * (HEIGHT - TOP - BOTTOM),
    levels,
    days,
  };
}

/** 1, 2 or 5 times a power of ten, not below. */
export function niceStep(least: number): number {
  const ten = 10 ** Math.floor(Math.log10(Math.max(least, 1e-3)));
  return ([1, 2, 5].find((n) => n * ten >= least) ?? 10) * ten;
}

/** A line through what is known, broken where it is not. */
export function pathOf(course: Course, x: (s: number) => number, y: (v: number) => number): string {
  let pen = "M";
  return course.time_s
    .map((s, k) => {
      const v = course.value_m3_per_s[k] ?? null;
      if (v === null) {
        pen = "M";
        return "";
      }
      const part = `${pen}${x(s).toFixed(1)} ${y(v).toFixed(1)}`;
      pen = "L";
      return part;
    })
    .join("");
}
