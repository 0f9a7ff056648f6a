/** What speaks for a leak and what against it, each with its weight and, where there are readings, a picture. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { coded, said, t } from "../i18n";
import { lookAt } from "../leak_actions";
import type { EvidenceLine, EvidenceSeries } from "../leak_types";
import { deviceOf } from "../overlay";
import { store } from "../store";
import { Icon } from "../ui/icons";
import { clockText, dayText, seriesScale, weightText } from "../units";

const HEIGHT_PX = 92;
const LONG_S = 129_600;

export function Evidence({ lines, onset_s }: { lines: EvidenceLine[]; onset_s: number }): JSX.Element | null {
  if (lines.length === 0) return null;
  const most = Math.max(1e-9, ...lines.map((l) => Math.abs(l.weight_nats)));
  return (
    <section>
      <h3>{t("evidence.title")}</h3>
      <p class="caption">{t("evidence.hint")}</p>
      <ul class="evidence">
        {lines.map((line, k) => (
          <li key={k}>
            <Line line={line} most={most} />
            {line.series && line.series.observed.filter((v) => v !== null).length > 1 && <Compared series={line.series} onset_s={onset_s} label={said(line.text)} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Line({ line, most }: { line: EvidenceLine; most: number }): JSX.Element {
  const forIt = line.weight_nats >= 0;
  // by the logarithm: beside thousands of nats, twenty are still decisive
  const width = `${(Math.log1p(Math.abs(line.weight_nats)) / Math.log1p(most)) * 50}%`;
  const device = line.channel === null ? null : deviceOf(line.channel);
  return (
    <>
      <div class="evidence-head">
        <span class="tag">{coded("evidence", line.kind)}</span>
        <i class="weight" title={t(forIt ? "evidence.for" : "evidence.against")}>
          <i class={forIt ? "for" : "against"} style={forIt ? { left: "50%", width } : { right: "50%", width }} />
        </i>
        <b class="num">{weightText(line.weight_nats)}</b>
      </div>
      <p>
        {said(line.text)}
        {device !== null && store.index.value?.position.has(device) && (
          <button type="button" class="inline" aria-label={t("action.fly")} title={device} onClick={() => lookAt([{ type: "device", id: device }])}>
            <Icon name="fly" size={13} />
          </button>
        )}
      </p>
    </>
  );
}

/** Readings against what would be without the leak; the moment of onset is marked. */
function Compared({ series, onset_s, label }: { series: EvidenceSeries; onset_s: number; label: string }): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const theme = store.theme.value;
  const language = store.language.value;
  useEffect(() => {
    const box = host.current!;
    const colour = (name: string): string => getComputedStyle(box).getPropertyValue(name).trim();
    const zone = store.site.peek()?.time_zone ?? "UTC";
    const scale = seriesScale(series.unit, [...series.observed, ...series.expected]);
    const scaled = (values: (number | null)[]): (number | null)[] => values.map((v) => (v === null ? null : v * scale.factor));
    const long = series.time_s.at(-1)! - series.time_s[0]! > LONG_S;
    const axis = { stroke: colour("--ink-3"), grid: { stroke: colour("--hairline"), width: 1 }, ticks: { show: false }, font: `10px ${colour("--font")}` };
    const plot = new uPlot(
      {
        width: box.clientWidth,
        height: HEIGHT_PX,
        padding: [6, 8, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), zone),
        axes: [
          {
            ...axis,
            size: 22,
            space: 60,
            values: (_, ticks) => ticks.map((s) => (long ? dayText(new Date(s * 1000), zone).slice(5) : clockText(new Date(s * 1000), zone, false))),
          },
          { ...axis, size: 44, space: 24, values: (_, ticks) => ticks.map((v) => Number(v.toPrecision(5)).toString()) },
        ],
        series: [
          {},
          { stroke: colour("--ink-3"), width: 1.25, dash: [4, 3], points: { show: false } },
          { stroke: colour("--accent"), width: 1.5, points: { show: false } },
        ],
        bands: [{ series: [2, 1], fill: `color-mix(in srgb, ${colour("--heat-4")} 22%, transparent)` }],
        hooks: { draw: [(u) => markOnset(u, onset_s, colour("--critical"))] },
      },
      [series.time_s, scaled(series.expected), scaled(series.observed)],
      box,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT_PX }));
    observer.observe(box);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [series, onset_s, theme, language]);
  const { unit } = seriesScale(series.unit, [...series.observed, ...series.expected]);
  return (
    <figure class="compared">
      <figcaption>
        <span>{unit}</span>
        <span class="key-observed">{t("evidence.observed")}</span>
        <span class="key-expected">{t("evidence.expected")}</span>
      </figcaption>
      <div ref={host} class="plot" role="img" aria-label={`${t("evidence.chart")}: ${label}`} />
    </figure>
  );
}

function markOnset(u: uPlot, onset_s: number, colour: string): void {
  const x = u.valToPos(onset_s, "x", true);
  if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) return;
  u.ctx.save();
  u.ctx.strokeStyle = colour;
  u.ctx.lineWidth = devicePixelRatio;
  u.ctx.beginPath();
  u.ctx.moveTo(x, u.bbox.top);
  u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
  u.ctx.stroke();
  u.ctx.restore();
}
