/** A way drawn by hand, with who follows somebody along it and where nobody does. */

import type { JSX } from "preact";
import { said, t } from "../i18n";
import { percent } from "../overlay";
import { Button, Failure, Loading, Select, Switch } from "../ui/controls";
import { integer } from "../units";
import { deviceName } from "./place_detail";
import * as way from "./way";

const metres = (length_m: number): string => `${length_m < 10 ? Math.round(length_m * 10) / 10 : integer(length_m)} m`;
const seconds = (length_m: number): string => `${integer(length_m / way.WALK_M_PER_S)} s`;

export function WayFollowed(): JSX.Element {
  const points = way.points.value;
  const found = way.followed.value;
  return (
    <section class={way.drawing.value ? "sightings" : ""}>
      <Switch label={t("coverage.way")} on={way.drawing.value} onChange={(on) => (on ? way.start() : way.stop())} />
      {way.drawing.value && (
        <>
          <p class="caption">{t(points.length === 0 ? "coverage.way_hint" : points.length === 1 ? "coverage.way_hint_more" : "coverage.way_hint_then")}</p>
          <Select
            label={t("coverage.way_level")}
            value={way.levels.value.find((one) => one.density_px_per_m === way.least_px_per_m.value)?.id ?? ""}
            options={way.levels.value.map((one) => ({ value: one.id, text: `${said(one.name)} · ${one.density_px_per_m} px/m` }))}
            onChange={(id) => (way.level.value = id)}
          />
          {points.length > 0 && (
            <div class="row">
              <Button icon="undo" onClick={way.dropLast}>
                {t("coverage.way_drop")}
              </Button>
              <Button tone="quiet" onClick={() => (way.points.value = [])}>
                {t("coverage.way_clear")}
              </Button>
            </div>
          )}
          {way.failed.value !== null && <Failure text={way.failed.value} />}
          {points.length > 1 && found === null && way.failed.value === null && <Loading />}
          {found !== null && <Told />}
        </>
      )}
    </section>
  );
}

function Told(): JSX.Element {
  const found = way.followed.value!;
  const dark = way.stretches.value.filter((part) => part.camera === null);
  const unseen_m = dark.reduce((sum, part) => sum + part.to_m - part.from_m, 0);
  return (
    <>
      <div role="status">
        <b>{t("coverage.way_seen", { share: percent(found.seen_ratio), length: metres(found.length_m) })}</b>
        {dark.length > 0 && <p class="caption">{t("coverage.way_unseen", { length: metres(unseen_m), time: seconds(unseen_m) })}</p>}
      </div>
      <ol class="says way-parts">
        {way.stretches.value.map((part) => (
          <li key={part.from_m}>
            <button type="button" class={part.camera === null ? "by-nobody" : ""} onClick={() => way.lookAt(part)}>
              <b>{part.camera === null ? t("coverage.way_nobody") : deviceName(part.camera)}</b>
              <small>
                {metres(part.from_m)} – {metres(part.to_m)} · {seconds(part.to_m - part.from_m)}
                {part.fewest > 1 && ` · ${t("coverage.way_others", { n: part.fewest - 1 })}`}
              </small>
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}
