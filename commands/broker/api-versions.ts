import { ClusterCommand, divide, Flags, parseCount, watchFlags } from '../../src/cli/index.ts'

export interface ApiRow {
  readonly broker: number
  readonly api: string
  readonly key: number
  readonly lowest: number
  readonly highest: number
}

export default class BrokerApiVersions extends ClusterCommand {
  static override summary = 'show which APIs brokers offer, in which versions'
  static override examples = [
    '<%= config.bin %> broker api-versions',
    { description: 'Of one broker:', command: '<%= config.bin %> broker api-versions --broker 2' },
  ]
  static override flags = {
    ...watchFlags,
    broker: Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'only this broker', helpValue: 'ID' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(BrokerApiVersions)
    const brokers = flags.broker?.map((id) => parseCount(id, '--broker', 0, 0x7fffffff))
    const admin = await this.openAdmin(flags)
    const { values, errors } = divide(await admin.describeApiVersions(brokers === undefined ? {} : { brokers }), (id) => `broker ${id}`)
    await this.render<ApiRow>({
      kind: 'ApiVersions',
      items: values.flatMap(({ item: broker, value }) => value.map(({ api, key, versions }) => ({ broker, api, key, ...versions }))),
      errors,
      columns: [
        { name: 'BROKER', value: (row) => row.broker, right: true },
        { name: 'KEY', value: (row) => row.key, right: true },
        { name: 'API', value: (row) => row.api },
        { name: 'LOWEST', value: (row) => row.lowest, right: true },
        { name: 'HIGHEST', value: (row) => row.highest, right: true },
      ],
    })
  }
}
