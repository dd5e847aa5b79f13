import type { FailedItem } from '../fault.ts'

export interface Column<T> {
  /** The header: upper case, hyphens, no spaces. */
  readonly name: string
  /** For programs: csv, awk, sorting. Null: missing. */
  readonly value: (item: T) => string | number | bigint | boolean | null
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
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly warn: (text: string) => string
  readonly bad: (text: string) => string
}
