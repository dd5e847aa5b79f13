import type { Admin, AdminOptions, QuorumDescription, QuorumReplica } from '../client/index.ts'

/** A replica of the metadata log, compared with its leader by the leader's clock. */
export interface QuorumReplicaReport {
  readonly nodeId: number
  /** Null: the quorum knows none, because its voters are fixed by the files. */
  readonly directoryId: string | null
  readonly status: 'Leader' | 'Follower' | 'Observer'
  readonly logEndOffset: number
  /** Records behind the leader. */
  readonly lag: number
  /** How long it has not held all that the leader held; null: it never has. */
  readonly lagMs: number | null
  /** Since its last fetch; null: there was none. */
  readonly silentMs: number | null
  /** Milliseconds since 1970; null: never. */
  readonly lastFetchTimestamp: number | null
  readonly lastCaughtUpTimestamp: number | null
  readonly endpoints: readonly string[]
  /** `lagging`: fetches, and is behind for longer than allowed; `silent`: has not fetched for as long. */
  readonly fault: 'lagging' | 'silent' | null
}

export interface QuorumReport {
  readonly clusterId: string
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly highWatermark: number
  /** Of the voter that is the farthest behind. */
  readonly maxFollowerLag: number
  readonly maxFollowerLagMs: number | null
  /** The leader first, then followers, then observers, each by node. */
  readonly replicas: readonly QuorumReplicaReport[]
}

/** How long a voter may be behind or silent where nobody says so. */
export const VOTER_LAG_MS_MAX = 5000

export async function quorumReport(admin: Admin, options: AdminOptions & { lagMsMax: number }): Promise<QuorumReport> {
  const { clusterId } = await admin.describeCluster(options)
  return { clusterId, ...judgedQuorum(await admin.describeQuorum(options), options.lagMsMax) }
}

export function judgedQuorum(quorum: QuorumDescription, lagMsMax: number): Omit<QuorumReport, 'clusterId'> {
  const { leaderId, leaderEpoch, highWatermark, nodes } = quorum
  const leader = quorum.voters.find(({ replicaId }) => replicaId === leaderId)
  const endpoints = new Map(nodes.map(({ id, listeners }) => [id, listeners.map(({ name, host, port }) => `${name}://${host}:${port}`)]))
  const report = (each: QuorumReplica, status: QuorumReplicaReport['status']): QuorumReplicaReport => {
    const lastFetchTimestamp = timeOf(each.lastFetchTimestamp)
    const lastCaughtUpTimestamp = timeOf(each.lastCaughtUpTimestamp)
    const leads = each.replicaId === leaderId
    const lagMs = leads ? 0 : between(leader?.lastCaughtUpTimestamp, lastCaughtUpTimestamp)
    const silentMs = leads ? 0 : between(leader?.lastFetchTimestamp, lastFetchTimestamp)
    const isLate = (ms: number | null): boolean => ms === null || ms > lagMsMax
    return {
      nodeId: each.replicaId,
      directoryId: each.directoryId === NO_DIRECTORY ? null : each.directoryId,
      status,
      logEndOffset: each.logEndOffset,
      lag: Math.max(0, (leader?.logEndOffset ?? each.logEndOffset) - each.logEndOffset),
      lagMs,
      silentMs,
      lastFetchTimestamp,
      lastCaughtUpTimestamp,
      endpoints: endpoints.get(each.replicaId) ?? [],
      fault: isLate(silentMs) ? 'silent' : isLate(lagMs) ? 'lagging' : null,
    }
  }
  const voters = quorum.voters.map((each) => report(each, each.replicaId === leaderId ? 'Leader' : 'Follower'))
  const observers = quorum.observers.map((each) => report(each, 'Observer'))
  const followers = voters.filter(({ status }) => status === 'Follower')
  const slowest = followers.reduce<QuorumReplicaReport | undefined>(
    (worst, each) => (worst === undefined || each.logEndOffset < worst.logEndOffset ? each : worst),
    undefined,
  )
  const order = { Leader: 0, Follower: 1, Observer: 2 }
  return {
    leaderId,
    leaderEpoch,
    highWatermark,
    maxFollowerLag: slowest?.lag ?? 0,
    maxFollowerLagMs: slowest === undefined ? 0 : slowest.lagMs,
    replicas: [...voters, ...observers].sort((a, b) => order[a.status] - order[b.status] || a.nodeId - b.nodeId),
  }
}

/** Voters whose loss of another would matter now. */
export const voterFaults = ({ replicas }: Pick<QuorumReport, 'replicas'>): QuorumReplicaReport[] =>
  replicas.filter(({ status, fault }) => status !== 'Observer' && fault !== null)

/** The voters are those of controller.quorum.voters (kraft.version 0), which no request changes: the quorum knows no directories then. */
export const hasFixedVoters = ({ voters }: Pick<QuorumDescription, 'voters'>): boolean =>
  voters.length > 0 && voters.every(({ directoryId }) => directoryId === NO_DIRECTORY)

const NO_DIRECTORY = 'AAAAAAAAAAAAAAAAAAAAAA'

const timeOf = (ms: number | bigint): number | null => (ms < 0 ? null : Number(ms))

function between(later: number | bigint | undefined, earlier: number | null): number | null {
  return later === undefined || later < 0 || earlier === null ? null : Math.max(0, Number(later) - earlier)
}
