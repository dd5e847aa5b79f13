import {
  ClusterCommand,
  directoryIdOf,
  dryRunFlag,
  Flags,
  loadNewVoter,
  parseCount,
  refuseFixedVoters,
  usageFault,
} from '../../../src/cli/index.ts'
import type { NewVoter } from '../../../src/client/index.ts'

type Values = Partial<Record<'config' | 'command-config' | 'controller-id' | 'directory-id', string>> & { readonly listener?: string[] }

export default class ClusterQuorumAddController extends ClusterCommand {
  static override summary = 'give a controller a vote in the metadata quorum'
  static override description =
    'The controller runs already and follows the metadata log. It is named by its server.properties, on its own machine, or by id, directory id and listener. The quorum must be a dynamic one: kraft.version 1.'
  static override examples = [
    {
      description: 'On the machine of the new controller:',
      command: '<%= config.bin %> cluster quorum add-controller -b broker-1:9092 --config server.properties',
    },
    {
      description: 'From anywhere:',
      command:
        '<%= config.bin %> cluster quorum add-controller -i 4 -d 3ZK1h2aRQbK8l0oQ7nq5Xw --listener CONTROLLER://host-4:9093 --dry-run',
    },
  ]
  static override flags = {
    config: Flags.string({ char: 'c', summary: 'server.properties of the controller', helpValue: 'FILE' }),
    'controller-id': Flags.string({ char: 'i', summary: 'node.id of the controller', helpValue: 'ID' }),
    'directory-id': Flags.string({
      char: 'd',
      aliases: ['controller-directory-id'],
      summary: 'id of its metadata directory, see storage info',
      helpValue: 'ID',
    }),
    listener: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: 'where the other controllers reach it',
      helpValue: 'NAME://HOST:PORT',
    }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags } = await this.read(ClusterQuorumAddController)
    const voter = await this.#voter(flags as Values)
    const admin = await this.openAdmin(flags)
    await refuseFixedVoters(await admin.describeQuorum(), `add ${voter.id} to`)
    if (!flags['dry-run']) await admin.addRaftVoter(voter)
    await this.render({
      kind: 'QuorumChange',
      items: [{ ...voter, status: flags['dry-run'] ? 'WOULD-ADD' : 'ADDED' }],
      columns: [
        { name: 'NODE', value: ({ id }) => id, right: true },
        { name: 'DIRECTORY-ID', value: ({ directoryId }) => directoryId },
        { name: 'ENDPOINTS', value: ({ listeners }) => listeners.map(({ name, host, port }) => `${name}://${host}:${port}`).join(',') },
        { name: 'STATUS', value: ({ status }) => status },
      ],
    })
  }

  async #voter(flags: Values): Promise<NewVoter> {
    const { listenersOf, voterOfFile } = await loadNewVoter()
    const { 'controller-id': id, 'directory-id': directoryId, listener } = flags
    // kafka-metadata-quorum takes the file of the controller for its own.
    const file = flags.config ?? (id === undefined ? flags['command-config'] : undefined)
    if (file !== undefined) {
      if (id !== undefined || directoryId !== undefined || listener !== undefined)
        throw usageFault('--config says it all', 'Leave out --controller-id, --directory-id and --listener, or --config.')
      return voterOfFile(this.shell, file)
    }
    if (id === undefined || directoryId === undefined || listener === undefined)
      throw usageFault('which controller?', 'Give --config FILE, or --controller-id, --directory-id and --listener.')
    return {
      id: parseCount(id, '--controller-id', 0, 0x7fffffff),
      directoryId: directoryIdOf(directoryId),
      listeners: await listenersOf(listener),
    }
  }
}
