import { confirmFlags, dryRunFlag, Fault, mechanismFlag, mechanismOf, requiredArg, ScramCommand } from '../../src/cli/index.ts'
import type { ScramChange } from '../../src/client/index.ts'

export default class UsersDelete extends ScramCommand {
  static override summary = 'take SCRAM credentials away'
  static override description = 'All of a user, or those of one mechanism. Rules for the user stay: see acls remove --principal.'
  static override examples = [
    '<%= config.bin %> users delete carol',
    '<%= config.bin %> users delete carol --mechanism SCRAM-SHA-256 --yes',
  ]
  static override args = { user: requiredArg('the user') }
  static override flags = { ...confirmFlags, mechanism: mechanismFlag, 'dry-run': dryRunFlag }

  async run(): Promise<void> {
    const { flags, args } = await this.read(UsersDelete)
    const wanted = flags.mechanism === undefined ? undefined : mechanismOf(flags.mechanism)
    const admin = await this.openAdmin(flags)
    const going = (await this.mechanismsOf(admin, args.user)).filter((each) => wanted === undefined || each === wanted)
    if (going.length === 0) throw new Fault(`${args.user} has no ${wanted ?? 'SCRAM credentials'}`, { hint: 'See tkafka users list.' })
    if (!flags['dry-run']) await this.confirm(flags, going, `Delete these credentials of ${args.user}?`)
    const changes = going.map((mechanism) => ({ user: args.user, mechanism, remove: true }) as ScramChange)
    const results = flags['dry-run'] ? [{ item: args.user, error: null, value: null }] : await admin.alterScramUsers(changes)
    await this.renderChanges('UserChanges', 'USER', results, (user) => user, flags['dry-run'] ? 'WOULD-DELETE' : 'DELETED')
  }
}
