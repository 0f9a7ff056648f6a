/** Data that a component asks the server for: what came, what went wrong, and asking again. */

import { useCallback, useEffect, useState } from "preact/hooks";
import { ApiError } from "../api";
import { t } from "../i18n";

export interface Loaded<T> {
  data: T | null;
  error: string | null;
  loading: boolean;
  reload: () => void;
}

/** Ask whenever `key` changes; a key of null asks nothing. An answer that comes too late is dropped. */
export function useLoad<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string | null; data: T | null; error: string | null }>({
    key: null,
    data: null,
    error: null,
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (key === null) return;
    const abort = new AbortController();
    ask(abort.signal).then(
      (data) => !abort.signal.aborted && setState({ key, data, error: null }),
      (error: unknown) => !abort.signal.aborted && setState({ key, data: null, error: errorText(error) }),
    );
    return () => abort.abort();
  }, [key, round]);
  const current = state.key === key;
  return {
    data: current ? state.data : null,
    error: current ? state.error : null,
    loading: key !== null && !current,
    reload: useCallback(() => setRound((n) => n + 1), []),
  };
}

export function errorText(error: unknown): string {
  if (error instanceof ApiError) return error.status === 0 ? t("error.offline") : error.message;
  return error instanceof Error ? error.message : String(error);
}
