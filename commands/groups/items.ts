import { changes, type ItemTable, itemKind, listOf, optional, orNull, words } from '../../src/cli/index.ts'
import type { GroupListing, GroupMember } from '../../src/client/index.ts'
import type { GroupReport, PartitionLag, ResetStep } from '../../src/ops/index.ts'

const groupList = itemKind<GroupListing>('GroupList', {
  groupId: 'string',
  protocolType: 'string',
  state: 'string',
  type: 'string',
  coordinator: 'integer',
})

const partition = {
  group: 'string',
  topic: 'string',
  partition: 'integer',
  currentOffset: 'int64?',
  logStartOffset: 'integer?',
  logEndOffset: 'integer?',
  lag: 'integer?',
  status: words('ok', 'lost', 'none', 'unknown'),
  memberId: 'string?',
  groupInstanceId: 'string?',
  host: 'string?',
  clientId: 'string?',
} as const

const partitionLag = itemKind<PartitionLag>('PartitionLag', partition)

const groupLag = itemKind<GroupReport>('GroupLag', {
  groupId: 'string',
  type: words('classic', 'consumer', 'share', 'streams'),
  state: 'string',
  protocolType: 'string',
  assignor: 'string',
  coordinator: 'integer',
  groupEpoch: 'integer',
  assignmentEpoch: 'integer',
  authorizedOperations: 'integer',
  lag: 'integer',
  partitions: listOf<PartitionLag>(partition),
  members: listOf<GroupMember>({
    memberId: 'string',
    groupInstanceId: 'string?',
    clientId: 'string',
    clientHost: 'string',
    rackId: 'string?',
    memberEpoch: 'integer',
    topics: optional(listOf('string')),
    topicRegex: 'string?',
    assignment: listOf({ topic: 'string', partition: 'integer' }),
    targetAssignment: orNull(listOf({ topic: 'string', partition: 'integer' })),
  }),
})

const offsetReset = itemKind<ResetStep>('OffsetReset', {
  group: 'string',
  topic: 'string',
  partition: 'integer',
  priorOffset: 'int64?',
  newOffset: 'integer',
  askedOffset: 'integer?',
})

export const items: ItemTable = {
  'groups clone': [offsetReset],
  'groups create': [offsetReset],
  'groups delete': [changes('GroupDeletion')],
  'groups delete-offsets': [changes('OffsetDeletion')],
  'groups describe': [groupLag, partitionLag],
  'groups list': [groupList],
  'groups remove-member': [changes('RemovedMembers')],
  'groups reset': [offsetReset],
}
