/** The planner's workspace: what is required where, whether it is met, and what would be if cameras hung otherwise. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { coded, said, t } from "../i18n";
import { percent } from "../overlay";
import { store } from "../store";
import { Button, Empty, Failure, Loading, Segmented, Select, Switch } from "../ui/controls";
import { Icon } from "../ui/icons";
import { integer } from "../units";
import { CameraEditor } from "./camera_editor";
import "./coverage.css";
import { PlaceDetail } from "./place_detail";
import { Sightings } from "./sightings_list";
import * as coverage from "./state";
import { Suggest } from "./suggest";
import type { Place } from "./types";
import { VariantBar } from "./variant_bar";
import { WayFollowed } from "./way_list";

const onlyLacking = signal(false);

export function CoveragePanel(): JSX.Element {
  useEffect(() => coverage.open(), []);
  const state = coverage.loaded.value;
  const answer = coverage.answer.value;
  if (answer === null) {
    if (typeof state === "object" && state !== null) return <Failure text={state.error} retry={() => void coverage.load()} />;
    return <Loading text={t(coverage.kind.value === "camera" ? "coverage.reckoning" : "coverage.reckoning_reach")} />;
  }
  if (answer.places.length === 0 && answer.devices.length === 0 && answer.kinds.length <= 1) {
    return (
      <Empty icon="camera" title={t("coverage.none")}>
        {t("coverage.none_hint")}
      </Empty>
    );
  }
  const place = coverage.openedPlace.value;
  const camera = coverage.chosen.value;
  return (
    <div class="coverage">
      {typeof state === "object" && <Failure text={state.error} retry={() => void coverage.load()} />}
      <Kinds />
      {answer.kind === "camera" && <Sightings />}
      {answer.kind === "camera" && <WayFollowed />}
      {answer.kind === "camera" && <VariantBar />}
      {answer.kind === "camera" && <Suggest {...(place === undefined ? {} : { place: place.id })} />}
      {camera !== null && <CameraEditor key={camera.id} camera={camera} />}
      {place !== undefined ? <PlaceDetail key={place.key} place={place} /> : <Places />}
    </div>
  );
}

function Places(): JSX.Element {
  const places = coverage.places.value;
  const answer = coverage.answer.value!;
  const met = places.filter((p) => p.is_met).length;
  const down = answer.offline.length;
  const shown = onlyLacking.value ? places.filter((p) => !p.is_met) : places;
  const requirements = [...new Set(shown.map((p) => p.requirement))];
  return (
    <>
      <dl class="tiles">
        <div>
          <dt>{t("coverage.met")}</dt>
          <dd>
            {met} <small>/ {places.length}</small>
          </dd>
        </div>
        <div>
          <dt>{answer.kind === "camera" ? t("coverage.cameras") : t("coverage.devices")}</dt>
          <dd>{integer(answer.devices.length)}</dd>
        </div>
        <div>
          <dt>{t("coverage.down")}</dt>
          <dd class={down > 0 ? "bad" : ""}>{down}</dd>
        </div>
      </dl>
      <Shown />
      <Switch label={t("coverage.only_lacking")} on={onlyLacking.value} onChange={(on) => (onlyLacking.value = on)} />
      {shown.length === 0 && (
        <Empty icon="check" title={t("coverage.all_met")}>
          {t("coverage.all_met_hint")}
        </Empty>
      )}
      {requirements.map((id) => (
        <Requirement key={id} places={shown.filter((p) => p.requirement === id)} />
      ))}
      {answer.problems.length > 0 && <Problems />}
    </>
  );
}

/** How the floors are coloured. */
export function Shown(): JSX.Element {
  const years = Object.keys(coverage.answer.value?.levels ?? {});
  const changed = coverage.whatIf.value !== null;
  return (
    <div class="cover-shown">
      <Segmented
        label={t("coverage.coloured_by")}
        value={coverage.by.value}
        options={[
          { value: "level", text: t(coverage.kind.value === "camera" ? "coverage.by_level" : "coverage.by_value") },
          { value: "count", text: t(coverage.kind.value === "camera" ? "coverage.by_count" : "coverage.by_devices") },
          ...(changed ? [{ value: "change" as const, text: t("coverage.by_change") }] : []),
        ]}
        onChange={(by) => (coverage.by.value = by)}
      />
      {coverage.by.value === "level" && years.length > 1 && (
        <Segmented label={t("coverage.edition")} value={coverage.edition.value} options={years.map((year) => ({ value: year, text: year }))} onChange={(year) => (coverage.edition.value = year)} />
      )}
    </div>
  );
}

function Requirement({ places }: { places: readonly Place[] }): JSX.Element {
  const first = places[0]!;
  const met = places.filter((p) => p.is_met).length;
  return (
    <section class="requirement">
      <h3>
        <span class="grow">{levelText(first)}</span>
        <span class="count">
          {met}/{places.length}
        </span>
      </h3>
      <p class="caption">
        {first.min_count > 1 && `${t("coverage.by_cameras", { n: first.min_count })} · `}
        {t(first.length_m === undefined ? "coverage.of_area" : "coverage.of_length", { share: percent(first.min_share_ratio) })}
        {first.clauses.length > 0 && ` · ${t("coverage.clauses", { clauses: first.clauses.join(", ") })}`}
      </p>
      {places.map((place) => (
        <PlaceRow key={place.key} place={place} />
      ))}
    </section>
  );
}

/** Level and edition of a requirement, with its pixels on a metre. */
export function levelText(place: Place): string {
  if (place.kind !== "camera") return [said(place.level_name ?? undefined) || place.level, place.kind === "detection" ? "" : quantity(place.needed, place.unit)].filter(Boolean).join(" · ") || coded("coverage_kind", place.kind);
  const level = place.edition === null ? undefined : coverage.answer.value?.levels[place.edition]?.find((l) => l.id === place.level);
  const name = level === undefined ? "" : `${said(level.name)} · `;
  return `${name}${quantity(place.needed, place.unit)}${place.edition === null ? "" : ` (${place.edition})`}`;
}

const UNITS: Record<string, string> = { px_per_m: "px/m", dbm: "dBm", db: "dB", count: "", ratio: "" };

/** A number of this kind of coverage with its unit. */
export function quantity(value: number, unit: string): string {
  if (unit === "count") return t("coverage.n_devices", { n: integer(value) });
  return `${Math.round(value * 100) / 100} ${UNITS[unit] ?? unit}`.trim();
}

/** What reaches out. */
function Kinds(): JSX.Element | null {
  const kinds = coverage.answer.value?.kinds ?? [];
  if (kinds.length < 2) return null;
  return <Select hideLabel label={t("coverage.kind")} value={coverage.kind.value} options={kinds.map((kind) => ({ value: kind, text: coded("coverage_kind", kind) }))} onChange={coverage.choose} />;
}

/** Where a place is, in words: its building and storey. */
export function whereText(storey: string | null): string {
  const found = storey === null ? undefined : store.index.value?.storey.get(storey);
  if (found === undefined) return t("coverage.outdoors");
  const building = store.index.value?.building.get(found.building);
  return [said(building?.name), said(found.name) || found.id].filter(Boolean).join(" · ");
}

function PlaceRow({ place }: { place: Place }): JSX.Element {
  const was = coverage.before.value.get(place.key);
  const changed = was !== undefined && was !== place && Math.abs(was.share_ratio - place.share_ratio) > 5e-4;
  return (
    <button type="button" class={`cover-row ${place.is_met ? "met" : "lacks"}`} onClick={() => coverage.openAt(place)}>
      <Icon name={place.is_met ? "check" : "warning"} size={16} />
      <span class="grow">
        <b class="ellipsis">{said(place.name) || place.id}</b>
        <small class="ellipsis">
          {whereText(place.storey)}
          {!place.is_met && place.gaps[0] !== undefined && ` · ${coded("coverage_reason", Object.keys(place.gaps[0].reasons)[0])}`}
        </small>
      </span>
      <span class="cover-share">
        <b class="num">{percent(place.share_ratio)}</b>
        {changed && <em class={place.share_ratio > was.share_ratio ? "up" : "fall"}>{signed(place.share_ratio - was.share_ratio)}</em>}
        <ShareBar place={place} />
      </span>
    </button>
  );
}

/** A change of a share in points of a hundred. */
export function signed(ratio: number): string {
  const points = Math.round(ratio * 100);
  return points === 0 ? (ratio > 0 ? "+<1" : "−<1") : `${points > 0 ? "+" : "−"}${Math.abs(points)}`;
}

/** The share that is covered against the one that is asked for. */
export function ShareBar({ place }: { place: Place }): JSX.Element {
  return (
    <i class="share-bar" aria-hidden="true">
      <i style={{ width: `${place.share_ratio * 100}%` }} />
      <i class="asked" style={{ left: `${place.min_share_ratio * 100}%` }} />
    </i>
  );
}

function Problems(): JSX.Element {
  const problems = coverage.answer.value!.problems;
  return (
    <section>
      <h3>
        {t("coverage.problems")} <span class="count">{problems.length}</span>
      </h3>
      <ul class="says">
        {problems.map((problem) => (
          <li key={`${problem.code} ${problem.object_id}`}>
            <div>
              <b>{problem.object_id}</b>
              <small>{problem.message}</small>
              {store.index.value?.position.has(problem.object_id) === true && (
                <Button icon="fly" tone="quiet" onClick={() => coverage.lookAtDevice(problem.object_id)}>
                  {t("action.fly")}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
