import { defaultPieceBytesMax } from '../byte-lines.ts'
import { Fault, usageFault } from '../fault.ts'
import type { RecordReader } from './reader.ts'
import type { RecordInput } from './record-json.ts'

/** Null: nothing between the commas, where `""` is an empty text. */
type Cell = Buffer | null

const comma = 0x2c
const quote = 0x22
const lineFeed = 0x0a
const carriageReturn = 0x0d
const byteOrderMark = Buffer.from('\ufeff')

/** Rows (RFC 4180) of what comes in pieces. No byte is looked at twice; cells are views of what came. */
class CsvRows {
  /** What came and is in no cell yet is its end; behind it in `#store` there may be room. */
  #bytes: Buffer = Buffer.alloc(0)
  #store: Buffer = this.#bytes
  #row: Cell[] = []
  #count = 0
  /** Positions in `#bytes`: of the row (negative when its first cells are gone), of the cell, and up to where the cell was looked at. */
  #rowAt = 0
  #at = 0
  #scanned = 0
  #isBegun = false

  /** What ended the reading: the rows before it are good, nothing is read after it. */
  fault: Fault | undefined

  /** The rows that end here. */
  push(bytes: Buffer): Cell[][] {
    this.#append(bytes)
    const rows = this.#read(false)
    if (this.#bytes.length - this.#rowAt > defaultPieceBytesMax)
      this.fault ??= new Fault(`more than ${defaultPieceBytesMax} bytes of input without the end of a row`)
    return rows
  }

  /** The last row may lack its line break. */
  end(): Cell[][] {
    return this.#read(true)
  }

  #append(bytes: Buffer): void {
    const from = this.#at
    const rest = this.#bytes.subarray(from)
    const restBytes = rest.length
    const wanted = this.#bytes.length + bytes.length
    if (restBytes > 0 && wanted <= this.#store.length) {
      bytes.copy(this.#store, this.#bytes.length)
      this.#bytes = this.#store.subarray(0, wanted)
      return
    }
    if (restBytes === 0) this.#store = this.#bytes = bytes
    else {
      this.#store = Buffer.allocUnsafe(2 * (restBytes + bytes.length))
      rest.copy(this.#store)
      bytes.copy(this.#store, restBytes)
      this.#bytes = this.#store.subarray(0, restBytes + bytes.length)
    }
    this.#at = 0
    this.#scanned -= from
    this.#rowAt -= from
  }

  #read(isEnd: boolean): Cell[][] {
    const rows: Cell[][] = []
    if (!this.#isBegun) {
      if (this.#bytes.length < byteOrderMark.length && !isEnd) return rows
      this.#isBegun = true
      if (this.#bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark)) this.#next(byteOrderMark.length)
    }
    const bytes = this.#bytes
    while (this.#at < bytes.length) {
      const isQuoted = bytes[this.#at] === quote
      const end = isQuoted ? this.#quotedEnd(isEnd) : this.#plainEnd(isEnd)
      if (end === undefined) break
      let at = end
      let cell: Cell
      if (isQuoted) {
        cell = unquoted(bytes.subarray(this.#at + 1, end))
        at += bytes[end + 1] === carriageReturn ? 2 : 1
        if (at >= bytes.length && !isEnd) break
      } else {
        const cut = end > this.#at && bytes[end - 1] === carriageReturn && bytes[end] !== comma ? end - 1 : end
        cell = cut === this.#at ? null : bytes.subarray(this.#at, cut)
      }
      if (at < bytes.length && bytes[at] !== comma && bytes[at] !== lineFeed) {
        this.fault = new Fault(`row ${this.#count + 1}: text behind a closing quote`)
        return rows
      }
      this.#row.push(cell)
      this.#next(Math.min(at + 1, bytes.length))
      if (bytes[at] !== comma) rows.push(this.#endRow())
    }
    if (!isEnd) return rows
    if (this.#at < bytes.length) this.fault = new Fault(`row ${this.#count + 1}: the input ends within a quoted cell`)
    else if (this.#row.length > 0) {
      this.#row.push(null)
      rows.push(this.#endRow())
    }
    return rows
  }

  #next(at: number): void {
    this.#at = at
    this.#scanned = at
  }

  #endRow(): Cell[] {
    const row = this.#row
    this.#row = []
    this.#rowAt = this.#at
    this.#count++
    return row
  }

  /** Where the quote is that closes the cell. It may be the first of two, of which the second has not come yet. */
  #quotedEnd(isEnd: boolean): number | undefined {
    const bytes = this.#bytes
    let end = bytes.indexOf(quote, Math.max(this.#scanned, this.#at + 1))
    while (end >= 0 && bytes[end + 1] === quote) end = bytes.indexOf(quote, end + 2)
    this.#scanned = end < 0 ? bytes.length : end
    return end < 0 || (end + 1 === bytes.length && !isEnd) ? undefined : end
  }

  #plainEnd(isEnd: boolean): number | undefined {
    const bytes = this.#bytes
    let end = this.#scanned
    while (end < bytes.length && bytes[end] !== comma && bytes[end] !== lineFeed) end++
    this.#scanned = end
    return end === bytes.length && !isEnd ? undefined : end
  }
}

const unquoted = (bytes: Buffer): Buffer =>
  bytes.includes('""') ? Buffer.from(bytes.toString('latin1').replaceAll('""', '"'), 'latin1') : bytes

/** Rows of CSV; the first names the columns: key, value, topic, partition, timestamp, header.NAME. @throws Fault */
export function csvReader(): RecordReader {
  return async function* (stream) {
    const rows = new CsvRows()
    let columns: string[] | undefined
    /** Rows that were read, the names of the columns among them. */
    let count = 0
    const records = (read: readonly Cell[][]): (RecordInput | Fault)[] =>
      read.flatMap((row) => {
        count++
        if (columns !== undefined) return row.length === 1 && row[0] === null ? [] : [recordOf(columns, row, count)]
        columns = columnsOf(row)
        return []
      })
    for await (const chunk of stream) {
      yield records(rows.push(typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer)))
      if (rows.fault !== undefined) throw rows.fault
    }
    yield records(rows.end())
    if (rows.fault !== undefined) throw rows.fault
  }
}

function columnsOf(row: readonly Cell[]): string[] {
  const names = row.map((cell) => cell?.toString().trim() ?? '')
  const strange = names.find((name) => !/^(key|value|topic|partition|timestamp|header\..+)$/.test(name))
  if (strange !== undefined) {
    throw usageFault(
      `the first row names the columns, and a record has no ${strange === '' ? 'column without a name' : strange}`,
      'Known are key, value, topic, partition, timestamp and header.NAME.',
    )
  }
  // Headers may come again and again, as in a record.
  const doubled = names.find((name, index) => !name.startsWith('header.') && names.indexOf(name) < index)
  if (doubled !== undefined) throw usageFault(`the first row names the column ${doubled} twice`)
  return names
}

function recordOf(columns: readonly string[], row: readonly Cell[], line: number): RecordInput | Fault {
  if (row.length !== columns.length) return new Fault(`row ${line}: ${row.length} cells, the first row has ${columns.length}`)
  const cell = (name: string): Cell => row[columns.indexOf(name)] ?? null
  const numbers: Record<string, number | undefined> = {}
  for (const name of ['partition', 'timestamp']) {
    const text = cell(name)?.toString() ?? ''
    if (text !== '' && !/^\d{1,16}$/.test(text)) return new Fault(`row ${line}: ${name} ${text} is not a number`)
    numbers[name] = text === '' ? undefined : Number(text)
  }
  return {
    topic: cell('topic')?.toString(),
    partition: numbers.partition,
    timestamp: numbers.timestamp,
    key: cell('key'),
    value: cell('value'),
    headers: columns.flatMap((name, index) => (name.startsWith('header.') ? [{ key: name.slice(7), value: row[index]! }] : [])),
  }
}
