import { ClusterCommand, confirmFlags, counted, dryRunFlag, entityText, readQuotas, requiredArg } from '../../src/cli/index.ts'
import type { QuotaChange } from '../../src/client/index.ts'

export default class QuotasImport extends ClusterCommand {
  static override summary = 'set quotas that a file holds'
  static override description =
    'What quotas describe --json has written. Quotas that are as the file says stay, quotas that it does not name too. What would change is shown first.'
  static override examples = ['<%= config.bin %> quotas import quotas.json --dry-run', '<%= config.bin %> quotas import quotas.json']
  static override args = { file: requiredArg('the file; - is standard input') }
  static override flags = { ...confirmFlags, 'dry-run': dryRunFlag }

  async run(): Promise<void> {
    const { flags, args } = await this.read(QuotasImport)
    const wanted = await readQuotas(this.shell, args.file)
    const admin = await this.openAdmin(flags)
    const known = new Map((await admin.describeClientQuotas([])).map(({ entity, values }) => [entityKey(entity), values]))
    const changes = wanted.flatMap(({ entity, values }): QuotaChange[] => {
      const before = known.get(entityKey(entity)) ?? {}
      const changed = Object.entries(values).filter(([quota, value]) => before[quota] !== value)
      return changed.length === 0 ? [] : [{ entity, values: Object.fromEntries(changed) }]
    })
    if (changes.length === 0) this.tell('all quotas are as the file says')
    else if (!flags['dry-run']) {
      const lines = changes.flatMap(({ entity, values }) => {
        const before = known.get(entityKey(entity)) ?? {}
        return Object.entries(values).map(([quota, value]) => `${entityText(entity)}: ${quota} ${before[quota] ?? 'unlimited'} → ${value}`)
      })
      await this.confirm(flags, lines, `Change ${counted(lines.length, 'quota')}?`)
    }
    const results = changes.length === 0 ? [] : await admin.alterClientQuotas(changes, { validateOnly: flags['dry-run'] })
    await this.renderChanges(
      'QuotaChanges',
      'ENTITY',
      results,
      ({ entity }) => entityText(entity),
      flags['dry-run'] ? 'WOULD-CHANGE' : 'CHANGED',
    )
  }
}

const entityKey = (entity: QuotaChange['entity']): string => JSON.stringify(Object.entries(entity).sort())
