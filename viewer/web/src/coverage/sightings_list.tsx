/** Who sees the point that was clicked, how well, and why others do not. */

import type { JSX } from "preact";
import { coded, said, t } from "../i18n";
import { Failure, Loading, Switch } from "../ui/controls";
import { deviceName } from "./place_detail";
import { asked, asking, failed, sightings, stop } from "./sightings";
import * as way from "./way";
import * as coverage from "./state";
import type { Sighting } from "./types";

export function Sightings(): JSX.Element {
  const found = sightings.value;
  const seeing = found?.filter(sees) ?? [];
  const blind = found?.filter((one) => !sees(one)) ?? [];
  return (
    <section class={asking.value ? "sightings" : ""}>
      <Switch label={t("coverage.who_sees")} on={asking.value} onChange={(on) => (on ? start() : stop())} />
      {asking.value && asked.value === null && <p class="caption">{t("coverage.who_sees_hint")}</p>}
      {failed.value !== null && <Failure text={failed.value} />}
      {asking.value && asked.value !== null && found === null && failed.value === null && <Loading />}
      {found !== null && (
        <div role="status">
          <b>{seeing.length === 0 ? t("coverage.nobody_sees") : t("coverage.seen_by_n", { n: seeing.length })}</b>
        </div>
      )}
      {seeing.length > 0 && <List of={seeing} />}
      {blind.length > 0 && (
        <>
          <h3>{t("coverage.would_see")}</h3>
          <List of={blind} />
        </>
      )}
      {found !== null && <p class="caption">{t("coverage.others_turned_away")}</p>}
    </section>
  );
}

function start(): void {
  way.stop();
  asking.value = true;
}

const sees = (one: Sighting): boolean => !one.is_hidden && !one.is_offline;

function List({ of }: { of: readonly Sighting[] }): JSX.Element {
  return (
    <ul class="says">
      {of.map((one) => (
        <li key={one.id}>
          <button type="button" onClick={() => coverage.lookAtDevice(one.id)}>
            <b>{deviceName(one.id)}</b>
            <small>{[quality(one), one.is_hidden ? hiddenBy(one) : "", one.is_offline ? t("coverage.is_down") : ""].filter(Boolean).join(" · ")}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}

function hiddenBy({ hidden_by }: Sighting): string {
  return hidden_by === null ? t("coverage.is_hidden") : t("coverage.hidden_by", { what: `${coded("occluder", hidden_by.kind)} ${hidden_by.id}` });
}

/** Pixels on a metre, with the best level of the edition that they reach. */
function quality({ density_px_per_m }: Sighting): string {
  const reached = (coverage.answer.value?.levels[coverage.edition.value] ?? []).filter((level) => density_px_per_m >= level.density_px_per_m).at(-1);
  const level = reached === undefined ? t("coverage.below_levels") : `${said(reached.name)} (${coverage.edition.value})`;
  return `${density_px_per_m} px/m · ${level}`;
}
