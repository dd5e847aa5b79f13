import { usageFault } from '../fault.ts'
import type { PrintedRecord } from './printer.ts'

export type RecordFilter = (record: PrintedRecord) => boolean

/**
 * kcl's filters: `k:RE` on the key, `v:RE` on the value, `h:NAME=RE` on a header, plain `RE` on key or value; `!` before it: not.
 * Several must all hold. @throws Fault (usage)
 */
export function recordFilter(texts: readonly string[]): RecordFilter {
  const filters = texts.map((text) => {
    const negated = text.startsWith('!')
    const filter = oneFilter(negated ? text.slice(1) : text)
    return negated ? (record: PrintedRecord) => !filter(record) : filter
  })
  return (record) => filters.every((filter) => filter(record))
}

function oneFilter(text: string): RecordFilter {
  const header = /^h:([^=]+)=(.*)$/s.exec(text)
  if (header !== null) {
    const pattern = patternOf(header[2]!)
    return ({ headers }) => headers.some(({ key, value }) => key === header[1] && matches(pattern, value))
  }
  const pattern = patternOf(/^[kv]:/.test(text) ? text.slice(2) : text)
  if (text.startsWith('k:')) return ({ key }) => matches(pattern, key)
  if (text.startsWith('v:')) return ({ value }) => matches(pattern, value)
  return ({ key, value }) => matches(pattern, key) || matches(pattern, value)
}

const matches = (pattern: RegExp, bytes: Buffer | null): boolean => bytes !== null && pattern.test(bytes.toString())

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (error) {
    throw usageFault(`--grep: ${(error as Error).message}`)
  }
}
