import {
  ClusterCommand,
  Fault,
  iterationsFlag,
  mechanismFlag,
  mechanismOf,
  parseCount,
  passwordFlags,
  readPassword,
  requiredArg,
} from '../../src/cli/index.ts'

export default class UsersAlter extends ClusterCommand {
  static override summary = 'give a user another password'
  static override description = 'Whoever is connected stays connected until the next login.'
  static override examples = [
    '<%= config.bin %> users alter billing',
    '<%= config.bin %> users alter billing --mechanism SCRAM-SHA-512 --password file:/run/secrets/billing',
  ]
  static override args = { user: requiredArg('the user') }
  static override flags = { ...passwordFlags, mechanism: mechanismFlag, iterations: iterationsFlag }

  async run(): Promise<void> {
    const { flags, args } = await this.read(UsersAlter)
    const mechanism = mechanismOf(flags.mechanism ?? 'SCRAM-SHA-256')
    const iterations = parseCount(flags.iterations, '--iterations', 4096, 16_384)
    const admin = await this.openAdmin(flags)
    const [known] = await admin.describeScramUsers([args.user])
    const isThere = known?.value?.credentials.some((each) => each.mechanism === mechanism) === true
    if (!isThere) throw new Fault(`${args.user} has no ${mechanism}`, { hint: 'See tkafka users list, and tkafka users create.' })
    const password = await readPassword(this.shell, flags, args.user)
    const results = await admin.alterScramUsers([{ user: args.user, mechanism, password, iterations }])
    await this.renderChanges('UserChanges', 'USER', results, (user) => user, 'CHANGED')
  }
}
