import assert from 'node:assert/strict'
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { appendAsLeader } from '../../src/log/index.ts'
import { batchesIn, type Fixture, leader, logFixture, read, readAll } from './log-fixture.ts'
import { plainBatch, sampleBatch } from './sample-batches.ts'

const small = { segmentBytes: 2000, indexIntervalBytes: 200 }

/** A log of several segments that stopped without being closed; gives what it held. */
const crashed = async (t: TestContext, batches = 60): Promise<Fixture & { before: Buffer }> => {
  const fixture = await logFixture(t)
  const log = await fixture.open({ config: small })
  for (let n = 0; n < batches; n++) {
    const batch = sampleBatch({
      producerId: 5,
      producerEpoch: 0,
      baseSequence: n,
      timestamp: 1000 + n,
      records: [{ value: 'v'.repeat(40) }],
    })
    assert.equal(appendAsLeader(log, batch, { ...leader, leaderEpoch: n < 30 ? 3 : 4 }).error, undefined)
    if (n % 7 === 0) await log.written()
  }
  await log.written()
  await log.queue.drained()
  const before = await readAll(log)
  await log.abandon()
  return { ...fixture, before }
}

const logFiles = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .sort()

describe('a log that was not closed', () => {
  it('has all that was written, its indexes, epochs and producers', async (t) => {
    const { open, before } = await crashed(t)
    const log = await open({ clean: false, config: small })
    assert.deepEqual(await readAll(log), before)
    assert.deepEqual(log.epochs.entries, [
      { epoch: 3, startOffset: 0 },
      { epoch: 4, startOffset: 30 },
    ])
    assert.equal(log.producers.states.get(5)?.lastSequence, 59)
    const again = sampleBatch({ producerId: 5, producerEpoch: 0, baseSequence: 59, records: [{ value: 'x' }] })
    const result = appendAsLeader(log, again, leader)
    assert.deepEqual([result.duplicate, result.firstOffset], [true, 59])
  })

  it('loses exactly the torn batch at the end', async (t) => {
    const { open, directory, before } = await crashed(t)
    const last = join(directory, logFiles(directory).at(-1)!)
    truncateSync(last, readFileSync(last).length - 3)
    const log = await open({ clean: false, config: small })
    assert.equal(log.logEndOffset, 59)
    assert.deepEqual(await readAll(log), before.subarray(0, before.length - before.length / 60))
    assert.equal(appendAsLeader(log, plainBatch(), { ...leader, leaderEpoch: 4 }).firstOffset, 59)
  })

  it('does not take a tail of garbage or of zeros for batches', async (t) => {
    for (const garbage of [Buffer.alloc(5000), Buffer.alloc(300, 0xff), Buffer.from('0123456789'.repeat(30))]) {
      const { open, directory, before } = await crashed(t)
      appendFileSync(join(directory, logFiles(directory).at(-1)!), garbage)
      const log = await open({ clean: false, config: small })
      assert.equal(log.logEndOffset, 60)
      assert.deepEqual(await readAll(log), before)
      await log.abandon()
    }
  })

  it('ends before a batch whose checksum is wrong, and nothing that came after it is served', async (t) => {
    const { open, directory, warnings } = await crashed(t)
    const [, second] = logFiles(directory)
    const bytes = readFileSync(join(directory, second!))
    bytes[150] = bytes[150]! ^ 1
    writeFileSync(join(directory, second!), bytes)
    const log = await open({ clean: false, config: small })
    const first = Number.parseInt(second!, 10)
    assert.equal(log.logEndOffset, first + 1)
    assert.equal(logFiles(directory).length, 2)
    assert.match(warnings.join(), /torn or corrupt/)
  })

  it('is only read from the recovery point on', async (t) => {
    const { open, directory } = await crashed(t)
    const names = logFiles(directory)
    const bytes = readFileSync(join(directory, names[0]!))
    bytes[150] = bytes[150]! ^ 1
    writeFileSync(join(directory, names[0]!), bytes)
    const log = await open({ clean: false, config: small, recoveryPoint: Number.parseInt(names[2]!, 10) })
    assert.equal(log.logEndOffset, 60)
  })

  it('rebuilds missing and corrupt indexes, and drops a corrupt producer snapshot', async (t) => {
    const { open, directory, before } = await crashed(t)
    const names = readdirSync(directory)
    for (const name of names.filter((each) => each.endsWith('.timeindex'))) rmSync(join(directory, name))
    for (const name of names.filter((each) => each.endsWith('.index'))) writeFileSync(join(directory, name), Buffer.alloc(800, 0x7f))
    for (const name of names.filter((each) => each.endsWith('.snapshot'))) writeFileSync(join(directory, name), Buffer.from('garbage'))
    const log = await open({ clean: false, config: small })
    assert.deepEqual(await readAll(log), before)
    assert.equal(log.producers.states.get(5)?.lastSequence, 59)
  })

  it('rebuilds leader epochs from the batches when their checkpoint is garbage, where Apache Kafka does not start', async (t) => {
    for (const garbage of ['', 'garbage', '0\n1\n', '0\n2\n4 30\n3 0\n', '7\n0\n']) {
      const { open, directory, warnings } = await crashed(t)
      writeFileSync(join(directory, 'leader-epoch-checkpoint'), garbage)
      const log = await open({ clean: false, config: small })
      assert.deepEqual(log.epochs.entries, [
        { epoch: 3, startOffset: 0 },
        { epoch: 4, startOffset: 30 },
      ])
      if (garbage !== '') assert.match(warnings.join(), /leader-epoch-checkpoint/)
      assert.equal(readFileSync(join(directory, 'leader-epoch-checkpoint'), 'utf8'), '0\n2\n3 0\n4 30\n')
    }
  })

  it('recovers to the same state when the recovery is cut off and done again', async (t) => {
    const { open, before } = await crashed(t)
    for (let n = 0; n < 3; n++) {
      const log = await open({ clean: false, config: small })
      await log.abandon()
    }
    assert.deepEqual(await readAll(await open({ clean: false, config: small })), before)
  })

  it('is a prefix of whole batches wherever a file was cut', async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 40 }), async (seed, sizes) => {
        const { open, directory } = await logFixture(t)
        const log = await open({ config: { segmentBytes: 600, indexIntervalBytes: 100 } })
        for (const size of sizes) appendAsLeader(log, plainBatch(1 + (size % 3), size), leader)
        await log.written()
        await log.queue.drained()
        const before = await readAll(log)
        await log.abandon()
        const names = logFiles(directory)
        const victim = join(directory, names[seed % names.length]!)
        truncateSync(victim, seed % (readFileSync(victim).length + 1))
        const again = await open({ clean: false, config: { segmentBytes: 600, indexIntervalBytes: 100 } })
        const after = await readAll(again)
        assert.deepEqual(after, before.subarray(0, after.length))
        const last = batchesIn(after).at(-1)
        assert.equal(again.logEndOffset, last === undefined ? again.logStartOffset : last[1] + 1)
        await again.abandon()
        rmSync(directory, { recursive: true })
      }),
      { numRuns: 40 },
    )
  })
})

describe('a log that was closed', () => {
  it('does not serve a batch in which a bit has flipped since, but everything before it', async (t) => {
    const { open, directory, warnings } = await logFixture(t)
    const log = await open({ config: { segmentBytes: 2000 } })
    for (let n = 0; n < 40; n++) appendAsLeader(log, plainBatch(1, 100), leader)
    await log.close()
    const first = join(directory, logFiles(directory)[0]!)
    const bytes = readFileSync(first)
    const size = bytes.readInt32BE(8) + 12
    bytes[3 * size + 80] = bytes[3 * size + 80]! ^ 4
    writeFileSync(first, bytes)
    const again = await open({ recoveryPoint: 40, config: { segmentBytes: 2000 } })
    assert.equal(again.logEndOffset, 40)
    assert.deepEqual(batchesIn((await read(again, 0)).data), [
      [0, 0],
      [1, 1],
      [2, 2],
    ])
    assert.equal((await read(again, 3)).error, 'CORRUPT_MESSAGE')
    assert.equal((await read(again, 3)).error, 'CORRUPT_MESSAGE')
    assert.equal((await read(again, 4)).error, undefined)
    assert.equal((await read(again, 30)).error, undefined)
    assert.match(warnings.join(), /damaged/)
  })

  it('keeps its end offset when the header of its last batch is damaged, and refuses to read that batch', async (t) => {
    const { open, directory } = await logFixture(t)
    const log = await open()
    for (let n = 0; n < 10; n++) appendAsLeader(log, plainBatch(1, 100, { producerId: 1, producerEpoch: 0, baseSequence: n }), leader)
    await log.close()
    const path = join(directory, logFiles(directory)[0]!)
    const bytes = readFileSync(path)
    const size = bytes.readInt32BE(8) + 12
    bytes[9 * size + 8] = 0x7f
    writeFileSync(path, bytes)
    const again = await open({ recoveryPoint: 10 })
    assert.equal(again.logEndOffset, 10)
    assert.equal(batchesIn((await read(again, 0)).data).length, 9)
    assert.equal((await read(again, 9)).error, 'CORRUPT_MESSAGE')
  })

  it('rebuilds a missing index at the start and ignores one that points beside the batches', async (t) => {
    const { open, directory } = await logFixture(t)
    const log = await open({ config: { segmentBytes: 3000, indexIntervalBytes: 200 } })
    for (let n = 0; n < 60; n++) appendAsLeader(log, plainBatch(1, 100), leader)
    const before = await readAll(log)
    await log.close()
    const indexes = readdirSync(directory)
      .filter((name) => name.endsWith('.index'))
      .sort()
    rmSync(join(directory, indexes[0]!))
    const second = readFileSync(join(directory, indexes[1]!))
    for (let at = 4; at < second.length; at += 8) second.writeInt32BE(second.readInt32BE(at) + 3, at)
    writeFileSync(join(directory, indexes[1]!), second)
    const again = await open({ recoveryPoint: 60 })
    assert.deepEqual(await readAll(again, 150), before)
    assert.ok(existsSync(join(directory, indexes[0]!)))
  })
})
