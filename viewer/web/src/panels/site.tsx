/** The health of the whole: devices by quality, the wire, the memory; the simulator; what was not understood. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { setSpeed, startIncident, stopIncident } from "../actions";
import { api } from "../api";
import { QUALITY_NAMES } from "../feed";
import { coded, said, t } from "../i18n";
import { store } from "../store";
import type { ActiveIncident, IncidentKind, IngestStatus } from "../types";
import { Button, Empty, Failure, Segmented } from "../ui/controls";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { durationText, instant, integer, megabytes, momentText } from "../units";
import { QualityMark } from "./marks";

const REFRESH_MS = 5000;

export function SitePanel(): JSX.Element {
  return (
    <div class="site-panel">
      <Devices />
      <Simulator />
      <Ingest />
    </div>
  );
}

function Devices(): JSX.Element {
  const counts = store.qualityCounts.value;
  const total = counts.reduce((sum, n) => sum + n, 0);
  const site = store.site.value;
  return (
    <section>
      <h3>{t("site.devices")}</h3>
      <div class="quality-bar" aria-hidden="true">
        {counts.map((n, k) => n > 0 && <i key={k} class={QUALITY_NAMES[k]} style={{ flexGrow: n }} />)}
      </div>
      <dl class="tiles">
        {QUALITY_NAMES.map((quality, k) => (
          <div key={quality}>
            <dt>
              <QualityMark quality={quality} words />
            </dt>
            <dd>{integer(counts[k])}</dd>
          </div>
        ))}
        <div>
          <dt>{t("site.updates")}</dt>
          <dd>{integer(store.updatesPerSecond.value)}</dd>
        </div>
      </dl>
      <p class="caption">
        {t("site.counts", {
          devices: integer(total),
          channels: integer(site?.counts.channels),
          spaces: integer(site?.counts.spaces),
        })}
      </p>
    </section>
  );
}

function Ingest(): JSX.Element {
  const [round, setRound] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setRound((n) => n + 1), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const { data, error, reload } = useLoad(`ingest|${round}`, async () => {
    const [ingest, health] = await Promise.all([api.ingest(), api.health()]);
    store.health.value = health;
    return ingest;
  });
  const [kept, setKept] = useState<IngestStatus | null>(null);
  useEffect(() => {
    if (data !== null) setKept(data);
  }, [data]);
  const health = store.health.value;
  return (
    <section>
      <h3>{t("site.wire")}</h3>
      {health !== null && (
        <ul class="checks">
          <Check ok={health.broker.connected} text={t(health.broker.connected ? "site.broker_on" : "site.broker_off")} />
          <Check
            ok={health.history.writable}
            text={t(health.history.writable ? "site.history_on" : "site.history_off", { n: integer(health.history.readings) })}
          />
          {(health.reasons ?? []).map((reason) => (
            <Check key={String(reason)} ok={false} text={String(reason)} />
          ))}
        </ul>
      )}
      {error !== null && kept === null && <Failure text={error} retry={reload} />}
      {kept !== null && <IngestCounters status={kept} />}
      {health !== null && (
        <p class="caption">
          {t("site.process", { up: durationText(health.uptime_s), memory: megabytes(health.memory_bytes) })}
        </p>
      )}
      {kept !== null && <Problems status={kept} />}
    </section>
  );
}

function Check({ ok, text }: { ok: boolean; text: string }): JSX.Element {
  return (
    <li class={ok ? "ok" : "not-ok"}>
      <Icon name={ok ? "check" : "warning"} size={15} />
      {text}
    </li>
  );
}

const COUNTERS = ["received", "stored", "duplicates", "late", "rejected", "unknown_topic"] as const;

function IngestCounters({ status }: { status: IngestStatus }): JSX.Element {
  return (
    <dl class="tiles">
      {COUNTERS.map((name) => (
        <div key={name} class={(name === "rejected" || name === "unknown_topic") && status[name] > 0 ? "warn" : ""}>
          <dt>{t(`ingest.${name}`)}</dt>
          <dd>{integer(status[name])}</dd>
        </div>
      ))}
    </dl>
  );
}

function Problems({ status }: { status: IngestStatus }): JSX.Element {
  const zone = store.site.value?.time_zone ?? "UTC";
  const { items } = status.problems;
  return (
    <>
      <h4>{t("ingest.problems")}</h4>
      {items.length === 0 ? (
        <p class="note ok">
          <Icon name="check" size={15} /> {t("ingest.no_problems")}
        </p>
      ) : (
        <ul class="problems">
          {items.map((problem) => (
            <li key={`${problem.reason}|${problem.topic}`}>
              <div class="spread">
                <b>{coded("reason", problem.reason)}</b>
                <span class="num">×{integer(problem.count)}</span>
              </div>
              <code>{problem.topic}</code>
              <code class="faint">{problem.example}</code>
              <small>{momentText(instant(problem.last_at), zone)}</small>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const SPEEDS = [1, 10, 60, 300];

function Simulator(): JSX.Element {
  const status = store.simulator.value;
  if (status === null || !status.running) {
    return (
      <section>
        <h3>{t("simulator.title")}</h3>
        <Empty icon="play" title={t("simulator.off")}>
          {t("simulator.off_hint")}
        </Empty>
      </section>
    );
  }
  return (
    <section>
      <h3>{t("simulator.title")}</h3>
      <div class="spread">
        <span class="caption">
          {t("simulator.speed")}
          {status.site_time !== null && <> · {momentText(instant(status.site_time), store.site.value?.time_zone ?? "UTC")}</>}
        </span>
      </div>
      <Segmented
        label={t("simulator.speed")}
        value={status.speed === null ? null : String(status.speed)}
        onChange={(speed) => void setSpeed(Number(speed))}
        options={SPEEDS.map((n) => ({ value: String(n), text: `×${n}` }))}
      />
      {status.incidents.length > 0 && (
        <ul class="incidents">
          {status.incidents.map((incident, k) => (
            <ActiveRow key={incident.id ?? k} incident={incident} catalog={status.catalog} />
          ))}
        </ul>
      )}
      <IncidentForm catalog={status.catalog} />
    </section>
  );
}

function incidentKind(incident: ActiveIncident): string {
  return incident.kind ?? incident.incident ?? "";
}

function ActiveRow({ incident, catalog }: { incident: ActiveIncident; catalog: IncidentKind[] }): JSX.Element {
  const kind = incidentKind(incident);
  return (
    <li>
      <Icon name="flame" size={16} />
      <span class="grow">
        <b>{said(incident.name ?? catalog.find((c) => c.kind === kind)?.name) || kind}</b>
        <small>{incident.target ?? ""}</small>
      </span>
      <Button icon="stop" onClick={() => void stopIncident(kind, incident.target ?? null)}>
        {t("simulator.stop")}
      </Button>
    </li>
  );
}

/** Whether what is selected can be the target of an incident. */
export function fits(targets: string, type: string, kind: string | null): boolean {
  return targets.split("|").some((target) => {
    const [what, which] = target.split(":");
    if (what === "flat") return type === "space";
    return what === type && (which === undefined || (kind?.includes(which) ?? false));
  });
}

function selectedTarget(kind: IncidentKind | undefined): string {
  const ref = store.selection.value;
  const index = store.index.value;
  if (ref === null || kind === undefined || index === null) return "";
  const position = ref.type === "device" ? index.position.get(ref.id) : undefined;
  const deviceKind = position === undefined ? null : index.kind(position).id;
  if (!fits(kind.targets, ref.type, deviceKind)) return "";
  return ref.id;
}

function IncidentForm({ catalog }: { catalog: IncidentKind[] }): JSX.Element {
  const [chosen, setChosen] = useState("");
  const [typed, setTyped] = useState<string | null>(null);
  const kind = catalog.find((c) => c.kind === chosen);
  const target = typed ?? (selectedTarget(kind) || (kind?.examples[0] ?? ""));
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (kind !== undefined) void startIncident(kind.kind, target);
      }}
    >
      <h4>{t("simulator.incident")}</h4>
      <div class="catalog" role="radiogroup" aria-label={t("simulator.incident")}>
        {catalog.map((one) => (
          <button
            key={one.kind}
            type="button"
            role="radio"
            aria-checked={one.kind === chosen}
            onClick={() => {
              setChosen(one.kind);
              setTyped(null);
            }}
          >
            {said(one.name) || one.kind}
          </button>
        ))}
      </div>
      {kind !== undefined && (
        <>
          <label class="field">
            <span>{t("simulator.target", { what: coded("target", kind.targets) })}</span>
            <input class="input mono" value={target} list="incident-examples" onInput={(event) => setTyped(event.currentTarget.value)} />
          </label>
          <datalist id="incident-examples">
            {kind.examples.map((example) => (
              <option key={example} value={example} />
            ))}
          </datalist>
          <div class="row-end">
            {selectedTarget(kind) !== "" && typed !== null && (
              <Button tone="quiet" onClick={() => setTyped(null)}>
                {t("simulator.use_selection")}
              </Button>
            )}
            <Button type="submit" icon="play" tone="accent">
              {t("simulator.start")}
            </Button>
          </div>
        </>
      )}
    </form>
  );
}
