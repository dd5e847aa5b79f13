import { Fault, requiredArg, ScramCommand } from '../../src/cli/index.ts'

export default class UsersCreate extends ScramCommand {
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
  static override flags = ScramCommand.passwordFlags

  async run(): Promise<void> {
    const { flags, args } = await this.read(UsersCreate)
    await this.setPassword(args.user, flags, { done: 'CREATED', would: 'WOULD-CREATE' }, (mechanism, isThere) =>
      isThere ? new Fault(`${args.user} has ${mechanism} already`, { hint: `A new password: tkafka users alter ${args.user}` }) : undefined,
    )
  }
}
