/** What flows into each part of the network and what of it is lost. */

import type { JSX } from "preact";
import { said, t } from "../i18n";
import type { District } from "../leak_types";
import { flowColumn } from "../units";

export function Districts({ districts }: { districts: District[] }): JSX.Element {
  const rows = [...districts].sort((a, b) => b.leakage_m3_per_s - a.leakage_m3_per_s);
  const most = Math.max(1e-9, ...rows.map((d) => Math.max(d.inflow_m3_per_s, d.high_m3_per_s)));
  return (
    <section>
      <h3>{t("districts.title")}</h3>
      <table class="districts">
        <thead>
          <tr>
            <th scope="col">{t("districts.name")}</th>
            <th scope="col">{t("districts.inflow")}</th>
            <th scope="col">{t("districts.night")}</th>
            <th scope="col">{t("districts.lost")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((district) => (
            <Row key={district.id} district={district} most={most} />
          ))}
        </tbody>
      </table>
      <p class="caption">{t("districts.hint")}</p>
    </section>
  );
}

function Row({ district, most }: { district: District; most: number }): JSX.Element {
  const { inflow_m3_per_s, leakage_m3_per_s, low_m3_per_s, high_m3_per_s, night_flow_m3_per_s } = district;
  const at = (v: number): string => `${Math.min(100, Math.max(0, (v / most) * 100))}%`;
  return (
    <>
      <tr class={low_m3_per_s > 0 ? "losing" : ""}>
        <th scope="row">{said(district.name) || district.id}</th>
        <td>{flowColumn(inflow_m3_per_s)}</td>
        <td>{night_flow_m3_per_s === null ? "–" : flowColumn(night_flow_m3_per_s)}</td>
        <td>
          <b>{flowColumn(leakage_m3_per_s)}</b>
          <small>
            {flowColumn(low_m3_per_s)}–{flowColumn(high_m3_per_s)}
          </small>
        </td>
      </tr>
      <tr class="bar-row" aria-hidden="true">
        <td colSpan={4}>
          <i class="flow-bar">
            <i class="inflow" style={{ width: at(inflow_m3_per_s) }} />
            <i class="lost" style={{ width: at(leakage_m3_per_s) }} />
            <i class="range" style={{ left: at(low_m3_per_s), right: `calc(100% - ${at(high_m3_per_s)})` }} />
          </i>
          {district.note !== null && <small>{said(district.note)}</small>}
        </td>
      </tr>
    </>
  );
}
