/** The panel on the left of the 3D view and of the map: search, buildings, systems, devices. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { DeviceList } from "../panels/device_list";
import { Search } from "../panels/search";
import { Systems } from "../panels/systems";
import { Tree } from "../panels/tree";
import { store } from "../store";
import { Tabs } from "../ui/controls";
import { SheetGrip } from "./details";

type FindTab = "tree" | "systems" | "list";

export function FindPanel(): JSX.Element {
  const [tab, setTab] = useState<FindTab>("tree");
  return (
    <aside class={`panel left ${store.sheet.value === "find" ? "up" : ""}`} aria-label={t("panel.find")}>
      <SheetGrip />
      <Search />
      <Tabs
        label={t("panel.find")}
        value={tab}
        onChange={setTab}
        tabs={[
          { value: "tree", text: t("panel.tree") },
          { value: "systems", text: t("panel.systems") },
          { value: "list", text: t("panel.list") },
        ]}
      />
      <div class={`panel-body ${tab}`} role="tabpanel">
        {tab === "tree" && <Tree />}
        {tab === "systems" && <Systems />}
        {tab === "list" && <DeviceList />}
      </div>
    </aside>
  );
}
