/** Columns as wide as their widest value, a tab behind each. */
export function tableText(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headers.map((header, index) => Math.max(header.length, ...rows.map((row) => row[index]!.length)))
  return [headers, ...rows].map((row) => `${row.map((value, index) => `${value.padEnd(widths[index]!)}\t`).join('')}\n`).join('')
}
