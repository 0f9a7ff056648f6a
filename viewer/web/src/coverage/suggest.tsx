/** Where cameras should be for what lacks: asked of the server, shown as a variant to look at before it is taken. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { api } from "../api";
import { coded, said, t } from "../i18n";
import { percent } from "../overlay";
import { Button, Segmented } from "../ui/controls";
import { Icon } from "../ui/icons";
import { errorText } from "../ui/load";
import { integer } from "../units";
import { signed } from "./panel";
import * as coverage from "./state";
import type { CameraChange, Suggested } from "./types";

type Way = "turn" | "add" | "both";
const WAYS: readonly Way[] = ["turn", "add", "both"];
const SEARCH_S = 15;

const opened = signal(false);
const way = signal<Way>("turn");
/** Text of the field: as many cameras as it takes, where it is empty. */
const most = signal("");
const search = signal<{ since: number } | { error: string } | { found: readonly Suggested[]; took_s: number } | null>(null);
const elapsed_s = signal(0);
let asking: AbortController | null = null;

/** For one place, or for all that lack. */
export function Suggest({ place }: { place?: string }): JSX.Element | null {
  const lacking = coverage.places.value.some((p) => !p.is_met && (place === undefined || p.id === place));
  const state = search.value;
  if (!lacking && state === null) return null;
  const busy = state !== null && "since" in state;
  return (
    <details class="suggest" open={opened.value} onToggle={(event) => (opened.value = event.currentTarget.open)}>
      <summary>
        <Icon name="camera" size={16} /> {t("suggest.title")}
      </summary>
      <Segmented label={t("suggest.way")} value={way.value} options={WAYS.map((one) => ({ value: one, text: t(`suggest.${one}`) }))} onChange={(one) => (way.value = one)} />
      <label class="field inline">
        <span>{t("suggest.most")}</span>
        <input class="input short" type="number" min={1} max={999} inputMode="numeric" placeholder={t("suggest.as_needed")} value={most.value} onInput={(event) => (most.value = event.currentTarget.value)} />
      </label>
      <p class="caption">{t(most.value === "" ? "suggest.fewest_hint" : "suggest.best_hint")}</p>
      <div class="actions">
        <Button tone="accent" icon="search" disabled={busy || !lacking} onClick={() => void ask(place)}>
          {t("suggest.search")}
        </Button>
        {busy && (
          <Button icon="close" onClick={cancel}>
            {t("suggest.stop")}
          </Button>
        )}
      </div>
      {busy && (
        <div class="searching" role="status">
          <progress max={SEARCH_S} value={Math.min(elapsed_s.value, SEARCH_S - 0.5)} aria-label={t("suggest.searching", { s: integer(elapsed_s.value) })} />
          <small>{t("suggest.searching", { s: integer(elapsed_s.value) })}</small>
        </div>
      )}
      {state !== null && "error" in state && <p class="note warn">{state.error}</p>}
      {state !== null && "found" in state && (state.found.length === 0 ? <p class="caption">{t("suggest.nothing_lacks")}</p> : state.found.map((one) => <Found key={one.way} one={one} />))}
    </details>
  );
}

function Found({ one }: { one: Suggested }): JSX.Element {
  const fresh = one.devices.length - one.changed.length;
  const gains = one.gains.filter((gain) => gain.after_ratio - gain.before_ratio > 5e-4);
  const cannot = one.unmet.reduce((sum, unmet) => sum + unmet.area_m2, 0);
  return (
    <section class="suggested">
      <h4>
        {one.devices.length === 0
          ? t("suggest.none_helps")
          : [fresh > 0 ? t("suggest.new_n", { n: fresh }) : "", one.changed.length > 0 ? t("suggest.turned_n", { n: one.changed.length }) : ""].filter(Boolean).join(" · ")}
      </h4>
      <p class="caption">{one.proof.is_optimal ? t("suggest.proven", { n: integer(one.proof.considered) }) : t("suggest.within", { share: percent(one.proof.gap_ratio), n: integer(one.proof.considered) })}</p>
      {gains.length > 0 && (
        <ul class="effect">
          {gains.slice(0, 6).map((gain) => (
            <li key={`${gain.place} ${gain.requirement}`}>
              <span class="grow ellipsis">{said(coverage.before.value.get(`${gain.place} ${gain.requirement}`)?.name) || gain.place}</span>
              <span class="num">{percent(gain.after_ratio)}</span>
              <em class="up">{signed(gain.after_ratio - gain.before_ratio)}</em>
              {gain.is_met && <span class="tag good">{t("coverage.now_met")}</span>}
            </li>
          ))}
        </ul>
      )}
      {one.unmet.length > 0 && (
        <p class="note warn">
          {t("suggest.cannot", { area: integer(Math.max(1, cannot)) })} {[...new Set(one.unmet.map((unmet) => coded("unmet_reason", unmet.reason)))].join(", ")}
        </p>
      )}
      {one.devices.length > 0 && (
        <Button icon="camera" onClick={() => show(one)}>
          {t("suggest.show")}
        </Button>
      )}
    </section>
  );
}

/** Put it into the variant, on top of what that changes already; it can be taken back there step by step. */
function show(one: Suggested): void {
  const now = coverage.variant.peek();
  const devices = new Map(now.devices.map((device) => [device.id, device]));
  for (const device of one.devices) devices.set(device.id, { ...(devices.get(device.id) ?? {}), ...device });
  coverage.use({ ...now, devices: [...devices.values()] });
  coverage.by.value = "change";
}

async function ask(place?: string): Promise<void> {
  cancel();
  const mine = (asking = new AbortController());
  const began = performance.now();
  elapsed_s.value = 0;
  search.value = { since: began };
  const clock = window.setInterval(() => (elapsed_s.value = (performance.now() - began) / 1000), 250);
  const n = Number.parseInt(most.peek(), 10);
  try {
    const reply = await api.suggestCameras(
      {
        way: way.peek(),
        seconds: SEARCH_S,
        variant: coverage.question(false),
        ...(Number.isFinite(n) && n > 0 ? { cameras: n } : {}),
        ...(place === undefined ? {} : { places: [place] }),
      },
      mine.signal,
    );
    if (asking === mine) search.value = { found: reply.suggestions.map(known), took_s: reply.took_s };
  } catch (error) {
    if (asking === mine) search.value = mine.signal.aborted ? null : { error: errorText(error) };
  } finally {
    clearInterval(clock);
  }
}

function cancel(): void {
  asking?.abort();
  asking = null;
  search.value = null;
}

const FIELDS = ["id", "kind", "model", "x_m", "y_m", "z_m", "bearing_deg", "tilt_deg", "roll_deg", "presets", "space"] as const;

/** Devices as a question takes them. */
function known(one: Suggested): Suggested {
  const devices = one.devices.map((device) => Object.fromEntries(FIELDS.filter((field) => device[field] !== undefined && device[field] !== null).map((field) => [field, device[field]])) as unknown as CameraChange);
  return { ...one, devices };
}
