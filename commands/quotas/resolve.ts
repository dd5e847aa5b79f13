import { ClusterCommand, entityText, Flags, usageFault } from '../../src/cli/index.ts'
import { loadQuotaResolution, type ResolvedQuota } from '../../src/ops/index.ts'

export default class QuotasResolve extends ClusterCommand {
  static override summary = 'tell which quota holds for a client, and why'
  static override description =
    'Of all quotas that fit, the most special one holds: of the user and client id, then of the user, then of the client id, defaults after names. Rates hold on each broker for itself.'
  static override examples = [
    '<%= config.bin %> quotas resolve --user billing --client-id etl',
    '<%= config.bin %> quotas resolve --ip 10.0.3.17',
  ]
  static override flags = {
    user: Flags.string({ summary: 'who connects; ANONYMOUS without a login', helpValue: 'NAME' }),
    'client-id': Flags.string({ aliases: ['client'], summary: 'as what', helpValue: 'NAME' }),
    ip: Flags.string({ summary: 'from where', helpValue: 'ADDRESS' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(QuotasResolve)
    if ((flags.user ?? flags['client-id'] ?? flags.ip) === undefined)
      throw usageFault('of which client?', 'Say --user, --client-id or --ip.')
    const admin = await this.openAdmin(flags)
    const quotas = await admin.describeClientQuotas([])
    const { resolveQuotas } = await loadQuotaResolution()
    await this.render<ResolvedQuota>({
      kind: 'ResolvedQuotas',
      items: resolveQuotas(quotas, flags),
      columns: [
        { name: 'QUOTA', value: ({ quota }) => quota },
        { name: 'VALUE', value: ({ value }) => value, text: ({ value }) => (value === null ? 'unlimited' : String(value)), right: true },
        { name: 'OF', value: ({ entity }) => (entity === null ? null : entityText(entity)) },
        { name: 'BEFORE', value: ({ behind }) => behind.map(entityText).join('; ') || null, narrow: 'shorten' },
      ],
    })
  }
}
