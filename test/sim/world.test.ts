import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDiskError, NetworkError } from '../../src/host/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

/** Some life: two hosts that talk, write and roll dice. */
async function chatter(seed: number): Promise<string[]> {
  const lines: string[] = []
  const world = new World({ seed, chop: true, trace: (line) => lines.push(line) })
  const a = world.host('a')
  const b = world.host('b')
  await world.run(async () => {
    const file = await b.disk.open('/heard', 'write')
    let at = 0
    await b.network.listen({ host: '', port: 9092 }, (connection) => {
      connection.onData((chunk) => {
        void file.write([chunk], at)
        at += chunk.length
      })
      connection.onClose(() => void file.sync())
    })
    const connection = await a.network.connect({ host: 'b', port: 9092 })
    for (let round = 0; round < 20; round++) {
      connection.write(a.random.bytes(1 + a.random.below(5000)))
      await new Promise<void>((resolve) => void a.clock.after(a.random.fraction() * 10, resolve))
    }
    connection.end()
    await new Promise<void>((resolve) => void b.clock.after(1000, resolve))
  })
  return lines
}

test('the same seed gives the same world, another seed another', async () => {
  const lines = await chatter(42)
  assert.ok(lines.length > 100)
  assert.deepEqual(await chatter(42), lines)
  assert.notDeepEqual(await chatter(43), lines)
})

test('an hour of waiting takes no time, and a world in which nothing can happen says so', async () => {
  const world = new World()
  const { clock } = world.host('a')
  const startMs = clock.now()
  await world.run(() => new Promise<void>((resolve) => void clock.after(3_500_000, resolve)))
  assert.equal(clock.now() - startMs, 3_500_000)
  await assert.rejects(
    world.run(() => new Promise(() => {})),
    /stands still/,
  )
  await assert.rejects(
    world.run(() => new Promise<void>((resolve) => void clock.after(10_000, resolve)), 500),
    /not done after 500 ms/,
  )
})

async function twoWrites(host: SimHost): Promise<void> {
  await host.disk.makeDirectory('/d')
  await host.disk.syncDirectory('/')
  const file = await host.disk.open('/d/f', 'create')
  await file.write([Buffer.alloc(5000, 'a')], 0)
  await file.sync()
  await host.disk.syncDirectory('/d')
  await file.write([Buffer.alloc(5000, 'b')], 3000)
  await (await host.disk.open('/d/unsynced', 'create')).close()
}

test('a crash takes back what was not synced: bytes, lengths, entries', async () => {
  const world = new World()
  const host = world.host('a')
  await world.run(() => twoWrites(host))
  world.crash('a')
  const again = world.host('a')
  await world.run(async () => {
    assert.equal(text(await again.disk.readFile('/d/f')), 'a'.repeat(5000))
    assert.deepEqual(await again.disk.list('/d'), [{ name: 'f', kind: 'file' }])
  })
})

test('a crash may leave some unsynced pages and entries behind: a torn write', async () => {
  const world = new World()
  const host = world.host('a')
  await world.run(() => twoWrites(host))
  host.disk.storage.survives = ({ page }) => page === undefined || page === 1
  world.crash('a')
  const again = world.host('a')
  await world.run(async () => {
    const bytes = text(await again.disk.readFile('/d/f'))
    assert.equal(bytes, 'a'.repeat(4096) + 'b'.repeat(8000 - 4096))
    assert.equal((await again.disk.list('/d')).length, 2)
  })
})

test('a sync makes durable what was there when it began, not what was written meanwhile', async () => {
  const world = new World({ faults: { disk: ({ operation }) => (operation === 'sync' ? { delayMs: 50 } : undefined) } })
  const host = world.host('a')
  await world.run(async () => {
    const file = await host.disk.open('/f', 'create')
    await host.disk.syncDirectory('/')
    await file.write([Buffer.from('first')], 0)
    const sync = file.sync()
    await file.write([Buffer.from('later and longer')], 0)
    await sync
  })
  world.crash('a')
  const again = world.host('a')
  assert.equal(text(await world.run(() => again.disk.readFile('/f'))), 'first')
})

test('a replaced file is the old one or the new one after a crash at any moment', async () => {
  for (let crashAtMs = 0; crashAtMs < 3; crashAtMs += 0.01) {
    const world = new World()
    const host = world.host('a')
    let resolved = false
    await world.run(() => host.disk.replaceFile('/c', Buffer.from('old')))
    void host.disk.replaceFile('/c', Buffer.from('new')).then(() => (resolved = true))
    await world.runFor(crashAtMs)
    world.crash('a')
    const again = world.host('a')
    const content = text(await world.run(() => again.disk.readFile('/c')))
    assert.ok(resolved ? content === 'new' : content === 'old' || content === 'new', `${content} at ${crashAtMs}`)
  }
})

test('a host that crashed does nothing more, and its peers see a reset', async () => {
  const world = new World()
  const [a, b] = [world.host('a'), world.host('b')]
  let ticks = 0
  let reason: NetworkError | undefined
  await world.run(async () => {
    await b.network.listen({ host: '0.0.0.0', port: 1 }, (connection) => connection.onData(() => {}))
    const tick = (): void => {
      ticks++
      b.clock.after(10, tick)
    }
    tick()
    const connection = await a.network.connect({ host: 'b', port: 1 })
    connection.onClose((error) => (reason = error))
  })
  await world.runFor(100)
  world.crash('b')
  const before = ticks
  await world.runFor(100)
  assert.equal(ticks, before)
  assert.equal(reason?.code, 'ECONNRESET')
  await assert.rejects(
    world.run(() => a.network.connect({ host: 'b', port: 1 })),
    (error) => error instanceof NetworkError && error.code === 'ECONNREFUSED',
  )
})

test('bytes wait while a link is down, and a connect over it runs into its deadline', async () => {
  const world = new World()
  const [a, b] = [world.host('a'), world.host('b')]
  let heard = ''
  await world.run(async () => {
    await b.network.listen({ host: 'b', port: 1 }, (connection) => connection.onData((chunk) => (heard += text(chunk))))
    const connection = await a.network.connect({ host: 'b', port: 1 })
    world.faults = { link: () => ({ down: true }) }
    connection.write(Buffer.from('through'))
    connection.write(Buffer.from(' the wall'))
    await assert.rejects(
      a.network.connect({ host: 'b', port: 1, timeoutMs: 3000 }),
      (error) => error instanceof NetworkError && error.code === 'ETIMEDOUT',
    )
  })
  assert.equal(heard, '')
  world.faults = {}
  await world.runUntil(() => heard === 'through the wall', 1000)
})

test('a disk fails when told to, and when it is full', async () => {
  const world = new World()
  const host = world.host('a')
  host.disk.storage.capacityBytes = 100_000
  await world.run(async () => {
    const file = await host.disk.open('/f', 'create')
    world.faults = { disk: ({ operation }) => (operation === 'sync' ? { error: 'EIO' } : undefined) }
    await assert.rejects(file.sync(), (error) => isDiskError(error, 'EIO'))
    world.faults = {}
    await assert.rejects(file.write([Buffer.alloc(200_000)], 0), (error) => isDiskError(error, 'ENOSPC'))
    await file.write([Buffer.alloc(50_000)], 0)
    assert.ok((await host.disk.space('/')).usableBytes < 50_000)
  })
})
