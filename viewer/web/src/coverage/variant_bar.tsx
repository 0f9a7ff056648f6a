/** The variant somebody is at: what it changes for the better or the worse, kept, compared, handed on. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import { said, t } from "../i18n";
import { percent } from "../overlay";
import { store } from "../store";
import { Button, Dialog, IconButton } from "../ui/controls";
import { errorText } from "../ui/load";
import { signed } from "./panel";
import * as coverage from "./state";
import type { Variant } from "./state";

const naming = signal<string | null>(null);
const comparing = signal<Compared[] | null>(null);

interface Compared {
  name: string;
  shares: Map<string, { share_ratio: number; is_met: boolean }>;
}

export function VariantBar(): JSX.Element | null {
  const { devices, without, name } = coverage.variant.value;
  const changes = devices.length + without.length;
  const kept = coverage.kept.value;
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  const stepped = coverage.canStepBack.value || coverage.canStepForward.value;
  if (changes === 0 && kept.length === 0 && !stepped) return null;
  return (
    <section class="variant">
      {(changes > 0 || stepped) && (
        <header>
          <b class="grow ellipsis">{name || t("coverage.variant")}</b>
          <span class="tag">{t("coverage.changes", { n: changes })}</span>
          <IconButton icon="undo" label={t("coverage.step_back")} hint="Ctrl Z" disabled={!coverage.canStepBack.value} onClick={coverage.stepBack} />
          <IconButton icon="redo" label={t("coverage.step_forward")} hint="Ctrl Y" disabled={!coverage.canStepForward.value} onClick={coverage.stepForward} />
        </header>
      )}
      {changes > 0 && (
        <>
          <Effect />
          {coverage.failed.value !== null && <p class="note warn">{coverage.failed.value}</p>}
          <div class="actions">
            <Button icon="reset" onClick={() => coverage.undo()}>
              {t("coverage.discard")}
            </Button>
            <Button icon="plus" onClick={() => (naming.value = name || t("coverage.variant_n", { n: kept.length + 1 }))}>
              {t("coverage.keep")}
            </Button>
            <Button icon="order" onClick={() => void download()} disabled={devices.length === 0}>
              {t("coverage.accept")}
            </Button>
          </div>
        </>
      )}
      {kept.length > 0 && (
        <details class="kept">
          <summary>
            {t("coverage.kept")} <span class="count">{kept.length}</span>
          </summary>
          <ul>
            {kept.map((one) => (
              <li key={one.name}>
                <button type="button" class="grow ellipsis" onClick={() => coverage.use(one)}>
                  {one.name}
                </button>
                <IconButton icon="close" label={t("coverage.forget", { name: one.name })} onClick={() => coverage.forget(one.name)} />
              </li>
            ))}
          </ul>
          <Button icon="chart" onClick={() => void compare(kept)}>
            {t("coverage.compare")}
          </Button>
        </details>
      )}
      {naming.value !== null && <Naming />}
      {comparing.value !== null && <Comparison variants={comparing.value} />}
    </section>
  );
}

/** Ctrl Z and Ctrl Y, but not where somebody writes: a field has its own undoing. */
function onKey(event: KeyboardEvent): void {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || (event.target instanceof Element && event.target.closest("input, textarea, select") !== null)) return;
  const key = event.key.toLowerCase();
  const forward = key === "y" || (key === "z" && event.shiftKey);
  if (!forward && key !== "z") return;
  event.preventDefault();
  if (forward) coverage.stepForward();
  else coverage.stepBack();
}

/** The places that become better or worse. */
function Effect(): JSX.Element {
  const before = coverage.before.value;
  const rows = (coverage.whatIf.value?.places ?? [])
    .map((place) => ({ place, gain: place.share_ratio - (before.get(place.key)?.share_ratio ?? 0), was: before.get(place.key)?.is_met ?? false }))
    .filter((row) => Math.abs(row.gain) > 5e-4 || row.was !== row.place.is_met)
    .sort((a, b) => Math.abs(b.gain) - Math.abs(a.gain));
  if (rows.length === 0) return <p class="caption">{coverage.busy.value ? t("coverage.reckoning") : t("coverage.no_effect")}</p>;
  return (
    <ul class="effect">
      {rows.slice(0, 6).map(({ place, gain, was }) => (
        <li key={place.key}>
          <button type="button" class="grow ellipsis" onClick={() => coverage.openAt(place)}>
            {said(place.name) || place.id}
          </button>
          <span class="num">{percent(place.share_ratio)}</span>
          <em class={gain > 0 ? "up" : "fall"}>{signed(gain)}</em>
          {was !== place.is_met && <span class={`tag ${place.is_met ? "good" : "bad"}`}>{t(place.is_met ? "coverage.now_met" : "coverage.now_lost")}</span>}
        </li>
      ))}
      {rows.length > 6 && <li class="caption">{t("coverage.more_places", { n: rows.length - 6 })}</li>}
    </ul>
  );
}

function Naming(): JSX.Element {
  const save = (event: Event): void => {
    event.preventDefault();
    const name = naming.value?.trim() ?? "";
    if (name === "") return;
    coverage.keep(name);
    naming.value = null;
  };
  return (
    <Dialog title={t("coverage.keep")} onClose={() => (naming.value = null)}>
      <form class="form" onSubmit={save}>
        <label class="field">
          <span>{t("coverage.name")}</span>
          <input class="input" maxLength={60} value={naming.value ?? ""} onInput={(event) => (naming.value = event.currentTarget.value)} />
        </label>
        <p class="caption">{t("coverage.keep_hint")}</p>
        <Button type="submit" tone="accent" disabled={(naming.value ?? "").trim() === ""}>
          {t("coverage.keep")}
        </Button>
      </form>
    </Dialog>
  );
}

async function compare(variants: readonly Variant[]): Promise<void> {
  try {
    comparing.value = await Promise.all(
      variants.map(async ({ name, devices, without }): Promise<Compared> => {
        const found = await api.whatIf({ devices, without, explain: false });
        return { name, shares: new Map(found.places.map((p) => [p.key, { share_ratio: p.share_ratio, is_met: p.is_met }])) };
      }),
    );
  } catch (error) {
    store.toast("error", errorText(error));
  }
}

function Comparison({ variants }: { variants: readonly Compared[] }): JSX.Element {
  const base = [...coverage.before.value.values()];
  const touched = base.filter((place) => variants.some((one) => one.shares.has(place.key)));
  const met = (one?: Compared): number => base.filter((place) => (one?.shares.get(place.key) ?? place).is_met).length;
  return (
    <Dialog wide title={t("coverage.compare")} onClose={() => (comparing.value = null)}>
      <div class="compare">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("coverage.place")}</th>
              <th scope="col">{t("coverage.today")}</th>
              {variants.map((one) => (
                <th key={one.name} scope="col">
                  {one.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr class="sum">
              <th scope="row">{t("coverage.met")}</th>
              <td>
                {met()} / {base.length}
              </td>
              {variants.map((one) => (
                <td key={one.name}>
                  {met(one)} / {base.length}
                </td>
              ))}
            </tr>
            {touched.map((place) => (
              <tr key={place.key}>
                <th scope="row">{said(place.name) || place.id}</th>
                <td class={place.is_met ? "met" : "lacks"}>{percent(place.share_ratio)}</td>
                {variants.map((one) => {
                  const now = one.shares.get(place.key) ?? place;
                  return (
                    <td key={one.name} class={now.is_met ? "met" : "lacks"}>
                      {percent(now.share_ratio)}
                      {Math.abs(now.share_ratio - place.share_ratio) > 5e-4 && <em class={now.share_ratio > place.share_ratio ? "up" : "fall"}>{signed(now.share_ratio - place.share_ratio)}</em>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Dialog>
  );
}

async function download(): Promise<void> {
  try {
    const url = URL.createObjectURL(await api.changedDevices(coverage.question(false)));
    const link = document.createElement("a");
    link.href = url;
    link.download = "devices-changed.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    store.toast("done", t("coverage.accepted"));
  } catch (error) {
    store.toast("error", errorText(error));
  }
}
