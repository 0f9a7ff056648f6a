/** How far a leak is, and how sure its place. */

import type { JSX } from "preact";
import { coded, t } from "../i18n";
import type { Leak } from "../leak_types";
import { percent } from "../overlay";

export function LeakStateTag({ leak }: { leak: Leak }): JSX.Element {
  return <span class={`tag leak-${leak.state}`}>{coded("leak_state", leak.state)}</span>;
}

/** How sure the place is: a bar with its number, and words where it cannot be told. */
export function Sure({ ratio, localisable }: { ratio: number; localisable: boolean }): JSX.Element {
  if (!localisable) return <span class="sure unsure">{t("leaks.cannot_tell")}</span>;
  return (
    <span class="sure" title={t("leaks.sure_hint")}>
      <i class="meter" aria-hidden="true">
        <i style={{ width: `${ratio * 100}%` }} />
      </i>
      {t("leaks.sure", { percent: percent(ratio) })}
    </span>
  );
}
