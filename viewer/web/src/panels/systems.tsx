/** Systems on and off, each with its colour and number of devices. */

import { computed } from "@preact/signals";
import type { JSX } from "preact";
import { coded, t } from "../i18n";
import { store } from "../store";
import { Button, Empty, Switch } from "../ui/controls";
import { integer } from "../units";

const counts = computed(() => {
  const found = new Map<string, number>();
  const index = store.index.value;
  for (let k = 0; k < (index?.count ?? 0); k++) {
    const system = index!.kind(k).system;
    found.set(system, (found.get(system) ?? 0) + 1);
  }
  return found;
});

export function Systems(): JSX.Element {
  const systems = store.site.value?.systems ?? [];
  const off = store.systemsOff.value;
  if (systems.length === 0) return <Empty icon="layers" title={t("systems.empty")} />;
  return (
    <div class="systems">
      {(store.site.value?.networks ?? []).length > 0 && (
        <Switch label={t("flows.show")} on={store.flowsOn.value} onChange={() => (store.flowsOn.value = !store.flowsOn.value)} after={<kbd>G</kbd>} />
      )}
      <div class="row-end">
        <Button tone="quiet" onClick={() => (store.systemsOff.value = new Set())}>
          {t("systems.all")}
        </Button>
        <Button tone="quiet" onClick={() => (store.systemsOff.value = new Set(systems))}>
          {t("systems.none")}
        </Button>
      </div>
      {systems.map((system) => (
        <Switch
          key={system}
          label={coded("system", system)}
          on={!off.has(system)}
          onChange={() => store.toggleSystem(system)}
          swatch={`var(--system-${system}, var(--ink-3))`}
          after={<span class="count">{integer(counts.value.get(system) ?? 0)}</span>}
        />
      ))}
    </div>
  );
}
