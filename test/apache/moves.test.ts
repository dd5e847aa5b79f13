import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeMoves } from '../cli/moves-specification.ts'
import { eventually } from '../client/broker-at.ts'
import { withoutApache } from './kafka-home.ts'
import { runTool } from './tools.ts'

describe('moves of replicas', { skip: withoutApache }, () => {
  describeMoves('apache', (operator) => {
    const theirs = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runTool('reassign-partitions', [
        '--bootstrap-server',
        operator().env.TKAFKA_BOOTSTRAP_SERVER!,
        ...args,
      ])
      assert.equal(code, 0, stdout + stderr)
      return stdout
    }
    const slow = async (): Promise<void> => {
      await operator().done('topics', 'create', 'slow', '--replica-assignment', '1:2')
      await operator().tkafka(['produce', 'slow'], { stdin: Buffer.from(`${'x'.repeat(1000)}\n`.repeat(3000)) })
    }

    it('what kafka-reassign-partitions has begun is shown with its throttle, and taken back', async () => {
      await slow()
      const plan = operator().plan('kafka.json', [['slow', 0, [3, 2]]])
      await theirs('--execute', '--reassignment-json-file', plan, '--throttle', '1000')
      const status = await operator().tkafka(['reassign', 'status'])
      assert.match(status.stdout, /^TOPIC .*\nslow +0 +3,2,1 +3 +1 +\d+ /)
      assert.match(status.stderr, /throttled: broker 1, 2, 3 to 0 MB\/s\n|throttled: .* to \d/)
      assert.ok((await operator().throttles()).includes('broker 1'), 'not ours')
      assert.equal((await operator().tkafka(['reassign', 'verify', plan])).code, 3)
      const back = await operator().tkafka(['reassign', 'rollback', plan, '--wait', '--yes'])
      assert.equal(back.code, 0, back.stderr)
      assert.deepEqual((await operator().replicas('slow'))[0]!.split(',').toSorted(), ['1', '2'])
      assert.match(
        (await operator().tkafka(['reassign', 'status'])).stderr,
        /throttles are still set on broker 1, broker 2, broker 3, topic slow:/,
      )
      await operator().done('reassign', 'throttle', 'clear')
      await operator().untilThrottles([])
    })

    it('and cancelled, its throttle included', async () => {
      const plan = operator().plan('kafka.json', [['slow', 0, [3, 2]]])
      await theirs('--execute', '--reassignment-json-file', plan, '--throttle', '1000')
      assert.match(await operator().done('reassign', 'cancel', plan, '--yes'), /slow-0 +CANCELLED/)
      await operator().untilThrottles([])
      assert.match(await theirs('--list'), /No partition reassignments found/)
    })

    it('what tkafka has begun is for kafka-reassign-partitions to see, verify and cancel', async () => {
      const [from] = await operator().replicas('slow')
      const file = `${operator().cluster.folder}/ours.json`
      await operator().done('reassign', 'plan', 'slow', '--drain', '2', '-f', file)
      await operator().done('reassign', 'apply', file, '--throttle', '1000', '--yes')
      assert.match(await theirs('--list'), /slow-0: replicas: .*adding: 3\. removing: 2\./)
      assert.match(await theirs('--verify', '--reassignment-json-file', file), /partition slow-0 is still in progress/)
      await theirs('--cancel', '--reassignment-json-file', file, '--preserve-throttles')
      assert.match((await operator().tkafka(['reassign', 'status'])).stderr, /throttles cleared on brokers 1,2,3 and topic slow\n/)
      assert.deepEqual((await operator().replicas('slow'))[0]!.split(',').toSorted(), from!.split(',').toSorted())

      await operator().done('reassign', 'apply', file, '--throttle', '1000', '--yes')
      assert.match(await operator().done('reassign', 'throttle', 'set', '900MB/s'), /slow +0 +900 MB\/s/)
      await eventually('it is done', async () => (await operator().items('reassign', 'status')).length === 0, 30_000)
      assert.match(await theirs('--verify', '--reassignment-json-file', file), /Reassignment of partition slow-0 is completed/)
      await operator().done('reassign', 'status')
      await operator().untilThrottles([])
      await operator().done('topics', 'delete', 'slow', '--yes')
    })
  })
})
