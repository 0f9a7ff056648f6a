/** A leak's particulars on paper: by day, whole, with a picture of the view. */

import { batch } from "@preact/signals";
import { store } from "./store";

const drawn = (): Promise<void> => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())));

/** Print what the panel shows; `picture` is given the view as a data address before that. */
export async function printPanel(picture: (address: string | null) => void): Promise<void> {
  const theme = store.theme.peek();
  batch(() => {
    store.theme.value = "light";
    store.printing.value = true;
  });
  // curves and the view take up the colours of the day
  await drawn();
  picture(store.takeStill?.() ?? null);
  await drawn();
  try {
    window.print();
  } finally {
    picture(null);
    batch(() => {
      store.theme.value = theme;
      store.printing.value = false;
    });
  }
}
