/** What a fire's smoke does: how long ways can be used against how long they are needed, and what people breathe. */

import type { JSX } from "preact";
import { said, t } from "../i18n";
import { store } from "../store";
import { Icon } from "../ui/icons";
import { decimal, integer } from "../units";
import { duration } from "./times";
import type { Smoke } from "./types";

const FEW = 6;

export function SmokeTold({ smoke }: { smoke: Smoke }): JSX.Element {
  const harmed = Math.round(smoke.harmed);
  const lost = smoke.margins.filter((one) => one.margin_s === null || one.margin_s < 0);
  const staying = smoke.exposed.filter((one) => one.is_better_staying);
  return (
    <section>
      <h3>{t("evacuation.smoke")}</h3>
      <div class={`callout ${harmed > 0 ? "bad" : lost.length > 0 ? "warn" : "good"}`} role={harmed > 0 ? "alert" : undefined}>
        <Icon name={harmed > 0 || lost.length > 0 ? "warning" : "check"} size={18} />
        <div>
          <b>{harmed > 0 ? t("evacuation.harmed", { n: integer(harmed), overcome: integer(Math.round(smoke.overcome)) }) : t("evacuation.nobody_harmed")}</b>
          {lost.length > 0 && <p>{t("evacuation.lost", { n: integer(lost.length) })}</p>}
          {staying.length > 0 && <p>{t("evacuation.better_staying", { n: integer(staying.length) })}</p>}
        </div>
      </div>
      {smoke.margins.length === 0 ? (
        <p class="caption">{t("evacuation.smoke_nowhere")}</p>
      ) : (
        <ul class="says margins">
          {smoke.margins.slice(0, FEW).map((one) => (
            <li key={one.place}>
              <button type="button" onClick={() => store.select({ type: "space", id: one.place })}>
                <b>{[said(one.name) || one.place, said(one.at)].filter(Boolean).join(" · ")}</b>
                <Bar available_s={one.available_s} needed_s={one.sure_s ?? one.needed_s} />
                <small>{t("evacuation.margin", { available: duration(one.available_s), needed: duration(one.sure_s ?? one.needed_s) })}</small>
              </button>
            </li>
          ))}
        </ul>
      )}
      {smoke.exposed.length > 0 && (
        <details>
          <summary>{t("evacuation.exposed", { n: integer(smoke.exposed.length) })}</summary>
          <ul class="says">
            {smoke.exposed.slice(0, 2 * FEW).map((one) => (
              <li key={one.space}>
                <b>{[said(one.name) || one.space, said(one.at)].filter(Boolean).join(" · ")}</b>
                <small>
                  {t("evacuation.dose", { dose: decimal(one.dose, 2), sight: decimal(one.sight_m, 1), stay: decimal(one.stay_dose, 2) })}
                  {one.is_better_staying && ` · ${t("evacuation.stay")}`}
                </small>
              </li>
            ))}
          </ul>
        </details>
      )}
      <p class="caption">{t("evacuation.smoke_basis")}</p>
    </section>
  );
}

/** How much of the time that a place is needed it can be used. */
function Bar({ available_s, needed_s }: { available_s: number | null; needed_s: number | null }): JSX.Element {
  const all_s = Math.max(available_s ?? 0, needed_s ?? 0, 1);
  const good = needed_s === null ? (available_s ?? 0) / (2 * all_s) : Math.min(available_s ?? all_s, needed_s) / all_s;
  const bad = needed_s === null ? 1 - good : Math.max(0, needed_s - (available_s ?? needed_s)) / all_s;
  return (
    <i class="margin-bar" aria-hidden="true">
      <i class="good" style={{ width: `${good * 100}%` }} />
      <i class="bad" style={{ width: `${bad * 100}%` }} />
    </i>
  );
}
