/** How many people are in the buildings still, or now: a number with its range, and what it rests on. */

import type { JSX } from "preact";
import { deviceName } from "../coverage/place_detail";
import { said, t } from "../i18n";
import { Icon } from "../ui/icons";
import { integer } from "../units";
import type { EvacuationNow, Inside } from "./types";

const NAMED = 3;

export function People({ inside }: { inside: EvacuationNow["inside"] }): JSX.Element | null {
  if (inside === null) return null;
  const { all } = inside;
  const alarmed = all.at_alarm !== null;
  return (
    <div class="people-inside">
      <h3>{t(alarmed ? "evacuation.inside_still" : "evacuation.inside_now")}</h3>
      <p class="many">
        <b class="num">{t("evacuation.about", { n: many(all.persons) })}</b>
        <span class="num">{t("evacuation.range", { low: many(all.low), high: many(all.high) })}</span>
      </p>
      {alarmed && <Bar of={all} />}
      {inside.buildings.length > 1 && alarmed && (
        <ul class="says">
          {inside.buildings.map((one) => (
            <li key={one.building}>
              <span class="grow ellipsis">{one.name === null ? one.building : said(one.name)}</span>
              <span class="num">{t("evacuation.about_range", { n: many(one.persons), low: many(one.low), high: many(one.high) })}</span>
            </li>
          ))}
        </ul>
      )}
      <p class="caption">{basis(all)}</p>
      {alarmed && all.silent.length > 0 && (
        <p class="caption warn">
          <Icon name="warning" size={14} /> {t("evacuation.silent", { names: names(all.silent) })}
        </p>
      )}
    </div>
  );
}

/** Who has come out, who is in still, and how far that may be off. */
function Bar({ of }: { of: Inside }): JSX.Element {
  const whole = Math.max(of.at_alarm ?? 0, (of.came_out ?? 0) + of.high, 1);
  const at = (persons: number): string => `${Math.max(0, Math.min(100, (persons / whole) * 100))}%`;
  const out = of.came_out ?? 0;
  return (
    <>
      <div class="out-bar" role="img" aria-label={t("evacuation.came_out", { out: many(out), of: many(of.at_alarm ?? 0) })}>
        <i class="out" style={{ width: at(out) }} />
        <i class="still" style={{ left: at(out), width: at(of.persons) }} />
        <i class="range" style={{ left: at(out + of.low), width: at(of.high - of.low) }} />
      </div>
      <p class="caption">{t("evacuation.came_out", { out: many(out), of: many(of.at_alarm ?? 0) })}</p>
    </>
  );
}

function basis(of: Inside): string {
  if (of.counted_exits === 0) return t("evacuation.basis_usual");
  const key = of.counted_exits === of.exits ? "evacuation.basis_all" : "evacuation.basis_some";
  return t(key, { n: integer(of.counted_exits), of: integer(of.exits) });
}

function names(devices: string[]): string {
  const told = devices.slice(0, NAMED).map(deviceName).join(", ");
  return devices.length > NAMED ? t("evacuation.and_more", { names: told, n: devices.length - NAMED }) : told;
}

function many(persons: number): string {
  return integer(Math.round(persons));
}
