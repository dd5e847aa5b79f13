import type { Mutant } from './mutant.ts'

export const groupMutants: readonly Mutant[] = [
  {
    name: 'a commit of an earlier generation is taken',
    file: 'src/coordinator/group/offsets.ts',
    text: 'if (generationId !== group.generationId) return Errors.ILLEGAL_GENERATION',
    replacement: '',
    profile: 'races',
  },
  {
    name: 'anybody may commit for a group',
    file: 'src/coordinator/group/offsets.ts',
    text: '  const error = group.checkMember(memberId, groupInstanceId)\n  if (error !== Errors.NONE) return error\n  if (generationId !== group.generationId) return Errors.ILLEGAL_GENERATION\n',
    replacement: '',
    profile: 'races',
  },
  {
    name: 'a coordinator answers before its records are replicated',
    file: 'src/broker/group-partition.ts',
    text: 'return appended.errorCode as ErrorCode',
    replacement: 'this.partition.onHighWatermark?.(this.partition.log.logEndOffset)\n    return appended.errorCode as ErrorCode',
    profile: 'returns',
  },
  {
    name: 'a coordinator begins to read where the log ends',
    file: 'src/broker/group-partition.ts',
    text: 'return this.partition.log.logStartOffset',
    replacement: 'return this.partition.log.logEndOffset',
    profile: 'races',
  },
  {
    name: 'committed offsets are those of the first commit',
    file: 'src/coordinator/group/offset-store.ts',
    text: '  partitions.set(partition, value)\n  return previous',
    replacement: '  if (previous === undefined) partitions.set(partition, value)\n  return previous',
    profile: 'races',
  },
]
