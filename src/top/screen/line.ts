import stringWidth from 'string-width'

/** What a piece of text is, apart from what it says. Colors are never the only sign. */
export type Tone = 'plain' | 'dim' | 'strong' | 'good' | 'warn' | 'bad' | 'head' | 'cursor'

export interface Span {
  readonly text: string
  readonly tone: Tone
}

/** One line of the terminal; its cells are those of its spans side by side. */
export type Line = readonly Span[]

export const span = (text: string, tone: Tone = 'plain'): Span => ({ text, tone })

export const textOf = (line: Line): string => line.map(({ text }) => text).join('')

/** ASCII, and what frames are drawn with: a cell each. */
const isPlain = (text: string): boolean => /^[\x20-\x7e▁-█░│▏▸▲▼…·×→›↑↓⏎Δ≥]*$/.test(text)

/** Cells of the terminal that a text takes. */
export const widthOf = (text: string): number => (isPlain(text) ? text.length : stringWidth(text))

/** Names come from outside: what would move the cursor or turn the writing around is shown as `·`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are
const harmful = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g
export const harmless = (text: string): string => text.replace(harmful, '·')

/** A text in exactly `width` cells: padded, or shortened with `…`. */
export function fitted(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  if (width <= 0) return ''
  const taken = widthOf(text)
  if (taken > width) return cut(text, width)
  const room = ' '.repeat(width - taken)
  return side === 'left' ? text + room : room + text
}

/** At most `width` cells. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  if (width <= 1) return '…'.slice(0, width)
  let shown = ''
  let taken = 0
  for (const letter of text) {
    const cells = widthOf(letter)
    if (taken + cells > width - 1) break
    shown += letter
    taken += cells
  }
  return `${shown}…${' '.repeat(width - 1 - taken)}`
}

/** A line cut to `width` cells. */
export function cutLine(line: Line, width: number): Line {
  const shown: Span[] = []
  let left = width
  for (const each of line) {
    if (left <= 0) break
    const cells = widthOf(each.text)
    shown.push(cells <= left ? each : span(cut(each.text, left), each.tone))
    left -= cells
  }
  return shown
}

/** Left and right ends of a line; the left gives way. */
export function spread(left: Line, right: Line, width: number): Line {
  const rightCells = right.reduce((sum, { text }) => sum + widthOf(text), 0)
  if (rightCells >= width) return cutLine(right, width)
  const shown = cutLine(left, Math.max(0, width - rightCells - 1))
  const leftCells = shown.reduce((sum, { text }) => sum + widthOf(text), 0)
  return [...shown, span(' '.repeat(width - leftCells - rightCells)), ...right]
}
