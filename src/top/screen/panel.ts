import type { Model } from '../model/model.ts'
import { compareValues, type TableColumn } from './table.ts'

/** What a panel is about when it was entered from a row of another. */
export type Drill =
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'topic'; readonly id: string }
  | { readonly kind: 'broker'; readonly id: string }

/** A table of one kind of thing in the model. */
export interface PanelSpec<R> {
  /** Also its name on the command line. */
  readonly id: string
  readonly title: string
  /** What an item is in `--output json`. */
  readonly kind: string
  /** Undefined: cannot be known, with the reason. */
  readonly rows: (model: Model, drill: Drill | null) => readonly R[] | string
  readonly idOf: (row: R) => string
  readonly columns: readonly TableColumn<R>[]
  readonly sortedBy: string
  readonly isIssue: (row: R) => boolean
  /** How many, for the line of panels. */
  readonly countOf?: (model: Model) => number | null
  /** Where Enter leads. */
  readonly drillInto?: (row: R) => Drill
  /** Lines about one row. */
  readonly details?: (row: R, model: Model) => readonly string[]
  /** What belongs to it is written anew at the bottom, not in the order of a column, unless it is asked for. */
  readonly isLog?: boolean
}

/** A panel without the type of its rows, which nobody but itself needs. */
export type Panel = PanelSpec<unknown>

export const panelOf = <R>(spec: PanelSpec<R>): Panel => spec as unknown as Panel

export interface RowChoice {
  readonly sortedBy: string
  readonly isDescending: boolean
  /** Begins with `!` for what does not match. */
  readonly filter: string
  readonly issuesOnly: boolean
}

/** Rows that match, in order. */
export function chosenRows(panel: Panel, rows: readonly unknown[], choice: RowChoice): unknown[] {
  const matches = matcherOf(choice.filter)
  const kept = rows.filter((row) => (!choice.issuesOnly || panel.isIssue(row)) && matches(panel, row))
  const column = panel.columns.find(({ name }) => name === choice.sortedBy)
  if (column === undefined) return kept
  const keyed = kept.map((row) => ({ row, key: column.value(row), id: panel.idOf(row) }))
  keyed.sort((a, b) => compareValues(a.key, b.key, choice.isDescending) || (panel.isLog === true ? 0 : a.id < b.id ? -1 : 1))
  return keyed.map(({ row }) => row)
}

/** A regular expression over what a row shows, or the text itself when it is none. */
export function matcherOf(filter: string): (panel: Panel, row: unknown) => boolean {
  const isInverse = filter.startsWith('!')
  const wanted = isInverse ? filter.slice(1) : filter
  if (wanted === '') return () => true
  const pattern = patternOf(wanted)
  return (panel, row) =>
    (pattern.test(panel.idOf(row)) || panel.columns.some(({ text, drawing }) => drawing !== true && pattern.test(text(row)))) !== isInverse
}

export function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, 'i')
  } catch {
    return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i')
  }
}
