/** What flows into each part of the network and what of it is lost. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { said, t } from "../i18n";
import { lookAt } from "../leak_actions";
import type { District } from "../leak_types";
import { withoutNetwork } from "../overlay";
import { store } from "../store";
import { Button } from "../ui/controls";
import { flowColumn } from "../units";
import { BalanceTree } from "./balance_tree";
import { Sparkline } from "./chart";

/** The bars' whole length is at least this: where nothing flows, the doubt about it must not fill them. */
const LEAST_M3_PER_S = 1 / 3600;
const DAY_S = 86_400;

export function Districts({ districts }: { districts: District[] }): JSX.Element {
  const rows = [...districts].sort((a, b) => b.leakage_m3_per_s - a.leakage_m3_per_s);
  // what holds for all of them is said once
  const notes = new Set(rows.map((d) => said(d.note)));
  const shared = rows.length > 1 && notes.size === 1 ? [...notes][0]! : "";
  const most = Math.max(LEAST_M3_PER_S, ...rows.map((d) => Math.max(d.inflow_m3_per_s, d.high_m3_per_s)));
  const [picture, setPicture] = useState(false);
  return (
    <section>
      <div class="spread">
        <h3>
          {t("districts.title")} <span class="count">m³/h</span>
        </h3>
        <Button tone="quiet" icon="connected" onClick={() => setPicture(true)}>
          {t("balance.picture")}
        </Button>
      </div>
      {picture && <BalanceTree districts={districts} leaking={null} onClose={() => setPicture(false)} />}
      <table class="districts">
        <thead>
          <tr>
            <th scope="col">{t("districts.inflow")}</th>
            <th scope="col">{t("districts.night")}</th>
            <th scope="col">{t("districts.lost")}</th>
          </tr>
        </thead>
        {rows.map((district) => (
          <Rows key={district.id} district={district} most={most} note={shared === "" ? said(district.note) : ""} />
        ))}
      </table>
      {shared !== "" && <p class="note">{shared}</p>}
      <p class="caption">{t("districts.hint")}</p>
    </section>
  );
}

/** The meter that a district lies behind, with the channel of its flow; null where the site has none of that id. */
function meterOf(district: District): { device: string; channel: string | null } | null {
  const index = store.index.value;
  const device = withoutNetwork(district.network, district.id);
  const position = index?.position.get(device);
  if (index === null || position === undefined) return null;
  const flow = index.kind(position).channels.find((c) => c.unit === "m3_per_s");
  return { device, channel: flow === undefined ? null : `${device}:${flow.id}` };
}

function Rows({ district, most, note }: { district: District; most: number; note: string }): JSX.Element {
  const { inflow_m3_per_s, leakage_m3_per_s, low_m3_per_s, high_m3_per_s, night_flow_m3_per_s } = district;
  const at = (v: number): string => `${Math.min(100, Math.max(0, (v / most) * 100))}%`;
  const meter = meterOf(district);
  const name = said(district.name) || district.id;
  return (
    <tbody class={low_m3_per_s > 0 ? "losing" : ""}>
      <tr class="district-name">
        <th scope="rowgroup" colSpan={3}>
          <span>
            {meter === null ? name : <button type="button" onClick={() => lookAt([{ type: "device", id: meter.device }])}>{name}</button>}
            {meter?.channel != null && <Sparkline channel={meter.channel} span_s={DAY_S} />}
          </span>
        </th>
      </tr>
      <tr>
        <td>{flowColumn(inflow_m3_per_s)}</td>
        <td>{night_flow_m3_per_s === null ? "–" : flowColumn(night_flow_m3_per_s)}</td>
        <td>
          <b>{flowColumn(leakage_m3_per_s)}</b>{" "}
          <small>
            {flowColumn(low_m3_per_s)}–{flowColumn(high_m3_per_s)}
          </small>
        </td>
      </tr>
      <tr class="bar-row" aria-hidden="true">
        <td colSpan={3}>
          <i class="flow-bar">
            <i class="inflow" style={{ width: at(inflow_m3_per_s) }} />
            <i class="lost" style={{ width: at(leakage_m3_per_s) }} />
            <i class="range" style={{ left: at(low_m3_per_s), right: `calc(100% - ${at(high_m3_per_s)})` }} />
          </i>
          {note !== "" && <small>{note}</small>}
        </td>
      </tr>
    </tbody>
  );
}
