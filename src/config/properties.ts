/**
 * Reads the text of a Java .properties file: `#` and `!` comments, `=`, `:` or blanks between key and value, lines continued by an odd number
 * of backslashes, escapes. The last of several equal keys wins. Malformed unicode escapes are kept as they are written.
 * Source: java.util.Properties.load.
 */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>()
  for (const line of logicalLines(text)) {
    const end = keyEnd(line)
    const separator = line.slice(end).match(/^[ \t\f]*[=:]?[ \t\f]*/)?.[0].length ?? 0
    properties.set(unescaped(line.slice(0, end)), unescaped(line.slice(end + separator)))
  }
  return properties
}

function* logicalLines(text: string): Generator<string> {
  let pending: string | undefined
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line = natural.replace(/^[ \t\f]+/, '')
    if (pending === undefined && (line === '' || line[0] === '#' || line[0] === '!')) continue
    const whole: string = (pending ?? '') + line
    const backslashes = whole.match(/\\*$/)?.[0].length ?? 0
    if (backslashes % 2 === 1) pending = whole.slice(0, -1)
    else {
      pending = undefined
      if (whole !== '') yield whole
    }
  }
  if (pending) yield pending
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
