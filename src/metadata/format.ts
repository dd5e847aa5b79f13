import { parentOf, randomUuid, type Uuid } from '../base/index.ts'
import type { Host } from '../host/index.ts'
import { bootstrapSnapshot, metadataDirectoryName, snapshotBatches, VoterSet, writeSnapshot } from '../raft/index.ts'
import { bootstrapRecords, newClusterFeatureLevels } from './bootstrap.ts'
import { featureByName, KRAFT_VERSION, latestMetadataVersion, METADATA_VERSION, metadataVersionLevel, supportsScram } from './features.ts'
import { type InitialController, initialVoter } from './initial-controllers.ts'
import { type DirectoryState, directoriesProblem, readDirectories, writeMetaProperties } from './meta-properties.ts'
import { encodeRecord, type MetadataRecord } from './records.ts'

export const bootstrapCheckpointFile = 'bootstrap.checkpoint'

/** How the quorum finds its voters. */
export type QuorumKind =
  /** controller.quorum.voters is set. */
  | { readonly kind: 'static' }
  /** --standalone: this node alone, reachable at this endpoint. */
  | { readonly kind: 'standalone'; readonly host: string; readonly port: number }
  /** --initial-controllers */
  | { readonly kind: 'initial-controllers'; readonly controllers: readonly InitialController[] }
  /** --no-initial-controllers, and brokers without controller.quorum.voters: the voters come with the log. */
  | { readonly kind: 'no-initial-controllers' }

export interface FormatOptions {
  readonly clusterId: string
  readonly nodeId: number
  /** log.dirs, and metadata.log.dir when it is another one. */
  readonly directories: readonly string[]
  /** Where the metadata log goes: metadata.log.dir, or the first of log.dirs. */
  readonly metadataLogDir: string
  readonly quorum: QuorumKind
  /** The first of controller.listener.names. */
  readonly controllerListenerName: string
  /** Levels that are not settled yet may be asked for (unstable.feature.versions.enable). */
  readonly unstableFeatures?: boolean
  /** Level of metadata.version; default: the latest. */
  readonly metadataVersion?: number | undefined
  /** Levels asked for; the others get the defaults of metadata.version. */
  readonly features?: ReadonlyMap<string, number>
  /** Credentials that the cluster starts with. */
  readonly scramRecords?: readonly MetadataRecord<'UserScramCredentialRecord'>[]
  /** Directories that are formatted already are left alone instead of being an error. */
  readonly ignoreFormatted?: boolean
  /** Everything is looked at, and nothing is written. */
  readonly dryRun?: boolean
}

export type DirectoryKind = 'data' | 'metadata' | 'dynamic metadata' | 'dynamic metadata voter'
export interface FormattedDirectory {
  readonly path: string
  readonly kind: DirectoryKind
  readonly directoryId: Uuid
}
export interface FormatResult {
  /** Empty: all were formatted already. */
  readonly formatted: readonly FormattedDirectory[]
  /** Directories that cannot be read; they were left alone. */
  readonly failed: readonly string[]
  readonly metadataVersion: number
  readonly bootstrap: readonly MetadataRecord[]
}

/** The request cannot be carried out; the message is for the operator. Nothing was written. */
export class FormatError extends Error {
  override name = 'FormatError'
}

type FormatHost = Pick<Host, 'clock' | 'random' | 'disk'>

/** Formats the log directories of a node as `kafka-storage format` of Apache Kafka 4.3.1 does. @throws FormatError, DiskError */
export const formatStorage = async (host: FormatHost, options: FormatOptions): Promise<FormatResult> => {
  const { directories, metadataLogDir, clusterId, nodeId } = options
  check(nodeId >= 0, 'You must specify a valid non-negative node ID.')
  check(directories.length > 0, 'You must specify at least one directory to format')
  check(
    directories.includes(metadataLogDir),
    `The specified metadata log directory, ${metadataLogDir} was not one of the given directories: [${[...directories].sort().join(', ')}]`,
  )
  const levels = featureLevels(options)
  const metadataVersion = levels.get(METADATA_VERSION)!
  const bootstrap = [...bootstrapRecords(levels), ...scramRecords(options, metadataVersion)]
  const states = await readDirectories(host.disk, directories)
  const problem = directoriesProblem(states, { clusterId, nodeId })
  check(problem === undefined, problem!)
  const empty = emptyDirectories(states, options.ignoreFormatted === true)
  const formatted: FormattedDirectory[] = []
  const taken = new Set(states.flatMap((state) => (state.kind === 'formatted' ? [state.properties.directoryId] : [])))
  const voters = initialVoters(host, options)
  for (const path of empty) {
    const kind = directoryKind(path, options, voters)
    const own = kind === 'dynamic metadata voter' ? voters.get(nodeId)?.directoryId : undefined
    const directoryId = own ?? freshDirectoryId(host, taken)
    taken.add(directoryId)
    const isDynamic = kind === 'dynamic metadata voter' || kind === 'dynamic metadata'
    if (options.dryRun !== true)
      await formatDirectory(host, { path, kind, directoryId }, options, bootstrap, isDynamic ? voters : undefined, levels)
    formatted.push({ path, kind, directoryId })
  }
  const failed = states.filter(({ kind }) => kind === 'failed').map(({ path }) => path)
  return { formatted, failed, metadataVersion, bootstrap }
}

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new FormatError(message)
}

const featureLevels = (options: FormatOptions): ReadonlyMap<string, number> => {
  const asked = new Map(options.features)
  const askedVersion = asked.get(METADATA_VERSION)
  check(
    askedVersion === undefined || options.metadataVersion === undefined,
    `Use --release-version instead of --feature ${METADATA_VERSION}=X to avoid ambiguity.`,
  )
  const latest = latestMetadataVersion(options.unstableFeatures ?? false)
  const metadataVersion = askedVersion ?? options.metadataVersion ?? latest
  const known = metadataVersionLevel(metadataVersion)
  check(known !== undefined, `No MetadataVersion with feature level ${metadataVersion}.`)
  check(metadataVersion <= latest, `${METADATA_VERSION} ${known.name} is not yet stable.`)
  const supported = [...featureByName.keys()].sort().join(', ')
  for (const name of asked.keys()) {
    check(name === METADATA_VERSION || featureByName.has(name), `Unsupported feature: ${name}. Supported features are: ${supported}`)
  }
  const isDynamic = options.quorum.kind !== 'static'
  checkKraftVersion(asked.get(KRAFT_VERSION), isDynamic)
  const levels = newClusterFeatureLevels(metadataVersion, asked, isDynamic)
  if (typeof levels === 'string') throw new FormatError(levels)
  return levels
}

const checkKraftVersion = (asked: number | undefined, isDynamic: boolean): void => {
  if (asked === undefined) return
  check(
    asked > 0 || !isDynamic,
    'Cannot set kraft.version to 0 if controller.quorum.voters is empty and one of the flags --standalone, --initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try removing the --feature flag for kraft.version.',
  )
  check(
    asked === 0 || isDynamic,
    `Cannot set kraft.version to ${asked} unless controller.quorum.voters is empty and one of the flags --standalone, --initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try using one of --standalone, --initial-controllers, or --no-initial-controllers and removing controller.quorum.voters.`,
  )
}

const scramRecords = ({ scramRecords: records = [] }: FormatOptions, metadataVersion: number): readonly MetadataRecord[] => {
  check(records.length === 0 || supportsScram(metadataVersion), `SCRAM is only supported in ${METADATA_VERSION} 3.5-IV2 or later.`)
  return records
}

const emptyDirectories = (states: readonly DirectoryState[], ignoreFormatted: boolean): string[] => {
  const formatted = states.filter(({ kind }) => kind === 'formatted').map(({ path }) => path)
  check(
    ignoreFormatted || formatted.length === 0,
    `Log directory ${formatted[0]} is already formatted. Use --ignore-formatted to ignore this directory and format the others.`,
  )
  const empty = states.filter(({ kind }) => kind === 'empty').map(({ path }) => path)
  check(empty.length > 0 || formatted.length > 0, 'No available log directories to format.')
  return empty
}

const initialVoters = (host: FormatHost, { quorum, nodeId, controllerListenerName }: FormatOptions): VoterSet => {
  switch (quorum.kind) {
    case 'static':
    case 'no-initial-controllers':
      return VoterSet.none
    case 'standalone': {
      const controller = { nodeId, host: quorum.host, port: quorum.port, directoryId: randomUuid(host.random) }
      return new VoterSet([initialVoter(controller, controllerListenerName)])
    }
    case 'initial-controllers':
      return new VoterSet(quorum.controllers.map((controller) => initialVoter(controller, controllerListenerName)))
  }
}

const directoryKind = (path: string, { metadataLogDir, nodeId }: FormatOptions, voters: VoterSet): DirectoryKind => {
  if (path !== metadataLogDir) return 'data'
  if (voters.size === 0) return 'metadata'
  return voters.has(nodeId) ? 'dynamic metadata voter' : 'dynamic metadata'
}

const freshDirectoryId = (host: FormatHost, taken: ReadonlySet<Uuid | undefined>): Uuid => {
  let id = randomUuid(host.random)
  while (taken.has(id)) id = randomUuid(host.random)
  return id
}

/** meta.properties comes last: a directory that has one is complete. */
const formatDirectory = async (
  host: FormatHost,
  { path, directoryId }: FormattedDirectory,
  { clusterId, nodeId }: FormatOptions,
  bootstrap: readonly MetadataRecord[],
  voters: VoterSet | undefined,
  levels: ReadonlyMap<string, number>,
): Promise<void> => {
  const { disk, clock } = host
  await makeDurableDirectory(host, path)
  await disk.replaceFile(`${path}/${bootstrapCheckpointFile}`, await bootstrapCheckpoint(host, bootstrap))
  if (voters !== undefined) {
    const directory = `${path}/${metadataDirectoryName}`
    await makeDurableDirectory(host, directory)
    const quorum = { kraftVersion: levels.get(KRAFT_VERSION) ?? 0, voters }
    await writeSnapshot(host, directory, { id: bootstrapSnapshot, lastContainedLogTimestamp: clock.now(), quorum, records: [] })
  }
  await writeMetaProperties(disk, path, { version: 1, clusterId, nodeId, directoryId }, clock.now())
}

const makeDurableDirectory = async ({ disk }: FormatHost, path: string): Promise<void> => {
  await disk.makeDirectory(path)
  await disk.syncDirectory(parentOf(path))
}

/** The bytes of bootstrap.checkpoint (BatchFileWriter). */
export const bootstrapCheckpoint = async ({ clock }: Pick<Host, 'clock'>, records: readonly MetadataRecord[]): Promise<Buffer> => {
  const batches: Buffer[] = []
  const quorum = { kraftVersion: 0, voters: undefined }
  const content = { id: bootstrapSnapshot, lastContainedLogTimestamp: 0, quorum, records: records.map(encodeRecord) }
  for await (const batch of snapshotBatches(clock, content)) batches.push(batch)
  return Buffer.concat(batches)
}
