import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Consumer } from '../../src/client/index.ts'
import { SeededRandom } from '../../src/sim/index.ts'
import { nameOf } from './cluster.ts'
import { flipBits } from './nemesis/bit-flips.ts'
import { inAWorld, RECORD_BYTES, type Scene, topic } from './replicated-scene.ts'

// Bits that a disk changes by itself. What is damaged is never taken for what was written: it is fetched again from where it is whole, or the
// node says which file it is.

const apart = {
  controllers: [11, 12, 13],
  settings: { 'metadata.log.max.record.bytes.between.snapshots': '500', 'metadata.max.retention.bytes': '1000' },
}

const storageOf = ({ cluster }: Scene, id: number) => cluster.world.storage(nameOf(id))!
const filesOf = (scene: Scene, id: number, form: RegExp) =>
  storageOf(scene, id)
    .files()
    .filter(([path]) => form.test(path))
const snapshot = /__cluster_metadata-0\/\d{20}-\d{10}\.checkpoint$/

/** Flips a bit in a node's newest file of this form; gives its path. */
const flipNewest = (scene: Scene, id: number, form: RegExp, position?: number): string => {
  const [path, file] = filesOf(scene, id, form).at(-1)!
  file.flip(position ?? Math.floor(file.bytes / 2), 3)
  return path
}

/** A broker is away while the controllers cut their log: when it comes back its own begins behind a snapshot. */
const cutMetadata = async (scene: Scene, id: number): Promise<void> => {
  const { cluster } = scene
  cluster.kill(id)
  await makeSnapshots(scene, apart.controllers[0]!, 2)
  await cluster.pause(90_000)
  await cluster.start(id)
  await cluster.until(() => cluster.isFullyInSync(topic), 'all are in sync')
  assert.ok(!filesOf(scene, id, /__cluster_metadata-0\/\d{20}\.log$/)[0]![0].endsWith('/00000000000000000000.log'))
}

/** Changes metadata until the node has so many snapshots of it. */
const makeSnapshots = async (scene: Scene, id: number, count: number): Promise<void> => {
  for (let changes = 0; filesOf(scene, id, snapshot).length < count; changes++) {
    assert.ok(changes < 50, 'snapshots are written')
    await scene.set('topic', topic, { 'retention.ms': String(1_000_000 + changes) })
  }
}

describe('a snapshot of the metadata that is damaged', () => {
  for (const [case_, isCut] of [
    ['while the log still has all of it', false],
    ['when nothing else stands for the beginning of the log', true],
  ] as const) {
    test(`is set aside by a broker, which fetches what it held from the controllers, ${case_}`, async () => {
      await inAWorld(apart, [[1, 2, 3]], async (scene) => {
        const { cluster, produce, broker } = scene
        if (isCut) await cutMetadata(scene, 3)
        else await makeSnapshots(scene, 3, 1)
        await produce(1)
        cluster.kill(3)
        await cluster.pause(20_000)
        for (const [, file] of filesOf(scene, 3, snapshot)) file.flip(Math.floor(file.bytes / 2), 3)
        await cluster.start(3)
        await cluster.until(() => cluster.isFullyInSync(topic), 'all are in sync')
        await produce(1)
        const offset = (id: number): number => broker(id).image.provenance.offset
        await cluster.until(() => offset(3) === offset(1), 'it has all metadata')
        assert.ok(filesOf(scene, 3, /\.checkpoint\.damaged$/).length > 0, 'what was damaged is there for whoever wants to see it')
      })
    })
  }

  test('is named by a controller, which does not start without it, and comes back with an empty disk', async () => {
    await inAWorld(apart, [[1, 2, 3]], async (scene) => {
      const { cluster } = scene
      const isFollower = (id: number): boolean => id !== cluster.activeController
      const id = apart.controllers.find(isFollower)!
      await makeSnapshots(scene, id, 1)
      cluster.kill(id)
      const path = flipNewest(scene, id, snapshot)
      await assert.rejects(cluster.start(id), ({ message }: Error) => {
        assert.ok(message.includes(path), message)
        assert.match(message, /is damaged at byte \d+: .*restore the file.*replace it/s)
        return true
      })
      cluster.kill(id)
      cluster.world.wipe(nameOf(id))
      await cluster.start(id)
      const ends = (): Set<number> =>
        new Set([...cluster.running.values()].map((each) => ('image' in each ? each : each.node).image.provenance.offset))
      await cluster.until(() => ends().size === 1, 'it has all metadata')
    })
  })
})

describe('a log that is damaged', () => {
  test('is whole again after its broker was made to check all of it', async () => {
    for (let lot = 0; lot < 3; lot++) {
      await inAWorld(apart, [[1, 2, 3]], async (scene) => {
        const { cluster, produce, areEqual } = scene
        await produce(25)
        cluster.kill(3)
        flipBits(storageOf(scene, 3), new SeededRandom(lot), { count: 12, isVoter: true })
        await cluster.start(3)
        await cluster.until(() => cluster.isFullyInSync(topic), 'all are in sync')
        await produce(5)
        await areEqual([1, 2, 3])
      })
    }
  })

  test('gives nobody what was not written, and what is whole elsewhere can be read as soon as another leads', async () => {
    await inAWorld(apart, [[1, 2]], async (scene) => {
      const { cluster, admin, produce, registration, logEnd, areEqual } = scene
      await produce(10)
      await cluster.stop(1)
      flipNewest(scene, 1, /orders-0\/\d{20}\.log$/, 5 * RECORD_BYTES + 1000)
      await cluster.start(1)
      await cluster.until(() => cluster.isFullyInSync(topic), 'it stopped cleanly, so it reads nothing again')
      await admin.electLeaders('preferred', [{ topic, partition: 0 }])
      await cluster.until(() => registration().leader === 1, 'the damaged one leads')
      const read = async (): Promise<{ values: string[]; errors: unknown[] }> => {
        const values: string[] = []
        const errors: unknown[] = []
        const consumer = new Consumer(cluster.clients, { ...cluster.bootstrap, 'auto.offset.reset': 'earliest' })
        consumer.assign([{ topic, partition: 0 }])
        for (let polls = 0; polls < 20 && values.length < 10; polls++) {
          try {
            for (const chunk of await consumer.poll(500)) for (const { value } of chunk) values.push(String(value).slice(0, 2).trim())
          } catch (error) {
            errors.push(error)
          }
        }
        await consumer.close()
        return { values, errors }
      }
      const damaged = await read()
      assert.ok(damaged.values.length < 10)
      assert.match(String(damaged.errors[0]), /CORRUPT|checksum|crc/i)
      // A follower takes none of it either.
      await admin.alterReassignments([{ topic, partition: 0, replicas: [1, 2, 3] }])
      await cluster.pause(5000)
      assert.ok(logEnd(3) < 10 && !registration().isr.includes(3))
      await admin.alterReassignments([{ topic, partition: 0, replicas: [2, 3] }])
      await cluster.until(() => registration().leader === 2 && registration().replicas.length === 2, 'the other leads')
      const { values } = await read()
      assert.deepEqual(values, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(String))
      await produce(1)
      await areEqual([2, 3])
    })
  })
})
