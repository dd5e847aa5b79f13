import { Fault, requiredArg, ScramCommand } from '../../src/cli/index.ts'

export default class UsersAlter extends ScramCommand {
  static override summary = 'give a user another password'
  static override description = 'Whoever is connected stays connected until the next login.'
  static override examples = [
    '<%= config.bin %> users alter billing',
    '<%= config.bin %> users alter billing --mechanism SCRAM-SHA-512 --password file:/run/secrets/billing',
  ]
  static override args = { user: requiredArg('the user') }
  static override flags = ScramCommand.passwordFlags

  async run(): Promise<void> {
    const { flags, args } = await this.read(UsersAlter)
    await this.setPassword(args.user, flags, { done: 'CHANGED', would: 'WOULD-CHANGE' }, (mechanism, isThere) =>
      isThere ? undefined : new Fault(`${args.user} has no ${mechanism}`, { hint: 'See tkafka users list, and tkafka users create.' }),
    )
  }
}
