import type { OutputFormat } from '../flags.ts'
import { filtered } from './filter.ts'
import { fitTable } from './fit.ts'
import { printable, printableCell, printableJson } from './printable.ts'
import { tableText } from './table.ts'
import { type CellValue, type Column, columnNamed, type Style, type View } from './view.ts'

/** What is not known is null. */
export interface EnvelopeCluster {
  readonly id: string | null
  readonly profile: string | null
}

export interface RenderOptions {
  readonly format: OutputFormat
  readonly headers: boolean
  readonly color: boolean
  readonly columns?: string
  readonly sort?: string
  readonly filter?: readonly string[]
  /** Which one the items are of, for the envelope; null: of none. */
  readonly cluster?: EnvelopeCluster | null
  /** Milliseconds since 1970, for the envelope. */
  readonly time: number
  readonly width: number | undefined
}

/** The whole text of a view in one of the formats. @throws Fault (usage) for columns that are not there */
export async function renderView<T>(view: View<T>, options: RenderOptions): Promise<string> {
  const items = sorted(view, filtered(view.items, view.columns, options.filter ?? []), options.sort)
  switch (options.format) {
    case 'json':
      return `${stringify(envelope(view, items, options), 2)}\n`
    case 'yaml': {
      const { toYaml } = await import('./yaml.ts')
      return toYaml(plain(envelope(view, items, options))).slice(1)
    }
    case 'ndjson':
      return items.map((item) => `${stringify(jsonOf(view, item))}\n`).join('')
    case 'csv': {
      const columns = chosenColumns(view, options.columns, true)
      const rows = items.map((item) => columns.map((column) => csvCell(machineText(column.value(item)))))
      const all = options.headers ? [columns.map((column) => csvCell(column.name)), ...rows] : rows
      return all.map((row) => `${row.join(',')}\n`).join('')
    }
    case 'awk': {
      const columns = chosenColumns(view, options.columns, false)
      const cell = (text: string): string => (text === '' ? '-' : printable(text.replace(/[\t\r\n]/g, ' ')))
      return items.map((item) => `${columns.map((column) => cell(machineText(column.value(item)))).join('\t')}\n`).join('')
    }
    default: {
      const wide = options.format === 'wide'
      const style = await styleOf(options, wide)
      if (items.length === 0 && view.errors !== undefined && view.errors.length > 0) return ''
      if (view.text !== undefined && options.columns === undefined) return view.text(items, style)
      return viewTable(chosenColumns(view, options.columns, wide), items, style)
    }
  }
}

/** Items as a table for people. On a terminal it keeps within its width, as far as the columns allow. */
export async function viewTable<T>(columns: readonly Column<T>[], items: readonly T[], style: Style): Promise<string> {
  const shown = columns.filter((column) => column.wide !== true || style.wide)
  const rows = items.map((item) => shown.map((column) => printableCell(column.text?.(item) ?? peopleText(column.value(item)))))
  if (style.wide || style.width === undefined) return tableText(shown, rows, style.headers)
  const fitted = fitTable(shown, rows, style.width)
  const text = await tableText(fitted.columns, fitted.rows, style.headers)
  return fitted.missing === '' ? text : `${text}${style.dim(`…${fitted.missing} (--output wide)`)}\n`
}

export async function styleOf(options: Pick<RenderOptions, 'color' | 'headers' | 'width'>, wide: boolean): Promise<Style> {
  const { headers, width } = options
  if (!options.color) return { wide, headers, width, bold: printable, dim: printable, warn: printable, bad: printable }
  const { Chalk } = await import('chalk')
  const chalk = new Chalk({ level: 1 })
  const styled = (style: (text: string) => string) => (text: string) => style(printable(text))
  return { wide, headers, width, bold: styled(chalk.bold), dim: styled(chalk.dim), warn: styled(chalk.yellow), bad: styled(chalk.red) }
}

function envelope<T>(view: View<T>, items: readonly T[], { time, cluster = null }: RenderOptions): object {
  return {
    apiVersion: 'tkafka/v1',
    kind: view.kind,
    cluster,
    time: new Date(time).toISOString(),
    items: items.map((item) => jsonOf(view, item)),
    errors: view.errors ?? [],
  }
}

const jsonOf = <T>(view: View<T>, item: T): unknown => (view.toJson === undefined ? item : view.toJson(item))

/** Numbers up to 2^53, else texts: what every JSON reader can carry. */
const portable = (_key: string, value: unknown): unknown => {
  if (typeof value !== 'bigint') return value
  const exact = Number(value)
  return Number.isSafeInteger(exact) ? exact : String(value)
}

export const stringify = (value: unknown, indent?: number): string => printableJson(JSON.stringify(value, portable, indent))

const plain = (value: unknown): unknown => JSON.parse(stringify(value))

function chosenColumns<T>(view: View<T>, names: string | undefined, wide: boolean): readonly Column<T>[] {
  if (names === undefined) return view.columns.filter((column) => wide || column.wide !== true)
  return names.split(',').map((name) => ({ ...columnNamed(view.columns, name), wide: false }))
}

function sorted<T>(view: View<T>, items: readonly T[], by: string | undefined): readonly T[] {
  if (by === undefined) return items
  const descending = by.startsWith('-')
  const { value } = columnNamed(view.columns, by.replace(/^[-+]/, ''))
  const order = (a: T, b: T): number => compare(value(a), value(b))
  return [...items].sort(descending ? (a, b) => order(b, a) : order)
}

/** What is missing comes first. */
function compare(a: CellValue, b: CellValue): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  if (typeof a === 'string' || typeof b === 'string') return String(a) < String(b) ? -1 : 1
  return a < b ? -1 : 1
}

const machineText = (value: CellValue): string => (value === null ? '' : String(value))
const peopleText = (value: CellValue): string => (value === null || value === '' ? '-' : String(value))
/** Line breaks and tabs belong to CSV. */
function csvCell(text: string): string {
  const shown = text.replace(/[^\t\r\n]+/g, printable)
  return /[",\r\n]/.test(shown) ? `"${shown.replace(/"/g, '""')}"` : shown
}
