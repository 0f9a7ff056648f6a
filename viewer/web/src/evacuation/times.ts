/** Times of an evacuation, from when the alarm sounds. */

import { t } from "../i18n";

/** Minutes and seconds, such as 8:34. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** The same with its unit; null is never. */
export function duration(seconds: number | null): string {
  return seconds === null ? t("evacuation.never") : `${clock(seconds)} min`;
}
