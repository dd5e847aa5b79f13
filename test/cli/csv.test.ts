import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { csvReader } from '../../src/cli/records/csv.ts'
import type { RecordInput } from '../../src/cli/records/record-json.ts'

type Read = readonly (RecordInput | Error)[]
const read = async (text: string | Buffer, pieceBytes = Number.POSITIVE_INFINITY): Promise<Read> => {
  const bytes = Buffer.from(text as string)
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
  const records = []
  for await (const some of csvReader()(pieces())) records.push(...some)
  return records
}
const short = (records: Read) =>
  records.map((record) => (record instanceof Error ? record.message : [record.key?.toString() ?? null, record.value?.toString() ?? null]))

describe('records from CSV', () => {
  const table = 'key,value\r\na,"1,5"\r\n,"two\r\nlines and ""quotes"""\nb,\nc,""\n\n"d",e'
  const records = [
    ['a', '1,5'],
    [null, 'two\r\nlines and "quotes"'],
    ['b', null],
    ['c', ''],
    ['d', 'e'],
  ]

  it('rows become records: quotes, line breaks in them, nothing is null, "" is an empty text', async () => {
    assert.deepEqual(short(await read(table)), records)
  })

  it('wherever the input is cut', async () => {
    for (let bytes = 1; bytes < table.length; bytes++) assert.deepEqual(short(await read(table, bytes)), records, `pieces of ${bytes}`)
  })

  it('a cell that comes in many pieces is looked at once', async () => {
    const cell = 'x""'.repeat(1 << 21)
    const begun = performance.now()
    const [record] = await read(`key,value\nk,"${cell}"\n`, 2048)
    assert.equal((record as RecordInput).value?.length, 1 << 22)
    const ms = performance.now() - begun
    assert.ok(ms < 30_000, `${Math.round(ms)} ms`)
  })

  it('a byte order mark belongs to no cell, quoted or not, wherever it is cut', async () => {
    for (const bytes of [1, 2, 3, 100]) {
      assert.deepEqual(short(await read('\ufeff"key",value\na,1', bytes)), [['a', '1']])
      assert.deepEqual(short(await read('\ufeffkey,value\na,', bytes)), [['a', null]])
    }
  })

  it('a header may have several columns', async () => {
    const [record] = await read('value,header.a,header.a\nv,1,2\n')
    const values = (record as RecordInput).headers!.map(({ value }) => value?.toString())
    assert.deepEqual(values, ['1', '2'])
  })

  it('columns stand in any order, with topic, partition, timestamp and headers', async () => {
    const [record] = await read('\ufeffheader.trace,value,topic,timestamp,partition,header.b\nx,v,orders,1600000000000,2,\n')
    assert.deepEqual(record, {
      ...{ topic: 'orders', partition: 2, timestamp: 1_600_000_000_000, key: null, value: Buffer.from('v') },
      headers: [
        { key: 'trace', value: Buffer.from('x') },
        { key: 'b', value: null },
      ],
    })
  })

  it('bytes that are no text stay as they are', async () => {
    const [record] = await read(Buffer.concat([Buffer.from('value\n"'), Buffer.from([0xff, 0x22, 0x22, 0xfe]), Buffer.from('"\n')]))
    assert.deepEqual((record as RecordInput).value, Buffer.from([0xff, 0x22, 0xfe]))
  })

  it('a row that is wrong is its own failure', async () => {
    assert.deepEqual(short(await read('key,value\na\nb,1\nc,1,2\n')), [
      'row 2: 1 cells, the first row has 2',
      ['b', '1'],
      'row 4: 3 cells, the first row has 2',
    ])
    assert.deepEqual(short(await read('value,partition\nv,x\n')), ['row 2: partition x is not a number'])
  })

  it('the rows before one that ends the reading are read, however the input is cut', async () => {
    for (const [text, said] of [
      ['value\na\nb\n"c"d\ne\n', /row 4: text behind a closing quote/],
      ['value\na\nb\n"open', /row 4: the input ends within a quoted cell/],
    ] as const) {
      for (let bytes = 1; bytes <= text.length; bytes++) {
        const before: (string | undefined)[] = []
        const reading = async (): Promise<void> => {
          async function* pieces() {
            for (let at = 0; at < text.length; at += bytes) yield Buffer.from(text.slice(at, at + bytes))
          }
          for await (const some of csvReader()(pieces())) for (const each of some) before.push((each as RecordInput).value?.toString())
        }
        await assert.rejects(reading(), said)
        assert.deepEqual(before, ['a', 'b'], `pieces of ${bytes}`)
      }
    }
  })

  for (const [text, said] of [
    ['name,value\n', /no name/],
    ['key,,value\n', /no column without a name/],
    ['value,key,value\n', /names the column value twice/],
    ['value\n"open', /row 2: the input ends within a quoted cell/],
    ['value\n"a"b\n', /row 2: text behind a closing quote/],
  ] as const) {
    it(`${JSON.stringify(text)} is refused`, async () => assert.rejects(read(text), said))
  }
})
