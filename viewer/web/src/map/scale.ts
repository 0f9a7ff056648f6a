/** The scale bar: a round length that fits. */

/** The largest of 1, 2 and 5 times a power of ten that is no longer than `longest_m`. */
export function roundLength_m(longest_m: number): number {
  const decade = 10 ** Math.floor(Math.log10(longest_m));
  const rest = longest_m / decade;
  // a rounding error must not turn 5.0 into 2
  const step = [5, 2, 1].find((n) => rest >= n * (1 - 1e-9)) ?? 1;
  return step * decade;
}
