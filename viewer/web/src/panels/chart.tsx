/** History of a channel: mean with its band of lowest and highest; dragging over a span asks the server for it. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { api } from "../api";
import { said, t } from "../i18n";
import { store } from "../store";
import type { ChannelValue, Series } from "../types";
import { Button, Empty, Failure, Loading, Segmented } from "../ui/controls";
import { useLoad } from "../ui/load";
import { clockText, dayText, integer, momentText, readingText, seriesScale, stateName } from "../units";

const HEIGHT_PX = 168;
const HOUR_S = 3600;
const SPANS = { h1: HOUR_S, h24: 24 * HOUR_S, d7: 168 * HOUR_S, all: null } as const;
type Span = keyof typeof SPANS;
interface Window {
  from_s: number;
  to_s: number;
}

/** Where a window ends: now, or with the last reading of a channel that has long been silent. */
function lastMoment(channel: ChannelValue, now_s: number): number {
  const last_s = channel.at === null ? now_s : Date.parse(channel.at) / 1000 + 1;
  return now_s - last_s > HOUR_S ? last_s : now_s;
}

export function HistoryChart({ channel }: { channel: ChannelValue }): JSX.Element {
  const [span, setSpan] = useState<Span | null>("h1");
  const [zoom, setZoom] = useState<Window | null>(null);
  const [round, setRound] = useState(0);
  // a live window moves on by itself, slowly: the newest value is on the card anyway
  useEffect(() => {
    if (zoom !== null) return;
    const timer = setInterval(() => setRound((n) => n + 1), span === "h1" ? 15_000 : 60_000);
    return () => clearInterval(timer);
  }, [zoom, span]);

  const ask = (signal: AbortSignal): Promise<Series> => {
    const now_s = lastMoment(channel, store.now_s.peek());
    const length_s = span === null ? null : SPANS[span];
    const start = zoom !== null ? new Date(zoom.from_s * 1000) : length_s === null ? null : new Date((now_s - length_s) * 1000);
    const end = zoom !== null ? new Date(zoom.to_s * 1000) : new Date(now_s * 1000);
    return api.series(channel.id, start, end, 320, signal);
  };
  const key = `${channel.id}|${span}|${zoom?.from_s}|${zoom?.to_s}`;
  const [kept, setKept] = useState<{ key: string; series: Series } | null>(null);
  const { data, error, loading, reload } = useLoad(`${key}|${round}`, ask);
  useEffect(() => {
    if (data !== null) setKept({ key, series: data });
  }, [data]);
  const series = data ?? (kept?.key === key ? kept.series : null);

  return (
    <section class="chart">
      <header>
        <h3 class="ellipsis">{said(channel.name)}</h3>
        <Segmented
          label={t("chart.span")}
          value={zoom === null ? span : null}
          options={(Object.keys(SPANS) as Span[]).map((value) => ({ value, text: t(`chart.${value}`) }))}
          onChange={(value) => {
            setZoom(null);
            setSpan(value);
          }}
        />
      </header>
      {error !== null && <Failure text={error} retry={reload} />}
      {series === null && error === null && <Loading />}
      {series !== null && series.time_s.length === 0 && !loading && <Empty icon="chart" title={t("chart.empty")} />}
      {series !== null && series.time_s.length > 0 && (
        <>
          <Plot channel={channel} series={series} onZoom={(from_s, to_s) => setZoom({ from_s, to_s })} />
          <Summary channel={channel} series={series} />
        </>
      )}
      {zoom !== null && (
        <div class="row-end">
          <Button icon="reset" tone="quiet" onClick={() => setZoom(null)}>
            {t("chart.unzoom")}
          </Button>
        </div>
      )}
    </section>
  );
}

function Summary({ channel, series }: { channel: ChannelValue; series: Series }): JSX.Element {
  const low = extreme(series.min, Math.min);
  const high = extreme(series.max, Math.max);
  const show = (v: number | null): string => readingText(v, channel.unit, channel.decimals, channel.states);
  const readings = series.count.reduce((sum, n) => sum + n, 0);
  return (
    <p class="caption spread">
      <span>
        {t("chart.low")} <b>{show(low)}</b>
      </span>
      <span>
        {t("chart.high")} <b>{show(high)}</b>
      </span>
      <span title={series.step_s > 0 ? t("chart.step", { s: Math.round(series.step_s) }) : t("chart.raw")}>
        {t("chart.readings")} <b>{integer(readings)}</b>
      </span>
    </p>
  );
}

function extreme(values: readonly (number | null)[], pick: (a: number, b: number) => number): number | null {
  return values.reduce<number | null>((best, v) => (v === null ? best : best === null ? v : pick(best, v)), null);
}

function Plot(props: { channel: ChannelValue; series: Series; onZoom: (from_s: number, to_s: number) => void }): JSX.Element {
  const { channel, series, onZoom } = props;
  const host = useRef<HTMLDivElement>(null);
  const theme = store.theme.value;
  const language = store.language.value;
  useEffect(() => {
    const box = host.current!;
    const colour = (name: string): string => getComputedStyle(box).getPropertyValue(name).trim();
    const zone = store.site.peek()?.time_zone ?? "UTC";
    const stepped = channel.unit === "bool" || channel.unit === "state";
    const scale = seriesScale(channel.unit, series.max);
    const scaled = (values: (number | null)[]): (number | null)[] => values.map((v) => (v === null ? null : v * scale.factor));
    const long = series.time_s.at(-1)! - series.time_s[0]! > 36 * HOUR_S;
    const axis = {
      stroke: colour("--ink-3"),
      grid: { stroke: colour("--hairline"), width: 1 },
      ticks: { show: false },
      font: `11px ${colour("--font")}`,
    };
    const paths = stepped ? uPlot.paths.stepped!({ align: 1 }) : uPlot.paths.linear!();
    const points = { show: series.time_s.length < 3 };
    const accent = colour("--accent");
    const plot = new uPlot(
      {
        width: box.clientWidth,
        height: HEIGHT_PX,
        padding: [10, 8, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
        tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), zone),
        scales: { x: { range: (_, min, max) => (min === max ? [min - 60, max + 60] : [min, max]) } },
        axes: [
          {
            ...axis,
            space: 64,
            values: (_, ticks) =>
              ticks.map((s) => (long ? dayText(new Date(s * 1000), zone).slice(5) : clockText(new Date(s * 1000), zone, false))),
          },
          {
            ...axis,
            size: stepped ? 64 : 46,
            space: stepped ? 20 : 32,
            ...(stepped ? { incrs: [1] } : {}),
            values: (_, ticks) =>
              ticks.map((v) => (stepped ? (stateName(v, channel.unit, channel.states) ?? "") : Number(v.toPrecision(6)).toString())),
          },
        ],
        series: [
          {},
          { stroke: "transparent", points: { show: false }, paths },
          { stroke: "transparent", points: { show: false }, paths },
          { stroke: accent, width: 1.5, points, paths },
        ],
        bands: [{ series: [2, 1], fill: `color-mix(in srgb, ${accent} 22%, transparent)` }],
        hooks: {
          setSelect: [
            (u) => {
              if (u.select.width < 8) return;
              const from_s = u.posToVal(u.select.left, "x");
              const to_s = u.posToVal(u.select.left + u.select.width, "x");
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              onZoom(from_s, to_s);
            },
          ],
          setCursor: [
            (u) => {
              const k = u.cursor.idx;
              const read = box.querySelector<HTMLElement>(".chart-read")!;
              const at = k === null || k === undefined ? undefined : series.time_s[k];
              read.textContent =
                at === undefined
                  ? scale.unit
                  : `${momentText(new Date(at * 1000), zone)}  ${readingText(series.mean[k!], channel.unit, channel.decimals, channel.states)}`;
            },
          ],
        },
      },
      [series.time_s, scaled(series.min), scaled(series.max), scaled(series.mean)],
      box,
    );
    box.querySelector<HTMLElement>(".chart-read")!.textContent = scale.unit;
    const observer = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT_PX }));
    observer.observe(box);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [series, theme, language]);
  return (
    <div ref={host} class="plot" role="img" aria-label={t("chart.label", { name: said(channel.name) })}>
      <div class="chart-read" />
    </div>
  );
}

/** The last hour, or another span, in a few pixels. */
export function Sparkline({ channel, span_s = HOUR_S }: { channel: string; span_s?: number }): JSX.Element {
  const { data } = useLoad(`${channel}|${span_s}`, (signal) => {
    const now_s = store.now_s.peek();
    return api.series(channel, new Date((now_s - span_s) * 1000), new Date(now_s * 1000), 48, signal);
  });
  const points = (data?.mean ?? []).flatMap((v, k) => (v === null ? [] : [[data!.time_s[k]!, v] as const]));
  if (points.length < 2) return <svg class="spark" viewBox="0 0 64 20" aria-hidden="true" />;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const d = points
    .map(([x, y]) => `${(((x - x0) / (x1 - x0 || 1)) * 62 + 1).toFixed(1)},${(y1 === y0 ? 10 : 18 - ((y - y0) / (y1 - y0)) * 16).toFixed(1)}`)
    .join(" ");
  return (
    <svg class="spark" viewBox="0 0 64 20" aria-hidden="true">
      <polyline points={d} />
    </svg>
  );
}
