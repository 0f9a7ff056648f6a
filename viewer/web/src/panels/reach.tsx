/** What would be found: for a size of leak, how soon and to how many metres each pipe's would be, with today's sensors. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { said, t } from "../i18n";
import { askReach, lookAt } from "../leak_actions";
import { helpful, percent, reachValue, within, withoutNetwork, type ReachMeasure } from "../overlay";
import { store } from "../store";
import { Loading, Segmented, Select } from "../ui/controls";
import { leakFlow, walkText } from "../units";

/** Networks under pressure, whose pipes lose what leaks. */
const PRESSURISED = new Set(["domestic_water", "fire_main", "heating"]);
const SIZES_M3_PER_H = ["0.3", "1", "3", "5", "20"] as const;
const MEASURES: readonly ReachMeasure[] = ["area", "time", "smallest"];
const DAY_S = 86_400;
const size = signal<(typeof SIZES_M3_PER_H)[number]>("1");
const busy = signal(false);

function networks(): { id: string; text: string }[] {
  return (store.site.value?.networks ?? []).filter((n) => PRESSURISED.has(n.kind)).map((n) => ({ id: n.id, text: said(n.name) || n.id }));
}

async function ask(network: string, by: ReachMeasure): Promise<void> {
  busy.value = true;
  await askReach(network, Number(size.value) / 3600, by);
  busy.value = false;
}

export function ReachButton(): JSX.Element | null {
  const lens = store.lens.value;
  const choice = networks();
  const first = choice[0];
  if (first === undefined) return null;
  const on = lens?.kind === "reach";
  return (
    <section class={`reach ${on ? "on" : ""}`}>
      <button type="button" class="reach-switch" aria-expanded={on} onClick={() => (on ? (store.lens.value = null) : void ask(first.id, "area"))}>
        <b>{t("reach.title")}</b>
        <small>{t("reach.hint")}</small>
      </button>
      {!on && busy.value && <Loading text={t("reach.reckoning")} />}
      {on && (
        <div class="form">
          {choice.length > 1 && (
            <Select
              label={t("reach.network")}
              value={lens.network}
              options={choice.map((n) => ({ value: n.id, text: n.text }))}
              onChange={(network) => void ask(network, lens.by)}
            />
          )}
          <div class="field">
            <span>{t("reach.size")}</span>
            <Segmented
              label={t("reach.size")}
              value={size.value}
              options={SIZES_M3_PER_H.map((value) => ({ value, text: value }))}
              onChange={(value) => {
                size.value = value;
                void ask(lens.network, lens.by);
              }}
            />
          </div>
          <div class="field">
            <span>{t("reach.measure")}</span>
            <Segmented
              label={t("reach.measure")}
              value={lens.by}
              options={MEASURES.map((value) => ({ value, text: t(`reach.${value}`) }))}
              onChange={(by) => (store.lens.value = { ...lens, by })}
            />
          </div>
          <Found busy={busy.value} />
        </div>
      )}
    </section>
  );
}

function Found({ busy: waiting }: { busy: boolean }): JSX.Element | null {
  const lens = store.lens.value;
  if (lens?.kind !== "reach") return null;
  const { pipes, within_s, bound_ratio } = lens.reach;
  const next_sensors = helpful(lens.reach);
  const missed = pipes.filter((p) => reachValue(p, lens.by) === null).length;
  return (
    <div aria-busy={waiting} class="reach-found">
      <p class={missed > 0 ? "note warn" : "note ok"}>
        {missed > 0 ? t("reach.missed", { n: missed, all: pipes.length, days: Math.round(within_s / DAY_S) }) : t("reach.all_found", { all: pipes.length, days: Math.round(within_s / DAY_S) })}
      </p>
      {next_sensors.length > 0 && (
        <div class="groups">
          <h4>{t("reach.next")}</h4>
          {next_sensors.map((sensor, k) => (
            <button key={sensor.node} type="button" class="bar" onClick={() => lookAt([{ type: "node", id: within(lens.network, sensor.node) }])}>
              <span class="ellipsis">
                <em class="number sensor">+{k + 1}</em> <span class="mono">{withoutNetwork(lens.network, sensor.node)}</span>
              </span>
              <i class="meter" aria-hidden="true">
                <i style={{ width: `${Math.min(1, sensor.gain_ratio) * 100}%` }} />
              </i>
              <b class="num">{percent(sensor.gain_ratio)}</b>
            </button>
          ))}
          <p class="caption">{t("reach.next_hint", { n: lens.reach.next_sensors.length, most: percent(bound_ratio) })}</p>
        </div>
      )}
    </div>
  );
}

/** A value of the map in words. */
export function reachText(value: number | null, by: ReachMeasure): string {
  if (value === null) return t("reach.never");
  if (by === "area") return walkText(value);
  if (by === "smallest") return `${leakFlow(value)} m³/h`;
  return value < 5400 ? t("duration.minutes", { n: Math.round(value / 60) }) : value < 172_800 ? t("duration.hours", { n: Math.round(value / 3600) }) : t("duration.days", { n: Math.round(value / 86_400) });
}
