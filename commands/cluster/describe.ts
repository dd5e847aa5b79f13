import { ClusterCommand, Flags, watchFlags } from '../../src/cli/index.ts'
import type { Admin } from '../../src/client/index.ts'

export interface NodeRow {
  readonly id: number
  readonly host: string | null
  readonly port: number | null
  readonly rack: string | null
  /** It is the active one. */
  readonly controller: boolean
  readonly fenced: boolean
  /** Null: not known, because nobody tells of the quorum. */
  readonly roles: readonly string[] | null
}

type Quorum = Pick<Awaited<ReturnType<Admin['describeQuorum']>>, 'leaderId' | 'voters' | 'nodes'>

/** Without an active controller there is no answer: nobody waits long to see that. */
const QUORUM_MS = 3000

export default class ClusterDescribe extends ClusterCommand {
  static override summary = 'show the nodes of a cluster: its brokers, and controllers that are no brokers'
  static override examples = ['<%= config.bin %> cluster describe', '<%= config.bin %> cluster describe --output json']
  static override flags = {
    ...watchFlags,
    'include-fenced': Flags.boolean({ aliases: ['include-fenced-brokers'], summary: 'also brokers that are fenced' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(ClusterDescribe)
    const admin = await this.openAdmin(flags)
    const withFenced = flags['include-fenced']
    const timeoutMs = Math.min(QUORUM_MS, this.timeoutMs(flags))
    const cluster = await registered(admin, withFenced)
    // Last: a broker answers in turn, and to this one it may not.
    const quorum = await quorumOf(admin, timeoutMs)
    await this.remember(
      flags,
      'brokers',
      cluster.nodes.map(({ id }) => String(id)),
    )
    if (this.output === 'text' || this.output === 'wide') this.tell(`cluster ${cluster.clusterId}`)
    await this.render<NodeRow>({
      kind: 'Cluster',
      items: rows(cluster, quorum, admin.cluster.ofControllers ? 'controller' : 'broker').filter(({ fenced }) => withFenced || !fenced),
      columns: [
        { name: 'ID', value: (node) => node.id, right: true },
        { name: 'HOST', value: (node) => node.host },
        { name: 'PORT', value: (node) => node.port, right: true },
        { name: 'RACK', value: (node) => node.rack },
        { name: 'CONTROLLER', value: (node) => node.controller, text: (node) => (node.controller ? '*' : '') },
        { name: 'FENCED', value: (node) => node.fenced, wide: !withFenced },
        { name: 'ROLES', value: (node) => node.roles?.join(',') ?? null },
      ],
    })
  }
}

/** Fenced brokers too, where that can be asked: without them a voter might pass for one that is no broker. */
const registered = async (admin: Admin, withFenced: boolean) => {
  if (withFenced) return admin.describeCluster({ includeFenced: true })
  try {
    return await admin.describeCluster({ includeFenced: true })
  } catch (error) {
    if ((error as { errorName?: string }).errorName !== 'UNSUPPORTED_VERSION') throw error
    return admin.describeCluster()
  }
}

/** Undefined: nobody tells of it, as while no controller is active. */
const quorumOf = (admin: Admin, timeoutMs: number): Promise<Quorum | undefined> =>
  admin.describeQuorum({ timeoutMs }).catch(() => undefined)

/** What brokers call their controller is, with KRaft, any of them: who is active only the quorum tells. */
const rows = (cluster: Awaited<ReturnType<Admin['describeCluster']>>, quorum: Quorum | undefined, role: string): NodeRow[] => {
  const voters = new Set(quorum?.voters.map(({ replicaId }) => replicaId))
  const rolesOf = (id: number): string[] => [...new Set([role, ...(voters.has(id) ? ['controller'] : [])])]
  const brokers = cluster.nodes.map((node): NodeRow => {
    return { ...node, controller: node.id === quorum?.leaderId, roles: quorum === undefined ? null : rolesOf(node.id) }
  })
  const rest = [...voters].filter((id) => !cluster.nodes.some((node) => node.id === id))
  const controllers = rest.map((id): NodeRow => {
    const { host = null, port = null } = quorum?.nodes.find((node) => node.id === id)?.listeners[0] ?? {}
    return { id, host, port, rack: null, controller: id === quorum?.leaderId, fenced: false, roles: ['controller'] }
  })
  return [...brokers, ...controllers].toSorted((one, other) => one.id - other.id)
}
