import type { GroupPartition } from '../model/groups.ts'
import type { Model } from '../model/model.ts'
import { electCommand, resetCommand, shellLine, throttleCommand } from './action.ts'
import { readColonCommand } from './command-line.ts'
import { helpLines } from './help.ts'
import { textOf } from './line.ts'
import { type PanelId, panelIds } from './panels/index.ts'
import { layOut, rowLine } from './table.ts'
import {
  bodyLines,
  chosenIds,
  drillOf,
  linesOf,
  type Prompt,
  panelOfUi,
  reordered,
  rowAtCursor,
  rowsById,
  tableOf,
  type UiState,
  withTable,
} from './ui-state.ts'

/** What a key asks of the world; the state alone cannot do it. */
export type Effect =
  | { readonly kind: 'quit' | 'suspend' | 'save' | 'refresh' }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'run'; readonly commands: readonly (readonly string[])[] }

export interface Pressed {
  readonly ui: UiState
  readonly effects: readonly Effect[]
}

/** For so long rows stay where they are after a key. */
const FREEZE_MS = 2000
const MESSAGE_MS = 6000
const intervalsMs = [500, 1000, 2000, 5000, 10_000, 30_000, 60_000]

interface Situation {
  readonly model: Model | undefined
  readonly nowMs: number
}

/** The state after a key: a letter as it is, else its name: `up`, `enter`, `ctrl-s`. */
export function press(ui: UiState, key: string, situation: Situation): Pressed {
  const frozen = { ...ui, frozenUntilMs: situation.nowMs + FREEZE_MS, message: null }
  if (key === 'ctrl-c') return { ui, effects: [{ kind: 'quit' }] }
  if (key === 'ctrl-z') return { ui, effects: [{ kind: 'suspend' }] }
  if (ui.confirm !== null) return confirmKey(frozen, ui.confirm, key, situation)
  if (ui.prompt !== null) return promptKey(frozen, ui.prompt, key, situation)
  if (ui.page !== null) return pageKey(frozen, key)
  return tableKey(frozen, key, situation)
}

const only = (ui: UiState): Pressed => ({ ui, effects: [] })
export const told = (ui: UiState, text: string, nowMs: number, tone: 'plain' | 'good' | 'bad' = 'plain'): UiState => ({
  ...ui,
  message: { text, tone, untilMs: nowMs + MESSAGE_MS },
})

function confirmKey(ui: UiState, commands: readonly (readonly string[])[], key: string, { nowMs }: Situation): Pressed {
  const closed = { ...ui, confirm: null }
  if (key !== 'y' && key !== 'Y') return only(told(closed, 'nothing was done', nowMs))
  return { ui: told(withTable(closed, { marks: [] }), 'running …', nowMs), effects: [{ kind: 'run', commands }] }
}

function pageKey(ui: UiState, key: string): Pressed {
  const page = ui.page!
  const last = Math.max(0, page.lines.length - bodyLines(ui))
  const scroll = (by: number): Pressed => only({ ...ui, page: { ...page, top: Math.max(0, Math.min(last, page.top + by)) } })
  switch (key) {
    case 'up':
    case 'k':
      return scroll(-1)
    case 'down':
    case 'j':
      return scroll(1)
    case 'pageup':
      return scroll(-bodyLines(ui))
    case 'pagedown':
    case ' ':
      return scroll(bodyLines(ui))
    case 'home':
      return scroll(-page.lines.length)
    case 'end':
      return scroll(page.lines.length)
    default:
      return only({ ...ui, page: null })
  }
}

function promptKey(ui: UiState, prompt: Prompt, key: string, situation: Situation): Pressed {
  const retyped = (text: string): Pressed => {
    const next = { ...ui, prompt: { ...prompt, text } }
    return only(prompt.kind === 'filter' ? filtered(next, text, situation) : next)
  }
  switch (key) {
    case 'escape': {
      const closed = { ...ui, prompt: null }
      return only(prompt.kind === 'filter' ? filtered(closed, prompt.subjects[0] ?? '', situation) : closed)
    }
    case 'enter':
      return answered({ ...ui, prompt: null }, prompt, situation)
    case 'backspace':
    case 'delete':
      return prompt.text === '' ? promptKey(ui, prompt, 'escape', situation) : retyped([...prompt.text].slice(0, -1).join(''))
    case 'ctrl-u':
      return retyped('')
    default:
      return [...key].length === 1 ? retyped(prompt.text + key) : only(ui)
  }
}

const filtered = (ui: UiState, filter: string, situation: Situation): UiState => inOrder(withTable(ui, { filter }), situation)
const inOrder = (ui: UiState, { model }: Situation): UiState => (model === undefined ? ui : reordered(ui, model))

function answered(ui: UiState, { kind, text, subjects }: Prompt, situation: Situation): Pressed {
  const answer = text.trim()
  switch (kind) {
    case 'filter':
      return only(ui)
    case 'topics':
      return only(shown(ui, 'topics', answer, situation))
    case 'throttle':
      return asked(ui, [throttleCommand(answer)], situation)
    case 'reset':
      return answer === '' ? only(ui) : asked(ui, resetCommands(ui, subjects, answer, situation), situation)
    case 'command':
      return answer === '' ? only(ui) : commanded(ui, answer, situation)
  }
}

function resetCommands(ui: UiState, subjects: readonly string[], place: string, { model }: Situation): string[][] {
  const drill = drillOf(ui)
  if (drill?.kind !== 'group') return subjects.map((group) => resetCommand(group, place, []))
  const partitions = model?.groups.get(drill.id)?.partitions ?? []
  const chosen = partitions.filter(({ topic, partition }: GroupPartition) => subjects.includes(`${topic}-${partition}`))
  return [resetCommand(drill.id, place, chosen)]
}

/** Shows what would be run, and asks. */
function asked(ui: UiState, commands: readonly (readonly string[])[], { nowMs }: Situation): Pressed {
  if (ui.isReadOnly) return only(told(ui, 'read-only: nothing is changed from here', nowMs, 'bad'))
  return commands.length === 0 ? only(ui) : only({ ...ui, confirm: commands.map((words) => [...words, ...ui.connection]) })
}

function commanded(ui: UiState, text: string, situation: Situation): Pressed {
  const command = readColonCommand(text)
  switch (command.kind) {
    case 'panel':
      return only(shown(ui, command.panel, command.filter, situation))
    case 'run':
      return asked(ui, [command.words], situation)
    case 'interval':
      return only({ ...ui, everyMs: command.everyMs })
    case 'help':
      return only({ ...ui, page: { title: 'Help', lines: helpLines, top: 0 } })
    case 'wrong':
      return only(told(ui, command.message, situation.nowMs, 'bad'))
    default:
      return { ui, effects: [{ kind: command.kind }] }
  }
}

function shown(ui: UiState, panel: PanelId, filter: string | undefined, situation: Situation): UiState {
  const there = { ...ui, panel, drills: [], page: null }
  return inOrder(filter === undefined ? there : withTable(there, { filter }), situation)
}

function tableKey(ui: UiState, key: string, situation: Situation): Pressed {
  const { model, nowMs } = situation
  const table = tableOf(ui)
  const moved = (cursor: number): Pressed => only(withTable(ui, { cursor }))
  switch (key) {
    case 'q':
      return { ui, effects: [{ kind: 'quit' }] }
    case 'ctrl-s':
      return { ui, effects: [{ kind: 'save' }] }
    case 'ctrl-r':
      return { ui, effects: [{ kind: 'refresh' }] }
    case 'up':
    case 'k':
      return moved(table.cursor - 1)
    case 'down':
    case 'j':
      return moved(table.cursor + 1)
    case 'pageup':
      return moved(table.cursor - bodyLines(ui))
    case 'pagedown':
      return moved(table.cursor + bodyLines(ui))
    case 'home':
      return moved(0)
    case 'end':
      return moved(table.order.length)
    case 'enter':
      return only(entered(ui, situation))
    case 'escape':
      return only(left(ui, situation))
    case 'tab':
      return only(shown(ui, panelIds[(panelIds.indexOf(ui.panel) + 1) % panelIds.length]!, undefined, situation))
    case '/':
      return only({ ...ui, prompt: { kind: 'filter', text: table.filter, subjects: [table.filter] } })
    case ':':
      return only({ ...ui, prompt: { kind: 'command', text: '', subjects: [] } })
    case '!':
      return only(inOrder({ ...ui, issuesOnly: !ui.issuesOnly }, situation))
    case 'w':
      return only({ ...ui, isWide: !ui.isWide })
    case 'p':
      return only({ ...ui, isPaused: !ui.isPaused })
    case '+':
    case '=':
      return only({ ...ui, everyMs: intervalsMs.find((ms) => ms > ui.everyMs) ?? ui.everyMs })
    case '-':
      return only({ ...ui, everyMs: intervalsMs.findLast((ms) => ms < ui.everyMs) ?? ui.everyMs })
    case ' ':
      return only(marked(ui))
    case '<':
    case 'left':
    case 'h':
      return only(sortedAside(ui, -1, situation))
    case '>':
    case 'right':
    case 'l':
    case 'S':
      return only(sortedAside(ui, 1, situation))
    case 'I':
      return only(inOrder(withTable(ui, { isDescending: !table.isDescending }), situation))
    case '?':
      return only({ ...ui, page: { title: 'Help', lines: helpLines, top: 0 } })
    case 'd':
      return only(detailed(ui, situation))
    case 'y':
      return only(asJson(ui, situation))
    case 'c':
      return copied(ui, situation)
    case 'r':
      return resettable(ui, nowMs)
    case 'e':
      return electable(ui, situation)
    case 't':
      return only({ ...ui, prompt: { kind: ui.panel === 'moves' ? 'throttle' : 'topics', text: '', subjects: [] } })
    default: {
      const number = Number(key)
      const panel = key.length === 1 ? panelIds[number - 1] : undefined
      if (panel !== undefined) return only(shown(ui, panel, undefined, situation))
      return only(model === undefined ? ui : sortedByLetter(ui, key, situation))
    }
  }
}

function entered(ui: UiState, situation: Situation): UiState {
  const { model } = situation
  const row = model === undefined ? undefined : rowAtCursor(ui, model)
  const { drillInto } = panelOfUi(ui)
  if (row === undefined || drillInto === undefined) return ui
  return inOrder({ ...ui, drills: [...ui.drills, drillInto(row)] }, situation)
}

/** Out of a row, then out of a filter, then out of the issues. */
function left(ui: UiState, situation: Situation): UiState {
  if (ui.drills.length > 0) return inOrder({ ...ui, drills: ui.drills.slice(0, -1) }, situation)
  if (tableOf(ui).filter !== '') return filtered(ui, '', situation)
  if (tableOf(ui).marks.length > 0) return withTable(ui, { marks: [] })
  return inOrder({ ...ui, issuesOnly: false }, situation)
}

function marked(ui: UiState): UiState {
  const { marks, order, cursor } = tableOf(ui)
  const id = order[cursor]
  if (id === undefined) return ui
  return withTable(ui, { marks: marks.includes(id) ? marks.filter((each) => each !== id) : [...marks, id], cursor: cursor + 1 })
}

function sortedAside(ui: UiState, step: number, situation: Situation): UiState {
  const { columns } = panelOfUi(ui)
  const shownColumns = layOut(columns, ui.columns, ui.isWide).columns
  const at = shownColumns.findIndex(({ name }) => name === tableOf(ui).sortedBy)
  const next = shownColumns[(at + step + shownColumns.length) % shownColumns.length]!
  return inOrder(withTable(ui, { sortedBy: next.name, isDescending: next.isAscending !== true }), situation)
}

function sortedByLetter(ui: UiState, letter: string, situation: Situation): UiState {
  const column = panelOfUi(ui).columns.find((each) => each.letter === letter)
  if (column === undefined) return ui
  const { sortedBy, isDescending } = tableOf(ui)
  const again = sortedBy === column.name
  return inOrder(withTable(ui, { sortedBy: column.name, isDescending: again ? !isDescending : column.isAscending !== true }), situation)
}

function detailed(ui: UiState, { model }: Situation): UiState {
  const row = model === undefined ? undefined : rowAtCursor(ui, model)
  const panel = panelOfUi(ui)
  if (row === undefined || model === undefined) return ui
  const lines = panel.details?.(row, model) ?? panel.columns.map(({ name, text }) => `${name.padEnd(18)} ${text(row)}`)
  return { ...ui, page: { title: panel.idOf(row), lines, top: 0 } }
}

/** Without what is remembered for rates: nobody but the model has a use for it. */
export const jsonOf = (row: unknown, indent?: number): string =>
  JSON.stringify(row, (name, value) => (name === 'tracks' || name === 'track' ? undefined : value), indent)

function asJson(ui: UiState, { model }: Situation): UiState {
  const row = model === undefined ? undefined : rowAtCursor(ui, model)
  return row === undefined ? ui : { ...ui, page: { title: panelOfUi(ui).idOf(row), lines: jsonOf(row, 2).split('\n'), top: 0 } }
}

function copied(ui: UiState, { model, nowMs }: Situation): Pressed {
  const ids = chosenIds(ui)
  const rows = model === undefined ? '' : rowsById(ui, model)
  if (typeof rows === 'string' || ids.length === 0) return only(ui)
  const laid = layOut(panelOfUi(ui).columns, ui.columns, ui.isWide)
  const lines = ids.flatMap((id) => (rows.has(id) ? [textOf(rowLine(laid, rows.get(id), false, false)).trim()] : []))
  return {
    ui: told(ui, `copied ${lines.length === 1 ? ids[0] : `${lines.length} rows`}`, nowMs),
    effects: [{ kind: 'copy', text: lines.join('\n') }],
  }
}

function resettable(ui: UiState, nowMs: number): Pressed {
  const isOfGroups = drillOf(ui)?.kind === 'group' || (ui.drills.length === 0 && ui.panel === 'groups')
  if (!isOfGroups) return only(told(ui, 'r resets groups: go to a group first', nowMs))
  if (ui.isReadOnly) return asked(ui, [], { model: undefined, nowMs })
  const subjects = chosenIds(ui)
  return only(subjects.length === 0 ? ui : { ...ui, prompt: { kind: 'reset', text: '', subjects } })
}

function electable(ui: UiState, situation: Situation): Pressed {
  const drill = drillOf(ui)
  if (drill?.kind === 'topic') {
    const partitions = chosenIds(ui).map((id) => id.slice(drill.id.length + 1))
    return asked(ui, partitions.length === 0 ? [] : [electCommand([`${drill.id}:${partitions.join(',')}`])], situation)
  }
  if (drill !== null || ui.panel !== 'topics') return only(told(ui, 'e elects leaders: go to a topic first', situation.nowMs))
  const topics = chosenIds(ui)
  return asked(ui, topics.length === 0 ? [] : [electCommand(topics)], situation)
}

/** The commands that wait for a yes, as a person would type them. */
export const confirmLines = (commands: readonly (readonly string[])[]): string[] => commands.map((words) => shellLine(words))

export { linesOf }
