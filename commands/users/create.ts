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

export default class UsersCreate extends ClusterCommand {
  static override summary = 'give a user SCRAM credentials'
  static override description =
    'The password is asked for, or comes from where it is said to be; it does not leave this machine, what travels is salted and hashed.'
  static override examples = [
    '<%= config.bin %> users create billing',
    {
      description: 'In a script:',
      command: 'pass show kafka/billing | <%= config.bin %> users create billing --mechanism SCRAM-SHA-512 --password-stdin',
    },
  ]
  static override args = { user: requiredArg('the user') }
  static override flags = { ...passwordFlags, mechanism: mechanismFlag, iterations: iterationsFlag }

  async run(): Promise<void> {
    const { flags, args } = await this.read(UsersCreate)
    const mechanism = mechanismOf(flags.mechanism ?? 'SCRAM-SHA-256')
    const iterations = parseCount(flags.iterations, '--iterations', 4096, 16_384)
    const admin = await this.openAdmin(flags)
    const [known] = await admin.describeScramUsers([args.user])
    const isThere = known?.value?.credentials.some((each) => each.mechanism === mechanism) === true
    if (isThere) throw new Fault(`${args.user} has ${mechanism} already`, { hint: `A new password: tkafka users alter ${args.user}` })
    const password = await readPassword(this.shell, flags, args.user)
    const results = await admin.alterScramUsers([{ user: args.user, mechanism, password, iterations }])
    await this.renderChanges('UserChanges', 'USER', results, (user) => user, 'CREATED')
  }
}
