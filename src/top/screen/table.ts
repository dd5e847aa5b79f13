import { fitted, harmless, type Line, type Span, span, type Tone } from './line.ts'

export type SortValue = string | number | null

/** A column of a panel. Its width does not depend on what is in it, so that nothing jumps from frame to frame. */
export interface TableColumn<R> {
  readonly name: string
  /** Capital letter that sorts by it. */
  readonly letter: string
  readonly width: number
  /** The column that takes what room is left; one a table. */
  readonly isFlexible?: boolean
  readonly isRight?: boolean
  /** When the terminal is narrow, columns of the highest rank go first; without one it stays. */
  readonly rank?: number
  /** Only when wide columns are asked for, or where there is room for all. */
  readonly isWide?: boolean
  readonly value: (row: R) => SortValue
  readonly text: (row: R) => string
  readonly tone?: (row: R) => Tone
  /** Small first, where that is what one looks for. */
  readonly isAscending?: boolean
  /** What programs get, where it is not what it is sorted by. */
  readonly output?: (row: R) => SortValue
  /** Bars and the like: nothing for programs, or to search in. */
  readonly drawing?: boolean
}

const GUTTER = 2
/** The cursor and the mark. */
const MARGIN = 2

export interface Laid<R> {
  readonly columns: readonly (TableColumn<R> & { readonly cells: number })[]
}

/** The columns that fit, with their widths. */
export function layOut<R>(columns: readonly TableColumn<R>[], width: number, isWide: boolean): Laid<R> {
  const kept = new Set(columns.filter((column) => isWide || column.isWide !== true))
  const taken = (): number => [...kept].reduce((sum, column) => sum + column.width + GUTTER, -GUTTER) + MARGIN
  const byRank = [...columns].sort((a, b) => (b.rank ?? 0) - (a.rank ?? 0))
  for (const column of byRank) {
    if (taken() <= width || column.rank === undefined) break
    kept.delete(column)
  }
  const spare = Math.max(0, width - taken())
  return {
    columns: columns
      .filter((column) => kept.has(column))
      .map((column) => ({ ...column, cells: column.width + (column.isFlexible === true ? spare : 0) })),
  }
}

export function headLine<R>({ columns }: Laid<R>, sortedBy: string, isDescending: boolean): Line {
  const cells = columns.map(({ name, cells, isRight }) => {
    const text = name === sortedBy ? `${name}${isDescending ? '▼' : '▲'}` : name
    return span(fitted(text, cells, isRight === true ? 'right' : 'left'), name === sortedBy ? 'strong' : 'head')
  })
  return [span(' '.repeat(MARGIN), 'head'), ...separated(cells, 'head')]
}

export function rowLine<R>({ columns }: Laid<R>, row: R, isCursor: boolean, isMarked: boolean): Line {
  const cells = columns.map(({ text, tone, cells, isRight }) =>
    span(fitted(harmless(text(row)), cells, isRight === true ? 'right' : 'left'), isCursor ? 'cursor' : (tone?.(row) ?? 'plain')),
  )
  const between = isCursor ? 'cursor' : 'plain'
  return [span(`${isCursor ? '▸' : ' '}${isMarked ? '*' : ' '}`, isCursor ? 'cursor' : 'strong'), ...separated(cells, between)]
}

function separated(cells: readonly Span[], tone: Tone): Span[] {
  const gutter = span(' '.repeat(GUTTER), tone)
  return cells.flatMap((cell, index) => (index === 0 ? [cell] : [gutter, cell]))
}

/** What is missing comes last, whatever the direction. */
export function compareValues(a: SortValue, b: SortValue, isDescending: boolean): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  const order = typeof a === 'string' || typeof b === 'string' ? (String(a) < String(b) ? -1 : 1) : a - b
  return isDescending ? -order : order
}
