import {
  confirmFlags,
  counted,
  divide,
  dryRunFlag,
  type FailedItem,
  Fault,
  loadReassignmentText,
  parsePartitions,
  preserveThrottlesFlag,
  ReassignCommand,
  textArgs,
  usageFault,
} from '../../src/cli/index.ts'
import type { Admin } from '../../src/client/index.ts'
import { loadDecommission, loadReassignment, type Uncordon } from '../../src/ops/index.ts'

export interface Recommission {
  readonly broker: number
  readonly directories: readonly string[] | null
  readonly status: 'WOULD-STAY' | 'STAYS'
}

export default class BrokerRecommission extends ReassignCommand {
  static override summary = 'let brokers stay that were to go'
  static override description =
    'The undo of broker decommission: they take new replicas again (cordoned.log.dirs, as far as the cluster was told of it), and moves away from them that are still under way are stopped. What has left does not come back by this: see reassign rollback for the plan that decommission -f has kept, or reassign plan --brokers all. Of a broker that is down only controllers change settings: --bootstrap-controller.'
  static override examples = [
    '<%= config.bin %> broker recommission 3',
    {
      description: 'With what it had before:',
      command: '<%= config.bin %> broker recommission 3 && <%= config.bin %> reassign rollback drain3.json',
    },
  ]
  static override args = { id: textArgs('node.id of the brokers') }
  static override flags = { ...confirmFlags, ...preserveThrottlesFlag, 'dry-run': dryRunFlag }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(BrokerRecommission)
    const ids = [...new Set(argv.flatMap((text) => parsePartitions(text, 'the broker')))]
    if (ids.length === 0) throw usageFault('which brokers?', 'See tkafka cluster describe.')
    const admin = await this.openAdmin(flags)
    if (admin.cluster.ofControllers) return flags['dry-run'] ? this.#show(ids.map(wouldStay), []) : this.#uncordon(admin, ids, [])
    const { nodes } = await admin.describeCluster()
    const unknown = ids.filter((id) => !nodes.some((node) => node.id === id))
    if (unknown.length > 0)
      throw new Fault(`broker ${unknown.join(', ')} is not up`, {
        hint: 'Start it, or ask the controllers: --bootstrap-controller. See tkafka cluster describe --include-fenced.',
      })
    const { movesAway } = await loadDecommission()
    const { cancelMoves, keyOf } = await loadReassignment()
    const moves = await movesAway(admin, ids)
    const names = moves.map(keyOf)
    if (moves.length > 0) {
      const { fewLines } = await loadReassignmentText()
      if (flags['dry-run']) this.tell(`would be stopped: ${fewLines(names).join(', ')}`)
      else await this.confirm(flags, fewLines(names), `Stop ${counted(moves.length, 'move')} away from broker ${ids.join(', ')}?`)
    }
    if (flags['dry-run']) return this.#show(ids.map(wouldStay), [])
    const stopped = divide(await cancelMoves(admin, moves), keyOf)
    // One that came to its end meanwhile is none to be stopped.
    const failures = stopped.errors.filter(({ name }) => name !== 'NO_REASSIGNMENT_IN_PROGRESS')
    await this.#uncordon(admin, ids, failures)
    if (stopped.values.length > 0) this.tell(`${counted(stopped.values.length, 'move')} stopped`)
    if (flags['preserve-throttles']) return
    if (moves.length > 0) await this.clearThrottles(admin, moves)
    else await this.settleThrottles(admin)
  }

  async #uncordon(admin: Admin, ids: readonly number[], failures: readonly FailedItem[]): Promise<void> {
    const { uncordonBrokers } = await loadDecommission()
    const outcomes = await uncordonBrokers(admin, ids)
    const failed = outcomes.filter(({ reason }) => reason !== null)
    await this.#show(
      outcomes.filter(({ reason }) => reason === null).map(({ broker, directories }) => ({ broker, directories, status: 'STAYS' })),
      [...failures, ...failed.map(failureOf)],
    )
  }

  #show(items: readonly Recommission[], errors: readonly FailedItem[]): Promise<void> {
    return this.render<Recommission>({
      kind: 'BrokerRecommission',
      items,
      errors,
      columns: [
        { name: 'BROKER', value: ({ broker }) => broker, right: true },
        { name: 'STATUS', value: ({ status }) => status },
        { name: 'UNCORDONED', value: ({ directories }) => directories?.join(',') || null, narrow: 'shorten' },
      ],
    })
  }
}

const wouldStay = (broker: number): Recommission => ({ broker, directories: null, status: 'WOULD-STAY' })
const failureOf = ({ broker, reason }: Uncordon): FailedItem => ({
  ...{ item: `broker ${broker}`, code: null, name: null, retriable: false },
  message: `is still cordoned: ${reason}`,
})
