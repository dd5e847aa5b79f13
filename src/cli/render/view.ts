import { nearest } from '../../base/index.ts'
import { type FailedItem, usageFault } from '../fault.ts'
import { printable } from './printable.ts'

/** Null: missing. */
export type CellValue = string | number | bigint | boolean | null

export interface Column<T> {
  /** The header: upper case, hyphens, no spaces. */
  readonly name: string
  /** For programs: csv, awk, sorting, filters. */
  readonly value: (item: T) => CellValue
  /** For people; default: the value. */
  readonly text?: (item: T) => string
  /** Numbers stand right. */
  readonly right?: boolean
  /** Only in `wide`, and when asked for by name. */
  readonly wide?: boolean
  /** What becomes of it on a terminal that is too narrow for all columns. */
  readonly narrow?: 'leave out' | 'shorten'
}

/** Data and how to show it. */
export interface View<T> {
  /** What the items are, e.g. `TopicList`. */
  readonly kind: string
  readonly items: readonly T[]
  readonly columns: readonly Column<T>[]
  readonly errors?: readonly FailedItem[]
  /** An item as programs get it; default: as it is. */
  readonly toJson?: (item: T) => unknown
  /** Replaces the table in text and wide, unless columns were chosen. Ends with a line break, or is empty. */
  readonly text?: (items: readonly T[], style: Style) => string | Promise<string>
}

export interface Style {
  readonly wide: boolean
  readonly headers: boolean
  /** Columns of the terminal; undefined when there is none. */
  readonly width: number | undefined
  /** A style takes plain text, and makes it safe to print. */
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly warn: (text: string) => string
  readonly bad: (text: string) => string
}

/** For what is told beside the data. */
export const plainStyle: Style = {
  ...{ wide: false, headers: true, width: undefined },
  ...{ bold: printable, dim: printable, warn: printable, bad: printable },
}

/** The column of this name, whatever the case. @throws Fault (usage) */
export function columnNamed<T>(columns: readonly Column<T>[], name: string): Column<T> {
  const wanted = name.trim().toUpperCase().replace(/_/g, '-')
  const column = columns.find((each) => each.name === wanted)
  if (column !== undefined) return column
  const names = columns.map((each) => each.name)
  const close = nearest(wanted, names)
  throw usageFault(`there is no column ${name}`, close === undefined ? `Columns: ${names.join(', ')}.` : `Did you mean ${close}?`)
}
