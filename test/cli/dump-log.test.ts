import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { parseJson } from '../../src/protocol/index.ts'
import { BatchBuilder } from '../../src/records/index.ts'
import { type GoldenFile, goldenFiles, layOut } from '../log/golden-files.ts'
import { run } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'tkafka-dump-'))
const put = (name: string, bytes: Buffer): string => {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
  return path
}
type Entry = Record<string, never>
const dump = async (...argv: string[]): Promise<Entry[]> => {
  const { code, stdout, stderr } = await run(['storage', 'dump-log', '--json', ...argv])
  assert.equal(code, 0, stderr + stdout)
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [parseJson(line) as never]))
}
const only = (entries: Entry[], kind: string): Entry[] => entries.filter((entry) => entry.kind === kind)

describe('storage dump-log of files that Apache Kafka left', () => {
  before(() => layOut('dynamic/', folder))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const path = ({ file }: GoldenFile): string => join(folder, file.slice('dynamic/'.length))

  for (const golden of goldenFiles('dynamic/')) {
    const { batches, entries, producers } = golden
    if (batches !== undefined && golden.file.endsWith('.log')) {
      it(`every batch of ${golden.file} is shown, whole and valid`, async () => {
        const shown = only(await dump(path(golden)), 'batch')
        assert.deepEqual(
          shown.map(({ baseOffset, lastOffset, size, isvalid }) => ({ baseOffset, lastOffset, size, isvalid })),
          batches.map(({ baseOffset, lastOffset, sizeInBytes }) => ({ baseOffset, lastOffset, size: sizeInBytes, isvalid: true })),
        )
      })
    }
    if (entries !== undefined && entries.length > 0) {
      it(`the entries of ${golden.file} are shown`, async () => {
        const shown = await dump(path(golden))
        assert.deepEqual(
          shown.map(({ kind, file, version, ...entry }) => entry),
          entries.map(({ version, ...entry }) => entry),
        )
      })
    }
    if (producers !== undefined) {
      it(`the producers of ${golden.file} are shown`, async () => {
        const shown = await dump(path(golden))
        assert.deepEqual(
          shown.map((entry) => Number(entry.producerId)),
          producers.map(({ producerId }) => producerId),
        )
      })
    }
  }

  it('the indexes fit their segments, and what does not is named', async () => {
    const indexes = goldenFiles('dynamic/').filter(
      ({ file, entries }) => /index$/.test(file) && !/txnindex/.test(file) && entries !== undefined,
    )
    assert.ok(indexes.length > 2)
    assert.deepEqual(await dump('--verify-index-only', ...indexes.map(path)), [])
    const index = path(indexes.find(({ file, entries }) => file.endsWith('.index') && entries!.length > 1)!)
    const time = path(indexes.find(({ file, entries }) => file.endsWith('.timeindex') && entries!.length > 1)!)
    const change = (file: string, at: number): void => {
      const bytes = readFileSync(file)
      bytes[at]! ^= 1
      writeFileSync(file, bytes)
    }
    change(index, 7)
    change(time, 7)
    const { code, stdout } = await run(['storage', 'dump-log', '--verify', index, time])
    assert.equal(code, 1)
    assert.match(stdout, /\.index\n! position 0: offset \d+ is at \d+, not at \d+\n/)
    assert.match(stdout, /\.timeindex\n! position 0: offset \d+ has timestamp \d+, not \d+\n/)
  })

  it('transaction markers and the records of the quorum are named and decoded', async () => {
    const markers = await dump('-r', join(folder, 'disk-0/00000000000000000014.log'))
    const control = (entries: Entry[]) =>
      entries.flatMap(({ key, value }) => ((key as { control?: string } | null)?.control === undefined ? [] : [{ key, value }]))
    assert.deepEqual(control(markers), [
      { key: { control: 'COMMIT' }, value: { version: 0, coordinatorEpoch: 0 } },
      { key: { control: 'ABORT' }, value: { version: 0, coordinatorEpoch: 0 } },
    ])
    const quorum = control(await dump('-r', join(folder, '__cluster_metadata-0/00000000000000000000.log')))
    assert.deepEqual(
      quorum.map(({ key }) => (key as { control: string }).control),
      ['LEADER_CHANGE', 'KRAFT_VERSION', 'KRAFT_VOTERS'],
    )
    assert.deepEqual(quorum[0]!.value, { version: 0, leaderId: 1, voters: [{ voterId: 1 }], grantingVoters: [{ voterId: 1 }] })
  })

  it('the folder says what the records are, and text shows them as Kafka does', async () => {
    const { stdout } = await run(['storage', 'dump-log', '-r', join(folder, '__transaction_state-0/00000000000000000000.log')])
    assert.match(
      stdout,
      /\n\| offset: 0 timestamp: 1795235537763 keySize: 15 valueSize: 45 key: \{"type":"TransactionLogKey","transactionalId":"disk-commit"\} value: \{"version":1,"producerId":1,/,
    )
    const offsets = await run(['storage', 'dump-log', '-r', join(folder, '__consumer_offsets-0/00000000000000000000.log')])
    assert.match(
      offsets.stdout,
      /"type":"OffsetCommitKey","group":"disk-group","topic":"disk","partition":0\} value: \{"version":4,"offset":5/,
    )
  })
})

describe('decoders of storage dump-log', () => {
  after(() => rmSync(folder, { recursive: true, force: true }))
  interface Vector {
    readonly message: string
    readonly type: string
    readonly version: number
    readonly json: object
    readonly framed: string
  }
  const vectorsOf = (file: string): Vector[] =>
    gunzipSync(readFileSync(join(import.meta.dirname, `../vectors/messages/records-${file}.jsonl.gz`)))
      .toString()
      .trim()
      .split('\n')
      .map((line) => parseJson(line) as never)

  for (const [decoder, topic, file] of [
    ['offsets', '__consumer_offsets', 'group'],
    ['txn', '__transaction_state', 'transaction'],
    ['share', '__share_group_state', 'share'],
  ] as const) {
    it(`${decoder} decodes every key and value of ${file} records`, async () => {
      const vectors = vectorsOf(file)
      const pairs = vectors.flatMap((value) => {
        if (value.type !== 'coordinator-value') return []
        const key = vectors.find(({ type, message }) => type === 'coordinator-key' && message === value.message.replace(/Value$/, 'Key'))
        return key === undefined ? [] : [{ key, value }]
      })
      assert.ok(pairs.length > 0)
      const batch = new BatchBuilder()
      for (const { key, value } of pairs) batch.append(1, Buffer.from(key.framed, 'hex'), Buffer.from(value.framed, 'hex'))
      batch.append(2, Buffer.from(pairs[0]!.key.framed, 'hex'), null)
      const shown = only(await dump('-r', put(`${topic}-3/00000000000000000000.log`, batch.close())), 'record')
      const expected = pairs.map(({ key, value }) => ({
        key: { type: key.message, ...key.json },
        value: { version: value.version, ...value.json },
      }))
      expected.push({ key: expected[0]!.key, value: null as never })
      assert.deepEqual(
        shown.map(({ key, value, decodeError }) => (decodeError === undefined ? { key, value } : { decodeError })),
        expected,
      )
    })
  }

  it('metadata decodes every record of the cluster', async () => {
    const vectors = vectorsOf('metadata').filter(({ type }) => type === 'metadata')
    const batch = new BatchBuilder()
    for (const { framed } of vectors) batch.append(1, null, Buffer.from(framed, 'hex'))
    const shown = only(await dump('-r', put('__cluster_metadata-0/00000000000000000000.log', batch.close())), 'record')
    assert.deepEqual(
      shown.map(({ value }) => value),
      vectors.map(({ message, version, json }) => ({ type: message, version, ...json })),
    )
  })

  it('remote decodes every record of remote storage', async () => {
    const vectors = vectorsOf('storage').filter(({ type }) => type === 'metadata')
    assert.ok(vectors.length > 0)
    const batch = new BatchBuilder()
    for (const { framed } of vectors) batch.append(1, null, Buffer.from(framed, 'hex'))
    const shown = only(await dump('-r', put('__remote_log_metadata-0/00000000000000000000.log', batch.close())), 'record')
    assert.deepEqual(
      shown.map(({ value }) => value),
      vectors.map(({ message, version, json }) => ({ type: message, version, ...json })),
    )
  })

  it('of records there is only what they hold, and of a segment only the beginning, when so asked', async () => {
    const first = new BatchBuilder()
    first.append(1, Buffer.from('k'), Buffer.from('v'))
    const bytes = first.close()
    const second = new BatchBuilder({ baseOffset: 1 })
    second.append(2, null, Buffer.from('w'))
    const file = put('plain-0/00000000000000000000.log', Buffer.concat([bytes, second.close()]))
    assert.equal(only(await dump('-r', file), 'batch').length, 2)
    const shown = await dump('-r', '--skip-record-metadata', '--max-bytes', String(bytes.length), file)
    assert.equal(only(shown, 'batch').length, 1)
    assert.deepEqual(only(shown, 'record'), [{ file, kind: 'record', key: 'k', value: 'v' } as never])
  })

  it('what is not as the decoder wants it is shown as it is, with the reason', async () => {
    const batch = new BatchBuilder()
    batch.append(1, Buffer.from('0000ff', 'hex'), Buffer.from('0001', 'hex'))
    batch.append(1, Buffer.from('00630000', 'hex'), Buffer.from('v'))
    const [first, second] = only(await dump('-r', put('__transaction_state-1/00000000000000000000.log', batch.close())), 'record')
    assert.deepEqual(first!.key, { $b64: 'AAD/' })
    assert.equal(typeof first!.decodeError, 'string')
    assert.deepEqual([second!.value, second!.decodeError], ['v', undefined])
  })

  it('a torn batch, a damaged snapshot and a file that is none end with exit code 1, the other files are shown', async () => {
    const batch = new BatchBuilder()
    batch.append(1, null, Buffer.from('whole'))
    const bytes = batch.close()
    const torn = put('t-0/00000000000000000000.log', Buffer.concat([bytes, bytes.subarray(0, 40)]))
    const snapshot = put('t-0/00000000000000000001.snapshot', Buffer.from('00010000000000000000', 'hex'))
    const { code, stdout, stderr } = await run([
      'storage',
      'dump-log',
      '-r',
      torn,
      snapshot,
      join(folder, 'none.log'),
      import.meta.filename,
    ])
    assert.equal(code, 1)
    assert.match(stdout, /value: whole\n! position 73: 40 bytes that are no whole batch\n/)
    assert.match(stdout, /snapshot\n! position 2: the checksum does not fit/)
    assert.match(stderr, /none\.log: cannot be read: no such file/)
    assert.match(stderr, /dump-log\.test\.ts: no data file/)
  })
})
