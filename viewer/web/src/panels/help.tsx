import type { JSX } from "preact";
import { t, type Word } from "../i18n";
import { store } from "../store";
import { Dialog } from "../ui/controls";

const KEYS: readonly [keys: string[], words: Word][] = [
  [["/"], "help.search"],
  [["Esc"], "help.escape"],
  [["I"], "tools.isolate"],
  [["X"], "tools.xray"],
  [["C"], "tools.section"],
  [["[", "]"], "help.storeys"],
  [["G"], "flows.show"],
  [["O"], "tools.orbit"],
  [["W"], "tools.walk"],
  [["T"], "tools.top"],
  [["+", "−"], "help.zoom"],
  [["R"], "tools.reset"],
  [["F"], "help.fly"],
  [["A"], "help.alarms"],
  [["K"], "help.leaks"],
  [["V"], "help.coverage"],
  [["E"], "help.evacuation"],
  [["L"], "help.language"],
  [["D"], "help.theme"],
  [["?"], "help.title"],
];

export function Help(): JSX.Element | null {
  if (!store.helpOpen.value) return null;
  return (
    <Dialog title={t("help.title")} wide onClose={() => (store.helpOpen.value = false)}>
      <dl class="keys">
        {KEYS.map(([keys, words]) => (
          <div key={words}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(words)}</dd>
          </div>
        ))}
      </dl>
      <p class="caption">{t("help.mouse")}</p>
    </Dialog>
  );
}
