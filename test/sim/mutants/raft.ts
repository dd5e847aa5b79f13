import type { Mutant } from './mutant.ts'

export const raftMutants: readonly Mutant[] = [
  {
    name: 'a vote is told before it is written',
    file: 'src/raft/storage.ts',
    text: 'await writeQuorumState(host.disk',
    replacement: 'void writeQuorumState(host.disk',
    profile: 'raft',
  },
  {
    name: 'answers leave before the log is written',
    file: 'src/raft/driver.ts',
    text: 'if (ready.storage.length > 0) this.#core.synced(await this.#storage.write(ready.storage), this.#now())',
    replacement:
      'if (ready.storage.length > 0) void this.#storage.write(ready.storage).then((end) => this.#core.synced(end, this.#now()), (error) => this.#fail(error))',
    profile: 'raft',
  },
  {
    name: 'the metadata log is not synced',
    file: 'src/raft/storage.ts',
    text: 'await log.flush()',
    replacement: 'await Promise.resolve(end)',
    profile: 'raft',
  },
  {
    name: 'what one voter holds is committed',
    file: 'src/raft/core/leader-progress.ts',
    text: 'this.#byEndOffset()[Math.floor(this.#voters.size / 2)]?.endOffset',
    replacement: 'this.#byEndOffset()[0]?.endOffset',
    profile: 'raft',
  },
  {
    name: 'entries of earlier epochs are committed by counting',
    file: 'src/raft/core/leader-progress.ts',
    text: 'if (candidate === undefined || candidate <= this.epochStartOffset) return false',
    replacement: 'if (candidate === undefined) return false',
    profile: 'raft',
  },
  {
    name: 'a vote goes to who knows less',
    file: 'src/raft/core/log-view.ts',
    text: '(candidate.epoch === local.epoch && candidate.offset >= local.offset)',
    replacement: 'candidate.epoch === local.epoch',
    profile: 'raft',
  },
  {
    name: 'a vote is given twice in an epoch',
    file: 'src/raft/core/roles.ts',
    text: 'if (role.votedKey.id !== candidate.id) return false',
    replacement: 'if (role.votedKey.id !== candidate.id) return isUpToDate',
    profile: 'raft',
  },
  {
    name: 'half of the votes win',
    file: 'src/raft/core/vote-tally.ts',
    text: 'return Math.floor(this.#answers.size / 2) + 1',
    replacement: 'return Math.max(1, Math.floor(this.#answers.size / 2))',
    profile: 'raft',
  },
  {
    name: 'a log that parted from the leader is taken for its beginning',
    file: 'src/raft/core/log-view.ts',
    text: "return end.epoch !== epoch || end.offset < offset ? { kind: 'diverging', end } : valid",
    replacement: "return end.epoch !== epoch && end.offset < 0 ? { kind: 'diverging', end } : valid",
    profile: 'raft',
  },
  {
    name: 'a follower takes the leader at its word for what is committed',
    file: 'src/raft/core/following.ts',
    text: 'Math.max(replica.knownHighWatermark ?? 0, Math.min(reply.highWatermark, log.endOffset))',
    replacement: 'Math.max(replica.knownHighWatermark ?? 0, reply.highWatermark)',
    profile: 'raft',
  },
  {
    name: 'a restart forgets the vote',
    file: 'src/raft/core/initial-role.ts',
    text: "return { name: 'unattached', leaderId, votedKey, electionAt }",
    replacement: "return { name: 'unattached', leaderId, votedKey: undefined, electionAt }",
    profile: 'raft',
  },
  {
    name: 'the log is cut where the leader says, committed or not',
    file: 'src/raft/core/own-log.ts',
    text: 'if (offset < highWatermark || offset < this.view.startOffset || offset > this.view.endOffset) return false',
    replacement:
      'if (offset < this.view.startOffset || offset > this.view.endOffset) return false\n    offset = Math.max(this.view.startOffset, offset - 1)',
    profile: 'raft',
  },
  {
    name: 'a snapshot is dropped that the log begins behind',
    file: 'src/raft/storage.ts',
    text: 'await snapshots.dropBefore(id)\n',
    replacement: 'await snapshots.dropBefore({ offset: id.offset + 1, epoch: id.epoch })\n',
    profile: 'raft',
  },
  {
    name: 'a listener is told of batches that are not committed',
    file: 'src/raft/listener-feed.ts',
    text: 'for (let at = 0; at < bytes.length && baseOffset(bytes, at) < committedOffset; at += batchBytes(bytes, at)) {',
    replacement: 'for (let at = 0; at < bytes.length; at += batchBytes(bytes, at)) {',
    profile: 'raft',
  },
]
