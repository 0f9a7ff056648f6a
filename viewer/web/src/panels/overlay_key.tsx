/** The key of what lies over the estate: its colours with numbers, and the way out. */

import type { JSX } from "preact";
import { t } from "../i18n";
import { openLeak } from "../leak_actions";
import { percent, RAMPS, reachRange, reachValue, withoutNetwork, type Lens, type Ramp } from "../overlay";
import { store } from "../store";
import { IconButton } from "../ui/controls";
import { leakFlow } from "../units";
import { reachText } from "./reach";

export function OverlayKey(): JSX.Element | null {
  const lens = store.lens.value;
  if (lens === null || store.overlay.value === null) return null;
  return (
    <aside class="overlay-key" aria-label={t("overlay.label")}>
      <header>
        <button type="button" class="ellipsis" onClick={() => backTo(lens)}>
          {title(lens)}
        </button>
        <IconButton icon="close" label={t("overlay.close")} hint="Esc" onClick={() => (store.lens.value = null)} />
      </header>
      <Body lens={lens} />
    </aside>
  );
}

function title(lens: Lens): string {
  switch (lens.kind) {
    case "leak": {
      const leak = store.leak(lens.leak);
      return leak === undefined ? t("overlay.leak") : `${t("overlay.leak")} · ${leakFlow(leak.size_m3_per_s)} m³/h`;
    }
    case "plan":
      return t("overlay.plan", { pipe: withoutNetwork(lens.network, lens.pipe) });
    case "trace":
      return t(`overlay.${lens.direction}`, { from: withoutNetwork(lens.network, lens.from.id) });
    case "reach":
      return t("overlay.reach", { size: leakFlow(lens.reach.size_m3_per_s) });
  }
}

/** To where the answer stands in words. */
function backTo(lens: Lens): void {
  if (lens.kind === "leak") {
    const leak = store.leak(lens.leak);
    if (leak !== undefined) openLeak(leak);
  } else if (lens.kind === "reach") {
    store.openLeak.value = null;
    store.detailTab.value = "leaks";
  } else store.select(lens.kind === "plan" ? { type: "pipe", id: lens.pipe } : lens.from);
  store.sheet.value = "details";
}

function Body({ lens }: { lens: Lens }): JSX.Element | null {
  switch (lens.kind) {
    case "leak": {
      const leak = store.leak(lens.leak);
      const most = leak?.candidates[0]?.probability_ratio;
      if (leak === undefined || most === undefined) return null;
      const flats = leak.candidates.some((c) => c.type === "space");
      return (
        <>
          <Gradient ramp="heat" ticks={["0", percent(most / 4), percent(most)]} />
          <p>{t(flats ? "overlay.heat_flats" : "overlay.heat")}</p>
          <p class="widths">
            <Stroke px={7} /> {t("overlay.area", { share: "50 %" })} <Stroke px={4} /> {t("overlay.area", { share: "90 %" })}
          </p>
        </>
      );
    }
    case "plan":
      return (
        <ul>
          <Item colour="plan-4" text={t("overlay.plan_pipe")} />
          <Item colour="plan-3" text={t("overlay.plan_isolated", { n: lens.plan.isolated.length })} />
          {lens.plan.without_water.flats.length > 0 && <Item colour="plan-2" block text={t("overlay.plan_dry", { n: lens.plan.without_water.flats.length })} />}
          {lens.plan.low_pressure.length > 0 && <Item colour="plan-1" block text={t("overlay.plan_low", { n: lens.plan.low_pressure.length })} />}
          <li>
            <em class="number valve">1</em> {t("overlay.plan_valves", { n: lens.plan.close.length })}
          </li>
        </ul>
      );
    case "trace":
      return (
        <ul>
          <Item colour="trace-2" text={t("overlay.trace_from")} />
          <Item colour="trace-1" text={t("overlay.trace_pipes", { n: lens.trace.pipes.length })} />
        </ul>
      );
    case "reach": {
      const range = reachRange(lens.reach, lens.by);
      const missed = lens.reach.pipes.filter((p) => reachValue(p, lens.by) === null).length;
      return (
        <>
          {range !== null && (
            <Gradient ramp="reach" ticks={[reachText(range[0], lens.by), reachText(Math.sqrt(range[0] * range[1]), lens.by), reachText(range[1], lens.by)]} />
          )}
          <p>{t(`overlay.reach_${lens.by}`)}</p>
          {missed > 0 && (
            <p class="widths">
              <i class="dashes" /> {t("overlay.reach_never", { n: missed })}
            </p>
          )}
        </>
      );
    }
  }
}

function Gradient({ ramp, ticks }: { ramp: Ramp; ticks: readonly string[] }): JSX.Element {
  return (
    <>
      <i class="gradient" style={{ background: `linear-gradient(to right, ${RAMPS[ramp].map((name) => `var(--${name})`).join(", ")})` }} />
      <div class="ticks">
        {ticks.map((tick, k) => (
          <span key={k}>{tick}</span>
        ))}
      </div>
    </>
  );
}

function Stroke({ px }: { px: number }): JSX.Element {
  return <i class="stroke" style={{ height: `${px}px` }} />;
}

function Item({ colour, text, block = false }: { colour: string; text: string; block?: boolean }): JSX.Element {
  return (
    <li>
      <i class={block ? "block" : "stroke"} style={{ background: `var(--${colour})` }} /> {text}
    </li>
  );
}
