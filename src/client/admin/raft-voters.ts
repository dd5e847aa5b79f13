import { Apis } from '../../protocol/index.ts'
import { AddRaftVoterRequest, AddRaftVoterResponse } from '../../protocol/messages/add-raft-voter.ts'
import { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../../protocol/messages/remove-raft-voter.ts'
import { call } from '../call.ts'
import { type AdminContext, type AdminOptions, askController, brokerTimeoutMs, throwIfRefused } from './routes.ts'

const addVoterCall = call(Apis.AddRaftVoter, AddRaftVoterRequest, AddRaftVoterResponse)
const removeVoterCall = call(Apis.RemoveRaftVoter, RemoveRaftVoterRequest, RemoveRaftVoterResponse)

export interface VoterKey {
  readonly id: number
  readonly directoryId: string
}

export interface NewVoter extends VoterKey {
  /** Where the other voters reach it: its controller listeners. */
  readonly listeners: readonly { readonly name: string; readonly host: string; readonly port: number }[]
}

/** Gives a controller that follows the metadata log a vote (KIP-853). Resolves when that is committed. */
export async function addRaftVoter(
  admin: AdminContext,
  voter: NewVoter,
  options: AdminOptions & { clusterId?: string } = {},
): Promise<void> {
  await askController(
    admin,
    addVoterCall,
    (leftMs) => ({
      clusterId: options.clusterId ?? null,
      timeoutMs: brokerTimeoutMs(admin, leftMs),
      voterId: voter.id,
      voterDirectoryId: voter.directoryId,
      listeners: voter.listeners.map(({ name, host, port }) => ({ name, host, port })),
    }),
    options,
    (each) => throwIfRefused(each.errorCode, each.errorMessage, `AddRaftVoter ${voter.id}`),
  )
}

/** Takes the vote of a controller away (KIP-853). */
export async function removeRaftVoter(
  admin: AdminContext,
  voter: VoterKey,
  options: AdminOptions & { clusterId?: string } = {},
): Promise<void> {
  await askController(
    admin,
    removeVoterCall,
    () => ({ clusterId: options.clusterId ?? null, voterId: voter.id, voterDirectoryId: voter.directoryId }),
    options,
    (each) => throwIfRefused(each.errorCode, each.errorMessage, `RemoveRaftVoter ${voter.id}`),
  )
}
