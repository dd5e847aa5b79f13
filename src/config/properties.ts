/**
 * Java's .properties format (java.util.Properties.load): `#` and `!` comments, `=`, `:` or white space between key and value, lines
 * continued by a backslash, \t \n \r \f \uXXXX escapes. A key given twice: the last one counts.
 */
export const parseProperties = (text: string): Map<string, string> => {
  const properties = new Map<string, string>()
  for (const line of logicalLines(text)) {
    const { key, value } = splitLine(line)
    properties.set(withoutEscapes(key), withoutEscapes(value))
  }
  return properties
}

const logicalLines = (text: string): string[] => {
  const lines: string[] = []
  let continued: string | undefined
  for (const raw of text.split(/\r\n|\n|\r/)) {
    const line = raw.replace(/^[ \t\f]+/, '')
    if (continued === undefined && (line === '' || line[0] === '#' || line[0] === '!')) continue
    const whole = (continued ?? '') + line
    const backslashes = /\\*$/.exec(whole)![0].length
    if (backslashes % 2 === 1) continued = whole.slice(0, -1)
    else {
      if (whole !== '') lines.push(whole)
      continued = undefined
    }
  }
  if (continued !== undefined && continued !== '') lines.push(continued)
  return lines
}

const splitLine = (line: string): { key: string; value: string } => {
  let end = 0
  while (end < line.length && !' \t\f=:'.includes(line[end]!)) end += line[end] === '\\' ? 2 : 1
  const rest = line.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '')
  return { key: line.slice(0, end), value: rest }
}

const ESCAPES: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f' }
const withoutEscapes = (text: string): string =>
  text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_match, hex: string | undefined, char: string | undefined) =>
    hex !== undefined ? String.fromCharCode(Number.parseInt(hex, 16)) : (ESCAPES[char!] ?? char!),
  )
