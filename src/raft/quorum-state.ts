import { zeroUuid } from '../base/index.ts'
import { type Disk, isDiskError } from '../host/index.ts'
import type { Election } from './core/ready.ts'

export const quorumStateFile = 'quorum-state'
/** A quorum-state file holds a few hundred bytes. */
const bytesMax = 1 << 20
const undefinedId = -1

/** The text of Kafka's FileQuorumStateStore: version 0 while kraft.version is 0, then version 1. */
export const formatQuorumState = (election: Election, kraftVersion: number, voterIds: readonly number[]): string => {
  const leaderId = election.leaderId ?? undefinedId
  const votedId = election.votedKey?.id ?? undefinedId
  if (kraftVersion > 0) {
    const votedDirectoryId = election.votedKey?.directoryId ?? zeroUuid
    return JSON.stringify({ leaderId, leaderEpoch: election.epoch, votedId, votedDirectoryId, data_version: 1 })
  }
  const currentVoters = voterIds.map((voterId) => ({ voterId }))
  return JSON.stringify({
    clusterId: '',
    leaderId,
    leaderEpoch: election.epoch,
    votedId,
    appliedOffset: 0,
    currentVoters,
    data_version: 0,
  })
}

/** @throws Error that says what is wrong with the text: a replica that forgot its vote must not start. */
export const parseQuorumState = (text: string): Election => {
  const state = parseObject(text)
  const dataVersion = wholeNumber(state, 'data_version', 0)
  if (dataVersion > 1) throw new Error(`data_version ${dataVersion} is none of 0 and 1`)
  const leaderId = wholeNumber(state, 'leaderId', undefinedId)
  const votedId = wholeNumber(state, 'votedId', undefinedId)
  const epoch = wholeNumber(state, 'leaderEpoch', 0)
  const directoryId = dataVersion === 0 ? zeroUuid : state.votedDirectoryId
  if (typeof directoryId !== 'string') throw new Error('votedDirectoryId is not a text')
  return {
    epoch,
    leaderId: leaderId === undefinedId ? undefined : leaderId,
    votedKey: votedId === undefinedId ? undefined : { id: votedId, directoryId: directoryId === zeroUuid ? undefined : directoryId },
  }
}

const parseObject = (text: string): Record<string, unknown> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error('it is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it is not a JSON object')
  return value as Record<string, unknown>
}

const wholeNumber = (state: Record<string, unknown>, name: string, least: number): number => {
  const value = state[name]
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > 0x7fffffff) {
    throw new Error(`${name} is not a whole number from ${least} up`)
  }
  return value as number
}

/** Undefined: the replica never took part in an election. @throws Error when the file does not parse. */
export const readQuorumState = async (disk: Disk, directory: string): Promise<Election | undefined> => {
  const path = `${directory}/${quorumStateFile}`
  let bytes: Uint8Array
  try {
    bytes = await disk.readFile(path, bytesMax)
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return undefined
    throw error
  }
  try {
    return parseQuorumState(Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}. It holds this node's vote: restore it, or replace the node.`)
  }
}

/** Durable when it resolves. */
export const writeQuorumState = async (
  disk: Disk,
  directory: string,
  election: Election,
  kraftVersion: number,
  voterIds: readonly number[],
): Promise<void> => {
  await disk.replaceFile(`${directory}/${quorumStateFile}`, Buffer.from(formatQuorumState(election, kraftVersion, voterIds)))
}
