/** One place: what it must have, what it has, its gaps and who could help. */

import type { JSX } from "preact";
import { api } from "../api";
import { coded, said, t } from "../i18n";
import { percent } from "../overlay";
import { store } from "../store";
import { Button, Failure, Loading } from "../ui/controls";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { integer } from "../units";
import { levelText, quantity, ShareBar, Shown, whereText } from "./panel";
import * as coverage from "./state";
import type { Gap, Place, Rule } from "./types";

const FEW_GAPS = 12;

export function PlaceDetail({ place }: { place: Place }): JSX.Element {
  const most = Math.max(...Object.keys(place.by_count).map(Number));
  return (
    <article class="cover-place">
      <Button icon="back" tone="quiet" onClick={() => coverage.closePlace()}>
        {t("coverage.all_places")}
      </Button>
      <h2>{said(place.name) || place.id}</h2>
      <p class="caption">{whereText(place.storey)}</p>
      <div class={`callout ${place.is_met ? "good" : "bad"}`}>
        <Icon name={place.is_met ? "check" : "warning"} size={18} />
        <div>
          <b>{place.is_met ? t("coverage.is_met") : t(place.length_m === undefined ? "coverage.is_lacking" : "coverage.is_lacking_length", { share: percent(place.shortfall_ratio) })}</b>
          <p>
            {levelText(place)}
            {place.min_count > 1 && ` · ${t("coverage.by_cameras", { n: place.min_count })}`}
            {place.clauses.length > 0 && ` · ${t("coverage.clauses", { clauses: place.clauses.join(", ") })}`}
          </p>
        </div>
      </div>
      <dl class="tiles">
        <div>
          <dt>{t("coverage.covered")}</dt>
          <dd>
            {percent(place.share_ratio)} <small>/ {percent(place.min_share_ratio)}</small>
          </dd>
        </div>
        <div>
          <dt>{t(place.length_m === undefined ? "coverage.area" : "coverage.length")}</dt>
          <dd>
            {integer(Math.round(place.length_m ?? place.area_m2))} <small>{place.length_m === undefined ? "m²" : "m"}</small>
          </dd>
        </div>
        <div>
          <dt>{t("coverage.gaps")}</dt>
          <dd>{place.gaps.length}</dd>
        </div>
      </dl>
      <ShareBar place={place} />
      <Shown />
      <section>
        <h3>{t(place.kind === "camera" ? "coverage.how_many" : "coverage.how_many_devices")}</h3>
        <div class="count-bar" role="img" aria-label={Object.entries(place.by_count).map(([n, share]) => `${n}: ${percent(share)}`).join(", ")}>
          {Object.entries(place.by_count).map(([n, share]) => share > 0 && <i key={n} class={`count-${Math.min(Number(n), 3)}`} style={{ width: `${share * 100}%` }} title={`${n}: ${percent(share)}`} />)}
        </div>
        <ul class="count-key">
          {Object.entries(place.by_count).map(([n, share]) => (
            <li key={n}>
              <i class={`count-${Math.min(Number(n), 3)}`} />
              {Number(n) === most ? `≥ ${n}` : n}: <b class="num">{percent(share)}</b>
            </li>
          ))}
        </ul>
      </section>
      {place.gaps.length > 0 && <Gaps place={place} />}
      <Cameras place={place} />
      {place.rules.length > 0 && <Rules place={place} />}
      {!place.is_met && place.kind === "camera" && <Successors place={place} />}
    </article>
  );
}

function Gaps({ place }: { place: Place }): JSX.Element {
  return (
    <section>
      <h3>
        {t("coverage.gaps")} <span class="count">{place.gaps.length}</span>
      </h3>
      <ol class="says gaps">
        {place.gaps.slice(0, FEW_GAPS).map((gap, k) => (
          <li key={k}>
            <button type="button" aria-pressed={coverage.openGap.value === k} onClick={() => coverage.lookAtGap(place, k)}>
              <b>
                {extent(gap)} · {reasons(gap)}
              </b>
              <small>{why(gap)}</small>
            </button>
          </li>
        ))}
      </ol>
      {place.gaps.length > FEW_GAPS && <p class="caption">{t("coverage.more_gaps", { n: place.gaps.length - FEW_GAPS })}</p>}
    </section>
  );
}

function reasons(gap: Gap): string {
  const [first, second] = Object.entries(gap.reasons);
  if (first === undefined) return "";
  return second === undefined || second[1] < 0.2 ? coded("coverage_reason", first[0]) : `${coded("coverage_reason", first[0])} ${percent(first[1])}, ${coded("coverage_reason", second[0])} ${percent(second[1])}`;
}

function why(gap: Gap): string {
  const behind = gap.hidden_by.slice(0, 2).map((by) => `${coded("occluder", by.kind)} ${by.id}`);
  const nearest = gap.nearest.slice(0, 2).map(deviceName);
  return [behind.length > 0 ? t("coverage.behind", { what: behind.join(", ") }) : "", nearest.length > 0 ? t("coverage.nearest", { cameras: nearest.join(", ") }) : ""].filter(Boolean).join(" · ");
}

export function deviceName(id: string): string {
  const index = store.index.value;
  const position = index?.position.get(id);
  return (position === undefined ? "" : said(index!.name(position))) || id;
}

/** Rules of the standard for the place, with what is there. */
function Rules({ place }: { place: Place }): JSX.Element {
  return (
    <section>
      <h3>{t("coverage.rules")}</h3>
      <ul class="says rules">
        {place.rules.map((rule) => (
          <li key={`${rule.code} ${rule.source}`}>
            <div>
              <b>
                <Icon name={rule.is_met ? "check" : "warning"} size={14} /> {coded("coverage_rule", rule.code)}
              </b>
              <small>
                {held(rule)} · {said(coverage.answer.value?.sources?.[rule.source]) || rule.source} · {t(`findings.certainty.${rule.certainty === "stated" ? "quoted" : rule.certainty}` as "findings.certainty.quoted")}
                {!rule.is_binding && ` · ${t("coverage.told_only")}`}
              </small>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Cameras({ place }: { place: Place }): JSX.Element | null {
  if (place.devices.length === 0) return null;
  const worst = [...place.devices].sort((a, b) => (place.lost_without[b] ?? 0) - (place.lost_without[a] ?? 0));
  return (
    <section>
      <h3>
        {t(place.kind === "camera" ? "coverage.seen_by" : "coverage.served_by")} <span class="count">{place.devices.length}</span>
      </h3>
      {place.depends_on.length > 0 && <p class="note warn">{t("coverage.hangs_on", { cameras: place.depends_on.map(deviceName).join(", ") })}</p>}
      <ul class="says">
        {worst.map((id) => (
          <li key={id}>
            <button type="button" onClick={() => coverage.lookAtDevice(id)}>
              <b>{deviceName(id)}</b>
              <small>{t(place.length_m === undefined ? "coverage.lost_without" : "coverage.lost_without_length", { share: percent(place.lost_without[id] ?? 0) })}</small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Cameras that could be turned to what is lacking; a try changes nothing but the variant. */
function Successors({ place }: { place: Place }): JSX.Element | null {
  const found = useLoad(`successors:${place.key}`, (signal) => api.successors(place.id, place.requirement, signal));
  if (found.error !== null) return <Failure text={found.error} />;
  if (found.data === null) return <Loading />;
  const usable = found.data.cameras.filter((c) => c.share_ratio >= 0.01);
  return (
    <section>
      <h3>{t("coverage.could_turn")}</h3>
      {usable.length === 0 && <p class="caption">{t("coverage.nobody_could")}</p>}
      <ul class="says">
        {usable.map((one) => (
          <li key={one.id}>
            <div>
              <b>{deviceName(one.id)}</b>
              <small>
                {t(one.turns ? "coverage.turns" : "coverage.by_hand")} · {Math.round(one.bearing_deg)}° / {Math.round(one.tilt_deg)}° · {t("coverage.regains", { share: percent(one.share_ratio) })}
              </small>
              <Button
                icon="play"
                tone="quiet"
                onClick={() => {
                  store.select({ type: "device", id: one.id });
                  coverage.change(one.id, { bearing_deg: one.bearing_deg % 360, tilt_deg: one.tilt_deg, presets: [] });
                }}
              >
                {t("coverage.try")}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** How large a gap is: a stretch of a line, or an area. */
function extent(gap: Gap): string {
  const size = gap.length_m ?? gap.area_m2;
  return `${size.toFixed(size < 10 ? 1 : 0)} ${gap.length_m === undefined ? "m²" : "m"}`;
}

/** What there is against what is needed; of a question with yes or no, the answer. */
function held(rule: Rule): string {
  if (rule.unit === "bool") return t(rule.reached ? "coverage.yes" : "coverage.no");
  return `${quantity(rule.reached, plain(rule.unit))} / ${quantity(rule.needed, plain(rule.unit))}`;
}

/** What rules count is named by themselves: devices, storeys. */
function plain(unit: string): string {
  return unit === "count" ? "" : unit;
}
