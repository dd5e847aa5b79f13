import { ClusterCommand, divide, textArgs, watchFlags } from '../../src/cli/index.ts'

export interface Credential {
  readonly user: string
  readonly mechanism: string
  readonly iterations: number
}

export default class UsersList extends ClusterCommand {
  static override summary = 'list users with SCRAM credentials'
  static override description = 'Users that log in by certificates, tokens or Kerberos have none, and are not known to the cluster.'
  static override examples = ['<%= config.bin %> users list', '<%= config.bin %> users list billing']
  static override args = { user: textArgs('users; default: all') }
  static override flags = watchFlags

  async run(): Promise<void> {
    const { flags, argv } = await this.read(UsersList)
    const admin = await this.openAdmin(flags)
    const { values, errors } = divide(await admin.describeScramUsers(argv.length === 0 ? null : argv), (user) => user)
    const items = values.flatMap(({ item: user, value }) => value.credentials.map((each): Credential => ({ user, ...each })))
    if (items.length + errors.length === 0 && flags.watch === undefined) this.tell('there are no users with SCRAM credentials')
    await this.render<Credential>({
      kind: 'ScramCredentials',
      items: items.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
      errors,
      columns: [
        { name: 'USER', value: ({ user }) => user },
        { name: 'MECHANISM', value: ({ mechanism }) => mechanism },
        { name: 'ITERATIONS', value: ({ iterations }) => iterations, right: true },
      ],
    })
  }
}

const keyOf = ({ user, mechanism }: Credential): string => `${user} ${mechanism}`
