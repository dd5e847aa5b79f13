import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameOf } from './cluster.ts'
import { inAWorld } from './replicated-scene.ts'

test('a broker that stops waits until all others know who leads instead, or are known to be gone', async () => {
  await inAWorld({ controllers: [11] }, [[1, 2, 3]], async ({ cluster, registration }) => {
    await cluster.pause(2000)
    // It has a session of nine seconds yet, and reads no metadata.
    cluster.world.pause(nameOf(3))
    const startedMs = cluster.world.nowMs
    await cluster.stop(1)
    const tookMs = cluster.world.nowMs - startedMs
    assert.ok(tookMs > 6000 && tookMs < 15_000, `took ${tookMs} ms`)
    await cluster.until(() => registration().leader === 2, 'another leads')
    cluster.world.resume(nameOf(3))
  })
})

test('a node whose metadata log has failed does not ask for long', async () => {
  let isBroken = false
  const disk = ({ path }: { path: string }) => (isBroken && path.startsWith('/meta') ? { error: 'EIO' as const } : undefined)
  const shape = { brokers: [1], controllers: [1], settings: { 'log.dirs': '/data', 'metadata.log.dir': '/meta' } }
  await inAWorld({ ...shape, faults: { disk } }, [[1]], async ({ cluster }) => {
    cluster.onFatal = () => {}
    isBroken = true
    const [broker] = cluster.brokers
    await cluster.until(() => broker!.raft.failure !== undefined, 'the metadata log fails')
    const startedMs = cluster.world.nowMs
    await broker!.close()
    const tookMs = cluster.world.nowMs - startedMs
    assert.ok(tookMs < 30_000, `took ${tookMs} ms`)
  })
})
