import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { shimText, tools } from '../../src/compat/index.ts'
import { run } from '../cli/run-command.ts'

describe('tkafka compat', () => {
  it('lists the tools that are here, and says of the others what does their job', async () => {
    const { stdout, code } = await run(['compat'])
    assert.equal(code, 0)
    assert.match(stdout, /^kafka-topics +offered$/m)
    assert.match(stdout, /^kafka-jmx +not offered: .*\/metrics/m)
  })

  it('takes the name of a script as well, and refuses one that is not here', async () => {
    assert.equal((await run(['compat', 'kafka-topics.sh', '--version'])).stdout, '4.3.1\n')
    const { code, stderr } = await run(['compat', 'kafka-jmx', '--help'])
    assert.equal(code, 1)
    assert.match(stderr, /^kafka-jmx is not offered: /)
    assert.match((await run(['compat', 'kafka-nothing'])).stderr, /^kafka-nothing is not offered: /)
  })

  it('leaves --help and --json to the tool', async () => {
    assert.match(
      (await run(['compat', 'kafka-topics', '--help'])).stderr,
      /^This tool helps to create, delete, describe, or change a topic\.\n/,
    )
    assert.match((await run(['compat', 'kafka-topics', '--json'])).stderr, /^json is not a recognized option\n/)
  })

  it('writes scripts under the names of Kafka that call it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tkafka-shims-'))
    try {
      const { code } = await run(['compat', 'install-shims', folder])
      assert.equal(code, 0)
      assert.deepEqual(
        readdirSync(folder).sort(),
        [...Object.keys(tools), 'kafka-metadata-shell', 'kafka-server-start', 'kafka-server-stop'].map((tool) => `${tool}.sh`).sort(),
      )
      assert.equal(statSync(join(folder, 'kafka-topics.sh')).mode & 0o777, 0o755)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('hands the words of a script on as they are', async () => {
    const printing = ['node', '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', "it's"]
    const script = shimText('kafka-topics', [process.execPath, ...printing.slice(1)])
    const { stdout } = await promisify(execFile)('sh', ['-c', script, 'kafka-topics.sh', '--topic', 'a b', '*'])
    assert.deepEqual(JSON.parse(stdout), ["it's", 'compat', 'kafka-topics', '--topic', 'a b', '*'])
  })
})
