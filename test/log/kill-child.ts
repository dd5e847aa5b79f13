/** Appends for ever to the log directory it is given, and prints the written offset after every write: to be killed. */
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { appendAsLeader, defaultLogConfig, LogDirectories } from '../../src/log/index.ts'
import { plainBatch } from './sample-batches.ts'

const config = { ...defaultLogConfig, segmentBytes: 100_000, indexIntervalBytes: 1000 }
const all = await LogDirectories.open(nodeHost({ journal: silentJournal }), { paths: [process.argv[2]!], configFor: () => config })
const log = await all.getOrCreate({ topic: 'killed', partition: 0 })
for (let n = log.logEndOffset; ; n++) {
  for (let more = 0; more < 1 + (n % 5); more++)
    appendAsLeader(log, plainBatch(1, 1 + (n % 700), { producerId: 1, producerEpoch: 0, baseSequence: log.logEndOffset }), {
      leaderEpoch: 0,
      origin: 'client',
    })
  await log.written()
  process.stdout.write(`${log.acknowledgedOffset}\n`)
}
