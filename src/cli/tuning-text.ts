import type { TuningCheck } from '../ops/index.ts'
import { viewTable } from './render/render.ts'
import type { Column, Style } from './render/view.ts'

const stateText = ({ state }: TuningCheck): string => (state === 'ok' ? 'ok' : state.toUpperCase())

export const tuningColumns: readonly Column<TuningCheck>[] = [
  { name: 'CHECK', value: ({ check }) => check },
  { name: 'STATE', value: stateText },
  { name: 'VALUE', value: ({ value }) => value },
  { name: 'WANTED', value: ({ wanted }) => wanted, narrow: 'shorten' },
  { name: 'WHY', value: ({ why }) => why, wide: true },
  { name: 'HOW', value: ({ how }) => how, wide: true },
]

/** All checks, and of those that fail why it matters and how it is set. */
export async function tuningText(checks: readonly TuningCheck[], style: Style): Promise<string> {
  const table = await viewTable(
    tuningColumns.filter(({ wide }) => wide !== true),
    checks,
    style,
  )
  const advice = checks
    .filter(({ how }) => how !== null)
    .map((each) => `${style.warn(`${each.check} is ${each.value ?? 'not known'}`)}\n  ${each.why}\n  Set it: ${each.how}\n`)
  return `${table}${advice.length === 0 ? '' : `\n${advice.join('')}`}`
}
