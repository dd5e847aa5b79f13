import { breakableParts } from './line-breaks.ts'
import type { Declaration } from './option-parser.ts'

const OVERALL_WIDTH = 80
const SEPARATOR_WIDTH = 2
const INDENT = '  '

type Row = readonly [option: string, description: string]

/** The two columns of the help, of 80 signs together, lines padded to their end. */
export function optionHelp(declarations: readonly Declaration[]): string {
  const sorted = [...declarations].sort((a, b) => (a.name < b.name ? -1 : 1))
  const hasRequired = sorted.some((each) => each.required === true)
  const rows: Row[] = [
    hasRequired ? ['Option (* = required)', 'Description'] : ['Option', 'Description'],
    hasRequired ? ['---------------------', '-----------'] : ['------', '-----------'],
    ...sorted.map((each): Row => [optionText(each), descriptionText(each)]),
  ]
  const [optionWidth, descriptionWidth] = widthsOf(rows)
  const fitted = rows.flatMap(([option, description]) => {
    const options = pieces(option, optionWidth)
    const descriptions = pieces(description, descriptionWidth)
    const count = Math.max(options.length, descriptions.length)
    return Array.from({ length: count }, (_, index): Row => [options[index] ?? '', descriptions[index] ?? ''])
  })
  const [left, right] = widthsOf(fitted)
  return fitted
    .map(([option, description]) => `${option.padEnd(left)}${' '.repeat(SEPARATOR_WIDTH)}${description.padEnd(right)}\n`)
    .join('')
}

function widthsOf(rows: readonly Row[]): readonly [number, number] {
  const widest = (index: 0 | 1): number => Math.max(...rows.map((row) => row[index].length))
  const option = Math.min((OVERALL_WIDTH - SEPARATOR_WIDTH) / 2, widest(0))
  return [option, Math.min(OVERALL_WIDTH - option - SEPARATOR_WIDTH, widest(1))]
}

function optionText(declaration: Declaration): string {
  const { name, argument, describedAs, type } = declaration
  const dashes = name.length > 1 ? '--' : '-'
  const start = `${declaration.required === true ? '* ' : ''}${dashes}${name}`
  if (argument === undefined) return start
  const content = `${type ?? 'String'}${describedAs === undefined ? '' : `: ${describedAs}`}`
  return argument === 'required' ? `${start} <${content}>` : `${start} [${content}]`
}

function descriptionText({ description, defaults = [] }: Declaration): string {
  if (defaults.length === 0) return description
  const shown = defaults.length === 1 ? defaults[0] : `[${defaults.join(', ')}]`
  return `${description} (default: ${shown})`.trim()
}

function pieces(raw: string, width: number): string[] {
  return raw
    .trim()
    .split('\n')
    .flatMap((line) => piecesOfLine(line, width))
}

function piecesOfLine(line: string, width: number): string[] {
  const done: string[] = []
  let piece = ''
  for (const word of breakableParts(line)) {
    if (piece.length + word.length > width) {
      done.push(piece.replace(/\s+$/, ''))
      piece = INDENT + word
    } else piece += word
  }
  if (piece !== '') done.push(piece)
  return done
}
