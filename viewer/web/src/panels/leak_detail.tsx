/** One leak: how large, since when, where it is likeliest, what speaks for it, and what to do about it. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api";
import { coded, said, t } from "../i18n";
import { askPlan, candidateRef, closeLeak, commandLeak, likeliestPipe, lookAt, measurementRefs, showCandidates, thing } from "../leak_actions";
import type { Area, Leak, LeakCommand, LeakGroup } from "../leak_types";
import { percent, withoutNetwork } from "../overlay";
import { store } from "../store";
import { printPanel } from "../print_leak";
import { Button, Dialog, IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { ageText, durationText, instant, leakFlow, litresText, moneyText, momentText, walkText } from "../units";
import { BalanceCharts } from "./balance_chart";
import { BalanceTree } from "./balance_tree";
import { Evidence } from "./evidence";
import { LeakStateTag, Sure } from "./leak_marks";
import { OrderRow } from "./orders";

const FIRST_GROUPS = 3;
const FIRST_CANDIDATES = 5;
/** Below it a group is no place to look at. */
const LEAST_SHOWN = 0.01;
const LEVELS = ["zone", "building", "riser", "storey", "flat"] as const;
const OVER = new Set(["repaired", "dismissed"]);

export function LeakDetail({ leak }: { leak: Leak }): JSX.Element {
  // the list has the leak as it is now; its evidence with the readings is asked for by itself
  const { data } = useLoad(`${leak.id}|${store.leaks.value?.at}`, (signal) => api.leak(leak.id, signal));
  const [still, setStill] = useState<string | null>(null);
  const place = said(leak.place.name);
  const order = leak.work_order === null ? undefined : store.orders.value.get(leak.work_order);
  return (
    <article class="card leak-detail">
      <Letterhead leak={leak} still={still} />
      <header class="card-head">
        <div class="card-type">
          <Button icon="back" tone="quiet" onClick={closeLeak}>
            {t("leaks.back")}
          </Button>
          <span />
          <LeakStateTag leak={leak} />
          <IconButton icon="print" label={t("leaks.print")} onClick={() => void printPanel(setStill)} />
        </div>
        <h2>{place || said(leak.title)}</h2>
        {!said(leak.title).includes(place) && <p class="leak-title">{said(leak.title)}</p>}
        <Sure ratio={leak.place.probability_ratio} localisable={leak.localisable} />
      </header>
      <Figures leak={leak} />
      <Confirmed leak={leak} />
      <NextStep leak={leak} />
      <LeakActions leak={leak} />
      {order !== undefined && <OrderRow order={order} />}
      {data?.balance && <BalanceCharts balance={data.balance} leak={leak} />}
      {data?.balance && <InTree district={data.balance.district} />}
      <Where leak={leak} />
      <Evidence lines={(data ?? leak).evidence} onset_s={instant(leak.onset_at).getTime() / 1000} />
    </article>
  );
}

/** The way to the picture of all balances, with this leak's district in it. */
function InTree({ district }: { district: string }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon="connected" onClick={() => setOpen(true)}>
        {t("balance.show")}
      </Button>
      {open && <BalanceTree districts={store.leaks.value?.districts ?? []} leaking={district} onClose={() => setOpen(false)} />}
    </>
  );
}

/** What paper needs to say that the page need not: which estate, which leak, when. */
function Letterhead({ leak, still }: { leak: Leak; still: string | null }): JSX.Element {
  const site = store.site.value;
  const zone = site?.time_zone ?? "UTC";
  return (
    <div class="paper-only">
      <div class="letterhead">
        <b>{said(site?.name)}</b>
        <span>{t("leaks.report")}</span>
        <small>{t("leaks.printed", { at: `${momentText(new Date(store.now_s.peek() * 1000), zone)} ${zone}` })}</small>
        <small class="mono">{leak.id}</small>
      </div>
      {still !== null && <img src={still} alt={t("leaks.still")} />}
    </div>
  );
}

function Figures({ leak }: { leak: Leak }): JSX.Element {
  const zone = store.site.value?.time_zone ?? "UTC";
  const [low, at, high] = [leak.onset_low_at, leak.onset_at, leak.onset_high_at].map((v) => instant(v));
  const spread_s = (high!.getTime() - low!.getTime()) / 2000;
  return (
    <dl class="tiles figures">
      <div>
        <dt>{t("leaks.size")}</dt>
        <dd>
          {leakFlow(leak.size_m3_per_s)} <small>m³/h</small>
        </dd>
        <dd class="sub">
          {leakFlow(leak.size_low_m3_per_s)}–{leakFlow(leak.size_high_m3_per_s)} · {litresText(leak.size_m3_per_s)}
        </dd>
      </div>
      <div>
        <dt>{t("leaks.onset")}</dt>
        <dd>{ageText(store.now_s.value - at!.getTime() / 1000)}</dd>
        <dd class="sub" title={`${momentText(low!, zone)} – ${momentText(high!, zone)}`}>
          {momentText(at!, zone).slice(5, 16)} ± {durationText(spread_s)}
        </dd>
      </div>
      <div>
        <dt>{t("leaks.cost")}</dt>
        <dd>{moneyText(leak.cost_per_day, leak.currency)}</dd>
        <dd class="sub">{t("leaks.lost_so_far", { n: Math.round(leak.lost_m3) })}</dd>
      </div>
      <div>
        <dt>{t("leaks.shape")}</dt>
        <dd class="words">{coded("leak_shape", leak.shape)}</dd>
        <dd class="sub">{coded("leak_shape_hint", leak.shape)}</dd>
      </div>
    </dl>
  );
}

/** After a repair: whether the flow says that the leak has gone. */
function Confirmed({ leak }: { leak: Leak }): JSX.Element | null {
  const words = said(leak.confirmation?.text) || (["confirming", "repaired", "persists"].includes(leak.state) ? coded("leak_confirmation", leak.state) : "");
  if (words === "") return null;
  const tone = leak.state === "repaired" ? "good" : leak.state === "persists" ? "bad" : "wait";
  return (
    <p class={`callout ${tone}`} role="status">
      <Icon name={tone === "good" ? "check" : tone === "bad" ? "warning" : "clock"} size={18} />
      <span>{words}</span>
    </p>
  );
}

/** What cannot be told and why, with the measurement that would help most. */
function NextStep({ leak }: { leak: Leak }): JSX.Element | null {
  const next = leak.next_measurement;
  if (OVER.has(leak.state) || (leak.localisable && next === null)) return null;
  const refs = next === null ? [] : measurementRefs(next);
  return (
    <div class={`callout ${leak.localisable ? "hint" : "unsure"}`}>
      <Icon name={leak.localisable ? "pin" : "help"} size={20} />
      <div>
        {!leak.localisable && (
          <>
            <b>{t("leaks.cannot_tell_where")}</b>
            <p>{said(leak.why_not)}</p>
          </>
        )}
        {next !== null && (
          <>
            <b>{t("leaks.next", { what: coded("measurement", next.kind) })}</b>
            <p>{said(next.text)}</p>
            {refs.length > 0 && (
              <Button icon="fly" onClick={() => lookAt(refs)}>
                {t("leaks.show_place")}
              </Button>
            )}
          </>
        )}
      </div>
    </div>
  );
}

/** What each command asks before it is sent; a repair that is only reported can be taken back. */
function question(leak: Leak, command: LeakCommand): { title: string; lead: string; action: string; required: boolean } {
  const takenBack = leak.state === "confirming";
  switch (command) {
    case "create_work_order":
      return { title: t("leaks.open_order"), lead: said(leak.title), action: t("leaks.open_order"), required: false };
    case "report_repaired":
      return { title: t("leaks.repaired_title"), lead: t("leaks.repaired_hint"), action: t("leaks.repaired_say"), required: false };
    case "reopen":
      return {
        title: t(takenBack ? "leaks.take_back" : "leaks.reopen"),
        lead: t(takenBack ? "leaks.take_back_hint" : "leaks.reopen_hint"),
        action: t(takenBack ? "leaks.take_back" : "leaks.reopen"),
        required: false,
      };
    case "dismiss":
      return { title: t("leaks.dismiss_title"), lead: t("leaks.dismiss_hint"), action: t("leaks.dismiss"), required: true };
  }
}

function LeakActions({ leak }: { leak: Leak }): JSX.Element {
  const [asking, setAsking] = useState<LeakCommand | null>(null);
  const pipe = likeliestPipe(leak);
  const over = OVER.has(leak.state);
  const shown = store.lens.value?.kind === "leak" && store.lens.value.leak === leak.id;
  return (
    <>
      <div class="card-actions">
        {!over && leak.work_order === null && (
          <Button icon="order" tone="accent" onClick={() => setAsking("create_work_order")}>
            {t("leaks.open_order")}
          </Button>
        )}
        {pipe !== null && !over && (
          <Button icon="valve" onClick={() => void askPlan(pipe)}>
            {t("leaks.valves")}
          </Button>
        )}
        {!over && leak.state !== "confirming" && (
          <Button icon="check" onClick={() => setAsking("report_repaired")}>
            {t("leaks.repaired")}
          </Button>
        )}
        {(over || leak.state === "confirming") && (
          <Button icon="reset" onClick={() => setAsking("reopen")}>
            {t(over ? "leaks.reopen" : "leaks.take_back")}
          </Button>
        )}
        {!over && (
          <Button icon="close" onClick={() => setAsking("dismiss")}>
            {t("leaks.dismiss")}
          </Button>
        )}
        {leak.candidates.length > 0 && (
          <Button icon="heat" pressed={shown} onClick={() => (shown ? (store.lens.value = null) : look(leak))}>
            {t("leaks.heat")}
          </Button>
        )}
      </div>
      {asking !== null && (
        <ReasonDialog
          {...question(leak, asking)}
          onClose={() => setAsking(null)}
          onSay={async (reason) => {
            if ((await commandLeak(leak, asking, reason)) !== null) setAsking(null);
          }}
        />
      )}
    </>
  );
}

function look(leak: Leak): void {
  showCandidates(leak);
  store.uncover();
}

function ReasonDialog(props: {
  title: string;
  lead: string;
  action: string;
  required: boolean;
  onClose: () => void;
  onSay: (reason: string) => Promise<void>;
}): JSX.Element {
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <p class="lead">{props.lead}</p>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          setBusy(true);
          void props.onSay(reason).then(() => setBusy(false));
        }}
      >
        <label class="field">
          <span>{t(props.required ? "leaks.reason" : "order.note")}</span>
          <textarea class="input" rows={3} maxLength={2000} required={props.required} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
        <div class="row-end">
          <Button onClick={props.onClose}>{t("action.cancel")}</Button>
          <Button type="submit" tone="accent" icon="check" disabled={busy}>
            {props.action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Where({ leak }: { leak: Leak }): JSX.Element | null {
  const levels = LEVELS.map((level) => [level, leak.groups.filter((g) => g.level === level && g.probability_ratio >= LEAST_SHOWN)] as const).filter(([, groups]) => groups.length > 0);
  if (levels.length === 0 && leak.candidates.length === 0) return null;
  return (
    <section>
      <h3>{t("leaks.where")}</h3>
      {levels.map(([level, groups]) => (
        <Groups key={level} title={coded("leak_group", level)} groups={groups} />
      ))}
      <div class="search-areas">
        <SearchArea leak={leak} area={leak.area_50} share="50 %" />
        <SearchArea leak={leak} area={leak.area_90} share="90 %" />
      </div>
      <Candidates leak={leak} />
    </section>
  );
}

function Groups({ title, groups }: { title: string; groups: LeakGroup[] }): JSX.Element {
  const [asked, setAll] = useState(false);
  const all = asked || store.printing.value;
  const sorted = [...groups].sort((a, b) => b.probability_ratio - a.probability_ratio);
  const shown = all ? sorted : sorted.slice(0, FIRST_GROUPS);
  return (
    <div class="groups">
      <h4>{title}</h4>
      {shown.map((group) => (
        <button key={group.id} type="button" class="bar" onClick={() => lookAt([thing(group.id)].flatMap((ref) => ref ?? []))}>
          <span>{said(group.name) || group.id}</span>
          <i class="meter" aria-hidden="true">
            <i style={{ width: `${group.probability_ratio * 100}%` }} />
          </i>
          <b class="num">{percent(group.probability_ratio)}</b>
        </button>
      ))}
      {groups.length > FIRST_GROUPS && (
        <Button tone="quiet" onClick={() => setAll(!all)}>
          {all ? t("action.fewer") : t("action.all_n", { n: groups.length })}
        </Button>
      )}
    </div>
  );
}

/** Metres to search for the leak to be among them with a probability. */
function SearchArea({ leak, area, share }: { leak: Leak; area: Area; share: string }): JSX.Element {
  return (
    <button type="button" onClick={() => lookAt(area.objects.map((id) => candidateRef(leak, id)))} disabled={area.objects.length === 0}>
      <small>{t("leaks.search", { share })}</small>
      <b class="num">{walkText(area.length_m)}</b>
      <small>{area.objects.length === 1 ? t("leaks.place_one") : t("leaks.places", { n: area.objects.length })}</small>
    </button>
  );
}

function Candidates({ leak }: { leak: Leak }): JSX.Element | null {
  const [asked, setAll] = useState(false);
  const all = asked || store.printing.value;
  if (leak.candidates.length === 0) return null;
  const most = leak.candidates[0]!.probability_ratio;
  return (
    <div class="groups">
      <h4>{t("leaks.candidates")}</h4>
      {(all ? leak.candidates : leak.candidates.slice(0, FIRST_CANDIDATES)).map((candidate) => (
        <button key={`${candidate.type}:${candidate.id}`} type="button" class="bar" onClick={() => lookAt([{ type: candidate.type, id: candidate.id }])}>
          <span class="ellipsis mono">{candidate.type === "pipe" ? withoutNetwork(leak.network, candidate.id) : candidate.id}</span>
          <i class="meter heat" aria-hidden="true">
            <i style={{ width: `${(candidate.probability_ratio / most) * 100}%` }} />
          </i>
          <b class="num">{percent(candidate.probability_ratio)}</b>
        </button>
      ))}
      {leak.candidates.length > FIRST_CANDIDATES && (
        <Button tone="quiet" onClick={() => setAll(!all)}>
          {all ? t("action.fewer") : t("action.all_n", { n: leak.candidates.length })}
        </Button>
      )}
    </div>
  );
}
