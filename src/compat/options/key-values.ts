import type { Properties } from '../admin-session.ts'
import type { CommandLine } from './command-line.ts'

/** Options of the form key=value; a value may hold equals signs, and may be missing. */
export function keyValues(pairs: readonly string[]): Properties {
  const properties: Properties = {}
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals < 0) properties[pair] = ''
    else properties[pair.slice(0, equals)] = pair.slice(equals + 1)
  }
  return properties
}

/** An option that was given goes before the property, the property before the default of the option. */
export function mergeOption(properties: Properties, key: string, line: CommandLine, option: string): void {
  if (!line.has(option) && key in properties) return
  const value = line.text(option)
  if (value === undefined) delete properties[key]
  else properties[key] = value
}
