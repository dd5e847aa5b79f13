import type { Column } from './view.ts'

const gutter = 2
/** A column is not shortened below this. */
const shortest = 10

export interface FittedTable<T> {
  readonly columns: readonly Column<T>[]
  readonly rows: readonly (readonly string[])[]
  /** What is missing, in words; empty when nothing is. */
  readonly missing: string
}

/** A table within a width: from the right, columns that may be are left out; then those that may be are shortened. */
export function fitTable<T>(columns: readonly Column<T>[], rows: readonly (readonly string[])[], width: number): FittedTable<T> {
  const widths = columns.map(({ name }, index) => rows.reduce((most, row) => Math.max(most, [...row[index]!].length), name.length))
  const kept = new Set(columns.keys())
  const excess = (): number => [...kept].reduce((sum, index) => sum + widths[index]! + gutter, -gutter) - width
  for (let index = columns.length - 1; index >= 0 && excess() > 0; index--) if (columns[index]!.narrow === 'leave out') kept.delete(index)
  while (excess() > 0) {
    const elastic = [...kept].filter((index) => columns[index]!.narrow === 'shorten' && widths[index]! > shortest)
    if (elastic.length === 0) break
    const widest = elastic.reduce((best, index) => (widths[index]! > widths[best]! ? index : best))
    widths[widest] = widths[widest]! - 1
  }
  const order = [...kept]
  const leftOut = [...columns.keys()].filter((index) => !kept.has(index)).map((index) => columns[index]!.name)
  const isShortened = order.some((index) => rows.some((row) => [...row[index]!].length > widths[index]!))
  return {
    columns: order.map((index) => columns[index]!),
    rows: rows.map((row) => order.map((index) => shortened(row[index]!, widths[index]!))),
    missing: leftOut.length > 0 ? `without ${leftOut.join(', ')}` : isShortened ? 'shortened' : '',
  }
}

/** Beginning and end of a text: ids often differ in their ends alone. */
export function shortened(text: string, width: number): string {
  const letters = [...text]
  if (letters.length <= width) return text
  const front = Math.ceil((width - 1) / 2)
  return `${letters.slice(0, front).join('')}…${letters.slice(letters.length - (width - 1 - front)).join('')}`
}

/** Parts side by side, on as many lines as the width asks for; those after the first are indented. */
export function flowed(parts: readonly string[], between: string, indent: string, width = Number.POSITIVE_INFINITY): string {
  const lines: string[] = []
  for (const part of parts) {
    const last = lines.at(-1)
    if (last !== undefined && visibleLength(last) + between.length + visibleLength(part) <= width)
      lines[lines.length - 1] = last + between + part
    else lines.push(lines.length === 0 ? part : indent + part)
  }
  return lines.map((line) => `${line}\n`).join('')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal control sequences begin with escape
const visibleLength = (text: string): number => [...text.replace(/\x1b\[[0-9;]*m/g, '')].length
