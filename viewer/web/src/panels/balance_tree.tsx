/** The water balance as a picture: from the inlet over zones and buildings to the risers, with what is missing in each. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { accounted, layOut, missing, wayTo, type Placed } from "../balance_tree";
import { said, t } from "../i18n";
import { lookAt } from "../leak_actions";
import type { District } from "../leak_types";
import { withoutNetwork } from "../overlay";
import { store } from "../store";
import { Dialog } from "../ui/controls";
import { flowColumn } from "../units";

const BOX_W = 208;
const BOX_H = 80;
const COLUMN_W = 256;
const ROW_H = 90;
const WIDEST_PX = 14;
/** What two decimals show as nothing. */
const LEAST_SHOWN_M3_PER_S = 0.005 / 3600;
/** Where nothing flows, doubt must not look like a river. */
const LEAST_M3_PER_S = 0.2 / 3600;

export function BalanceTree({ districts, leaking, onClose }: { districts: readonly District[]; leaking: string | null; onClose: () => void }): JSX.Element {
  const networks = [...new Set(districts.map((d) => d.network))];
  return (
    <Dialog title={t("balance.title")} wide onClose={onClose}>
      <p class="lead">{t("balance.hint")}</p>
      {networks.map((network) => (
        <Picture key={network} districts={districts.filter((d) => d.network === network)} leaking={leaking} />
      ))}
      <ul class="balance-key">
        {(["passed", "drawn", "stored", "missing"] as const).map((part) => (
          <li key={part}>
            <i class={part} /> {t(`balance.${part}`)}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Picture({ districts, leaking }: { districts: readonly District[]; leaking: string | null }): JSX.Element {
  const { boxes, links, columns, rows } = layOut(districts);
  const way = wayTo(districts, leaking);
  const most = Math.max(LEAST_M3_PER_S, ...districts.map((d) => d.inflow_m3_per_s));
  const thick = (flow: number): number => Math.max(1, (Math.max(0, flow) / most) * WIDEST_PX);
  const x = (at: Placed): number => at.column * COLUMN_W;
  const y = (at: Placed): number => at.row * ROW_H + ROW_H / 2;
  const [width, height] = [columns * COLUMN_W - (COLUMN_W - BOX_W), rows * ROW_H];
  return (
    <div class="balance-tree" tabIndex={0} role="group" aria-label={t("balance.title")}>
      <div style={{ width: `${width}px`, height: `${height}px` }}>
        <svg width={width} height={height} aria-hidden="true">
          {links.map(([from, to]) => {
            const [x0, x1, y0, y1] = [x(from) + BOX_W, x(to), y(from), y(to)];
            const middle = (x0 + x1) / 2;
            const hot = way.has(to.district.id);
            return <path key={to.district.id} class={hot ? "hot" : ""} stroke-width={thick(to.district.inflow_m3_per_s)} d={`M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`} />;
          })}
        </svg>
        {boxes.map((box) => (
          <Box key={box.district.id} district={box.district} leaking={box.district.id === leaking} left={x(box)} top={y(box) - BOX_H / 2} />
        ))}
      </div>
    </div>
  );
}

function Box({ district, leaking, left, top }: { district: District; leaking: boolean; left: number; top: number }): JSX.Element {
  const index = store.index.value;
  const device = withoutNetwork(district.network, district.id);
  const position = index?.position.get(device);
  const name = position === undefined ? said(district.name) || district.id : said(index!.name(position));
  const [expected, lost] = [accounted(district), missing(district)];
  const losing = leaking || district.low_m3_per_s > 0;
  const show = (flow: number | null): string => (flow === null ? "–" : flowColumn(Math.abs(flow) < LEAST_SHOWN_M3_PER_S ? 0 : flow));
  const box = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // the dialog opens after its content is there
    if (leaking) requestAnimationFrame(() => box.current?.scrollIntoView({ block: "center", inline: "center" }));
  }, []);
  return (
    <button
      ref={box}
      type="button"
      class={`balance-box ${losing ? "losing" : ""} ${leaking ? "leaking" : ""}`}
      style={{ left: `${left}px`, top: `${top}px`, width: `${BOX_W}px`, height: `${BOX_H}px` }}
      title={name}
      disabled={position === undefined}
      onClick={() => lookAt([{ type: "device", id: device }])}
    >
      <b>{name}</b>
      <Parts district={district} />
      <span class="balance-numbers">
        <span>
          <small>{t("balance.measured")}</small>
          {show(district.inflow_m3_per_s)}
        </span>
        <span>
          <small>{t("balance.expected")}</small>
          {show(expected)}
        </span>
        <span class="missing">
          <small>{t("balance.missing")}</small>
          {show(lost)}
        </span>
      </span>
    </button>
  );
}

/** The inflow parted into where it went. */
function Parts({ district }: { district: District }): JSX.Element {
  const parts = [
    ["passed", district.passed_m3_per_s ?? 0],
    ["drawn", district.drawn_m3_per_s ?? 0],
    ["stored", Math.max(0, district.stored_m3_per_s ?? 0)],
    ["missing", Math.max(0, missing(district) ?? 0)],
  ] as const;
  const whole = Math.max(1e-9, district.inflow_m3_per_s, parts.reduce((sum, [, v]) => sum + Math.max(0, v), 0));
  return (
    <i class="balance-parts" aria-hidden="true">
      {parts.map(([part, value]) => (
        <i key={part} class={part} style={{ width: `${(Math.max(0, value) / whole) * 100}%` }} />
      ))}
    </i>
  );
}
