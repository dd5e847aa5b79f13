/** The columns of `%-Ns`: each value padded to its width, a blank between; a width of 0 pads nothing. */
export function padded(widths: readonly number[], values: readonly (string | number)[]): string {
  return values.map((value, index) => String(value).padEnd(widths[index] ?? 0)).join(' ')
}

export const widest = (least: number, values: readonly string[]): number => Math.max(least, ...values.map((value) => value.length))
