import assert from 'node:assert/strict'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { isDiskError, silentJournal } from '../../src/host/index.ts'
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

describe('a directory on the real disk', () => {
  const { disk } = nodeHost({ journal: silentJournal })

  it('below one that takes none is refused, not tried for ever', { skip: process.platform !== 'linux', timeout: 10_000 }, async () => {
    for (const path of ['/proc/x', '/proc/x/y', '/proc/1/x'])
      await assert.rejects(disk.makeDirectory(path), (error) => isDiskError(error, 'ENOENT') || isDiskError(error, 'EACCES'), path)
    await assert.rejects(disk.makeDirectory('/dev/null/x'), (error) => isDiskError(error, 'ENOTDIR'))
  })

  it('that is there already, also behind a link, is good', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tkafka-host-'))
    try {
      await symlink(directory, join(directory, 'link'))
      await disk.makeDirectory('/')
      await disk.makeDirectory(join(directory, 'link'))
      await disk.makeDirectory(join(directory, 'link/a/b'))
      assert.equal((await disk.stat(join(directory, 'a/b')))?.kind, 'directory')
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
