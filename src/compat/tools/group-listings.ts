import type { Admin, GroupListing } from '../../client/index.ts'
import { answered, resultException } from '../java/client-failure.ts'
import { executionException } from '../java/exception.ts'
import { textOrder } from '../java/hash-order.ts'

export const groupStates: readonly string[] = [
  ...['Unknown', 'PreparingRebalance', 'CompletingRebalance', 'Stable', 'Dead', 'Empty', 'Assigning', 'Reconciling', 'NotReady'],
]

export const groupTypes: Readonly<Record<string, string>> = { consumer: 'Consumer', classic: 'Classic', share: 'Share', streams: 'Streams' }

export const typeOf = (group: GroupListing): string => groupTypes[group.type] ?? 'Unknown'
export const stateOf = (group: GroupListing): string => group.state || 'Unknown'

interface GroupFilter {
  readonly states?: readonly string[]
  readonly types?: readonly string[]
  /** Empty: all. */
  readonly protocols?: readonly string[]
  readonly timeoutMs?: number
}

/** The groups of the cluster in the order in which Java's client gives them. @throws JavaException */
export async function listGroupsOf(
  admin: Admin,
  { states = [], types = [], protocols = [], timeoutMs }: GroupFilter,
): Promise<GroupListing[]> {
  const names = types.map((type) => groupTypes[type.toLowerCase()] ?? type)
  const question = admin.listGroups({ states, types: names, inAnswerOrder: true, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
  const { groups, failures } = await answered('listGroups', question)
  const [failure] = failures
  if (failure !== undefined && failure.error !== null) throw executionException(resultException(failure.error, 'listGroups'))
  const wanted = new Map(
    groups.filter(({ protocolType }) => protocols.length === 0 || protocols.includes(protocolType)).map((group) => [group.groupId, group]),
  )
  return textOrder([...wanted.keys()]).map((groupId) => wanted.get(groupId)!)
}
