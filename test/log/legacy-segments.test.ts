import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { appendAsLeader, cleanableRange, cleanLog, defaultLogRoomConfig, offsetForTimestamp } from '../../src/log/index.ts'
import { batchBytes, magic, RecordCursor, readInt64 } from '../../src/records/index.ts'
import { leader, logFixture, read } from './log-fixture.ts'
import { sampleBatch } from './sample-batches.ts'

/** Record sets as Kafka's own classes wrote them. */
const golden = new Map(
  gunzipSync(readFileSync(join(import.meta.dirname, '../vectors/batches.jsonl.gz')))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; hex: string })
    .map((line) => [line.name, Buffer.from(line.hex, 'hex')]),
)

describe('segments that an old Kafka wrote in message format 0 or 1', () => {
  for (const name of ['v0-none', 'v1-none', 'v0-gzip', 'v1-gzip', 'v1-snappy', 'v1-lz4', 'v1-none-log-append-time']) {
    it(`are recovered, read, searched and extended: ${name}`, async (t) => {
      const { open, directory } = await logFixture(t)
      const bytes = golden.get(name)!
      writeFileSync(join(directory, '00000000000000000000.log'), bytes)
      const log = await open({ clean: false })
      assert.equal(log.logEndOffset, 4)
      assert.equal(appendAsLeader(log, sampleBatch({ records: [{ key: 'a', value: 'b' }] }), leader).firstOffset, 4)
      await log.written()
      const { data } = await read(log, 2)
      assert.ok(readInt64(data, 0) >= 2)
      assert.equal(magic(data, 0), Number(name[1]))
      assert.equal((await offsetForTimestamp(log, 0))?.offset, name.startsWith('v0') ? 4 : 0)
    })
  }

  it('lose the torn message at the end and refuse one with a wrong checksum', async (t) => {
    const bytes = Buffer.from(golden.get('v1-none')!)
    for (const damage of [bytes.subarray(0, bytes.length - 1), Buffer.from(bytes).fill(0xee, bytes.length - 3)]) {
      const { open, directory } = await logFixture(t)
      writeFileSync(join(directory, '00000000000000000000.log'), damage)
      assert.equal((await open({ clean: false })).logEndOffset, 3)
    }
  })

  it('come out of compaction in format 2', async (t) => {
    const { open, directory } = await logFixture(t)
    writeFileSync(join(directory, '00000000000000000000.log'), golden.get('v1-none')!)
    const log = await open({ clean: false, config: { cleanupPolicy: ['compact'], fileDeleteDelayMs: 0 } })
    log.roll()
    await log.queue.drained()
    log.setHighWatermark(4)
    await cleanLog(log, await cleanableRange(log, undefined, 0), defaultLogRoomConfig)
    const { data } = await read(log, 0)
    const offsets: number[] = []
    const cursor = new RecordCursor()
    for (let at = 0; at < data.length; at += batchBytes(data, at)) {
      assert.equal(magic(data, at), 2)
      cursor.open(data, at)
      while (cursor.next()) offsets.push(cursor.offset)
    }
    assert.ok(offsets.length > 0 && offsets.every((offset) => offset < 4))
  })
})
