import type { Mutant } from './mutant.ts'

export const logMutants: readonly Mutant[] = [
  {
    name: 'a batch that comes twice is appended twice',
    file: 'src/log/log-append.ts',
    text: 'if (earlier !== undefined) return { ...accepted',
    replacement: 'if (earlier !== undefined && at < 0) return { ...accepted',
    profile: 'network',
  },
  {
    name: 'sequences are not looked at',
    file: 'src/log/producers.ts',
    text: "if (rules.origin === 'client' && !this.#inSequence(state, id, epoch, baseSequence(bytes, at))) return 'OUT_OF_ORDER_SEQUENCE_NUMBER'",
    replacement: '',
    profile: 'network',
  },
  {
    name: 'a batch of an earlier producer epoch is taken',
    file: 'src/log/producers.ts',
    text: "    if (state !== undefined && epoch < state.epoch) return 'INVALID_PRODUCER_EPOCH'\n    if (rules",
    replacement: '    if (rules',
    profile: 'network',
  },
  {
    name: 'recovery believes every batch',
    file: 'src/log/segment-recovery.ts',
    text: '|| !checksumHolds(bytes, at, size)) return false',
    replacement: '|| !checksumHolds(bytes, at, Math.max(size, 1 << 30))) return size < 0',
    profile: 'disk',
  },
  {
    name: 'a torn end is left where it is',
    file: 'src/log/segment-recovery.ts',
    text: 'if (cut > 0 && options.truncate) {',
    replacement: 'if (cut > 0 && options.truncate && cut < 0) {',
    profile: 'disk',
  },
  {
    name: 'recovery does not learn of producers',
    file: 'src/log/segment-recovery.ts',
    text: 'const completed = log.producers.replay(bytes, at)',
    replacement: 'const completed = at < 0 ? log.producers.replay(bytes, at) : undefined',
    profile: 'disk',
  },
  {
    name: 'a log that did not stop cleanly is believed',
    file: 'src/log/log-directories.ts',
    text: 'clean: directory.cleanShutdown !== undefined,',
    replacement: 'clean: true,',
    profile: 'disk',
  },
  {
    name: 'a clean stop is remembered after the next start',
    file: 'src/log/log-directory.ts',
    text: '      await disk.remove(this.#file(CLEAN_SHUTDOWN_FILE))\n',
    replacement: '',
    profile: 'disk',
  },
  {
    name: 'a truncated log keeps its epochs',
    file: 'src/log/log-truncation.ts',
    text: '    if (log.epochs.truncateFromEnd(endOffset)) log.saveEpochs()\n',
    replacement: '',
    also: [
      // When nothing is left to cut, the epochs are cut all the same (KAFKA-10706).
      {
        file: 'src/log/log-truncation.ts',
        text: '    if (log.epochs.truncateFromEnd(log.logEndOffset)) log.saveEpochs()\n',
        replacement: '',
      },
    ],
    profile: 'races',
  },
  {
    name: 'a truncated log keeps its producers',
    file: 'src/log/log-truncation.ts',
    text: '    if (log.tracksProducers) await loadProducersUpTo(log, endOffset)\n',
    replacement: '',
    profile: 'races',
  },
  {
    name: 'a write that is under way counts as done',
    file: 'src/log/write-queue.ts',
    text: 'await file.write(buffers, first.position)',
    replacement: 'void file.write(buffers, first.position).catch(() => {})',
    profile: 'disk',
  },
  {
    name: 'a clean stop does not sync',
    file: 'src/log/log-sync.ts',
    text: 'for (const segment of covered) await timed(log, syncUnlessDeleted(segment))',
    replacement: 'for (const segment of covered) await timed(log, Promise.resolve(void segment))',
    profile: 'disk',
  },
  {
    name: 'a new epoch does not take the place of those that contradict it',
    file: 'src/log/leader-epochs.ts',
    text: 'this.#entries[kept - 1]!.epoch >= epoch || this.#entries[kept - 1]!.startOffset >= startOffset',
    replacement: 'this.#entries[kept - 1]!.epoch >= epoch',
    profile: 'races',
  },
]
