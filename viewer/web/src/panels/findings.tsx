/** What is amiss on any network by several devices together: fire main, drains, ducts, closed valves. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../api";
import { said, t } from "../i18n";
import { lookAt, thing } from "../leak_actions";
import type { HydrantState, NetworkFinding } from "../leak_types";
import { store } from "../store";
import { useLoad } from "../ui/load";
import { SeverityMark } from "./marks";

const REFRESH_MS = 30_000;
interface Placed {
  network: string;
  finding: NetworkFinding;
}
interface Kept {
  placed: Placed[];
  /** Hydrants that are out of service, with the reason. */
  out: HydrantState[];
}

export function Findings(): JSX.Element | null {
  const [round, setRound] = useState(0);
  const [kept, setKept] = useState<Kept>({ placed: [], out: [] });
  useEffect(() => {
    const timer = setInterval(() => setRound((n) => n + 1), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const networks = store.site.value?.networks ?? [];
  const { data } = useLoad(`findings|${round}`, async (signal) => {
    const answers = await Promise.all(networks.map((n) => api.findings(n.id, signal)));
    return {
      placed: answers.flatMap(({ items }, k) => items.map((finding): Placed => ({ network: networks[k]!.id, finding }))),
      out: answers.flatMap(({ hydrants }) => hydrants.filter((h) => h.in_service === false)),
    };
  });
  useEffect(() => {
    if (data !== null) setKept(data);
  }, [data]);
  if (kept.placed.length + kept.out.length === 0) return null;
  const named = new Map(networks.map((n) => [n.id, said(n.name)]));
  return (
    <section>
      <h3>
        {t("findings.title")} <span class="count">{kept.placed.length}</span>
      </h3>
      <ul class="says">
        {kept.placed.map(({ network, finding }, k) => (
          <li key={k}>
            <button type="button" onClick={() => lookAt([...finding.devices, ...finding.objects].flatMap((id) => thing(id) ?? []))}>
              <span class="says-head">
                <b>{said(finding.text)}</b>
                <SeverityMark severity={finding.severity} />
              </span>
              <small>{named.get(network)}</small>
              {finding.limit !== null && (
                <small>
                  {t("findings.limit", { source: finding.limit.source })} · {t(`findings.certainty.${finding.limit.certainty}`)}
                </small>
              )}
            </button>
          </li>
        ))}
      </ul>
      {kept.out.length > 0 && (
        <>
          <h4>
            {t("findings.hydrants_out")} <span class="count">{kept.out.length}</span>
          </h4>
          <ul class="says">
            {kept.out.map((hydrant) => (
              <li key={hydrant.node}>
                <button type="button" onClick={() => lookAt([hydrant.device ?? "", hydrant.node].flatMap((id) => thing(id) ?? []))}>
                  <b>{hydrant.device ?? hydrant.node}</b>
                  <small>{hydrant.reason === null ? "" : said(hydrant.reason)}</small>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
