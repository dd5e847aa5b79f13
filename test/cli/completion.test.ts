import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { commands } from '../../commands/index.ts'
import type { ConnectionFlags } from '../../src/cli/client-settings.ts'
import { completionScript, completionShells } from '../../src/cli/completion/completion-scripts.ts'
import { rememberNames } from '../../src/cli/completion/name-memory.ts'
import { openCluster, type TestCluster, uniqueName } from './cluster-fixture.ts'
import { ProfileHome } from './profile-home.ts'
import { capturedShell } from './run-command.ts'

const has = (program: string): boolean => spawnSync(program, ['-c', 'exit 0']).status === 0
const home = new ProfileHome('current: dev\nprofiles:\n  - { name: dev }\n  - { name: prod-eu }\n')
const scripts = new Map<string, string>()
before(async () => {
  for (const shell of completionShells) scripts.set(shell, home.write(`completion.${shell}`, await completionScript(shell, commands)))
})
after(() => home[Symbol.dispose]())

/** Drives the completion of a real bash as readline does: words of a line, the cursor behind the last one. */
function bash(words: readonly string[], env: Readonly<Record<string, string>> = {}, cwd?: string): string[] {
  const driver = `source "$SCRIPT"
    [[ $(complete -p tkafka) == *' -F _tkafka tkafka' ]] || exit 9
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=\${#COMP_LINE}
    PATH=/bin:/usr/bin _tkafka tkafka "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
    (( \${#COMPREPLY[@]} == 0 )) || printf '%s\\n' "\${COMPREPLY[@]}"`
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', driver, 'bash', 'tkafka', ...words], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH!, HOME: home.home, SCRIPT: scripts.get('bash')!, ...env },
    ...(cwd !== undefined && { cwd }),
    timeout: 20_000,
  })
  assert.deepEqual([status, stderr], [0, ''])
  return stdout.split('\n').filter((line) => line !== '')
}

describe('completion in bash', { skip: !has('bash') && 'bash is not here' }, () => {
  before(() => {
    home.write('.cache/tkafka/names/default.topics', 'orders\norders-v2\npayments\n')
    home.write('.cache/tkafka/names/default.groups', 'billing\nbad$(touch hacked)\n')
    home.write('.cache/tkafka/names/default.brokers', '1\n2\n')
    home.write('.cache/tkafka/names/profiles', 'dev\nprod-eu\n')
    home.write('.cache/tkafka/names/profile-prod-eu.topics', 'of-prod\n')
    home.write('.cache/tkafka/names/server-h_c9092_ki_c9092.topics', 'of-server\n')
  })

  for (const [what, words, wanted] of [
    ['nouns', ['to'], ['top', 'topics']],
    ['verbs', ['topics', 'de'], ['delete', 'describe']],
    ['verbs of two words', ['cluster', 'quorum', 'st'], ['status']],
    ['behind other names of a noun and a verb', ['topic', 'rm', 'pa'], ['payments']],
    ['flags', ['topics', 'create', '--rep'], ['--replication-factor', '--replica-assignment']],
    ['flags of all commands', ['topics', 'create', '--outp'], ['--output']],
    ['legal words of a flag', ['topics', 'list', '-o', 'js'], ['json']],
    ['legal words behind =, as readline parts it', ['topics', 'list', '--output', '=', 'nd'], ['ndjson']],
    ['legal words of a flag of its own', ['topics', 'describe', '--section', ''], ['summary', 'partitions', 'configs']],
    ['topics', ['topics', 'describe', 'ord'], ['orders', 'orders-v2']],
    ['more topics', ['topics', 'describe', 'orders', 'pay'], ['payments']],
    ['topics of a flag', ['groups', 'reset', 'billing', '--topic', 'pay'], ['payments']],
    ['topics where -o is something else', ['consume', '-o', 'start', 'pay'], ['payments']],
    ['groups', ['groups', 'describe', 'bil'], ['billing']],
    ['brokers', ['broker', 'decommission', ''], ['1', '2']],
    ['profiles', ['profile', 'use', 'pr'], ['prod-eu']],
    ['profiles of the flag', ['topics', 'list', '--profile', 'd'], ['dev']],
    ['topics of a flag behind =', ['groups', 'reset', 'billing', '--topic', '=', 'pay'], ['payments']],
    ['topics of a profile', ['topics', 'describe', '--profile', 'prod-eu', ''], ['of-prod']],
    ['topics of a profile behind =', ['topics', 'describe', '--profile', '=', 'prod-eu', ''], ['of-prod']],
    ['topics of an address, which readline parts', ['topics', 'describe', '-b', 'h', ':', '9092,i', ':', '9092', ''], ['of-server']],
    ['topics of an address, behind another name of the flag', ['topics', 'describe', '--brokers', 'h:9092,i:9092', ''], ['of-server']],
    ['topics of an address that is glued to its letter', ['topics', 'describe', '-bh:9092,i:9092', ''], ['of-server']],
    [
      'topics of an address behind -X',
      ['topics', 'describe', '-X', 'bootstrap.servers', '=', 'h', ':', '9092,i', ':', '9092', ''],
      ['of-server'],
    ],
    ['topics of an address in quotes', ['topics', 'describe', '-X', "'bootstrap.servers=h:9092,i:9092'", ''], ['of-server']],
    [
      'topics of the address before those of a profile',
      ['topics', 'describe', '-b', 'h:9092,i:9092', '--profile', 'prod-eu', ''],
      ['of-server'],
    ],
    ['topics of no cluster but the one that -X says', ['topics', 'describe', '-X', 'bootstrap.servers=j:9092', ''], []],
    ['topics as before where -X says something else', ['topics', 'describe', '-X', 'client.id=x', 'pay'], ['payments']],
    ['topics of no cluster but the one of a file', ['topics', 'describe', '-F', 'other.properties', ''], []],
    ['topics of no cluster where controllers are asked', ['topics', 'describe', '--bootstrap-controller', 'h:9093', ''], []],
    ['topics of no profile', ['topics', 'describe', '--profile', 'none', ''], []],
    ['topics where --brokers are brokers', ['reassign', 'plan', '--brokers', '1,2', '--topic', 'pay'], ['payments']],
    ['behind flags that stand first', ['--profile', 'prod-eu', 'topics', 'des'], ['describe']],
    ['nothing of a cluster that nobody listed', ['topics', 'describe', '--profile', 'none-yet', ''], []],
    ['nothing where nothing is known', ['topics', 'create', '-p', ''], []],
  ] as const) {
    it(`offers ${what}: ${words.join(' ')}`, () => assert.deepEqual(bash(words).sort(), [...wanted].sort()))
  }

  it('goes by the environment as the commands do', () => {
    assert.deepEqual(bash(['topics', 'describe', ''], { TKAFKA_PROFILE: 'prod-eu' }), ['of-prod'])
    assert.deepEqual(bash(['topics', 'describe', ''], { TKAFKA_BOOTSTRAP_SERVER: 'h:9092,i:9092' }), ['of-server'])
    assert.deepEqual(bash(['topics', 'describe', ''], { TKAFKA_X_BOOTSTRAP_SERVERS: 'h:9092,i:9092' }), ['of-server'])
    assert.deepEqual(bash(['topics', 'describe', ''], { TKAFKA_CONFIG: '/etc/other.properties' }), [])
    assert.deepEqual(bash(['topics', 'describe', '--profile', 'prod-eu', ''], { TKAFKA_BOOTSTRAP_SERVER: 'h:9092' }), [])
  })

  it('offers names under the very words under which they were listed', async () => {
    const shell = (env: Readonly<Record<string, string>>) => capturedShell({ env: { ...home.env, ...env } }).shell
    const file = join(home.home, 'etc/my_file.properties')
    const lines: readonly (readonly [words: string[], flags: ConnectionFlags, env?: Record<string, string>])[] = [
      [['-b', 'a_b:1'], { 'bootstrap-server': 'a_b:1' }],
      [['-b', 'a:b:1'], { 'bootstrap-server': 'a:b:1' }],
      [['-X', 'bootstrap.servers=x:1'], { 'command-property': ['bootstrap.servers=x:1'] }],
      [
        ['-X', 'bootstrap.servers=y:1', '-X', 'bootstrap.servers=z:1'],
        { 'command-property': ['bootstrap.servers=y:1', 'bootstrap.servers=z:1'] },
      ],
      [['-F', file], { 'command-config': file }],
      [['-F', 'my.properties'], { 'command-config': 'my.properties' }],
      [['--profile', 'p', '-F', 'my.properties'], { profile: 'p', 'command-config': 'my.properties' }],
      [['--profile', 'p'], { profile: 'p' }],
      [['--profile', 'p'], { profile: 'p' }, { TKAFKA_BOOTSTRAP_SERVER: 'e:1' }],
      [['--profile', 'none'], { profile: 'none' }, { TKAFKA_CONFIG: `${file}.old` }],
      [[], {}, { TKAFKA_CONFIG: file }],
      [[], {}, { TKAFKA_PROFILE: 'p_2' }],
      [[], {}, { TKAFKA_PROFILE: 'none' }],
    ]
    for (const [index, [, flags, env = {}]] of lines.entries()) await rememberNames(shell(env), flags, 'topics', [`topic-${index}`])
    for (const [index, [words, , env = {}]] of lines.entries())
      assert.deepEqual(bash(['topics', 'describe', ...words, ''], env, process.cwd()), [`topic-${index}`], words.join(' '))
  })

  it('offers no names of profiles of another folder', async () => {
    const folder = join(home.home, 'project')
    home.write('project/.tkafka.yaml', 'profiles: [{name: prod-eu, bootstrapServers: "q:1"}]\n')
    assert.deepEqual(bash(['topics', 'describe', '--profile', 'prod-eu', ''], {}, folder), [])
    assert.deepEqual(bash(['topics', 'describe', ''], {}, folder), [])
  })

  it('runs nothing of what a cluster called its groups', () => {
    assert.deepEqual(bash(['groups', 'describe', 'bad']), ['bad\\$\\(touch\\ hacked\\)'])
    assert.ok(!existsSync('hacked'))
  })

  it('knows every command', () => {
    for (const id of Object.keys(commands)) {
      const words = id.split(' ')
      assert.ok(bash(words).includes(words.at(-1)!), id)
    }
  })
})

describe('completion in other shells', () => {
  for (const [shell, check] of [
    ['zsh', ['-n']],
    ['fish', ['--no-execute']],
  ] as const) {
    it(`${shell} reads its script`, { skip: !has(shell) && `${shell} is not here` }, () => {
      const { status, stderr } = spawnSync(shell, [...check, scripts.get(shell)!], { encoding: 'utf8' })
      assert.deepEqual([status, stderr], [0, ''])
    })
  }

  it('PowerShell reads its script', { skip: !has('pwsh') && 'pwsh is not here' }, () => {
    const parse = `$errors = $null; [void][System.Management.Automation.Language.Parser]::ParseFile('${scripts.get('powershell')}', [ref]$null, [ref]$errors); exit $errors.Count`
    assert.equal(spawnSync('pwsh', ['-NoProfile', '-Command', parse]).status, 0)
  })

  it('the function that they share is one of any POSIX shell', () => {
    const text = readFileSync(scripts.get('fish')!, 'utf8')
    const program = /__tkafka_program '((?:\\[\\']|[^'\\])*)'/s.exec(text)![1]!.replace(/\\([\\'])/g, '$1')
    home.write('.cache/tkafka/names/default.topics', 'orders\npayments\n')
    for (const sh of ['sh', 'dash', 'bash'].filter(has)) {
      const ask = (...words: string[]): string =>
        spawnSync(sh, ['-c', program, 'sh', ...words], { encoding: 'utf8', env: { PATH: process.env.PATH!, HOME: home.home } }).stdout
      assert.equal(ask('pay', 'topics', 'describe'), 'payments\n', sh)
      assert.match(ask('--x', 'topics', 'create'), /^--topic$|^--partitions$/m)
      assert.match(ask('', 'cluster'), /^describe\n[\s\S]*quorum\n/)
    }
  })

  it('a shell that is not known is refused', async () => {
    assert.equal((await home.tkafka(['completion', 'tcsh'])).code, 2)
    assert.equal((await home.tkafka(['completion'])).code, 2)
    assert.match((await home.tkafka(['completion', 'bash'])).stdout, /complete .* -F _tkafka tkafka/)
  })
})

describe('what completion offers', () => {
  let cluster: TestCluster
  const topic = uniqueName('complete')
  before(async () => {
    cluster = await openCluster()
    await cluster.tkafka(['topics', 'create', topic])
    await cluster.tkafka(['produce', topic], { stdin: 'x\n' })
    await cluster.tkafka(['consume', topic, '-e', '-g', `${topic}-g`])
  })
  after(() => cluster.close())
  const kept = (file: string): string => readFileSync(join(home.home, '.cache/tkafka/names', file), 'utf8')

  it('is what was listed last, for the cluster as the command line named it', async () => {
    const key = `server-${cluster.server.replace(':', '_c')}`
    for (const argv of [
      ['topics', 'list'],
      ['groups', 'list'],
      ['cluster', 'describe'],
    ])
      assert.equal((await home.tkafka([...argv, '-b', cluster.server])).code, 0)
    assert.match(kept(`${key}.topics`), new RegExp(`^${topic}$`, 'm'))
    assert.doesNotMatch(kept(`${key}.topics`), /__consumer_offsets/)
    assert.match(kept(`${key}.groups`), new RegExp(`^${topic}-g$`, 'm'))
    assert.match(kept(`${key}.brokers`), /^\d+\n$/)
    await home.tkafka(['topics', 'list'], { env: { TKAFKA_BOOTSTRAP_SERVER: cluster.server } })
    await cluster.tkafka(['topics', 'delete', topic, '--yes'])
    await home.tkafka(['topics', 'list', '-b', cluster.server])
    assert.doesNotMatch(kept(`${key}.topics`), new RegExp(topic))
  })

  it('is forgotten when another profile becomes the current one', async () => {
    home.write('.cache/tkafka/names/default.topics', 'old\n')
    await home.tkafka(['profile', 'use', 'prod-eu'])
    assert.ok(!existsSync(join(home.home, '.cache/tkafka/names/default.topics')))
    assert.equal(kept('profiles'), 'dev\nprod-eu\n')
  })

  it('is forgotten when the profile leads elsewhere, and no other', async () => {
    using own = new ProfileHome(
      'current: a\nprofiles:\n  - { name: a, bootstrapServers: "a:1" }\n  - { name: b, bootstrapServers: "b:1" }\n',
    )
    const files = ['default.topics', 'profile-a.topics', 'profile-a_a_sx.groups', 'profile-b.topics', 'server-a_c1.topics']
    for (const file of files) own.write(`.cache/tkafka/names/${file}`, 'x\n')
    assert.equal((await own.tkafka(['profile', 'create', 'a', '-b', 'other:1', '--replace'])).code, 0)
    assert.deepEqual(
      readdirSync(join(own.home, '.cache/tkafka/names'))
        .filter((name) => name !== 'profiles')
        .sort(),
      files.slice(3),
    )
  })
})
