// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const control = /[\x00-\x1f\x7f-\x9f]/g
const names: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** Text that others wrote, for a terminal: controls, which could move its cursor or change its settings, become `\n`, `\x1b` and so on. */
export const printable = (text: string): string =>
  text.replace(control, (each) => names[each] ?? `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** The same for text of several lines. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n')

/** One line of a table, where a line break is a space. */
export const printableCell = (text: string): string => printable(text.replace(/[\r\n\t]+/g, ' '))

/** JSON lets those beyond ASCII stand as they are; they can be written as the others are. */
export const printableJson = (json: string): string =>
  json.replace(/[\x7f-\x9f]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
