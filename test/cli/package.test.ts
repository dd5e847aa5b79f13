import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openCluster, type TestCluster, uniqueName } from './cluster-fixture.ts'

const root = join(import.meta.dirname, '../..')
const isBuilt = existsSync(join(root, 'dist/src/cli/main.js'))
const folder = mkdtempSync(join(tmpdir(), 'tkafka-package-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const npm = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync('npm', args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32', timeout: 300_000 })

describe('the package', { skip: !isBuilt && 'there is no build' }, () => {
  let packed: { size: number; files: { path: string; size: number }[]; filename: string }
  before(() => {
    const { status, stdout, stderr } = npm('pack', '--json', '--pack-destination', folder)
    assert.equal(status, 0, stderr)
    packed = JSON.parse(stdout)[0]
  })

  it('is small, and has what runs and what is read', () => {
    const paths = packed.files.map(({ path }) => path)
    assert.ok(packed.size < 5_000_000, `${packed.size} bytes`)
    for (const path of [
      'bin/run.js',
      'dist/src/cli/main.js',
      'dist/commands/topics/list.js',
      'README.md',
      'LICENSE',
      'NOTICE',
      'package.json',
    ])
      assert.ok(paths.includes(path), path)
    for (const page of readdirSync(join(root, 'man'))) assert.ok(paths.includes(`man/${page}`), page)
    const strange = paths.filter(
      (path) => !/^(bin\/(run|runtime)\.js|dist\/(src|commands)\/.*\.js|man\/.*\.[15]|README\.md|LICENSE|NOTICE|package\.json)$/.test(path),
    )
    assert.deepEqual(strange, [])
    const { man } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    for (const page of man) assert.ok(paths.includes(page), page)
  })

  describe('unpacked elsewhere, beside its dependencies', () => {
    const home = join(folder, 'package')
    const topic = uniqueName('packed')
    let cluster: TestCluster
    before(async () => {
      assert.equal(spawnSync('tar', ['-xzf', join(folder, packed.filename), '-C', folder]).status, 0)
      symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'))
      cluster = await openCluster()
    })
    after(() => cluster.close())
    const tkafka = async (...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
      const env = { ...process.env, HOME: folder, TKAFKA_BOOTSTRAP_SERVER: cluster.server }
      const child = spawn(process.execPath, [join(home, 'bin/run.js'), ...argv], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env })
      let [stdout, stderr] = ['', '']
      child.stdout.on('data', (chunk) => (stdout += chunk))
      child.stderr.on('data', (chunk) => (stderr += chunk))
      const [code] = await once(child, 'close')
      return { code, stdout, stderr }
    }

    it('works', async () => {
      assert.match((await tkafka('--version')).stdout, /^tkafka \d/)
      const created = await tkafka('topics', 'create', topic)
      assert.equal(created.code, 0, created.stderr)
      assert.match((await tkafka('topics', 'list')).stdout, new RegExp(topic))
      assert.match((await tkafka('topics', 'list', '--output', 'schema')).stdout, /TopicList/)
      assert.match((await tkafka('man', 'topics', 'list')).stdout, /^\.\\"/)
      assert.match((await tkafka('completion', 'bash')).stdout, /complete /)
      assert.equal((await tkafka('top', '--once', '--interval', '500ms')).code, 0)
    })
  })

  it('installs with npm i -g in an empty directory', {
    skip: process.env.TKAFKA_TEST_INSTALL === undefined && 'set TKAFKA_TEST_INSTALL to fetch its dependencies',
  }, () => {
    const prefix = join(folder, 'global')
    const { status, stderr } = npm(
      'i',
      '-g',
      '--prefix',
      prefix,
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      join(folder, packed.filename),
    )
    assert.equal(status, 0, stderr)
    const installed = spawnSync(join(prefix, 'bin/tkafka'), ['--version'], { encoding: 'utf8', cwd: folder })
    assert.match(installed.stdout, /^tkafka \d/)
    assert.ok(existsSync(join(prefix, 'share/man/man1/tkafka.1')))
    const asked = spawnSync('npx', ['--yes', '--package', join(folder, packed.filename), 'tkafka', '--version'], {
      encoding: 'utf8',
      cwd: folder,
    })
    assert.match(asked.stdout, /^tkafka \d/, asked.stderr)
  })
})
