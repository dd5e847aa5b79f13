import type { TopicPartition } from '../client/index.ts'
import type { Applicable } from '../ops/index.ts'
import { Fault } from './fault.ts'
import { Flags } from './flags.ts'

/** How kafka-reassign-partitions names the file. */
export const reassignmentFileFlags = {
  'reassignment-json-file': Flags.string({ aliases: ['file'], charAliases: ['f'], hidden: true }),
}
export const preserveThrottlesFlag = {
  'preserve-throttles': Flags.boolean({ summary: 'leave throttles as they are' }),
}
/** What whoever begins moves understands. */
export const moveFlags = {
  throttle: Flags.string({
    summary: 'bytes a second that a broker may send and receive for it; auto: as much as hurts nobody',
    helpValue: 'RATE|auto',
  }),
  batch: Flags.string({ summary: 'so many partitions at a time, while it waits', helpValue: 'N' }),
}

/** @throws Fault */
export function refuseUnfit(
  { unknownBrokers, others, moves }: Pick<Applicable, 'unknownBrokers' | 'others' | 'moves'>,
  flags: { readonly additional: boolean; readonly 'disallow-replication-factor-change'?: boolean },
): void {
  if (unknownBrokers.length > 0)
    throw new Fault(`there is no broker ${unknownBrokers.join(', ')} that could take replicas`, {
      hint: 'See tkafka cluster describe --include-fenced.',
    })
  const resized = moves.find(({ from, to }) => from.length !== to.length)
  if (flags['disallow-replication-factor-change'] === true && resized !== undefined)
    throw new Fault(`${nameOf(resized)} would have ${resized.to.length} replicas, not ${resized.from.length}`)
  if (others.length > 0 && !flags.additional)
    throw new Fault('partitions are being moved already', {
      hint: 'See tkafka reassign status. --additional makes these moves beside them.',
    })
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`
