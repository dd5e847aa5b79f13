import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isDiskError } from '../../src/host/index.ts'
import { type FileCalls, fileCalls } from '../../src/host/node/calls.ts'
import { NodeFile } from '../../src/host/node/file.ts'

/** System calls on a buffer that move fewer bytes than asked, and are interrupted now and then. */
function stingyCalls(content: Buffer, grants: () => number): { calls: FileCalls; counts: { pool: number; now: number; parts: number } } {
  const counts = { pool: 0, now: 0, parts: 0 }
  const grant = (bytes: number): number => {
    const granted = grants()
    if (granted === 0) throw Object.assign(new Error('interrupted'), { code: 'EINTR' })
    return Math.min(bytes, granted)
  }
  const put = (parts: readonly Uint8Array[], position: number): number => {
    counts.parts = Math.max(counts.parts, parts.length)
    const whole = Buffer.concat(parts)
    const count = grant(whole.length)
    whole.copy(content, position, 0, count)
    return count
  }
  const get = (into: Uint8Array, at: number, count: number, position: number): number => {
    const some = Math.min(grant(count), Math.max(0, content.length - position))
    into.set(content.subarray(position, position + some), at)
    return some
  }
  const calls: FileCalls = {
    ...fileCalls,
    write: async (_fd, bytes, position) => put([bytes], position) + 0 * counts.pool++,
    writev: async (_fd, parts, position) => put(parts, position) + 0 * counts.pool++,
    writeNow: (_fd, bytes, position) => put([bytes], position) + 0 * counts.now++,
    writevNow: (_fd, parts, position) => put(parts, position) + 0 * counts.now++,
    read: async (_fd, into, at, count, position) => get(into, at, count, position),
    readNow: (_fd, into, at, count, position) => get(into, at, count, position),
    close: async () => {},
  }
  return { calls, counts }
}

test('short and interrupted calls lose nothing, at once and through the pool', async () => {
  const granted = fc.infiniteStream(fc.oneof(fc.nat(40), fc.integer({ min: 1, max: 3 })))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 12 }), granted, fc.boolean(), async (parts, grants, pool) => {
      const content = Buffer.alloc(500)
      const { calls, counts } = stingyCalls(content, () => grants.next().value ?? 1)
      const file = new NodeFile('f', 3, { calls, writeNowBytes: pool ? -1 : 1000 })
      const whole = Buffer.concat(parts)
      await file.write(parts, 7)
      assert.ok(content.subarray(7, 7 + whole.length).equals(whole))
      assert.ok(counts.now === 0 || counts.pool === 0)
      const into = Buffer.alloc(whole.length)
      assert.equal(await file.read(into, 7), whole.length)
      assert.ok(into.equals(whole))
      assert.equal(file.readNow(into.fill(0), 7), whole.length)
      assert.ok(into.equals(whole))
    }),
    { numRuns: 200 },
  )
})

test('a call takes at most as many parts as the system does', async () => {
  const content = Buffer.alloc(5000)
  const { calls, counts } = stingyCalls(content, () => 1e9)
  const file = new NodeFile('f', 3, { calls })
  await file.write(
    Array.from({ length: 5000 }, () => Buffer.from('x')),
    0,
  )
  assert.equal(counts.parts, 1024)
  assert.equal(content.indexOf(0), -1)
})

test('a device that takes nothing, or interrupts for ever, is an error and not a loop', async () => {
  for (const grants of [(): number => 0, (): number => Number.NaN]) {
    const { calls } = stingyCalls(Buffer.alloc(10), grants)
    const file = new NodeFile('f', 3, { calls: { ...calls, writeNow: (fd, bytes, position) => calls.writeNow(fd, bytes, position) || 0 } })
    await assert.rejects(file.write([Buffer.from('abc')], 0), (error) => isDiskError(error, 'EIO'))
  }
})

test('a write that stalled sends the next ones through the pool', async () => {
  const content = Buffer.alloc(10)
  const { calls, counts } = stingyCalls(content, () => 10)
  const slow: FileCalls = {
    ...calls,
    writeNow: (fd, bytes, position) => {
      const untilMs = performance.now() + 8
      while (performance.now() < untilMs);
      return calls.writeNow(fd, bytes, position)
    },
  }
  const file = new NodeFile('f', 3, { calls: slow })
  await file.write([Buffer.from('a')], 0)
  await file.write([Buffer.from('b')], 1)
  assert.deepEqual([counts.now, counts.pool], [1, 1])
  assert.equal(content.toString('latin1', 0, 2), 'ab')
})

test('what the system says becomes a code, the operation and the path', async () => {
  const failing = (code: string): FileCalls => ({ ...fileCalls, sync: () => Promise.reject(Object.assign(new Error(code), { code })) })
  for (const [system, code] of [
    ['EDQUOT', 'ENOSPC'],
    ['ENFILE', 'EMFILE'],
    ['EPERM', 'EACCES'],
    ['ENXIO', 'EIO'],
  ] as const) {
    const file = new NodeFile('/data/f', 3, { calls: failing(system) })
    await assert.rejects(file.sync(), (error) => isDiskError(error, code) && error.operation === 'sync' && error.path === '/data/f')
  }
})
