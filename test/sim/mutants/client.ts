import type { Mutant } from './mutant.ts'

export const clientMutants: readonly Mutant[] = [
  {
    name: 'a retry gets a new sequence',
    file: 'src/client/producer/sequences.ts',
    text: 'if (!batch.hasSequence) {',
    replacement: 'if (!batch.hasSequence || batch.attempts > 0) {',
    profile: 'network',
  },
  {
    name: 'batches overtake each other',
    file: 'src/client/producer/partition-queue.ts',
    text: 'if (first.hasSequence) return this.tracked.length === 0 || this.tracked[0] === first',
    replacement: 'if (first.hasSequence) return true',
    also: [
      {
        file: 'src/client/producer/partition-queue.ts',
        text: 'return this.tracked.length === 0 || known',
        replacement: 'return this.tracked.length >= 0 || known',
      },
    ],
    profile: 'network',
  },
  {
    name: 'a request without an answer counts as answered',
    file: 'src/client/producer/sender.ts',
    text: '} else if (outcome.errorCode === Errors.NONE || outcome.errorCode === Errors.DUPLICATE_SEQUENCE_NUMBER) this.#succeed(sending, outcome)',
    replacement:
      '} else if (outcome.errorCode === Errors.NONE || outcome.errorCode === Errors.REQUEST_TIMED_OUT || outcome.errorCode === Errors.NETWORK_EXCEPTION) this.#succeed(sending, outcome)',
    profile: 'network',
  },
  {
    name: 'too few replicas count as success',
    file: 'src/client/producer/sender.ts',
    text: 'outcome.errorCode === Errors.NONE || outcome.errorCode === Errors.DUPLICATE_SEQUENCE_NUMBER) this',
    replacement:
      'outcome.errorCode === Errors.NONE || outcome.errorCode === Errors.NOT_ENOUGH_REPLICAS || outcome.errorCode === Errors.NOT_LEADER_OR_FOLLOWER) this',
    profile: 'replication',
  },
  {
    name: 'a position in doubt is asked for of the leader that was',
    file: 'src/client/consumer/positions.ts',
    text: '        state.leaderEpoch = epoch\n        continue',
    replacement: '        continue',
    profile: 'all',
  },
  {
    name: 'a position goes on behind what was not taken',
    file: 'src/client/consumer/fetcher.ts',
    text: 'state.offset = buffered.nextOffset',
    replacement: 'state.offset = Math.max(buffered.nextOffset, state.highWatermark - 1)',
    profile: 'all',
  },
  {
    name: 'a consumer takes answers for where it was',
    file: 'src/client/consumer/fetcher.ts',
    text: ' || state.offset !== target.offset) continue',
    replacement: ') continue',
    profile: 'all',
  },
]
