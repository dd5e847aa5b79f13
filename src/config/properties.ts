/**
 * Reads the text of a Java .properties file: `#` and `!` comments, `=`, `:` or blanks between key and value, lines continued by an odd number
 * of backslashes, escapes. The last of several equal keys wins. Malformed unicode escapes are kept as they are written.
 * Source: java.util.Properties.load.
 */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>()
  for (const { line } of logicalLines(text)) {
    const end = keyEnd(line)
    const separator = line.slice(end).match(/^[ \t\f]*[=:]?[ \t\f]*/)?.[0].length ?? 0
    properties.set(unescaped(line.slice(0, end)), unescaped(line.slice(end + separator)))
  }
  return properties
}

/** The number of the line, from 1, on which each key is given the value that counts. */
export function propertyLines(text: string): Map<string, number> {
  const lines = new Map<string, number>()
  for (const { line, number } of logicalLines(text)) lines.set(unescaped(line.slice(0, keyEnd(line))), number)
  return lines
}

/** `number` is that of the first of its natural lines. */
function* logicalLines(text: string): Generator<{ line: string; number: number }> {
  let pending: string | undefined
  let number = 0
  for (const [index, natural] of text.split(/\r\n|\r|\n/).entries()) {
    const line = natural.replace(/^[ \t\f]+/, '')
    if (pending === undefined && (line === '' || line[0] === '#' || line[0] === '!')) continue
    if (pending === undefined) number = index + 1
    const whole: string = (pending ?? '') + line
    const backslashes = whole.match(/\\*$/)?.[0].length ?? 0
    if (backslashes % 2 === 1) pending = whole.slice(0, -1)
    else {
      pending = undefined
      if (whole !== '') yield { line: whole, number }
    }
  }
  if (pending) yield { line: pending, number }
}

function keyEnd(line: string): number {
  for (let index = 0; index < line.length; index++) {
    if (line[index] === '\\') index++
    else if (/[=: \t\f]/.test(line[index]!)) return index
  }
  return line.length
}

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

const unescaped = (text: string): string =>
  text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, code?: string, letter = '') =>
    code === undefined ? (escapes[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  )

/** One line of a file that `parseProperties` reads the same key and value from. */
export function propertyLine(key: string, value: string): string {
  return `${escaped(key).replace(/[ =:#!]/g, '\\$&')}=${escaped(value).replace(/^ /, '\\ ')}`
}

const letters: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't', '\f': 'f' }
const escaped = (text: string): string => text.replace(/[\\\n\r\t\f]/g, (sign) => `\\${letters[sign] ?? sign}`)
