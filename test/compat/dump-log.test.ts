import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { run } from '../cli/run-command.ts'
import { masked } from './masked.ts'
import { readCase } from './recorded.ts'

describe('the files of a real broker, as kafka-dump-log printed them', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tkafka-dump-'))
    const packed = await readFile(join(import.meta.dirname, '../vectors/disk/metadata.json.gz'))
    const files = JSON.parse(gunzipSync(packed).toString()) as Record<string, string>
    for (const [path, base64] of Object.entries(files)) {
      const file = join(folder, 'vectors/disk', path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, Buffer.from(base64, 'base64'))
    }
  })
  after(() => rm(folder, { recursive: true }))

  for (const name of ['metadata-snapshot', 'bootstrap', 'log-start', 'log-plain', 'index', 'index-sanity', 'timeindex', 'producers']) {
    it(name, async () => {
      const { args, code, stdout, stderr } = readCase(`kafka-dump-log-${name}`)
      const ran = await run(['compat', 'kafka-dump-log', ...args.map((word) => word.replaceAll('vectors/', `${folder}/vectors/`))])
      assert.equal(ran.stdout.replaceAll(`${folder}/`, ''), stdout)
      assert.equal(ran.stderr.replaceAll(`${folder}/`, ''), stderr)
      assert.equal(ran.code, code)
    })
  }

  for (const name of ['missing', 'no-files', 'unknown-suffix']) {
    it(name, async () => {
      const { args, code, stdout, stderr } = readCase(`kafka-dump-log-${name}`)
      const ran = await run(['compat', 'kafka-dump-log', ...args])
      assert.equal(ran.stdout, stdout)
      assert.equal(masked(ran.stderr).split('\n')[0], masked(stderr).split('\n')[0])
      assert.equal(ran.code, code)
    })
  }
})
