import type { Finding } from '../ops/index.ts'
import { viewTable } from './render/render.ts'
import type { Column, Style } from './render/view.ts'

const stateText = (state: Finding['state']): string => (state === 'ok' ? 'ok' : state.toUpperCase())

export const findingColumns: readonly Column<Finding>[] = [
  { name: 'CHECK', value: ({ check }) => check },
  { name: 'OF', value: ({ of }) => of || null, narrow: 'shorten' },
  { name: 'STATE', value: ({ state }) => stateText(state) },
  { name: 'FOUND', value: ({ found }) => found, narrow: 'shorten' },
  { name: 'CAUSE', value: ({ cause }) => cause, wide: true },
  { name: 'NEXT', value: ({ next }) => next, wide: true },
]

/** The verdict, what it rests on, and for each thing that is wrong why that may be and what to do. */
export async function findingText(findings: readonly Finding[], style: Style): Promise<string> {
  const count = (state: Finding['state']): number => findings.filter((each) => each.state === state).length
  const [wrong, warnings, unknown] = [count('wrong'), count('warning'), count('unknown')]
  const parts = [
    ...(wrong > 0 ? [style.bad(`${wrong} WRONG`)] : []),
    ...(warnings > 0 ? [style.warn(`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`)] : []),
    ...(unknown > 0 ? [`${unknown} not known`] : []),
  ]
  const verdict = parts.length === 0 ? style.bold('SOUND') : parts.join(', ')
  const table = await viewTable(
    findingColumns.filter(({ wide }) => wide !== true),
    findings,
    style,
  )
  const advice = findings
    .filter(({ state }) => state !== 'ok')
    .map(({ check, of, state, found, cause, next }) => {
      const head = `${stateText(state)} ${check}${of === '' ? '' : ` of ${of}`}: ${found}`
      const lines = [cause, next].filter((line) => line !== null && line !== '').map((line) => `  ${line}\n`)
      return `${state === 'wrong' ? style.bad(head) : style.warn(head)}\n${lines.join('')}`
    })
  return `${verdict}\n${table}${advice.length === 0 ? '' : `\n${advice.join('')}`}`
}
