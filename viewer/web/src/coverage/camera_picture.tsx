/** What the chosen camera has in its picture, rendered by the server through its own lens. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../api";
import { said, t } from "../i18n";
import { errorText } from "../ui/load";
import * as coverage from "./state";
import type { Camera } from "./types";

/** A picture waits until the hand rests: floors follow at once, it follows after. */
const REST_MS = 250;

/** `eye`: which of its presets or sensors. */
export function CameraPicture({ camera, eye = 0 }: { camera: Camera; eye?: number }): JSX.Element {
  const [url, setUrl] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const wish = JSON.stringify(coverage.changeOf(camera.id) ?? null);
  useEffect(() => {
    const ending = new AbortController();
    const timer = setTimeout(() => {
      api
        .cameraPicture(camera.id, eye, coverage.question(false), ending.signal)
        .then((blob) => {
          setError(null);
          setUrl(URL.createObjectURL(blob));
        })
        .catch((reason: unknown) => !ending.signal.aborted && setError(errorText(reason)));
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [camera.id, eye, wish]);
  useEffect(() => () => void (url !== null && URL.revokeObjectURL(url)), [url]);
  return (
    <figure class="camera-picture">
      {url === null ? <div class="blank">{error ?? t("coverage.rendering")}</div> : <img src={url} alt={t("coverage.picture_of", { camera: said(camera.name) || camera.id })} />}
      <figcaption>{t("coverage.picture_hint")}</figcaption>
    </figure>
  );
}
