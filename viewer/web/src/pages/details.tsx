/** The panel on the right of the 3D view and of the map: selection, alarms, leaks, coverage, ways out, orders, the site. */

import type { JSX } from "preact";
import { CoveragePanel } from "../coverage/panel";
import { EvacuationPanel } from "../evacuation/panel";
import { AlarmsPanel } from "../panels/alarms";
import { SelectionPanel } from "../panels/card";
import { LeaksPanel } from "../panels/leaks";
import { OrdersPanel } from "../panels/orders";
import { SitePanel } from "../panels/site";
import { t } from "../i18n";
import { store } from "../store";
import { IconButton, Tabs } from "../ui/controls";

const CLOSED = new Set(["done", "verified", "cancelled"]);

export function Details(): JSX.Element {
  const tab = store.detailTab.value;
  const raised = store.activeAlarms.value.filter((a) => a.state === "raised");
  const orders = [...store.orders.value.values()].filter((o) => !CLOSED.has(o.state)).length;
  return (
    <aside class={`panel right ${store.sheet.value === "details" ? "up" : ""}`} aria-label={t("panel.details")}>
      <SheetGrip />
      <Tabs
        label={t("panel.details")}
        value={tab}
        onChange={(value) => (store.detailTab.value = value)}
        tabs={[
          { value: "selection", text: t("panel.selection") },
          { value: "alarms", text: t("panel.alarms"), badge: raised.length, badgeTone: raised[0]?.severity ?? "" },
          { value: "leaks", text: t("panel.leaks"), badge: store.openLeaks.value.length, badgeTone: "critical" },
          { value: "coverage", text: t("panel.coverage") },
          { value: "evacuation", text: t("panel.evacuation") },
          { value: "orders", text: t("panel.orders"), badge: orders },
          { value: "site", text: t("panel.site") },
        ]}
      />
      <div class="panel-body" role="tabpanel">
        <h2 class="unseen">{t(`panel.${tab}`)}</h2>
        {tab === "selection" && <SelectionPanel />}
        {tab === "alarms" && <AlarmsPanel />}
        {tab === "leaks" && <LeaksPanel />}
        {tab === "coverage" && <CoveragePanel />}
        {tab === "evacuation" && <EvacuationPanel />}
        {tab === "orders" && <OrdersPanel />}
        {tab === "site" && <SitePanel />}
      </div>
    </aside>
  );
}

/** Closes the sheet on a phone; hidden where panels stand beside the view. */
export function SheetGrip(): JSX.Element {
  return (
    <div class="grip">
      <i />
      <IconButton icon="close" label={t("action.close")} onClick={() => (store.sheet.value = null)} />
    </div>
  );
}
