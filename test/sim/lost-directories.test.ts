import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parentOf } from '../../src/base/index.ts'
import type { Disk } from '../../src/host/index.ts'
import { nameOf } from './cluster.ts'
import { inAWorld, type Scene } from './replicated-scene.ts'

const settings = {
  ...{ 'log.dirs': '/data,/more', 'metadata.log.dir': '/meta' },
  ...{ 'min.insync.replicas': '2', 'broker.session.timeout.ms': '3000', 'broker.heartbeat.interval.ms': '500' },
}

const inSync = ({ cluster, registration }: Scene, ...isr: number[]): Promise<void> =>
  cluster.until(() => String(registration().isr.toSorted()) === String(isr), `in sync: ${isr}`)

/** Something happens to the disk of a broker that does not run. */
const onDisk = async ({ cluster: { world } }: Scene, id: number, act: (disk: Disk) => Promise<void>): Promise<void> => {
  await act(world.host(nameOf(id)).disk)
  world.kill(nameOf(id))
}

for (const fate of ['failed while it ran and was repaired', 'was replaced after it stopped'] as const) {
  test(`a broker that stopped in order is not eligible when a directory of it ${fate}: the records were there`, async () => {
    // Planted: one directory that was closed in order vouches for all of them.
    await inAWorld({ controllers: [11], settings }, [[1, 2, 3]], async (scene) => {
      const { cluster, log, logEnd, produce, registration } = scene
      await produce(10)
      await cluster.stop(3)
      await inSync(scene, 1, 2)
      const { path } = log(2).home
      const isReplaced = fate === 'was replaced after it stopped'
      if (!isReplaced) {
        log(2).fail(new Error('no disk'))
        await inSync(scene, 1)
        assert.deepEqual(registration().elr, [2], 'it may have all of it')
      }
      await cluster.stop(2)
      await inSync(scene, 1)
      await onDisk(scene, 2, (disk) => disk.removeTree(isReplaced ? parentOf(path) : path))
      cluster.kill(1)
      await cluster.start(2)
      await cluster.pause(10_000)
      const { leader, elr } = registration()
      assert.deepEqual([leader, elr], [-1, [1]])
      await cluster.start(1)
      await cluster.start(3)
      await inSync(scene, 1, 2, 3)
      await produce(1)
      await scene.areEqual([1, 2, 3])
      assert.equal(logEnd(1), 11)
    })
  })
}
