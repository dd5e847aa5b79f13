import type { Admin, ItemResult, LogDirDescription, ReplicaMove, TopicPartition } from '../client/index.ts'

/** A log directory of a broker. */
export interface DirectoryReport {
  readonly broker: number
  readonly path: string
  readonly state: 'online' | 'cordoned' | 'offline'
  readonly replicas: number
  readonly bytes: number
  /** Of the file system; null: not said. */
  readonly totalBytes: number | null
  readonly usableBytes: number | null
}

/** A replica in a log directory. */
export interface ReplicaPlace extends TopicPartition {
  readonly broker: number
  readonly path: string
  readonly bytes: number
  readonly offsetLag: number
  /** The copy of a move between directories that is under way. */
  readonly future: boolean
}

type Described = readonly { readonly item: number; readonly value: readonly LogDirDescription[] }[]

export function directoryReports(described: Described): DirectoryReport[] {
  return described.flatMap(({ item: broker, value }) =>
    value.map((dir): DirectoryReport => {
      const known = (bytes: number): number | null => (bytes < 0 ? null : bytes)
      return {
        broker,
        path: dir.path,
        state: dir.errorCode !== 0 ? 'offline' : dir.cordoned ? 'cordoned' : 'online',
        replicas: dir.replicas.filter(({ future }) => !future).length,
        bytes: dir.replicas.reduce((sum, { bytes }) => sum + bytes, 0),
        totalBytes: known(dir.totalBytes),
        usableBytes: known(dir.usableBytes),
      }
    }),
  )
}

export function replicaPlaces(described: Described): ReplicaPlace[] {
  return described.flatMap(({ item: broker, value }) =>
    value.flatMap(({ path, replicas }) => replicas.map((replica): ReplicaPlace => ({ broker, path, ...replica }))),
  )
}

export interface DirectoryMove extends ReplicaMove {
  readonly from: string
  readonly bytes: number
}

/** Starts moves between directories of one broker; what lies there already stays. */
export async function startDirectoryMoves(admin: Admin, moves: readonly DirectoryMove[]): Promise<ItemResult<DirectoryMove>[]> {
  const elsewhere = moves.filter(({ from, path }) => from !== path)
  const known = new Map(elsewhere.map((move) => [`${move.topic}-${move.partition}`, move]))
  const results = elsewhere.length === 0 ? [] : await admin.alterReplicaLogDirs(elsewhere)
  return results.map(({ item, error }): ItemResult<DirectoryMove> => {
    const move = known.get(`${item.topic}-${item.partition}`)!
    return error === null ? { item: move, error, value: null } : { item: move, error, value: null }
  })
}

export interface DirectoryCopies {
  readonly copies: readonly DirectoryMove[]
  /** Brokers that did not say what they copy, and why. */
  readonly silent: readonly { readonly broker: number; readonly reason: string }[]
}

/** Copies between directories of a broker that are under way. */
export async function directoryCopies(admin: Admin): Promise<DirectoryCopies> {
  const answers = await admin.describeLogDirs()
  const silent = answers.flatMap(({ item: broker, error }) => (error === null ? [] : [{ broker, reason: error.message }]))
  const described = answers.flatMap(({ item, value }) => (value === null ? [] : [{ item, value }]))
  const replicaOf = (each: ReplicaPlace): string => `${each.broker} ${keyOf(each)}`
  const places = replicaPlaces(described)
  const present = new Map(places.filter(({ future }) => !future).map((each) => [replicaOf(each), each]))
  const copies = places.flatMap((each): DirectoryMove[] => {
    const { path: from, bytes } = present.get(replicaOf(each)) ?? {}
    return !each.future || from === undefined ? [] : [{ ...each, from, bytes: bytes ?? 0 }]
  })
  return { copies, silent }
}

/** To the directory where it is a replica need not be copied: brokers drop the copy (KIP-113). */
export async function cancelDirectoryCopies(admin: Admin, copies: readonly DirectoryMove[]): Promise<ItemResult<DirectoryMove>[]> {
  if (copies.length === 0) return []
  return (await admin.alterReplicaLogDirs(copies.map((each) => ({ ...each, path: each.from })))) as ItemResult<DirectoryMove>[]
}

/** A move between directories under way, by what the new copy has. */
export interface DirectoryProgress extends TopicPartition {
  readonly bytesTotal: number
  readonly bytesMoved: number
}

type Bound = ReplicaMove & Pick<DirectoryMove, 'bytes'>

/** Those of the moves, of whatever brokers, that are not where they shall be yet. */
export async function directoryProgress(admin: Admin, moves: readonly Bound[]): Promise<DirectoryProgress[]> {
  const ofBrokers = Map.groupBy(moves, ({ broker }) => broker)
  return (await Promise.all([...ofBrokers].map(([broker, list]) => progressOf(admin, broker, list)))).flat()
}

async function progressOf(admin: Admin, broker: number, moves: readonly Bound[]): Promise<DirectoryProgress[]> {
  const [described] = await admin.describeLogDirs({ brokers: [broker] })
  if (described === undefined || described.error !== null) return moves.map((move) => ({ ...move, bytesTotal: move.bytes, bytesMoved: 0 }))
  const places = Map.groupBy(replicaPlaces([{ item: broker, value: described.value }]), keyOf)
  return moves.flatMap((move): DirectoryProgress[] => {
    const found = places.get(keyOf(move)) ?? []
    const future = found.find((each) => each.future)
    const current = found.find((each) => !each.future)
    // A replica that has left the broker meanwhile is waited for no longer.
    if (current === undefined || (future === undefined && current.path === move.path)) return []
    return [
      { topic: move.topic, partition: move.partition, bytesTotal: current.bytes, bytesMoved: Math.min(current.bytes, future?.bytes ?? 0) },
    ]
  })
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`
