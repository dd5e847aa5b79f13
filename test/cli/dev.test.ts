import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { defaultDataDirectory, devDirectory, makeDevCluster, makeNodes, newDevCluster, readDevCluster } from '../../src/cli/index.ts'
import { type Host, silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'

import { run as runHere } from './run-command.ts'

const program = join(import.meta.dirname, '../../bin/dev.js')

interface Item {
  readonly node: number
  readonly state: string
  readonly pid: number
}

/** The first of three ports in a row of which those that controllers and status pages have above them are free too. */
async function freeRange(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = 20_000 + Math.floor(Math.random() * 10_000)
    const wanted = [0, 1000, 2000].flatMap((above) => [0, 1, 2].map((place) => first + above + place))
    const servers = wanted.map((port) => createServer().listen(port, '127.0.0.1'))
    const free = await Promise.all(
      servers.map((server) =>
        once(server, 'listening').then(
          () => true,
          () => false,
        ),
      ),
    )
    await Promise.all(servers.filter((_server, place) => free[place]).map((server) => once(server.close(), 'close')))
    if (free.every(Boolean)) return first
  }
  throw new Error('no nine ports are free')
}

describe('a cluster that was not made to its end', () => {
  const host = nodeHost({ journal: silentJournal })
  const directory = mkdtempSync(join(tmpdir(), 'tkafka-half-'))
  after(() => rmSync(directory, { recursive: true, force: true }))

  it('is the same one when it is gone on with, and keeps settings that somebody has changed', async () => {
    const replaceFile: Host['disk']['replaceFile'] = async (path, bytes) => {
      if (path.includes('node-2')) throw new Error('interrupted')
      return host.disk.replaceFile(path, bytes)
    }
    const interrupted = { ...host, disk: { ...host.disk, replaceFile } }
    await assert.rejects(makeDevCluster(interrupted, await newDevCluster(host, directory, 3, 19_092)), /interrupted/)
    appendFileSync(join(directory, 'node-1', 'server.properties'), 'num.partitions=7\n')
    const cluster = (await readDevCluster(host, directory))!
    await makeNodes(host, cluster)
    const idOf = (id: number) =>
      /cluster\.id=(.*)/.exec(readFileSync(join(directory, `node-${id}`, 'data', 'meta.properties'), 'utf8'))?.[1]
    assert.deepEqual([1, 2, 3].map(idOf), Array(3).fill(cluster.clusterId))
    assert.match(readFileSync(join(directory, 'node-1', 'server.properties'), 'utf8'), /num\.partitions=7/)
    assert.match(readFileSync(join(directory, 'node-3', 'server.properties'), 'utf8'), /node\.id=3/)
  })

  it('is not begun where log.dirs cannot name it', async () => {
    await assert.rejects(newDevCluster(host, join(directory, 'a,b'), 1, 19_092), /a,b cannot be in log\.dirs/)
  })
})

describe('where a cluster lies that was given no directory', () => {
  const home = mkdtempSync(join(tmpdir(), 'tkafka-home-'))
  const shell = { env: { HOME: home }, host: async () => nodeHost({ journal: silentJournal }) }
  after(() => rmSync(home, { recursive: true, force: true }))

  it('is beside the data of the node that nobody configured, which takes what lies within for partitions', async () => {
    assert.equal(await devDirectory(shell, {}), join(home, '.local/share/tkafka-dev'))
    assert.equal(await devDirectory({ ...shell, env: { TKAFKA_DATA: `${home}/data/` } }, {}), join(home, 'data-dev'))
  })

  it('is within it where one was made there once', async () => {
    const within = join(defaultDataDirectory(shell), 'dev')
    await makeDevCluster(await shell.host(), await newDevCluster(await shell.host(), within, 1, 19_092))
    assert.equal(await devDirectory(shell, {}), within)
  })
})

describe('a cluster of processes on this machine', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tkafka-dev-'))
  const run = async (...argv: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    const child = spawn(process.execPath, [program, 'dev', ...argv, '-d', directory], { stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    const [code] = await once(child, 'close')
    return { code, stdout, stderr }
  }
  const states = async (): Promise<Record<number, string>> => {
    const { stdout } = await run('status', '--output', 'json')
    const { items } = JSON.parse(stdout) as { items: Item[] }
    return Object.fromEntries(items.map(({ node, state }) => [node, state]))
  }
  after(async () => {
    await run('down', '--delete', '--yes')
    rmSync(directory, { recursive: true, force: true })
  })

  it('is not there before it is made', async () => {
    const { code, stderr } = await run('status')
    assert.equal(code, 3)
    assert.match(stderr, new RegExp(`there is no cluster in .*\n.*tkafka dev up -d ${directory} makes one`))
  })

  it('is not there after a start that failed, and nothing of it runs', async () => {
    const first = await freeRange()
    const stranger = createServer().listen(first + 1001, '127.0.0.1')
    await once(stranger, 'listening')
    const taken = await run('up', '--port', String(first))
    assert.equal(taken.code, 1)
    assert.match(taken.stderr, new RegExp(`somebody listens at port ${first + 1001} of 127.0.0.1 already\n.*--port`))
    assert.deepEqual(readdirSync(directory), [], 'the directory was there before')
    await once(stranger.close(), 'close')
    const late = await run('up', '--brokers', '1', '--port', String(first), '--timeout', '1ms')
    assert.equal(late.code, 1)
    assert.match(late.stderr, /not serving after 0\.001 s: node 1:/)
    assert.deepEqual(readdirSync(directory), [])
    assert.equal((await run('status')).code, 3)
  })

  it('leaves alone what somebody else has put there', async () => {
    const precious = join(directory, 'node-1', 'data', 'precious')
    mkdirSync(join(directory, 'node-1', 'data'), { recursive: true })
    writeFileSync(precious, 'records')
    writeFileSync(join(directory, 'node-1', 'server.properties'), 'node.id=1\n')
    const refused = await run('up', '--brokers', '1', '--port', String(await freeRange()), '--timeout', '1ms')
    assert.equal(refused.code, 2, refused.stderr)
    assert.match(refused.stderr, /node-1 is there already, and no dev\.json says of which cluster\n.*-d/)
    assert.equal(readFileSync(precious, 'utf8'), 'records')
    assert.deepEqual(readdirSync(directory), ['node-1'])
    rmSync(join(directory, 'node-1'), { recursive: true })
  })

  it('is made and started, and goes on when the command has ended', async () => {
    const first = await freeRange()
    const { code, stdout, stderr } = await run('up', '--port', String(first))
    assert.equal(code, 0, stderr)
    assert.match(stderr, new RegExp(`bootstrap.servers=127.0.0.1:${first},127.0.0.1:${first + 1},127.0.0.1:${first + 2}`))
    assert.equal(stdout.match(/serving/g)?.length, 3)
    assert.deepEqual(await states(), { 1: 'serving', 2: 'serving', 3: 'serving' })
    assert.equal((await run('up', '--brokers', '5')).code, 2, 'it has three')
    const remove = ['cluster', 'quorum', 'remove-controller', '-i', '3', '--dry-run', '-b', `127.0.0.1:${first}`]
    assert.match((await runHere(remove)).stdout, /WOULD-REMOVE/, 'its voters are not fixed')
  })

  it('stays without a node that was killed until that is started again', async () => {
    assert.equal((await run('kill', '2')).code, 0)
    assert.deepEqual(await states(), { 1: 'serving', 2: 'stopped', 3: 'serving' })
    assert.equal((await run('kill', '2')).code, 3)
    assert.equal((await run('kill', '7')).code, 2)
    const restarted = await run('restart', '2')
    assert.equal(restarted.code, 0, restarted.stderr)
    assert.match(restarted.stderr, /node 2 is starting …\nnode 2 serves\n$/)
    assert.deepEqual(await states(), { 1: 'serving', 2: 'serving', 3: 'serving' })
  })

  it('keeps a node that does not come to serve, and tells what its log says', async () => {
    for (const node of ['1', '2']) assert.equal((await run('kill', node)).code, 0)
    const { code, stderr } = await run('restart', '3', '--timeout', '3s')
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`not serving after 3 s: node 3:\n(.*\n)+.*majority.*tkafka dev status -d ${directory}`))
    assert.deepEqual(await states(), { 1: 'stopped', 2: 'stopped', 3: 'starting' })
    appendFileSync(join(directory, 'node-2', 'server.properties'), 'num.partitions=none\n')
    const broken = await run('up')
    assert.equal(broken.code, 1)
    assert.match(broken.stderr, /node 2 has ended:\n(.*\n)*.*num\.partitions/)
    const { 1: first, 2: second } = await states()
    assert.deepEqual([first, second], ['stopped', 'stopped'], 'what this run has started is ended')
    appendFileSync(join(directory, 'node-2', 'server.properties'), 'num.partitions=1\n')
    assert.equal((await run('up')).code, 0)
  })

  it('is not there as long as a node that runs already does not serve, which is left as it is', async () => {
    const { items } = JSON.parse((await run('status', '--output', 'json')).stdout) as { items: Item[] }
    const { pid } = items.find(({ node }) => node === 3)!
    process.kill(pid, 'SIGSTOP')
    const { code, stderr } = await run('up', '--timeout', '2s')
    process.kill(pid, 'SIGCONT')
    assert.equal(code, 1, stderr)
    assert.match(stderr, /not serving after 2 s: node 3:/)
    assert.equal((await run('up')).code, 0)
  })

  it('is stopped cleanly, one node or all of them, and is there again with the next start', async () => {
    assert.equal((await run('stop', '3', '--delete', '--yes')).code, 2, 'records of the others would go too')
    assert.match((await run('stop', '3')).stderr, /\n1 node stopped\n$/)
    assert.deepEqual(await states(), { 1: 'serving', 2: 'serving', 3: 'stopped' })
    assert.equal((await run('down')).code, 0)
    assert.deepEqual(await states(), { 1: 'stopped', 2: 'stopped', 3: 'stopped' })
    assert.equal((await run('up')).code, 0)
    assert.deepEqual(await states(), { 1: 'serving', 2: 'serving', 3: 'serving' })
  })
})
