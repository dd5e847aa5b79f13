const colors: Readonly<Record<string, string>> = { trace: '90', debug: '90', info: '32', warn: '33', error: '31', fatal: '35' }

/** C1 controls, line separators and direction marks that JSON leaves as they are, and that a terminal obeys. */
const loose = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

const asEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Escapes in a JSON line what JSON itself does not; still the same JSON value. */
export function escapeControls(line: string): string {
  return line.replace(loose, asEscape)
}

/** `12:00:00.123 info  log  message key=value`, stacks of errors on lines of their own. `line` is one entry as JSON. */
export function renderEntry(line: string, color: boolean): string {
  const { level, time, room, message, error, ...fields } = JSON.parse(line) as Record<string, unknown>
  const paint = (code: string, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const rank = String(level)
  let text = `${paint('90', localTime(String(time)))} ${paint(colors[rank] ?? '0', rank.padEnd(5))} ${paint('36', plain(room ?? 'tkafka').padEnd(11))} ${plain(message ?? '')}`
  for (const [name, value] of Object.entries(fields)) text += ` ${paint('90', `${plain(name)}=`)}${shown(value)}`
  if (error !== undefined) text += errorLines(error)
  return `${text}\n`
}

function localTime(iso: string): string {
  const at = new Date(iso)
  const two = (count: number): string => String(count).padStart(2, '0')
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`
}

const plain = (value: unknown): string => String(value).replace(controls, asEscape)

function shown(value: unknown): string {
  if (typeof value !== 'string') return plain(JSON.stringify(value))
  return /^[^\s"=]+$/.test(value) ? plain(value) : plain(JSON.stringify(value))
}

function errorLines(error: unknown): string {
  const stack = typeof error === 'object' && error !== null ? (error as { stack?: unknown }).stack : undefined
  const text = typeof stack === 'string' ? stack : typeof error === 'string' ? error : JSON.stringify(error)
  return `\n${text
    .split('\n')
    .map((each) => `    ${plain(each)}`)
    .join('\n')}`
}
