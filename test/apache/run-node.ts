// A node of tkafka as a process of its own, for tests that kill it: run-node.ts SERVER_PROPERTIES [LEVEL]
import { readFileSync } from 'node:fs'
import { startNode } from '../../src/broker/index.ts'
import { parseProperties } from '../../src/config/index.ts'
import type { JournalLevel } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'

const properties = parseProperties(readFileSync(process.argv[2]!, 'utf8'))
const { running } = await startNode({
  host: nodeHost({ journal: { level: (process.argv[3] ?? 'warn') as JournalLevel } }),
  properties,
  hostName: 'localhost',
  version: 'checkout',
  onFatal: (error) => {
    console.error(error)
    process.exit(70)
  },
})
process.once('SIGTERM', async () => {
  await running.close()
  process.exit(0)
})
console.log('tkafka serves')
