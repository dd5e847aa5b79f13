import { usageFault } from '../fault.ts'
import { type CellValue, type Column, columnNamed } from './view.ts'

export const filterLanguage = 'COLUMN=VALUE, and !=, >, >=, <, <=, ~ and !~ for regular expressions'

/** Items whose columns are as all of the expressions say. @throws Fault (usage) */
export function filtered<T>(items: readonly T[], columns: readonly Column<T>[], expressions: readonly string[]): readonly T[] {
  const tests = expressions.map((expression) => condition(columns, expression))
  return tests.length === 0 ? items : items.filter((item) => tests.every((test) => test(item)))
}

function condition<T>(columns: readonly Column<T>[], expression: string): (item: T) => boolean {
  const match = /^\s*([\w-]+)\s*(!=|>=|<=|!~|=|>|<|~)\s*(.*?)\s*$/s.exec(expression)
  if (match === null) throw usageFault(`--filter: ${expression} says nothing`, `Write ${filterLanguage}.`)
  const [, name, operator, wanted] = match as unknown as [string, string, string, string]
  const { value } = columnNamed(columns, name)
  if (operator.endsWith('~')) {
    const pattern = patternOf(wanted)
    return (item) => pattern.test(textOf(value(item))) === (operator === '~')
  }
  if (operator === '=' || operator === '!=') {
    return (item) => (order(value(item), wanted) === 0 || textOf(value(item)) === wanted) === (operator === '=')
  }
  // What is missing is neither more nor less.
  return (item) => {
    const cell = value(item)
    if (cell === null) return false
    const sign = order(cell, wanted)
    return operator.startsWith('>') ? sign > 0 || (sign === 0 && operator === '>=') : sign < 0 || (sign === 0 && operator === '<=')
  }
}

const textOf = (value: CellValue): string => (value === null ? '' : String(value))

/** Numbers by their size, all else by its letters. */
function order(cell: CellValue, wanted: string): number {
  const [a, b] = [Number(cell), Number(wanted)]
  if (cell !== null && cell !== '' && typeof cell !== 'boolean' && wanted !== '' && !Number.isNaN(a) && !Number.isNaN(b))
    return Math.sign(a - b)
  return textOf(cell) === wanted ? 0 : textOf(cell) < wanted ? -1 : 1
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (error) {
    throw usageFault(`--filter: ${(error as Error).message}`)
  }
}
