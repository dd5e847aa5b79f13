import {
  ClusterCommand,
  configChangeFlags,
  configOperations,
  dryRunFlag,
  entityText,
  Flags,
  quotaEntityFlags,
  quotaEntityOf,
  quotaValue,
  usageFault,
} from '../../src/cli/index.ts'
import { loadBrokerNature } from '../../src/ops/index.ts'

export default class QuotasAlter extends ClusterCommand {
  static override summary = 'set and remove quotas'
  static override description =
    'producer_byte_rate, consumer_byte_rate, request_percentage and controller_mutation_rate of users and client ids; connection_creation_rate of addresses. They hold at once; but brokers of tkafka keep quotas of clients, and do not hold anybody to them yet.'
  static override examples = [
    '<%= config.bin %> quotas alter --user billing --set producer_byte_rate=10MB/s',
    {
      description: 'For each client id that has no quota of its own:',
      command: '<%= config.bin %> quotas alter --default client-id --set request_percentage=50',
    },
    '<%= config.bin %> quotas alter --user billing --client-id etl --delete consumer_byte_rate',
  ]
  static override flags = {
    ...quotaEntityFlags,
    set: Flags.string({
      char: 's',
      aliases: ['add', 'add-config'],
      multiple: true,
      multipleNonGreedy: true,
      summary: 'set a quota; of bytes also as 10MB/s',
      helpValue: 'QUOTA=VALUE',
    }),
    delete: configChangeFlags.delete,
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags } = await this.read(QuotasAlter)
    const entity = quotaEntityOf(flags)
    if (Object.keys(entity).length === 0) throw usageFault('whose quotas?', 'Say --user, --client-id, --ip or --default.')
    const operations = configOperations({ set: flags.set, delete: flags.delete })
    if (operations.length === 0) throw usageFault('what shall change?', 'Say --set or --delete.')
    const values = await Promise.all(
      operations.map(
        async ({ name, value }): Promise<[string, number | null]> => [name, value === null ? null : await quotaValue(name, value)],
      ),
    )
    const admin = await this.openAdmin(flags)
    const results = await admin.alterClientQuotas([{ entity, values: Object.fromEntries(values) }], { validateOnly: flags['dry-run'] })
    await this.renderChanges(
      'QuotaChanges',
      'ENTITY',
      results,
      ({ entity: whose }) => entityText(whose),
      flags['dry-run'] ? 'VALID' : 'CHANGED',
    )
    const { isOfTkafka } = await loadBrokerNature()
    const isOfClients = operations.some(({ name }) => name !== 'connection_creation_rate')
    if (isOfClients && (await isOfTkafka(admin))) this.tell('brokers of tkafka keep quotas of clients, and do not hold anybody to them yet')
  }
}
