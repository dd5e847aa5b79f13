import { printableJson } from './printable.ts'

/** JSON values as YAML: block style, texts quoted whenever they could be read as something else. */
export function toYaml(value: unknown, indent = 0): string {
  const pad = ' '.repeat(indent)
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []\n'
    return `\n${value.map((each) => `${pad}-${nested(each, indent + 2, true)}`).join('')}`
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined)
    if (entries.length === 0) return ' {}\n'
    return `\n${entries.map(([key, each]) => `${pad}${scalar(key)}:${nested(each, indent + 2, false)}`).join('')}`
  }
  return ` ${scalar(value)}\n`
}

function nested(value: unknown, indent: number, inList: boolean): string {
  const text = toYaml(value, indent)
  // The first key of an object in a list stands on the line of the dash.
  return inList && text.startsWith('\n') ? ` ${text.slice(1 + indent)}` : text
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return String(value)
  return /^[A-Za-z_][A-Za-z0-9_./@-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value)
    ? value
    : printableJson(JSON.stringify(value))
}
