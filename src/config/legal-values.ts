import { textOf } from './parsing.ts'
import type { Setting } from './setting.ts'

const bounds = { short: [-32_768, 32_767], int: [-2_147_483_648, 2_147_483_647] } as const

/** What a refusal of a value leaves unsaid: which numbers are legal, and what the default is. Empty when there is nothing to add. */
export function legalValues(setting: Setting): string {
  const numbers = legalNumbers(setting)
  const text = setting.default === undefined ? null : textOf(setting.type, setting.default)
  return [...(numbers === '' ? [] : [numbers]), ...(text === null || text === '' ? [] : [`by default ${text}`])].join('; ')
}

function legalNumbers({ type, range }: Setting): string {
  if (type !== 'short' && type !== 'int' && type !== 'long' && type !== 'double') return ''
  const what = type === 'double' ? 'a number' : 'a whole number'
  const natural = type === 'short' || type === 'int' ? bounds[type] : []
  const [least = natural[0], greatest = natural[1]] = range ?? []
  return `${what}${least === undefined ? '' : ` from ${least}`}${greatest === undefined ? '' : ` to ${greatest}`}`
}
