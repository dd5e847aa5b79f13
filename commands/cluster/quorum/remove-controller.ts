import {
  ClusterCommand,
  confirmFlags,
  counted,
  directoryIdOf,
  dryRunFlag,
  Flags,
  parseCount,
  refuseFixedVoters,
  usageFault,
} from '../../../src/cli/index.ts'

const NO_DIRECTORY = 'AAAAAAAAAAAAAAAAAAAAAA'

export default class ClusterQuorumRemoveController extends ClusterCommand {
  static override summary = 'take the vote of a controller away'
  static override description =
    'It follows the metadata log as an observer from then on, until it is stopped. The quorum must be a dynamic one: kraft.version 1.'
  static override examples = [
    '<%= config.bin %> cluster quorum remove-controller -i 4',
    {
      description: 'One of several directories of the same node:',
      command: '<%= config.bin %> cluster quorum remove-controller -i 4 -d 3ZK1h2aRQbK8l0oQ7nq5Xw --yes',
    },
  ]
  static override flags = {
    ...confirmFlags,
    'controller-id': Flags.string({ char: 'i', summary: 'node.id of the controller', helpValue: 'ID', required: true }),
    'directory-id': Flags.string({
      char: 'd',
      aliases: ['controller-directory-id'],
      summary: 'id of its metadata directory; default: the one that votes',
      helpValue: 'ID',
    }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags } = await this.read(ClusterQuorumRemoveController)
    const id = parseCount(flags['controller-id'], '--controller-id', 0, 0x7fffffff)
    const named = flags['directory-id'] === undefined ? undefined : directoryIdOf(flags['directory-id'])
    const admin = await this.openAdmin(flags)
    const quorum = await admin.describeQuorum()
    const { voters } = quorum
    const known = voters.filter(({ replicaId }) => replicaId === id)
    if (known.length > 0) await refuseFixedVoters(quorum, `take ${id} out of`)
    if (named === undefined && known.length !== 1)
      throw usageFault(
        known.length === 0
          ? `controller ${id} has no vote`
          : `${counted(known.length, 'directory', 'directories')} of controller ${id} vote`,
        known.length === 0
          ? `The voters are ${voters.map(({ replicaId }) => replicaId).join(', ')}.`
          : `Say which with -d: ${known.map(({ directoryId }) => directoryId).join(', ')}.`,
      )
    const directoryId = named ?? known[0]!.directoryId
    if (!flags['dry-run']) {
      const others = voters.filter((each) => each.replicaId !== id || each.directoryId !== directoryId).map(({ replicaId }) => replicaId)
      await this.confirm(flags, [`voters afterwards: ${others.join(', ')}`], `Take the vote of controller ${id} away?`)
      await admin.removeRaftVoter({ id, directoryId })
    }
    await this.render({
      kind: 'QuorumChange',
      items: [
        { id, directoryId: directoryId === NO_DIRECTORY ? null : directoryId, status: flags['dry-run'] ? 'WOULD-REMOVE' : 'REMOVED' },
      ],
      columns: [
        { name: 'NODE', value: (each) => each.id, right: true },
        { name: 'DIRECTORY-ID', value: (each) => each.directoryId },
        { name: 'STATUS', value: ({ status }) => status },
      ],
    })
  }
}
