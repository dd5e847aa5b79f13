import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { commands } from '../../commands/index.ts'
import { flagSetOf } from '../../src/cli/base-command.ts'
import { ClusterCommand } from '../../src/cli/index.ts'
import { mayChange } from '../../src/cli/profile/read-only.ts'
import { run } from './run-command.ts'

const root = join(import.meta.dirname, '../..')
const sourceOf = (id: string): string => readFileSync(join(root, 'commands', `${id.replaceAll(' ', '/')}.ts`), 'utf8')

/** What they change is what they are given, record by record, or what a load writes and commits. */
const withoutDryRun = [
  'produce',
  'consume',
  'bench consumer',
  'bench e2e',
  'bench mixed',
  'bench producer',
  'bench share',
  'bench suite',
  'bench txn',
]

describe('commands that change a cluster', () => {
  for (const [id, load] of Object.entries(commands)) {
    it(`${id}`, async () => {
      const { default: command } = await load()
      const flags = flagSetOf(command)
      const source = sourceOf(id)
      const isOfCluster = command.prototype instanceof ClusterCommand
      const changes = isOfCluster && (mayChange(id, {}) || mayChange(id, { execute: true, group: 'g' }))
      if (changes && !('dry-run' in flags))
        assert.ok(
          withoutDryRun.includes(id),
          'what changes a cluster has --dry-run; what only looks is named in src/cli/profile/read-only.ts',
        )
      if ('dry-run' in flags && isOfCluster) assert.ok(changes, 'src/cli/profile/read-only.ts takes it for one that only looks')
      // One way to ask: with its plan, for the name of a production profile, and never where nobody can answer.
      if ('yes' in flags)
        assert.match(source, /this\.confirm\(|this\.carryOut\(|this\.abort\(|extends BenchCommand/, 'a command with --yes asks by confirm')
      if (/this\.confirm\(/.test(source)) assert.ok('yes' in flags, 'what asks has --yes')
      assert.doesNotMatch(source, /ask\.ts/)
      if ('yes' in flags)
        assert.deepEqual(
          ['force', 'no-confirm'].filter((alias) => !flags.yes!.aliases?.includes(alias)),
          [],
          'other names of --yes',
        )
      if ('dry-run' in flags)
        assert.deepEqual(
          ['dry', 'validate-only'].filter((alias) => !flags['dry-run']!.aliases?.includes(alias)),
          [],
          'other names of --dry-run',
        )
    })
  }

  it('whatever is not known to only look may change something', () => {
    assert.ok(mayChange('acls add', {}) && mayChange('users create', {}) && mayChange('txns abort', {}) && mayChange('x frobnicate', {}))
    assert.ok(!mayChange('acls list', {}) && !mayChange('txns find-hanging', {}) && mayChange('txns find-hanging', { abort: true }))
  })

  it('nothing is asked where nobody can answer', async () => {
    const { code, stderr } = await run(['profile', 'delete', 'x'], { env: { HOME: '/nonexistent' } })
    assert.equal(code, 2, stderr)
  })
})
