// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const control = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
const names: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' }

const hex = (each: string, digits: number): string => each.charCodeAt(0).toString(16).padStart(digits, '0')

/**
 * Text that others wrote, for a terminal: controls, which could move its cursor, change its settings, break a line or turn the order of
 * what is shown around (Unicode's line and paragraph separators and bidirectional controls), become `\n`, `\x1b`, `\u202e` and so on.
 */
export const printable = (text: string): string =>
  text.replace(control, (each) => names[each] ?? (each > '\xff' ? `\\u${hex(each, 4)}` : `\\x${hex(each, 2)}`))

/** The same for text of several lines. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n')

/** One line of a table, where a line break is a space. */
export const printableCell = (text: string): string => printable(text.replace(/[\r\n\t]+/g, ' '))

/** JSON lets those beyond ASCII stand as they are; they can be written as the others are. */
export const printableJson = (json: string): string =>
  json.replace(/[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (each) => `\\u${hex(each, 4)}`)
