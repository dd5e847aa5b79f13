import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { hostContract } from './contract.ts'

hostContract({
  name: 'the real host',
  run: async (act) => {
    const directory = await mkdtemp(join(tmpdir(), 'tkafka-host-'))
    try {
      await act(nodeHost({ journal: silentJournal }), directory)
    } finally {
      await rm(directory, { recursive: true })
    }
  },
})
