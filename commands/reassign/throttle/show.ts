import { ReassignCommand, watchFlags } from '../../../src/cli/index.ts'
import { loadReassignment } from '../../../src/ops/index.ts'

export interface ThrottleItem {
  readonly type: string
  readonly name: string
  readonly setting: string
  readonly value: string
  /** Set by a command of this user, which takes it away when the moves are done. */
  readonly own: boolean
}

export default class ReassignThrottleShow extends ReassignCommand {
  static override summary = 'show the throttles of replication, whoever has set them'
  static override description = 'OWN ones were set by commands of this user, and go when nothing is being moved any more.'
  static override examples = ['<%= config.bin %> reassign throttle show', '<%= config.bin %> reassign throttle show --json']
  static override flags = watchFlags

  async run(): Promise<void> {
    const { flags } = await this.read(ReassignThrottleShow)
    const admin = await this.openAdmin(flags)
    const { describeThrottles } = await loadReassignment()
    const own = await this.notedThrottles(admin)
    const { throttles, failures } = await describeThrottles(admin)
    const items = throttles.flatMap(({ type, name, values }) =>
      Object.entries(values).map(([setting, value]): ThrottleItem => ({ type, name, setting, value, own: own.has(`${type} ${name}`) })),
    )
    if (items.length + failures.length === 0) this.tell('nothing is throttled')
    await this.render<ThrottleItem>({
      kind: 'ReplicationThrottles',
      items,
      errors: failures.map(({ type, name, message }) => ({ item: `${type} ${name}`, code: null, name: null, message, retriable: false })),
      columns: [
        { name: 'TYPE', value: ({ type }) => type },
        { name: 'NAME', value: ({ name }) => name },
        { name: 'SETTING', value: ({ setting }) => setting },
        { name: 'VALUE', value: ({ value }) => value, text: ({ value }) => shortened(value), narrow: 'shorten' },
        { name: 'OWN', value: (each) => each.own, text: (each) => (each.own ? 'yes' : '-') },
      ],
    })
  }
}

const VALUE_MAX = 60
/** Lists of replicas are as long as topics are wide; --output json has all of them. */
const shortened = (value: string): string => (value.length <= VALUE_MAX ? value : `${value.slice(0, VALUE_MAX - 1)}…`)
