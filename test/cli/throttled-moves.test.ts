import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ReassignCommand } from '../../src/cli/index.ts'
import type { Admin, ConfigChange, ConfigQuery } from '../../src/client/index.ts'
import { birthOf } from '../../src/host/node/index.ts'
import { capturedShell } from './run-command.ts'

const move = { topic: 't', partition: 0, from: [1], to: [2], adding: [2], removing: [1], bytes: 1 }

describe('moves with a throttle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-throttle-'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** Brokers 1 to 3; `t-1` is on its way from 1 to 3. Changes of brokers in `refusing` fail. */
  const cluster = (refusing: readonly string[], there: readonly number[] = [1, 2, 3]) => {
    const settings = new Map<string, string>()
    const started: string[] = []
    const admin = {
      describeCluster: async () => ({ clusterId: 'throttled', nodes: there.map((id) => ({ id })) }),
      listReassignments: async () => [{ topic: 't', partition: 1, replicas: [3, 1], adding: [3], removing: [1] }],
      describeConfigs: async (queries: readonly ConfigQuery[]) =>
        queries.map((item) => {
          const value = (item.keys ?? []).flatMap((name) => {
            const value = settings.get(`${item.type} ${item.name} ${name}`)
            return value === undefined ? [] : [{ name, value, source: `DYNAMIC_${item.type.toUpperCase()}_CONFIG` }]
          })
          return { item, error: null, value }
        }),
      incrementalAlterConfigs: async (changes: readonly ConfigChange[]) =>
        changes.map((item) => {
          if (refusing.includes(item.name)) return { item, error: { name: 'REQUEST_TIMED_OUT', message: 'no answer' }, value: null }
          for (const { name, operation, value } of item.operations) {
            const key = `${item.type} ${item.name} ${name}`
            if (operation === 'set') settings.set(key, value!)
            else settings.delete(key)
          }
          return { item, error: null, value: null }
        }),
      alterReassignments: async (asked: readonly { topic: string; partition: number }[]) => {
        started.push(...asked.map(({ topic, partition }) => `${topic}-${partition}`))
        return asked.map((item) => ({ item, error: null, value: null }))
      },
    } as unknown as Admin
    class Settling extends ReassignCommand {
      settled = false
      override async run(): Promise<void> {
        const idle = { ...admin, listReassignments: async () => [] }
        this.settled = await this.settleThrottles(idle as Admin)
      }
    }
    class Moving extends ReassignCommand {
      override async run(): Promise<void> {
        await this.carryOut(admin, { moves: [move], moving: [], diverted: [], throttle: 1000, wait: false, batch: undefined })
      }
    }
    const { shell } = capturedShell({ env: { TKAFKA_STATE: folder } })
    const settle = async (): Promise<boolean> => {
      const command = new Settling([], 'probe', shell)
      await command.execute()
      return command.settled
    }
    return { settings, started, execute: () => new Moving([], 'probe', shell).execute(), settle }
  }

  it('do not begin when it cannot be set, and nothing of it stays', async () => {
    const { settings, started, execute } = cluster(['2'])
    await assert.rejects(execute(), /the throttle could not be set: broker 2: no answer/)
    assert.deepEqual([started, [...settings]], [[], []])
  })

  it('bounds those that were under way before as well', async () => {
    const { settings, started, execute } = cluster([])
    await execute()
    assert.deepEqual(started, ['t-0'])
    assert.equal(settings.get('topic t leader.replication.throttled.replicas'), '0:1,1:1')
    assert.equal(settings.get('topic t follower.replication.throttled.replicas'), '0:2,1:3')
    assert.equal(settings.get('broker 3 follower.replication.throttled.rate'), '1000')
  })

  it('are seen to by the process that noted them, not by one that has its id since', async () => {
    const note = join(folder, 'throttles', 'throttled.json')
    rmSync(note, { force: true })
    const { settings, execute, settle } = cluster([])
    await execute()
    const [run] = JSON.parse(readFileSync(note, 'utf8'))
    const notedBy = (pid: number, birth?: string): void => writeFileSync(note, JSON.stringify([{ ...run, pid, birth }]))
    const parent = process.ppid
    for (const birth of [birthOf(parent), undefined]) {
      notedBy(parent, birth)
      assert.equal(await settle(), false)
    }
    for (const pid of [parent, process.pid]) {
      await execute()
      notedBy(pid, 'another start of the machine 1')
      assert.equal(await settle(), true)
      assert.deepEqual([...settings], [])
    }
  })

  it('begin without a broker that is not there', async () => {
    const { started, execute } = cluster(['2'], [1, 3])
    await execute()
    assert.deepEqual(started, ['t-0'])
  })
})
