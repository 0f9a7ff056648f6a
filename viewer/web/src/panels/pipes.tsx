/** On the card of a pipe or node: cut it off, or follow the water. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api";
import { coded, said, t } from "../i18n";
import { askPlan, askTrace, orderPlan, thing } from "../leak_actions";
import type { IsolationPlan, PlannedValve, TraceDirection } from "../leak_types";
import { networkOf, within, withoutNetwork, type Lens } from "../overlay";
import { store } from "../store";
import type { ObjectRef } from "../types";
import { Button, Dialog } from "../ui/controls";
import { Icon } from "../ui/icons";
import { durationText, leakFlow, reading, readingText, walkText } from "../units";

const DIRECTIONS: readonly TraceDirection[] = ["upstream", "downstream", "connected"];
/** Networks whose pipes can be shut. */
const SHUT = new Set(["domestic_water", "fire_main", "heating", "gas"]);

export function PipeTools({ of }: { of: ObjectRef }): JSX.Element | null {
  const networks = store.site.value?.networks ?? [];
  const network = networks.find((n) => n.id === networkOf(of, networks));
  if (network === undefined) return null;
  const lens = store.lens.value;
  const traced = lens?.kind === "trace" && lens.from.type === of.type && lens.from.id === of.id ? lens : null;
  const planned = lens?.kind === "plan" && of.type === "pipe" && lens.pipe === of.id ? lens : null;
  return (
    <section class="pipe-tools">
      <div class="field">
        <span>{t("trace.title")}</span>
        <div class="split" role="group" aria-label={t("trace.title")}>
          {DIRECTIONS.map((direction) => (
            <Button
              key={direction}
              icon={direction === "upstream" ? "upstream" : direction === "downstream" ? "downstream" : "connected"}
              pressed={traced?.direction === direction}
              onClick={() => (traced?.direction === direction ? (store.lens.value = null) : void askTrace(of, direction))}
            >
              {t(`trace.${direction}`)}
            </Button>
          ))}
        </div>
      </div>
      {of.type === "pipe" && <FlowNow of={of} />}
      {traced !== null && <Traced lens={traced} />}
      {of.type === "pipe" && SHUT.has(network.kind) && planned === null && (
        <Button icon="valve" onClick={() => void askPlan(of)}>
          {t("plan.ask")}
        </Button>
      )}
      {planned !== null && <Plan lens={planned} />}
    </section>
  );
}

/** What runs through the pipe, and who says so. */
function FlowNow({ of }: { of: ObjectRef }): JSX.Element | null {
  const flow = store.flows.value.get(of.id);
  if (flow === undefined || flow.flow_m3_per_s === null) return null;
  const stands = flow.way === 0;
  const velocity = flow.velocity_m_per_s;
  const speed = stands || velocity === null ? "" : velocity < 0.005 ? ` · < ${readingText(0.01, "m_per_s", 2)}` : ` · ${readingText(velocity, "m_per_s", 2)}`;
  return (
    <p class="flow-now">
      <Icon name="drop" size={16} />
      <b class="num">{stands ? t("flows.stands") : `${leakFlow(flow.flow_m3_per_s)} m³/h${speed}`}</b>
      <small>{t(flow.measured ? "flows.measured" : "flows.usual")}</small>
    </p>
  );
}

type TraceLens = Extract<Lens, { kind: "trace" }>;
type PlanLens = Extract<Lens, { kind: "plan" }>;

function Traced({ lens }: { lens: TraceLens }): JSX.Element {
  const { trace, network } = lens;
  return (
    <>
      <dl class="tiles">
        <div>
          <dt>{t("trace.length")}</dt>
          <dd>{walkText(trace.length_m)}</dd>
        </div>
        <div>
          <dt>{t("trace.pipes")}</dt>
          <dd>{trace.pipes.length}</dd>
        </div>
        <div>
          <dt>{t("trace.flats")}</dt>
          <dd>{trace.flats}</dd>
        </div>
      </dl>
      <p class="caption">{t("trace.by", { what: coded("trace_by", trace.by) })}</p>
      {trace.ends.length > 0 && (
        <Names
          title={t("trace.ends")}
          items={trace.ends.map((id) => ({ ref: { type: "node", id: within(network, id) }, text: withoutNetwork(network, id) }))}
        />
      )}
    </>
  );
}

function Plan({ lens }: { lens: PlanLens }): JSX.Element {
  const { plan, network } = lens;
  const [notice, setNotice] = useState(false);
  const ordered = [...plan.close].sort((a, b) => a.order - b.order);
  const refine = (stuck: readonly string[]): void => void askPlan({ type: "pipe", id: lens.pipe }, stuck);
  return (
    <div class="plan">
      <header class="spread">
        <h3>{t("plan.title")}</h3>
        <span class={`tag ${plan.checked ? "plan-checked" : ""}`} title={t(plan.checked ? "plan.checked_hint" : "plan.unchecked_hint")}>
          {t(plan.checked ? "plan.checked" : "plan.unchecked")}
        </span>
      </header>
      {plan.warnings.length > 0 && (
        <div class="callout unsure">
          <Icon name="warning" size={18} />
          <ul>
            {plan.warnings.map((warning, k) => (
              <li key={k}>{said(warning)}</li>
            ))}
          </ul>
        </div>
      )}
      {ordered.length > 0 && (
        <>
          <h4>{t("plan.close", { n: ordered.length })}</h4>
          <ol class="valves">
            {ordered.map((valve) => (
              <Valve key={valve.valve} valve={valve} network={network} onStuck={() => refine([...lens.stuck, valve.valve])} />
            ))}
          </ol>
        </>
      )}
      {plan.stuck.length > 0 && <Stuck lens={lens} onWorks={(valve) => refine(lens.stuck.filter((v) => v !== valve))} />}
      <Dry plan={plan} network={network} />
      <div class="card-actions">
        <Button icon="order" tone="accent" onClick={() => void orderPlan()}>
          {t("plan.order")}
        </Button>
        <Button icon="print" onClick={() => setNotice(true)}>
          {t("plan.notice")}
        </Button>
        <Button icon="close" onClick={() => (store.lens.value = null)}>
          {t("plan.clear")}
        </Button>
      </div>
      {notice && <NoticeDialog lens={lens} onClose={() => setNotice(false)} />}
    </div>
  );
}

function Valve({ valve, network, onStuck }: { valve: PlannedValve; network: string; onStuck: () => void }): JSX.Element {
  const id = within(network, valve.valve);
  const name = said(valve.name) || withoutNetwork(network, valve.valve);
  return (
    <li>
      <button type="button" class="valve-main" onClick={() => store.fitAll([{ type: "pipe", id }])}>
        <em class="number valve">{valve.order}</em>
        <span class="grow">
          <b>{name}</b>
          {said(valve.reason) !== "" && <small>{said(valve.reason)}</small>}
        </span>
      </button>
      <Button tone="quiet" title={t("plan.stuck_hint")} onClick={onStuck}>
        {t("plan.mark_stuck")}
      </Button>
    </li>
  );
}

function Stuck({ lens, onWorks }: { lens: PlanLens; onWorks: (valve: string) => void }): JSX.Element {
  const mine = new Set(lens.stuck.map((v) => withoutNetwork(lens.network, v)));
  return (
    <>
      <h4>{t("plan.stuck", { n: lens.plan.stuck.length })}</h4>
      <ul class="valves">
        {lens.plan.stuck.map((valve) => (
          <li key={valve}>
            <button type="button" class="valve-main" onClick={() => store.fitAll([{ type: "pipe", id: within(lens.network, valve) }])}>
              <em class="number stuck">×</em>
              <b class="grow">{withoutNetwork(lens.network, valve)}</b>
            </button>
            {mine.has(withoutNetwork(lens.network, valve)) && (
              <Button tone="quiet" onClick={() => onWorks(lens.stuck.find((v) => withoutNetwork(lens.network, v) === withoutNetwork(lens.network, valve))!)}>
                {t("plan.works")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Who and what loses water, or pressure. */
function Dry({ plan, network }: { plan: IsolationPlan; network: string }): JSX.Element {
  const { flats, people, vulnerable, hydrants, critical } = plan.without_water;
  const space = (id: string): ObjectRef => ({ type: "space", id });
  return (
    <>
      <h4>{t("plan.dry", { hours: plan.hours })}</h4>
      <dl class="tiles dry">
        <Tile name={t("plan.flats")} n={flats.length} />
        <Tile name={t("plan.people")} n={people} />
        <Tile name={t("plan.vulnerable")} n={vulnerable.length} warn />
        <Tile name={t("plan.hydrants")} n={hydrants.length} warn />
        <Tile name={t("plan.critical")} n={critical.length} warn />
        <Tile name={t("plan.low_pressure")} n={plan.low_pressure.length} />
      </dl>
      {critical.length > 0 && <Names title={t("plan.critical")} open items={critical.map((p) => ({ ref: thing(p.id) ?? space(p.id), text: said(p.name) || p.id }))} />}
      {hydrants.length > 0 && <Names title={t("plan.hydrants")} items={hydrants.map((id) => ({ ref: thing(id, "node") ?? space(id), text: withoutNetwork(network, id) }))} />}
      {flats.length > 0 && <Names title={t("plan.flats")} items={flats.map((id) => ({ ref: space(id), text: id }))} />}
      {plan.later.length > 0 && (
        <Names title={t("plan.later")} items={plan.later.map((flat) => ({ ref: space(flat.space), text: `${flat.space} · ${t("plan.after", { long: durationText(flat.after_s) })}` }))} />
      )}
      {plan.low_pressure.length > 0 && (
        <Names
          title={t("plan.low_pressure")}
          items={plan.low_pressure.map((low) => ({
            ref: space(low.space),
            text: `${low.space} · ${t("plan.head", { has: metres(low.pressure_head_m), needs: metres(low.needed_m) })}`,
          }))}
        />
      )}
      {plan.keep_closed.length > 0 && (
        <Names
          title={t("plan.keep_closed")}
          open
          items={plan.keep_closed.map((valve) => ({ ref: { type: "pipe", id: within(network, valve) }, text: withoutNetwork(network, valve) }))}
        />
      )}
      {plan.drain !== null && (
        <Names title={t("plan.drain")} open items={[{ ref: { type: "node", id: within(network, plan.drain.node) }, text: `${withoutNetwork(network, plan.drain.node)} · ${readingText(plan.drain.elevation_m, "m", 1)}` }]} />
      )}
    </>
  );
}

function metres(value: number): string {
  return reading(value, "m", 1).number;
}

function Tile({ name, n, warn = false }: { name: string; n: number; warn?: boolean }): JSX.Element {
  return (
    <div class={warn && n > 0 ? "warn" : ""}>
      <dt>{name}</dt>
      <dd>{n}</dd>
    </div>
  );
}

/** A list that is opened when wanted; each entry is gone to. */
function Names({ title, items, open = false }: { title: string; items: { ref: ObjectRef; text: string }[]; open?: boolean }): JSX.Element {
  return (
    <details class="names" open={open}>
      <summary>
        {title} <span class="count">{items.length}</span>
      </summary>
      <ul>
        {items.map(({ ref, text }) => (
          <li key={ref.id}>
            <button type="button" class="line" onClick={() => lookAtKept(ref)}>
              {text}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Look without selecting: the card with the list must stay. */
function lookAtKept(ref: ObjectRef): void {
  store.fitAll([ref]);
  store.hover.value = ref;
}

function NoticeDialog({ lens, onClose }: { lens: PlanLens; onClose: () => void }): JSX.Element {
  const [start, setStart] = useState(() => nextHour(store.now_s.peek()));
  const [hours, setHours] = useState("4");
  return (
    <Dialog title={t("plan.notice")} onClose={onClose}>
      <p class="lead">{t("plan.notice_hint", { n: lens.plan.without_water.flats.length })}</p>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          const from = new Date(start).toISOString();
          const stuck = lens.stuck.map((valve) => withoutNetwork(lens.network, valve));
          open(api.noticeUrl(lens.network, withoutNetwork(lens.network, lens.pipe), stuck, from, Number(hours)), "_blank", "noopener");
          onClose();
        }}
      >
        <label class="field">
          <span>{t("plan.notice_start")}</span>
          <input class="input" type="datetime-local" required value={start} onInput={(event) => setStart(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>{t("plan.notice_hours")}</span>
          <input class="input" type="number" min="0.5" max="72" step="0.5" required value={hours} onInput={(event) => setHours(event.currentTarget.value)} />
        </label>
        <div class="row-end">
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" tone="accent" icon="print">
            {t("plan.notice_open")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The next full hour, as a field for date and time takes it: in the reader's own time. */
function nextHour(now_s: number): string {
  const at = new Date(Math.ceil(now_s / 3600) * 3_600_000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
