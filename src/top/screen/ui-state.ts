import type { Model } from '../model/model.ts'
import type { Tone } from './line.ts'
import { chosenRows, type Drill, type Panel } from './panel.ts'
import { drillPanels, type PanelId, panels } from './panels/index.ts'

/** What the person at the terminal has chosen. A value; keys.ts makes the next one of it. */
export interface UiState {
  readonly columns: number
  readonly rows: number
  readonly panel: PanelId
  /** Where Enter led, one below the other; the last one is shown. */
  readonly drills: readonly Drill[]
  /** By panel, and by what a panel is about. */
  readonly tables: Readonly<Record<string, TableState>>
  readonly issuesOnly: boolean
  readonly isWide: boolean
  readonly isPaused: boolean
  readonly everyMs: number
  readonly isReadOnly: boolean
  /** Flags that name the cluster: commands that are run, and shown, have them. */
  readonly connection: readonly string[]
  readonly prompt: Prompt | null
  /** Commands to be run when the person says so. */
  readonly confirm: readonly (readonly string[])[] | null
  readonly page: Page | null
  readonly message: Message | null
  /** Rows stay where they are until then: nobody hits a row that moves. */
  readonly frozenUntilMs: number
}

export interface TableState {
  readonly sortedBy: string
  readonly isDescending: boolean
  readonly filter: string
  /** Ids of the rows, as they were put in order last. */
  readonly order: readonly string[]
  readonly cursor: number
  /** The first row that is shown. */
  readonly top: number
  readonly marks: readonly string[]
}

/** A question at the bottom, and what was typed so far. */
export interface Prompt {
  readonly kind: 'filter' | 'command' | 'reset' | 'throttle' | 'topics'
  readonly text: string
  /** What it is about: groups to be reset. Of a filter: the text before, which Escape brings back. */
  readonly subjects: readonly string[]
}

/** Text over the table. */
export interface Page {
  readonly title: string
  readonly lines: readonly string[]
  readonly top: number
}

export interface Message {
  readonly text: string
  readonly tone: Tone
  readonly untilMs: number
}

export interface UiOptions {
  readonly columns: number
  readonly rows: number
  readonly everyMs: number
  readonly panel?: PanelId
  readonly isReadOnly?: boolean
  readonly connection?: readonly string[]
}

export function firstUi({ columns, rows, everyMs, panel = 'groups', isReadOnly = false, connection = [] }: UiOptions): UiState {
  return {
    ...{ columns, rows, panel, everyMs, isReadOnly, connection },
    drills: [],
    tables: {},
    ...{ issuesOnly: false, isWide: false, isPaused: false },
    ...{ prompt: null, confirm: null, page: null, message: null },
    frozenUntilMs: Number.NEGATIVE_INFINITY,
  }
}

/** Title, health, panels, head of the table, and the line at the bottom. */
const FRAME_LINES = 5
/** A frame as high as the terminal would scroll it. */
export const linesOf = ({ rows }: Pick<UiState, 'rows'>): number => Math.max(FRAME_LINES + 1, rows - 1)
export const bodyLines = (ui: Pick<UiState, 'rows'>): number => linesOf(ui) - FRAME_LINES

export const drillOf = ({ drills }: UiState): Drill | null => drills.at(-1) ?? null

export function panelOfUi(ui: UiState): Panel {
  const drill = drillOf(ui)
  return drill === null ? panels[ui.panel] : drillPanels[drill.kind]
}

const tableKey = (ui: UiState): string => {
  const drill = drillOf(ui)
  return drill === null ? ui.panel : `${drill.kind} ${drill.id}`
}

export function tableOf(ui: UiState): TableState {
  const known = ui.tables[tableKey(ui)]
  if (known !== undefined) return known
  const { sortedBy, columns } = panelOfUi(ui)
  const isDescending = columns.find(({ name }) => name === sortedBy)?.isAscending !== true
  return { sortedBy, isDescending, filter: '', order: [], cursor: 0, top: 0, marks: [] }
}

export function withTable(ui: UiState, change: Partial<TableState>): UiState {
  const next = held({ ...tableOf(ui), ...change }, bodyLines(ui))
  return { ...ui, tables: { ...ui.tables, [tableKey(ui)]: next } }
}

/** Keeps the cursor in the table and in sight. */
function held(table: TableState, lines: number): TableState {
  const cursor = Math.max(0, Math.min(table.cursor, table.order.length - 1))
  const top = Math.max(0, Math.min(table.top, cursor, Math.max(0, table.order.length - lines)))
  return { ...table, cursor, top: cursor >= top + lines ? cursor - lines + 1 : top }
}

/** Rows of the panel that is shown, by id; a text when they cannot be known. */
export function rowsById(ui: UiState, model: Model): ReadonlyMap<string, unknown> | string {
  const panel = panelOfUi(ui)
  const rows = panel.rows(model, drillOf(ui))
  return typeof rows === 'string' ? rows : new Map(rows.map((row) => [panel.idOf(row), row]))
}

/** The row under the cursor. */
export function rowAtCursor(ui: UiState, model: Model): unknown {
  const { order, cursor } = tableOf(ui)
  const rows = rowsById(ui, model)
  const id = order[cursor]
  return typeof rows === 'string' || id === undefined ? undefined : rows.get(id)
}

/** What an action is about: the marked rows, or the one under the cursor. */
export function chosenIds(ui: UiState): readonly string[] {
  const { marks, order, cursor } = tableOf(ui)
  return marks.length > 0 ? marks : order.slice(cursor, cursor + 1)
}

/** Puts the rows in order again. The cursor stays on its row, or where it is when it is at the top and a log grows. */
export function reordered(ui: UiState, model: Model): UiState {
  const panel = panelOfUi(ui)
  const table = tableOf(ui)
  const rows = panel.rows(model, drillOf(ui))
  if (typeof rows === 'string') return withTable(ui, { order: [] })
  const order = chosenRows(panel, rows, { ...table, issuesOnly: ui.issuesOnly }).map((row) => panel.idOf(row))
  const under = table.order[table.cursor]
  const place = under === undefined || (panel.isLog === true && table.cursor === 0) ? -1 : order.indexOf(under)
  return withTable(ui, { order, cursor: place < 0 ? table.cursor : place })
}

/** After a sample: rows take their new places, unless a key was pressed a moment ago. */
export function arrived(ui: UiState, model: Model, nowMs: number): UiState {
  if (nowMs >= ui.frozenUntilMs || tableOf(ui).order.length === 0) return reordered(ui, model)
  const rows = rowsById(ui, model)
  if (typeof rows === 'string') return withTable(ui, { order: [] })
  return withTable(ui, { order: tableOf(ui).order.filter((id) => rows.has(id)) })
}

export function resized(ui: UiState, columns: number, rows: number): UiState {
  return withTable({ ...ui, columns, rows }, {})
}
