import {
  ClusterCommand,
  confirmFlags,
  cordonOutlives,
  counted,
  dryRunFlag,
  Flags,
  parseCount,
  textArg,
  usageFault,
} from '../../src/cli/index.ts'
import type { Admin } from '../../src/client/index.ts'
import { loadDecommission } from '../../src/ops/index.ts'

export default class BrokerUnregister extends ClusterCommand {
  static override summary = 'forget a broker that is gone for good'
  static override description =
    'The cluster does not wait for it any longer. Move its replicas away before: tkafka reassign plan --drain. A broker that is started again registers again.'
  static override examples = ['<%= config.bin %> broker unregister 3']
  static override args = { id: textArg('node.id of the broker') }
  static override flags = { ...confirmFlags, 'dry-run': dryRunFlag, id: Flags.string({ hidden: true }) }

  async run(): Promise<void> {
    const { flags, args } = await this.read(BrokerUnregister)
    const text = args.id ?? flags.id
    if (text === undefined) throw usageFault('which broker?', 'See tkafka cluster describe --include-fenced.')
    const id = parseCount(text, 'the broker', 0, 0x7fffffff)
    const admin = await this.openAdmin(flags)
    if (flags['dry-run']) for (const line of await whatIsLost(admin, id)) this.tell(line)
    else {
      if (!flags.yes) await this.confirm(flags, await whatIsLost(admin, id), `Forget broker ${id}?`)
      const { forgetBroker } = await loadDecommission()
      const cordoned = await forgetBroker(admin, id, (servers) => this.openControllers(servers, flags))
      if (cordoned !== null) this.tell(cordonOutlives(id, cordoned), 'always')
    }
    await this.render({
      kind: 'BrokerUnregistration',
      items: [{ broker: id, status: flags['dry-run'] ? 'WOULD-UNREGISTER' : 'UNREGISTERED' }],
      columns: [
        { name: 'BROKER', value: ({ broker }) => broker, right: true },
        { name: 'STATUS', value: ({ status }) => status },
      ],
    })
  }
}

async function whatIsLost(admin: Admin, id: number): Promise<string[]> {
  const [{ nodes }, listed] = await Promise.all([admin.describeCluster(), admin.listTopics({ includeInternal: true })])
  const described = await admin.describeTopics(listed.map(({ name }) => name))
  const held = described.flatMap(({ value }) => value?.partitions ?? []).filter(({ replicas }) => replicas.includes(id)).length
  const isUp = nodes.some((node) => node.id === id)
  return [
    ...(isUp ? [`broker ${id} is up`] : []),
    held === 0 ? `no partition has a replica on broker ${id}` : `${counted(held, 'partition')} with a replica on broker ${id}`,
  ]
}
